"""16-bit colour and alpha from Pillow, whose own pictures have 8 bits a sample: the upper bytes, and the lower besides.

Pillow unpacks such samples by their upper byte alone, and is told which that is by the order of bytes in the raw mode
of a tile. A second pass with the other order gives the lower bytes, of every compression and layout that Pillow reads:

    file ─► tiles ─────────────────► load ─► upper ─┐
      └───► tiles of the other order ► load ─► lower ─┴─► 256 x upper + lower

Colours that a TIFF file has plane by plane tifffile reads.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from crosscodec.extras import load_module

# Raw modes of 16 bits a sample whose bytes are only copied, by what stands before the order of bytes. (Not RGBa and
# CMYK: Pillow computes with the upper bytes.)
_COPIED = ("RGB;16", "RGBX;16", "RGBA;16")
_PLANES, _SEPARATE = 284, 2  # PlanarConfiguration (TIFF 6.0): libtiff hands over planes, for which no mode counts
_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if np.little_endian else "L"}
# Gray and alpha of a PNG become an RGBA picture with three times the same gray; as four bytes a pixel they are all
# that there is.
_GRAY_ALPHA, _FOUR_BYTES = "LA;16B", "RGBA"


def deep_mode(image: ImageFile) -> str | None:
    """The raw mode of a picture that was opened and not loaded, when its samples have 16 bits that Pillow would cut."""
    if isinstance(image, TiffImageFile) and image.tag_v2.get(_PLANES) == _SEPARATE:
        return None
    modes = {_raw_mode(tile.args) for tile in image.tile}
    if len(modes) != 1:
        return None
    (mode,) = modes
    return mode if mode == _GRAY_ALPHA or mode[:-1] in _COPIED else None


def deep_samples(mode: str, upper: NDArray[np.uint8], again: ImageFile) -> NDArray[np.uint16]:
    """All 16 bits of the samples of a picture of that raw mode, (H, W, C): gray and alpha, RGB, or RGB and alpha.

    `upper`: what Pillow loaded; `again` is the same picture, opened once more and not loaded.
    """
    wanted = _FOUR_BYTES if mode == _GRAY_ALPHA else mode[:-1] + _OTHER_ORDER[mode[-1]]
    again.tile = [tile._replace(args=_with_mode(tile.args, wanted)) for tile in again.tile]
    again.load()
    lower = np.asarray(again)
    if mode == _GRAY_ALPHA:
        upper, lower = lower[..., 0::2], lower[..., 1::2]
    samples: NDArray[np.uint16] = (upper.astype(np.uint16) << 8) | lower
    return samples


def planar_samples(data: bytes, number: int) -> NDArray[np.uint16]:
    """All 16 bits of the samples (H, W, 3) of a page of a TIFF file that `has_deep_planes`."""
    with load_module("tifffile").TiffFile(io.BytesIO(data)) as file:
        planes = file.pages[number].asarray()
    samples: NDArray[np.uint16] = np.ascontiguousarray(np.moveaxis(planes, 0, 2), np.uint16)
    return samples


def _raw_mode(args: object) -> str:
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _with_mode(args: object, mode: str) -> tuple[object, ...] | str:
    return (mode, *args[1:]) if isinstance(args, tuple) else mode
