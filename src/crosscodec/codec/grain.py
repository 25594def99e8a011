"""What the noise of a picture is like: its energy in luma and colours, coarse to fine, where the picture is quiet.

    picture ─► blocks of 8 x 8 ─► luma, colours ─► DCT ─► the tenth with least at low frequencies ─┬─► medians
                                                                                                   └─► spread of luma

White noise has the same energy in all bands and colours; what a camera leaves is strong in colour and falls towards
fine grain, and JPEG cuts it off; a clean picture has little of anything. A network of a package (its `choice.onnx`)
tells by these numbers which of its encoders suits a picture. How unlike each other the quiet blocks are tells texture,
which comes and goes, from noise, which is everywhere. docs/format.md, "Choice of an encoder".
"""

import numpy as np
from numpy.typing import NDArray

SIDE = 8
MOST_BLOCKS = 4096  # a large picture is looked at in places
QUIET = 0.1  # share of the blocks: noise shows where nothing else is
LEAST_BLOCKS = 4
DARKEST, BRIGHTEST = 8, 247  # mean luma of a block: beyond, noise is cut off
COLOURS = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]], np.float32)  # BT.601
_PLACES = np.arange(SIDE)
_COSINES = np.cos(np.pi / SIDE * np.outer(_PLACES, _PLACES + 0.5)) * np.where(_PLACES > 0, 0.5, 0.125**0.5)[:, None]
_DCT = np.kron(_COSINES, _COSINES).astype(np.float32)  # (64,64), orthonormal, of a block's rows one after the other
_ORDER = np.add.outer(_PLACES, _PLACES).ravel()  # of a frequency: down plus across
STRUCTURE = (_ORDER >= 1) & (_ORDER <= 2)
BANDS = (_ORDER >= 3) & (_ORDER <= 5), (_ORDER >= 6) & (_ORDER <= 8), _ORDER >= 9
FLOOR = 0.1  # below the energy of rounding to bytes, 1/12
SPREAD = 0.2, 0.8  # quantiles
NUMBERS = 4 * len(BANDS)


def grain(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Twelve numbers (12,) of a picture (H,W) or (H,W,3), uint8 or float32 in 0..1: log2 of the median energy, in units
    of (1/255)^2, of luma, blue and red differences, of each in three bands from coarse to fine; and for luma in these
    bands log2 of the ratio of two quantiles.
    """
    blocks = _blocks(pixels) @ COLOURS.T
    energy = (_DCT @ blocks) ** 2
    luma = blocks[..., 0].mean(axis=1)
    lit = (luma > DARKEST) & (luma < BRIGHTEST)
    if lit.sum() >= LEAST_BLOCKS:
        energy = energy[lit]
    count = min(len(energy), max(LEAST_BLOCKS, int(len(energy) * QUIET)))
    quiet = energy[np.argsort(energy[:, STRUCTURE].mean(axis=(1, 2)), kind="stable")[:count]]
    bands = np.stack([quiet[:, band].mean(axis=1) for band in BANDS], axis=2)  # (N,3,3): block, colour, band
    low, middle, high = np.log2(np.quantile(bands, (SPREAD[0], 0.5, SPREAD[1]), axis=0) + FLOOR)
    return np.concatenate([middle.ravel(), high[0] - low[0]]).astype(np.float32)


def _blocks(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Up to MOST_BLOCKS blocks (N,64,3) of the picture, evenly taken, as bytes count."""
    height, width = (max(side, SIDE) for side in pixels.shape[:2])
    short = [(0, height - pixels.shape[0]), (0, width - pixels.shape[1])]
    whole = pixels if short == [(0, 0), (0, 0)] else np.pad(pixels, short + [(0, 0)] * (pixels.ndim - 2), "symmetric")
    rows, columns = height // SIDE, width // SIDE
    colours = whole[: rows * SIDE, : columns * SIDE].reshape(rows, SIDE, columns, SIDE, -1)
    every = max(1, int(np.ceil(np.sqrt(rows * columns / MOST_BLOCKS))))
    chosen = colours[::every, :, ::every].transpose(0, 2, 1, 3, 4).reshape(-1, SIDE * SIDE, colours.shape[4])
    unit = np.float32(1 if pixels.dtype == np.uint8 else 255)
    return np.broadcast_to(chosen.astype(np.float32) * unit, (*chosen.shape[:2], 3))
