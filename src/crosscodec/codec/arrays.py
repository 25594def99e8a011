"""Whole arrays of small pictures to one coded file and back, for packages of one picture size.

    (N,H,W,C) ─► encode_arrays ─► Encoded.data ─► decode_arrays ─► (N,H,W,P) float32 in 0..1, unrounded

The same code as `encode_many` and `decode_many` underneath, without a list of pictures and without rounding to bytes:
what measures and classifiers want.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.blend import Blend
from crosscodec.codec.decoding import decoded_planes
from crosscodec.codec.encoding import Encoded, encode_planes
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import Package
from crosscodec.codec.pictures import Pixels, batch_planes
from crosscodec.errors import UsageError


def encode_arrays(images: Pixels, package: Package, seed: int = 0, force: bool = False) -> Encoded:
    """Encode pictures (N,H,W,C), uint8 or float32 on the scale 0..1, C being 1 (gray) or 3 (RGB), into one file.

    ``seed`` is that of the dither of a package that dithers. Raises UsageError for another array, or a package for
    pictures of any size (encode_many does those), and UnsupportedData for pictures outside the card unless ``force``.
    """
    _require_size(package)
    planes = batch_planes(images, package.card, force)
    height, width, channels = images.shape[1:]
    shape = (height, width) if channels == 1 else (height, width, channels)
    return encode_planes(planes, (shape,) * len(images), package, seed)


def decode_arrays(
    data: bytes,
    package: Package | None = None,
    decoder: str = "fidelity",
    balance: float | None = None,
    seed: int | None = None,
    only: Sequence[int] | None = None,
) -> NDArray[np.float32]:
    """Planes (N,H,W,P) float32 of the pictures of a file, clipped to 0..1 and not rounded; P is the card's planes.

    Arguments and errors are those of `decode_many`; UsageError besides for a package for pictures of any size.
    """
    opened = open_coded(data, package)
    _require_size(opened.package)
    blend = Blend.of(opened.package, decoder, balance, opened.private_seed(seed))
    chosen = opened.chosen(only)
    card = opened.package.card
    images = np.empty((len(chosen), *(card.size or ()), card.planes), np.float32)
    done = 0
    for planes in decoded_planes(opened, blend, chosen, seed):
        np.clip(planes.transpose(0, 2, 3, 1), 0, 1, out=images[done : done + len(planes)])
        done += len(planes)
    return images


def _require_size(package: Package) -> None:
    if package.card.size is None:
        raise UsageError(
            f"package {package.name} takes pictures of any size, one by one: use encode_many and decode_many"
        )
