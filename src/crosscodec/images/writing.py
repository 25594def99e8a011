"""Arrays to picture files.

uint8, or floats on the scale 0..1 ─► encode_picture ─► 8 bits (.npy: as they are) ─┐
samples on a scale of their own ─► holds_samples? ─► encode_samples ────────────────┴─► bytes of a file
many such pictures ─► holds_pages? ─► encode_pages ─► TIFF of as many pages, or one array in .npy
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.images.exif import EXIF_PREFIX, inches
from crosscodec.images.formats import FORMATS
from crosscodec.images.picture import Pixels, to_uint8
from crosscodec.images.png import deep_png
from crosscodec.images.tiffwriting import tiff_file

_SAVE_OPTIONS: dict[str, tuple[str, dict[str, str | int | bool]]] = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "webp": ("WEBP", {"lossless": True, "exact": True}),
    "avif": ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
    "jp2": ("JPEG2000", {"irreversible": False}),
    "bmp": ("BMP", {}),
}
_LONGEST_SIDE = {"jpg": 65500, "webp": 16383, "avif": 65536}  # of a picture of that format; the others take any
# The kinds of files that keep samples of more than 8 bits: gray, and colour, which Pillow does not write.
_DEEP_GRAY = {"uint16": ("png", "tiff", "jp2"), "float32": ("tiff",)}
_DEEP_COLOUR = {"uint16": ("png", "tiff")}


def encode_picture(pixels: Pixels, format: str, profile: bytes = b"", exif: bytes = b"") -> bytes:
    """The bytes of a picture file: lossless PNG, WebP, JPEG 2000, TIFF, BMP or .npy; high-quality JPEG or AVIF.

    `pixels` is uint8 or float32 (H, W) or (H, W, 3). Floats are kept in .npy and rounded to 8 bits elsewhere. WebP has
    no gray, so that a gray picture comes back as RGB. `profile`: an ICC profile of the colours, where the format
    `holds_profile`; `exif`: EXIF data as a TIFF file, where it `holds_exif`. UsageError: other pixels or format.
    UnsupportedData: too large for the format.
    """
    if (
        pixels.dtype not in (np.uint8, np.float32)
        or pixels.ndim not in (2, 3)
        or 0 in pixels.shape
        or pixels.shape[2:] not in ((), (3,))
    ):
        raise UsageError(f"a picture is uint8 or float32 (H, W) or (H, W, 3), not {pixels.dtype} {pixels.shape}")
    return _saved([pixels if format == "npy" else to_uint8(pixels)], format, profile, exif)


def _saved(pages: Sequence[NDArray[Any]], format: str, profile: bytes = b"", exif: bytes = b"") -> bytes:
    """The bytes of a file of these very samples, which the format can hold."""
    if format not in FORMATS:
        raise UsageError(f"format {format!r} is not written; choose one of {', '.join(FORMATS)}")
    for samples in pages:
        require_sides(samples.shape, format)
    try:
        return _made(pages, format, profile, exif)
    except UnsupportedData:
        raise
    except Exception as error:
        # EXIF data of a coded file may be any bytes; Pillow parses them for some formats, and lets its exceptions out.
        raise UnsupportedData(f"{_unwritten(pages[0].shape, format)}: {error}") from error


def _made(pages: Sequence[NDArray[Any]], format: str, profile: bytes, exif: bytes) -> bytes:
    if format == "tiff":
        return tiff_file(pages, profile, exif)
    sink, samples = io.BytesIO(), pages[0]
    if format == "npy":
        np.save(sink, samples if len(pages) == 1 else np.stack(pages), allow_pickle=False)
        return sink.getvalue()
    resolution = inches(exif) if format in ("png", "jpg") else None
    if samples.ndim == 3 and samples.dtype == np.uint16:
        return deep_png(samples, profile, exif, resolution)
    name, options = _SAVE_OPTIONS[format]
    beside: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if exif:
        beside["exif"] = EXIF_PREFIX + exif
    if resolution:
        beside["dpi"] = resolution
    Image.fromarray(samples).save(sink, name, **(options | beside))
    return sink.getvalue()


def require_sides(shape: tuple[int, ...], format: str) -> None:
    """Raise UnsupportedData for a picture of that shape when its sides are longer than `format` can hold: who has yet
    to make the pixels asks first.
    """
    longest = _LONGEST_SIDE.get(format)
    if longest is not None and max(shape[:2]) > longest:
        raise UnsupportedData(f"{_unwritten(shape, format)}, whose sides have up to {longest} pixels: take png or tiff")


def _unwritten(shape: tuple[int, ...], format: str) -> str:
    return f"a picture of {shape[1]} x {shape[0]} pixels cannot be written as {format}"


def holds_samples(format: str, samples: NDArray[Any]) -> bool:
    """Whether files of a format keep samples as they are: uint8 all of them, .npy everything; uint16 PNG, TIFF and, of
    gray, JPEG 2000; gray float32 TIFF.
    """
    if samples.dtype == np.uint8 or format == "npy":
        return True
    kinds = _DEEP_GRAY if samples.ndim == 2 else _DEEP_COLOUR
    return format in kinds.get(samples.dtype.name, ())


def holds_profile(format: str, pixels: NDArray[Any]) -> bool:
    """Whether files of a format keep the colour profile of a picture: WebP and AVIF of RGB only, having no gray."""
    return format in ("png", "jpg", "tiff") or (format in ("webp", "avif") and pixels.ndim == 3)


def holds_exif(format: str) -> bool:
    """Whether files of a format keep EXIF data."""
    return format in ("png", "jpg", "webp", "avif", "tiff")


def holds_pages(format: str) -> bool:
    """Whether a file of a format holds several pictures, each worth the same."""
    return format in ("tiff", "npy")


def encode_samples(
    samples: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32],
    format: str,
    profile: bytes = b"",
    exif: bytes = b"",
) -> bytes:
    """The bytes of a file that keeps samples as they are, on whatever scale; `profile` and `exif` as in
    `encode_picture`. UsageError where the format cannot.
    """
    if not holds_samples(format, samples):
        raise UsageError(f"{format} does not keep samples of type {samples.dtype} and shape {samples.shape}")
    return _saved([samples], format, profile, exif)


def encode_pages(
    pages: Sequence[NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]],
    format: str,
    profile: bytes = b"",
    exif: bytes = b"",
) -> bytes:
    """The bytes of one file of many pictures, as `encode_samples` of each: pages of a TIFF file, or in .npy an array
    whose first axis counts them, (N, H, W) or (N, H, W, 3).

    UsageError where the format holds no pages or not such samples. UnsupportedData: pages of several sizes or kinds in
    .npy.
    """
    if not holds_pages(format) or not all(holds_samples(format, samples) for samples in pages):
        raise UsageError(f"{format} does not keep {len(pages)} pages of samples of type {pages[0].dtype}")
    shapes = sorted({samples.shape for samples in pages})
    if format == "npy" and len(shapes) > 1:
        raise UnsupportedData(
            f"the {len(pages)} pages have {len(shapes)} shapes, {shapes[0]} and {shapes[1]} for two, which one array "
            "of .npy cannot hold: take tiff"
        )
    return _saved(pages, format, profile, exif)
