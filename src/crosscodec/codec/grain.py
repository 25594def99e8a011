"""What the noise of a picture is like: its energy in luma and colours, coarse to fine, where the picture is quiet; and
whether a mosaic of photosites shows.

    picture ─► blocks of 8 x 8 ─┬─► luma, colours ─► DCT ─► the tenth with least at low frequencies ─┬─► medians
                                │                                                                    └─► spread of luma
                                └─► without low frequencies ─► energy at even and odd rows and columns ─► differences

White noise has the same energy in all bands and colours; what a camera leaves is strong in colour and falls towards
fine grain, and JPEG cuts it off; a clean picture has little of anything. How unlike each other the quiet blocks are
tells texture, which comes and goes, from noise, which is everywhere. A camera counts one colour at each photosite and
interpolates the others: what is interpolated is smoother than what was counted, at every second row or column, long
after its noise cannot be told from texture. A network of a package (its `choice.onnx`) tells by these numbers which of
its encoders suits a picture. docs/format.md, "Choice of an encoder".
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
# Takes means, slopes and what is as coarse away from a block.
_FINE = np.eye(SIDE * SIDE, dtype=np.float32) - _DCT[_ORDER <= 2].T @ _DCT[_ORDER <= 2]
NUMBERS = 4 * len(BANDS) + 2 * 3


def grain(pixels: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Eighteen numbers (18,) of a picture (H,W) or (H,W,3), uint8 or float32 in 0..1: log2 of the median energy, in
    units of (1/255)^2, of luma, blue and red differences, of each in three bands from coarse to fine; for luma in these
    bands log2 of the ratio of two quantiles; of red, green and blue log2 of the ratio of the most and the least energy
    of fine grain among the four places of a 2 x 2 mosaic; and how much its two diagonals differ.
    """
    blocks = _blocks(pixels)
    colours = blocks @ COLOURS.T
    luma = colours[..., 0].mean(axis=1)
    lit = (luma > DARKEST) & (luma < BRIGHTEST)
    if lit.sum() >= LEAST_BLOCKS:
        blocks, colours = blocks[lit], colours[lit]
    energy = (_DCT @ colours) ** 2
    count = min(len(energy), max(LEAST_BLOCKS, int(len(energy) * QUIET)))
    quiet = energy[np.argsort(energy[:, STRUCTURE].mean(axis=(1, 2)), kind="stable")[:count]]
    bands = np.stack([quiet[:, band].mean(axis=1) for band in BANDS], axis=2)  # (N,3,3): block, colour, band
    low, middle, high = np.log2(np.quantile(bands, (SPREAD[0], 0.5, SPREAD[1]), axis=0) + FLOOR)
    return np.concatenate([middle.ravel(), high[0] - low[0], *_mosaic(blocks)]).astype(np.float32)


def _mosaic(blocks: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of red, green and blue (3,), log2: the most beside the least energy of blocks (N,64,3) among even and odd rows
    and columns, and the mean of one diagonal of the four beside that of the other.
    """
    fine = (_FINE @ blocks).reshape(-1, SIDE // 2, 2, SIDE // 2, 2, 3)
    energy = np.log2(np.square(fine).mean(axis=(0, 1, 3)) + FLOOR)  # (2,2,3): row, column, colour
    places = energy.reshape(4, 3)
    diagonals = np.abs(energy[0, 0] + energy[1, 1] - energy[0, 1] - energy[1, 0]) / 2
    return places.max(axis=0) - places.min(axis=0), diagonals


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
