"""What telephones and cameras store that Pillow does not read: HEIC by pillow-heif, camera raw by LibRaw (rawpy).

Both libraries belong to the extra `camera`; without it such a file is an error that says what to install.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.ImageFile import ImageFile

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData, UsageError
from crosscodec.extras import is_installed, load_module

HEIC_SUFFIXES = frozenset((".heic", ".heif", ".hif"))
RAW_SUFFIXES = frozenset((
    ".3fr", ".arw", ".cr2", ".cr3", ".dng", ".erf", ".iiq", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2",
    ".srw", ".x3f",
))  # fmt: skip
DEVELOPED = "camera raw developed by LibRaw: white balance of the camera, brightened, sRGB of 16 bits"
_SRGB_CURVE = (2.4, 12.92)  # IEC 61966-2-1: the power, and the slope near black


def camera_suffixes() -> frozenset[str]:
    """The endings of camera files that can be read here: those whose library is installed."""
    heic = HEIC_SUFFIXES if is_installed("pillow_heif") else frozenset[str]()
    return heic | RAW_SUFFIXES if is_installed("rawpy") else heic


def heic_opener() -> Callable[[io.BytesIO], ImageFile]:
    """What opens a HEIC or HEIF file; pixels are not loaded yet. UnsupportedData: without the library."""
    with _needed_for("a HEIC file"):
        opener: Callable[[io.BytesIO], ImageFile] = load_module("pillow_heif.as_plugin").HeifImageFile
    return opener


def developed(data: bytes, pixel_limit: int) -> NDArray[np.uint16]:
    """The picture (H, W, 3) that LibRaw makes of camera raw: upright, in the white balance of the camera, brightened
    until a hundredth is white, sRGB. Noise is left as it is, and the mosaic interpolated linearly, the way that the
    encoder `camera` of photo-denoise was trained on and undoes best (benchmarks/raw.py).

    ResourceLimit: more than `pixel_limit` pixels. CorruptData, UnsupportedData: LibRaw cannot read it, or is not there.
    """
    with _needed_for("camera raw"):
        library: Any = load_module("rawpy")
    try:
        with library.imread(io.BytesIO(data)) as raw:
            width, height = raw.sizes.width, raw.sizes.height
            if width * height > pixel_limit:
                raise ResourceLimit(f"claims {width} x {height} pixels, more than the limit of {pixel_limit}")
            picture: NDArray[np.uint16] = raw.postprocess(
                output_bps=16,
                use_camera_wb=True,
                gamma=_SRGB_CURVE,
                demosaic_algorithm=library.DemosaicAlgorithm.LINEAR,
            )
            return picture
    except library.LibRawFileUnsupportedError as error:
        told = f"is camera raw of a kind that LibRaw does not read ({_text(error)})"
        raise UnsupportedData(f"{told}; develop it, and save it as PNG or TIFF") from error
    except library.LibRawError as error:
        raise CorruptData(f"is damaged camera raw: {_text(error)}") from error


@contextmanager
def _needed_for(what: str) -> Iterator[None]:
    try:
        yield
    except UsageError:
        raise UnsupportedData(
            f"is {what}, which needs the extra camera: pip install 'crosscodec[camera]', or convert it to PNG or TIFF"
        ) from None


def _text(error: Exception) -> str:
    """LibRaw's words, which it gives as bytes."""
    first = error.args[0] if error.args else ""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
