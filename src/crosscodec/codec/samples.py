"""Samples of a picture on a range of their own, and the scale of the codec, where 0 is black and 1 white.

samples ─► to_unit: (sample - low) / (high - low) ─► codec ─► from_unit: low + (high - low) x ─► samples
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.samplerange import SampleRange

_BAND = 256
_Kind = TypeVar("_Kind", np.uint8, np.uint16, np.float32)

Samples = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]


def to_unit(samples: NDArray[np.generic], on: SampleRange) -> NDArray[np.float32]:
    """Samples on the scale of the codec, float32; those outside the range lie outside 0..1."""
    return _by_rows(lambda rows: (rows - on.low) / (on.high - on.low), samples, np.dtype(np.float32))


def from_unit(unit: NDArray[np.float32], on: SampleRange) -> Samples:
    """Samples of numbers on the scale of the codec: float32, or rounded and cut to so many bits as uint8 or uint16."""

    def spread(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return on.low + (on.high - on.low) * rows

    if on.bits == 0:
        return _by_rows(spread, unit, np.dtype(np.float32))
    most = 2**on.bits - 1

    def whole(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.rint(np.clip(spread(rows), 0, most))

    return _by_rows(whole, unit, np.dtype(np.uint8)) if on.bits <= 8 else _by_rows(whole, unit, np.dtype(np.uint16))


def _by_rows(
    function: Callable[[NDArray[np.float64]], NDArray[np.float64]], picture: NDArray[np.generic], dtype: np.dtype[_Kind]
) -> NDArray[_Kind]:
    """What a function of float64 makes of each sample, in so many bits, some rows at a time: a picture of any size
    needs twice eight bytes a sample for these rows only.
    """
    made: NDArray[_Kind] = np.empty(picture.shape, dtype)
    for top in range(0, len(picture), _BAND):
        made[top : top + _BAND] = function(picture[top : top + _BAND].astype(np.float64))
    return made
