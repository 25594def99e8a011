"""A picture as the library takes it, and its two scales: 0..255 in 8 bits, 0..1 in floats."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8] | NDArray[np.float32]
_Array = TypeVar("_Array", NDArray[np.uint8], NDArray[np.float32], NDArray[np.float64], NDArray[np.generic], Pixels)


@dataclass(frozen=True)
class Picture:
    """A picture as the library takes it: gray (H, W) or RGB (H, W, 3), and what was done to get there.

    uint8, or float32 on the scale 0..1 (from more than 8 bits, or unclipped from .npy). `notices` are for the
    user. `bits`: of the samples that pixels were made of; 0 for floats. `profile`: the ICC profile of the colours,
    empty for sRGB. `exif`: EXIF data as a TIFF file, empty for none.
    """

    pixels: Pixels
    notices: tuple[str, ...] = ()
    bits: int = 8
    profile: bytes = b""
    exif: bytes = b""

    def samples(self) -> NDArray[np.uint8] | NDArray[np.float32]:
        """The samples as the file has them: whole numbers of so many bits, more than 8 of them as float32; or floats
        as they are.
        """
        return self.pixels if self.bits in (0, 8) else np.rint(self.pixels * np.float32(2**self.bits - 1))

    def as_uint8(self) -> NDArray[np.uint8]:
        """The pixels rounded to 8 bits and clipped; the array itself when it is uint8."""
        return to_uint8(self.pixels)

    def as_float(self) -> NDArray[np.float32]:
        """The pixels as float32 on the scale 0..1, unclipped; the array itself when it is float32."""
        floats = self.pixels.astype(np.float32, copy=False)
        return floats / np.float32(255) if self.pixels.dtype == np.uint8 else floats


def to_uint8(pixels: Pixels) -> NDArray[np.uint8]:
    """Pixels on the scale 0..1 rounded to the nearest of 256 levels and clipped; uint8 pixels unchanged."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    clipped: NDArray[np.float32] = np.clip(pixels.astype(np.float32, copy=False), 0.0, 1.0)
    rounded: NDArray[np.float32] = np.rint(clipped * np.float32(255))
    return rounded.astype(np.uint8)


def flat_gray(pixels: _Array) -> _Array:
    """Pixels (H,W,3) as they are, (H,W,1) as (H,W): how a gray picture is coded, scored and written."""
    return pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels


def from_whole(samples: NDArray[np.generic], white: int) -> NDArray[np.float32]:
    """Whole samples 0..white as float32 on the scale 0..1; each of up to 65,536 levels stays distinct and reads back
    exactly.
    """
    floats: NDArray[np.float32] = np.divide(samples, np.float32(white), dtype=np.float32)
    return floats
