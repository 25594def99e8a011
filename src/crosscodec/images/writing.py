"""Arrays to picture files.

uint8, or floats on the scale 0..1 ─► encode_picture ─► 8 bits (.npy: as they are) ─┐
samples on a scale of their own ─► holds_samples? ─► encode_samples ────────────────┴─► bytes of a file
"""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.extras import load_module
from crosscodec.images.exif import EXIF_PREFIX, exif_to_write
from crosscodec.images.formats import FORMATS
from crosscodec.images.picture import Pixels, to_uint8
from crosscodec.images.png import deep_png

_SAVE_OPTIONS: dict[str, tuple[str, dict[str, str | int | bool]]] = {
    "png": ("PNG", {}),
    "jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    "webp": ("WEBP", {"lossless": True, "exact": True}),
    "avif": ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
    "jp2": ("JPEG2000", {"irreversible": False}),
    "tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
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
    return _saved(pixels if format == "npy" else to_uint8(pixels), format, profile, exif)


def _saved(samples: NDArray[Any], format: str, profile: bytes, exif: bytes) -> bytes:
    """The bytes of a file of these very samples, which the format can hold."""
    sink = io.BytesIO()
    if format == "npy":
        np.save(sink, np.ascontiguousarray(samples), allow_pickle=False)
        return sink.getvalue()
    if format not in _SAVE_OPTIONS:
        raise UsageError(f"format {format!r} is not written; choose one of {', '.join(FORMATS)}")
    require_sides(samples.shape, format)
    if samples.ndim == 3 and samples.dtype == np.uint16:
        return deep_png(samples, profile, exif) if format == "png" else _deep_tiff(samples, profile)
    name, options = _SAVE_OPTIONS[format]
    beside: dict[str, Any] = {"icc_profile": profile} if profile else {}
    try:
        if exif and format == "tiff":
            beside |= {"exif": exif_to_write(exif), "compression": None}  # Pillow cannot have both
        elif exif:
            beside |= {"exif": EXIF_PREFIX + exif}
        Image.fromarray(samples).save(sink, name, **(options | beside))
    except Exception as error:
        # EXIF data of a coded file may be any bytes; Pillow parses them for some formats, and lets its exceptions out.
        raise UnsupportedData(f"{_unwritten(samples.shape, format)}: {error}") from error
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


def holds_exif(format: str, samples: NDArray[Any]) -> bool:
    """Whether files of a format keep EXIF data beside such samples: TIFF not of 16-bit colour."""
    deep_colour = samples.ndim == 3 and samples.dtype == np.uint16
    return format in ("png", "jpg", "webp", "avif") or (format == "tiff" and not deep_colour)


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
    return _saved(samples, format, profile, exif)


def _deep_tiff(samples: NDArray[np.uint16], profile: bytes) -> bytes:
    sink = io.BytesIO()
    # Loaded late: a seventh of a second of commands that have nothing to do with such files.
    write = load_module("tifffile").imwrite
    coloured = {"iccprofile": profile} if profile else {}
    write(sink, samples, photometric="rgb", compression="zlib", predictor=True, metadata=None, **coloured)
    return sink.getvalue()
