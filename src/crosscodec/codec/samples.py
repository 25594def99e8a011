"""Samples of a picture on a range of their own, and the scale of the codec, where 0 is black and 1 white.

samples ─► to_unit: (sample - low) / (high - low) ─► codec ─► from_unit: low + (high - low) x ─► samples
"""

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.samplerange import SampleRange

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]


def to_unit(samples: NDArray[np.generic], on: SampleRange) -> NDArray[np.float32]:
    """Samples on the scale of the codec, float32; those outside the range lie outside 0..1."""
    scaled: NDArray[np.float32] = ((samples.astype(np.float64) - on.low) / (on.high - on.low)).astype(np.float32)
    return scaled


def from_unit(unit: NDArray[np.float32], on: SampleRange) -> Samples:
    """Samples of numbers on the scale of the codec: float32, or rounded and cut to so many bits as uint8 or uint16."""
    found = on.low + (on.high - on.low) * unit.astype(np.float64)
    if on.bits == 0:
        return found.astype(np.float32)
    whole = np.rint(np.clip(found, 0, 2**on.bits - 1))
    return whole.astype(np.uint8) if on.bits <= 8 else whole.astype(np.uint16)
