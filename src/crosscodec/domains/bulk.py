"""One degradation of many pictures of one size, equal to the bit to degrading them one by one, but sooner.

clean (N, H, W, C) ─┬─ Downsample, Blur: 256 pictures at a time as the channels of one ──┐
                    ├─ Chain: step by step                                               ├─► degraded (N, H, W, C)
                    └─ what draws: picture by picture, each at its own index ────────────┘
"""

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.degradation import Blur, Chain, Degradation, Downsample

Batch = NDArray[np.float32]

# Small enough that intermediate results in float64 stay in the cache: 256 gray pictures of 28 x 28 are 1.6 MB.
_PIECE = 256


def degrade_all(degradation: Degradation, clean: Batch, seed: int, stream: str) -> Batch:
    """Picture i of the result is degradation.apply(clean[i], seed, stream, i), for all i.

    `clean` is float32 (N, H, W, C) on the scale 0..1 and is not changed; the result has its shape. Errors of `apply`
    pass through.
    """
    match degradation:
        case Chain(steps=steps):
            degraded = clean.copy()
            for position, step in enumerate(steps):
                # The stream that Chain.apply gives to step `position`.
                degraded = degrade_all(step, degraded, seed, f"{stream}/{position}")
            return degraded
        case Downsample() | Blur():
            return _in_pieces(degradation, clean)
    degraded = np.empty_like(clean)
    for index, picture in enumerate(clean):
        degraded[index] = degradation.apply(picture, seed, stream, index)
    return degraded


def _in_pieces(degradation: Downsample | Blur, clean: Batch) -> Batch:
    degraded = np.empty_like(clean)
    for start in range(0, len(clean), _PIECE):
        piece = clean[start : start + _PIECE]
        count, height, width, channels = piece.shape
        # Both work on each channel by itself and draw nothing, so that (H, W, N·C) is one picture to them.
        planes = np.ascontiguousarray(piece.transpose(1, 2, 0, 3)).reshape(height, width, count * channels)
        result = degradation.apply(planes, 0, "", 0).reshape(height, width, count, channels)
        degraded[start : start + _PIECE] = result.transpose(2, 0, 1, 3)
    return degraded
