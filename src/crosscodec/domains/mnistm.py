"""MNIST-M: digits blended with patches of photographs by absolute difference, 32 x 32, RGB.

    digit 28 x 28 ──pad by 2──► 32 x 32 ──┐
                                          ├── |patch - digit| ──► picture, with the digit's label
    photo(i), top(i), left(i) ──► patch ──┘

Ganin and Lempitsky, "Unsupervised domain adaptation by backpropagation", ICML 2015, section 4. Their pictures came
from a draw that nobody can repeat; these are a function of (seed, split, index) and of the two sets. Train digits meet
photographs of BSDS500's train split, test digits those of its test split.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.mnist import mnist
from crosscodec.domains.photos import bsds500
from crosscodec.errors import UsageError
from crosscodec.randomness import draw_integers

SIDE = 32

# The seed of the set itself, fixed: "mnist-m:train" names one set of pictures, whatever the seed of an experiment.
_SEED = 0


def mnist_m(data: str | Path | None, split: str) -> LabelledSet:
    """MNIST-M's split "train" or "test": uint8 (60000 or 10000, 32, 32, 3), labels the digits.

    Built from <data>/mnist and <data>/bsds500; nothing is written. Errors as in `mnist` and `photos.bsds500`.
    """
    digits = mnist(data, split)
    photos = bsds500(data, split)
    colours = [_rgb(photos.clean(index)) for index in range(len(photos))]
    images = blend(digits.images[..., 0], colours, _SEED, f"mnist-m/{split}")
    return LabelledSet("mnist-m", split, images, digits.labels, digits.classes)


def blend(digits: NDArray[np.uint8], photos: list[NDArray[np.uint8]], seed: int, stream: str) -> NDArray[np.uint8]:
    """Each digit, padded with zeros to 32 x 32, blended with a patch of a photograph: |patch - digit| in each channel.

    `digits` is uint8 (N, H, W) with even margins to 32, `photos` uint8 (H, W, 3) of any sizes from 32 x 32. Photograph
    and place are uniform; those of digit i are a function of (seed, stream, i) and of the photographs' number and
    sizes. Returns uint8 (N, 32, 32, 3). UsageError when a digit or a photograph does not fit.
    """
    rows, columns = (SIDE - side for side in digits.shape[1:])
    if min(rows, columns) < 0 or rows % 2 or columns % 2:
        raise UsageError(f"digits of {digits.shape[1]} x {digits.shape[2]} cannot be centred in {SIDE} x {SIDE}")
    small = [photo.shape for photo in photos if min(photo.shape[:2]) < SIDE]
    if small or not photos:
        raise UsageError(f"a blend needs photographs of at least {SIDE} x {SIDE}, not {small[0] if small else 'none'}")
    blended = _patches(photos, len(digits), seed, stream)
    inner = blended[:, rows // 2 : SIDE - rows // 2, columns // 2 : SIDE - columns // 2]
    ink = digits[..., None]
    # |a - b| of unsigned bytes without leaving them; in the margin the digit is zero and the patch stays.
    inner[...] = np.maximum(inner, ink) - np.minimum(inner, ink)
    return blended


def _patches(photos: list[NDArray[np.uint8]], count: int, seed: int, stream: str) -> NDArray[np.uint8]:
    # One draw for the whole set: number i of a longer draw is number i of a shorter one.
    chosen = draw_integers(seed, f"{stream}/photo", 0, count, 0, len(photos))
    tops = _places([photo.shape[0] for photo in photos], chosen, seed, f"{stream}/top")
    lefts = _places([photo.shape[1] for photo in photos], chosen, seed, f"{stream}/left")
    patches = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for index, (photo, top, left) in enumerate(zip(chosen.tolist(), tops.tolist(), lefts.tolist(), strict=True)):
        patches[index] = photos[photo][top : top + SIDE, left : left + SIDE]
    return patches


def _places(lengths: list[int], chosen: NDArray[np.int64], seed: int, stream: str) -> NDArray[np.int64]:
    """Where a patch begins along one axis, uniform over all places inside the chosen photograph."""
    length_of = np.array(lengths)[chosen]
    places = np.zeros(len(chosen), np.int64)
    for length in sorted(set(lengths)):
        drawn = draw_integers(seed, stream, 0, len(chosen), 0, length - SIDE + 1)
        places[length_of == length] = drawn[length_of == length]
    return places


def _rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
