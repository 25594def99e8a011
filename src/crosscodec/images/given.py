"""What a caller may give as a picture: an array, an image of Pillow, the bytes of a file, or its path."""

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture, flat_gray, from_whole
from crosscodec.images.reading import image_picture, read_picture

AnyBytes = bytes | bytearray | memoryview
AnyPicture = NDArray[Any] | Image.Image | str | PathLike[str] | AnyBytes


def given_picture(picture: AnyPicture, any_scale: bool = False) -> Picture:
    """The picture that a caller of the library gives. Arrays may be (H, W, 1); floats of every width become float32.

    `any_scale` as in `read_picture`: whole numbers of other types than uint8 are then taken too. UsageError for what is
    no picture, otherwise what `read_picture` raises; the shape and type of an array are checked by who uses it.
    """
    if isinstance(picture, AnyBytes):
        return read_picture(bytes(picture), any_scale=any_scale)
    if isinstance(picture, Image.Image):
        return image_picture(picture, any_scale)
    if not isinstance(picture, np.ndarray):
        what = "a picture is an array, an image of Pillow, the bytes of a file"
        return read_picture(path_given(picture, what), any_scale=any_scale)
    flat = flat_gray(picture)
    if any_scale and flat.dtype.kind in "iu" and flat.dtype != np.uint8:
        if flat.dtype == np.uint16:
            return Picture(from_whole(flat, 65535), bits=16)
        return Picture(flat.astype(np.float32), bits=0)
    # The codec takes float32 alone; other floats differ in width only, other integers in scale.
    floats = flat.dtype.kind == "f"
    return Picture(flat.astype(np.float32) if floats else flat, bits=0 if floats else 8)


def path_given(given: object, otherwise: str) -> Path:
    """The path that was given; UsageError, which begins with what else it may be, for anything that is none."""
    if not isinstance(given, str | PathLike):
        raise UsageError(f"{otherwise} or the path of a file, not {type(given).__name__}")
    return Path(given)
