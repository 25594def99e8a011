"""What a caller may give as a picture or a stack of them: arrays, images of Pillow, bytes of a file, or its path."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.errors import UsageError
from crosscodec.images.frames import image_picture
from crosscodec.images.picture import Picture, flat_gray, from_whole
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.stack import USUAL_PAGES, PageChoice, Stack

AnyBytes = bytes | bytearray | memoryview
AnyPicture = NDArray[Any] | Image.Image | str | PathLike[str] | AnyBytes
AnyStack = AnyPicture | Sequence[AnyPicture]


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


def given_stack(stack: AnyStack, any_scale: bool = False, pages: PageChoice = USUAL_PAGES) -> Stack:
    """The pictures that a caller of the library gives: the pages of a file, of its bytes or of its array, of which
    `pages` chooses; or each of a list, or of an array along its first axis, (N, H, W) or (N, H, W, 3).

    Errors as in `given_picture`; UsageError for an array that is one picture.
    """
    if isinstance(stack, AnyBytes):
        return read_stack(bytes(stack), any_scale=any_scale, pages=pages)
    if isinstance(stack, str | PathLike):
        return read_stack(Path(stack), any_scale=any_scale, pages=pages)
    if isinstance(stack, np.ndarray) and (stack.ndim not in (3, 4) or (stack.ndim == 3 and stack.shape[2] in (1, 3))):
        raise UsageError(f"a stack is an array (N, H, W) or (N, H, W, 3), not {stack.shape}; one picture is for encode")
    if not isinstance(stack, np.ndarray | Sequence):
        raise UsageError(f"a stack is a list of pictures, an array, or the path or bytes of a file, not {_kind(stack)}")
    given: list[Any] = list(stack)
    if not given:
        raise UsageError("a stack holds at least one picture")
    numbers = pages.of(len(given), range(len(given)))
    return Stack(tuple(given_picture(given[number], any_scale) for number in numbers), numbers)


def path_given(given: object, otherwise: str) -> Path:
    """The path that was given; UsageError, which begins with what else it may be, for anything that is none."""
    if not isinstance(given, str | PathLike):
        raise UsageError(f"{otherwise} or the path of a file, not {_kind(given)}")
    return Path(given)


def _kind(given: object) -> str:
    return type(given).__name__
