"""A colour camera: what makes the noise of its pictures unlike white noise.

    picture, sRGB ─► light ─► / gains of the white balance ─► one colour a photosite ─► electrons, read-out noise
    picture, sRGB ◄─ sRGB ◄─ missing colours from neighbours ◄─ x gains ◄──────────────────────┘

Light on a photosite is counted, so bright parts are noisier than dark ones, until the curve of sRGB, steep in the dark,
turns that round; the gains make red and blue noisier than green; and two thirds of all values are interpolated, which
gives noise a grain of two to four pixels that looks like texture. Brooks et al., CVPR 2019, in its simplest form.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.images.picture import flat_gray

Array = NDArray[np.float64]
Place = tuple[int, int]

RGGB: Place = (0, 0)  # row and column of the first red photosite
GAINS = 2.0, 1.0, 1.7  # of the white balance, red, green and blue: daylight
READ_OUT = 2.0  # electrons: standard deviation of the noise of reading a photosite
# Interpolation from neighbours of 5 x 5 photosites: of green where red or blue was measured; of a colour at the green
# places of its rows; of the same at the other green places; and of red where blue was measured, or the other way.
PLAIN = (
    ((0, 0, 0, 0, 0), (0, 0, 2, 0, 0), (0, 2, 0, 2, 0), (0, 0, 2, 0, 0), (0, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 4, 0, 4, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 0), (0, 0, 4, 0, 0), (0, 0, 0, 0, 0), (0, 0, 4, 0, 0), (0, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 0), (0, 2, 0, 2, 0), (0, 0, 0, 0, 0), (0, 2, 0, 2, 0), (0, 0, 0, 0, 0)),
)  # bilinear, in eighths
SHARP = (
    ((0, 0, -1, 0, 0), (0, 0, 2, 0, 0), (-1, 2, 4, 2, -1), (0, 0, 2, 0, 0), (0, 0, -1, 0, 0)),
    ((0, 0, 0.5, 0, 0), (0, -1, 0, -1, 0), (-1, 4, 5, 4, -1), (0, -1, 0, -1, 0), (0, 0, 0.5, 0, 0)),
    ((0, 0, -1, 0, 0), (0, -1, 4, -1, 0), (0.5, 0, 5, 0, 0.5), (0, -1, 4, -1, 0), (0, 0, -1, 0, 0)),
    ((0, 0, -1.5, 0, 0), (0, 2, 0, 2, 0), (-1.5, 0, 6, 0, -1.5), (0, 2, 0, 2, 0), (0, 0, -1.5, 0, 0)),
)  # with the gradient of the colour that was measured, in eighths: Malvar, He & Cutler, ICASSP 2004


def light(values: Array) -> Array:
    """Light of sRGB values, both 0..1 (IEC 61966-2-1)."""
    found: Array = np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)
    return found


def srgb(values: Array) -> Array:
    """SRGB values of light, which is cut to 0..1."""
    cut = np.clip(values, 0.0, 1.0)
    found: Array = np.where(cut <= 0.0031308, 12.92 * cut, 1.055 * cut ** (1 / 2.4) - 0.055)
    return found


def sites(height: int, width: int, first: Place = RGGB) -> NDArray[np.bool_]:
    """Which colour each photosite measures, (3,H,W): rows of red and green, and of green and blue. ``first`` is the
    row and column of the first red one: (0, 0) is the pattern RGGB, (0, 1) GRBG, (1, 0) GBRG, (1, 1) BGGR.
    """
    red_row, red_column = _every_other(height, first[0])[:, None], _every_other(width, first[1])[None, :]
    return np.stack([red_row & red_column, red_row ^ red_column, ~red_row & ~red_column])


def _every_other(count: int, first: int) -> NDArray[np.bool_]:
    chosen: NDArray[np.bool_] = np.arange(count) % 2 == first
    return chosen


def measured(picture: Array, first: Place = RGGB) -> Array:
    """The light (H,W) that photosites get of a picture (H,W,3) of light, by their colours; ``first`` as in `sites`."""
    colours = sites(picture.shape[0], picture.shape[1], first).transpose(1, 2, 0)
    found: Array = (picture / np.array(GAINS) * colours).sum(axis=2)
    return found


def developed(raw: Array, kernels: tuple[tuple[tuple[float, ...], ...], ...] = SHARP, first: Place = RGGB) -> Array:
    """The picture (H,W,3) of light that a camera makes of what its photosites measured, (H,W): first the gains, so that
    colours can tell of each other. ``first`` as in `sites`.
    """
    height, width = raw.shape
    colours = sites(height, width, first)
    raw = (raw * colours * np.array(GAINS)[:, None, None]).sum(axis=0)
    padded = np.pad(raw, 2, mode="reflect" if min(height, width) > 2 else "symmetric")

    def around(kernel: tuple[tuple[float, ...], ...]) -> Array:
        total = np.zeros_like(raw)
        for down, row in enumerate(kernel):
            for right, weight in enumerate(row):
                if weight:
                    total += weight / 8 * padded[down : down + height, right : right + width]
        return total

    green, along, across, other = map(around, kernels)
    at_red, at_green, at_blue = colours
    red_row = np.broadcast_to(_every_other(height, first[0])[:, None], raw.shape)
    # At green photosites of the rows of red, red lies left and right, blue above and below.
    red = np.where(at_red, raw, np.where(at_blue, other, np.where(red_row, along, across)))
    blue = np.where(at_blue, raw, np.where(at_red, other, np.where(red_row, across, along)))
    picture: Array = np.stack([red, np.where(at_green, raw, green), blue], axis=2)
    return picture


def through_jpeg(pixels: NDArray[np.uint8], quality: int, halved: bool = True) -> NDArray[np.uint8]:
    """Bytes (H,W,C) as a JPEG of a quality gives them back; ``halved``: colours at half the resolution, as most cameras
    store them.
    """
    gray = pixels.shape[2] == 1
    with io.BytesIO() as buffer:
        picture = Image.fromarray(flat_gray(pixels))
        picture.save(buffer, "JPEG", quality=quality, subsampling=-1 if gray else 2 * halved)
        with Image.open(buffer) as stored:
            return np.asarray(stored).reshape(pixels.shape)
