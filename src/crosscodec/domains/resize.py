"""Bicubic resizing in float64, as a sum over taps in a fixed order: no number depends on the count of threads.

Two conventions are in use and give different pictures (MNIST 28 → 7 → 28: mean squared change .036 and .047), so both
are here: with antialias Pillow's (kernel a = -1/2, stretched when reducing, taps outside dropped), without it that of
torch's `interpolate(mode="bicubic")` (a = -3/4, four taps, borders repeated), which gives the papers' MNIST numbers.
"""

import math

import numpy as np
from numpy.typing import NDArray

Planes = NDArray[np.float64]


def downsample(planes: Planes, factor: int, antialias: bool) -> Planes:
    """Reduce (H, W, C) to (ceil(H/factor), ceil(W/factor), C), unclipped.

    Bicubic kernel of Keys 1981; `antialias` stretches it by the factor, otherwise four neighbours decide and fine
    detail folds back.
    """
    height, width = (-(-size // factor) for size in planes.shape[:2])
    return _resize(_resize(planes, 0, height, antialias), 1, width, antialias)


def upsample(planes: Planes, height: int, width: int, antialias: bool) -> Planes:
    """Enlarge (h, w, C) to (height, width, C), unclipped.

    Bicubic kernel of Keys 1981, in the convention of `downsample` with the same `antialias`.
    """
    return _resize(_resize(planes, 0, height, antialias), 1, width, antialias)


def _resize(planes: Planes, axis: int, size: int, antialias: bool) -> Planes:
    old = planes.shape[axis]
    if old == size:
        return planes
    scale = old / size
    stretch = max(scale, 1.0) if antialias else 1.0
    centres = (np.arange(size) + 0.5) * scale
    first = np.floor(centres - 2.0 * stretch + 0.5).astype(np.int64)
    taps = first[:, None] + np.arange(math.ceil(4.0 * stretch) + 1)
    weights = _keys((taps + 0.5 - centres[:, None]) / stretch, -0.5 if antialias else -0.75)
    if antialias:
        weights[(taps < 0) | (taps >= old)] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    places = np.clip(taps, 0, old - 1)
    moved = np.moveaxis(planes, axis, 0)
    total = np.zeros((size, *moved.shape[1:]))
    for tap in range(taps.shape[1]):
        total += weights[:, tap, None, None] * moved[places[:, tap]]
    return np.moveaxis(total, 0, axis)


def _keys(distance: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    near = np.abs(distance)
    inner = ((a + 2.0) * near - (a + 3.0)) * near * near + 1.0
    outer = a * (((near - 5.0) * near + 8.0) * near - 4.0)
    return np.where(near < 1.0, inner, np.where(near < 2.0, outer, 0.0))
