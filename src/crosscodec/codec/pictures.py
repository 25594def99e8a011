"""Pictures to the planes that networks take, and planes back to pictures.

(H,W) or (H,W,3), uint8 or float32 ─► card allows it? ─► 0..1 ─► 1 or 3 planes ─► network
network ─► planes, unrounded ─► clip, round ─► crop ─► (H,W) or (H,W,3) bytes
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.card import PackageCard
from crosscodec.codec.samples import Samples
from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.images.arrays import LARGEST_FLOAT

Pixels = NDArray[np.uint8] | NDArray[np.float32]
LUMA = (0.299, 0.587, 0.114)  # of red, green, blue: ITU-R BT.601


def picture_shapes(pictures: Sequence[Pixels]) -> tuple[tuple[int, ...], ...]:
    """The shapes of the pictures of one file. Raises UsageError when there is none, or one is no (H,W) or (H,W,3)."""
    if not pictures:
        raise UsageError("a coded file holds at least one picture")
    return tuple(map(_picture_shape, pictures))


def require_picture(pixels: Pixels, card: PackageCard, force: bool = False) -> None:
    """Raise what `picture_planes` raises for a picture that it does not take."""
    _require_images(_batch_of_one(pixels), card, force)


def picture_planes(pixels: Pixels, card: PackageCard, force: bool = False) -> NDArray[np.float32]:
    """Planes (1,P,H,W) float32 of one picture (H,W) or (H,W,3), checked against the card, in a batch of one.

    Raises UsageError for an array of another kind and UnsupportedData for a picture outside the card unless ``force``.
    """
    return batch_planes(_batch_of_one(pixels), card, force)


def batch_planes(images: Pixels, card: PackageCard, force: bool = False) -> NDArray[np.float32]:
    """Planes (N,P,H,W) float32 of pictures (N,H,W,C) of one size, C being 1 or 3, checked against the card.

    Gray is repeated where P is 3; RGB is weighed into luma (BT.601) where P is 1. Raises as `picture_planes`.
    """
    _require_images(images, card, force)
    return _planes(images, card)


def _picture_shape(pixels: Pixels) -> tuple[int, ...]:
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3) or 0 in pixels.shape:
        raise UsageError(f"a picture is an array (H,W) or (H,W,3) with H, W >= 1; this one has shape {pixels.shape}")
    return pixels.shape


def _batch_of_one(pixels: Pixels) -> Pixels:
    _picture_shape(pixels)
    return pixels[np.newaxis, ..., np.newaxis] if pixels.ndim == 2 else pixels[np.newaxis]


def _require_images(images: Pixels, card: PackageCard, force: bool) -> None:
    if images.ndim != 4 or images.shape[3] not in (1, 3) or 0 in images.shape:
        raise UsageError(f"pictures are an array (N,H,W,1) or (N,H,W,3), none of it empty; this one is {images.shape}")
    if images.dtype not in (np.uint8, np.float32):
        raise UsageError(f"a picture is uint8, or float32 in 0..1; this one is {images.dtype}")
    _require_card(images.shape, card, force)
    if images.dtype == np.float32:
        _require_scale(float(images.min()), float(images.max()))


def _require_scale(low: float, high: float) -> None:
    # NaN and infinity reach the least or the largest value; an array of truth values would take a quarter more memory.
    if not np.isfinite([low, high]).all():
        raise UsageError("the picture holds values that are infinite or not a number")
    if low < -LARGEST_FLOAT or high > LARGEST_FLOAT:
        raise UsageError(
            f"the picture holds floats from {low:.6g} to {high:.6g}; floats are on the scale 0..1: divide those of "
            "0..255 by 255, or give them as uint8"
        )


def _planes(images: Pixels, card: PackageCard) -> NDArray[np.float32]:
    values = images.astype(np.float32, copy=False)
    if images.dtype == np.uint8:
        values = values / np.float32(255)
    if values.shape[3] == 3 and card.planes == 1:
        # Term by term: a matrix product's last bit depends on how much is multiplied at once, and so on the tiles.
        red, green, blue = (values[..., c : c + 1] * np.float32(weight) for c, weight in enumerate(LUMA))
        values = red + green + blue
    planes = values.transpose(0, 3, 1, 2)
    return np.broadcast_to(planes, (len(images), card.planes, *images.shape[1:3]))


@dataclass(frozen=True)
class BlockPlanes:
    """Planes (P,H,W) of one picture, grown at the bottom and on the right to whole blocks.

    They are made where they are looked at, `planes[:, rows, columns]`: all of them at once would be four times the
    bytes of the picture.
    """

    images: Pixels  # (1,H,W,C)
    card: PackageCard

    @classmethod
    def of(cls, pixels: Pixels, card: PackageCard, force: bool = False) -> Self:
        """The planes of a picture (H,W) or (H,W,3); raises as `picture_planes`."""
        images = _batch_of_one(pixels)
        _require_images(images, card, force)
        return cls(images, card)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, height and width, the latter two whole blocks."""
        block = self.card.block
        height, width = (-(-side // block) * block for side in self.images.shape[1:3])
        return self.card.planes, height, width

    def __getitem__(self, window: tuple[slice, slice, slice]) -> NDArray[np.float32]:
        """The planes in a window of rows and columns."""
        planes, rows, columns = window
        height, width = self.images.shape[1:3]
        seen = self.images[:, _mirrored(rows, height)][:, :, _mirrored(columns, width)]
        return _planes(seen, self.card)[0, planes]


def _mirrored(window: slice, length: int) -> slice | NDArray[np.int64]:
    """Places of a window in a side of that length which is mirrored beyond its end, again and again."""
    if window.stop <= length:
        return window
    # Mirrored padding keeps the noise statistics that the encoder expects; repeated edges would not.
    place: NDArray[np.int64] = np.arange(window.start, window.stop, dtype=np.int64) % (2 * length)
    mirrored: NDArray[np.int64] = np.minimum(place, 2 * length - 1 - place)
    return mirrored


def to_bytes(planes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Planes on the scale 0..1 clipped and rounded to the nearest of 256 levels."""
    rounded: NDArray[np.float32] = np.round(np.clip(planes, 0, 1) * np.float32(255))
    return rounded.astype(np.uint8)


def cropped_picture(planes: Samples, height: int, width: int, channels: int) -> Samples:
    """Samples (H,W) or (H,W,3) of decoded planes (P,…,…), cropped to the picture; whole ones stay whole."""
    cropped = planes[:, :height, :width]
    if channels == 3:
        coloured: NDArray[Any] = np.ascontiguousarray(cropped.transpose(1, 2, 0))
        return coloured
    mean = cropped.mean(axis=0)
    gray: NDArray[Any] = (mean if planes.dtype == np.float32 else np.round(mean)).astype(planes.dtype)
    return gray


def _require_card(shape: tuple[int, ...], card: PackageCard, force: bool) -> None:
    if card.size is not None and shape[1:3] != card.size:
        raise UnsupportedData(
            f"package {card.name} takes pictures of {card.size[0]} x {card.size[1]} pixels (height x width), "
            f"not {shape[1]} x {shape[2]}"
        )
    kind = "gray" if shape[3] == 1 else "rgb"
    if kind not in card.channels and not force:
        raise UnsupportedData(f"package {card.name} was made for {', '.join(card.channels)} pictures, not {kind}")
