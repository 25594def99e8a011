"""Picture files to arrays and back, by content and never by extension; every conversion leaves a notice.

    bytes ─► kind (magic) ─► header ─► pixel limit ─► decode ─► orientation ─► gray or RGB ─► Picture(pixels, notices)

Policy (docs/pictures.md, which has every notice): EXIF orientation is applied; alpha, palette, CMYK, 16-bit colour,
1-bit and animation are converted with a notice, profiles dropped with one; signed, 32-bit integer, float and Lab
pictures are refused, and files whose first picture is a preview; a header that claims more pixels than the limit is
refused before anything is allocated. 16-bit gray keeps its precision as float32.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import jpeg_factory
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData, UsageError
from crosscodec.files import read_bytes
from crosscodec.imagearray import LARGEST_FLOAT as LARGEST_FLOAT
from crosscodec.imagearray import ReadArray, narrow_range, read_array
from crosscodec.imagearray import sixteen_bits as sixteen_bits
from crosscodec.imageheader import (
    PIXEL_KINDS,
    Kind,
    damaged_chunk,
    foreign_kind,
    jp2_profile,
    kind_of,
    missing_end,
    sample_bits,
    webp_canvas,
)
from crosscodec.imagetiff import samples_text, tiff_refusal

Pixels = NDArray[np.uint8] | NDArray[np.float32]

DEFAULT_PIXEL_LIMIT = 2**28

_FORMAT_OF_SUFFIX = {
    ".png": "png", ".apng": "png", ".jpg": "jpg", ".jpeg": "jpg", ".jpe": "jpg", ".jfif": "jpg", ".webp": "webp",
    ".avif": "avif", ".jp2": "jp2", ".j2k": "jp2", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp", ".npy": "npy",
}  # fmt: skip
SUFFIXES = frozenset(_FORMAT_OF_SUFFIX) | {".gif"}
FORMATS = ("png", "jpg", "webp", "avif", "jp2", "tiff", "bmp", "npy")

# The classes themselves instead of Image.open: its own pixel limit is a global switch below ours, and it tries every
# format.
_OPENERS: dict[Kind, Callable[[io.BytesIO], ImageFile]] = {
    "png": PngImageFile, "jpg": jpeg_factory, "webp": WebPImageFile, "tiff": TiffImageFile, "bmp": BmpImageFile,
    "jp2": Jpeg2KImageFile, "avif": AvifImageFile, "gif": GifImageFile,
}  # fmt: skip
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
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture as the library takes it: gray (H, W) or RGB (H, W, 3), and what was done to get there.

    uint8, or float32 on the scale 0..1 (from 16-bit gray, or unclipped from .npy). `notices` are for the
    user. `bits`: of the samples that pixels were made of; 0 for floats.
    """

    pixels: Pixels
    notices: tuple[str, ...] = ()
    bits: int = 8

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


def read_picture(
    source: str | Path | bytes, pixel_limit: int = DEFAULT_PIXEL_LIMIT, any_scale: bool = False
) -> Picture:
    """Read a picture file, or the bytes of one, as gray or RGB pixels.

    docs/pictures.md: content decides, all conversions are noted. `any_scale`: floats of any size in TIFF and .npy, and
    all whole numbers in .npy, are taken as they are; whoever asks for it tells what their scale is. CorruptData: empty,
    damaged or cut short. UnsupportedData: not a picture, or of a kind that is not read. ResourceLimit: more than
    `pixel_limit` pixels claimed. InputMissing and OutputFailed as in `files.read_bytes`.
    """
    data = source if isinstance(source, bytes) else read_bytes(source)
    if not data:
        raise CorruptData(f"{_named(source)} is empty: 0 bytes")
    kind = kind_of(data)
    if kind is None:
        known = foreign_kind(data)
        if known is not None:
            raise UnsupportedData(
                f"{_named(source)} is a {known} file, which is not read; convert it to PNG or TIFF "
                f"({PIXEL_KINDS} are read)"
            )
        raise UnsupportedData(f"{_named(source)} is not a picture: it begins with {data[:8]!r}; {PIXEL_KINDS} are read")
    read = _read_npy if kind == "npy" else partial(_decode, kind=kind)
    found = read(data, pixel_limit=pixel_limit, name=_named(source), any_scale=any_scale)
    return Picture(found.pixels, _name_notice(source, kind) + found.notices, found.bits)


def encode_picture(pixels: Pixels, format: str) -> bytes:
    """The bytes of a picture file: lossless PNG, WebP, JPEG 2000, TIFF, BMP or .npy; high-quality JPEG or AVIF.

    `pixels` is uint8 or float32 (H, W) or (H, W, 3). Floats are kept in .npy and rounded to 8 bits elsewhere. WebP has
    no gray, so that a gray picture comes back as RGB. UsageError: other pixels or format. UnsupportedData: too large
    for the format.
    """
    if (
        pixels.dtype not in (np.uint8, np.float32)
        or pixels.ndim not in (2, 3)
        or 0 in pixels.shape
        or pixels.shape[2:] not in ((), (3,))
    ):
        raise UsageError(f"a picture is uint8 or float32 (H, W) or (H, W, 3), not {pixels.dtype} {pixels.shape}")
    return _saved(pixels if format == "npy" else to_uint8(pixels), format)


def _saved(samples: NDArray[Any], format: str) -> bytes:
    """The bytes of a file of these very samples, which the format can hold."""
    sink = io.BytesIO()
    if format == "npy":
        np.save(sink, np.ascontiguousarray(samples), allow_pickle=False)
        return sink.getvalue()
    if format not in _SAVE_OPTIONS:
        raise UsageError(f"format {format!r} is not written; choose one of {', '.join(FORMATS)}")
    require_sides(samples.shape, format)
    name, options = _SAVE_OPTIONS[format]
    try:
        Image.fromarray(samples).save(sink, name, **options)
    except (OSError, ValueError, RuntimeError) as error:
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
    """Whether files of a format keep samples as they are: uint8 all of them, .npy everything; gray uint16 PNG, TIFF and
    JPEG 2000, gray float32 TIFF.
    """
    if samples.dtype == np.uint8 or format == "npy":
        return True
    kinds = {"uint16": ("png", "tiff", "jp2"), "float32": ("tiff",)}
    return samples.ndim == 2 and format in kinds.get(samples.dtype.name, ())


def encode_samples(samples: NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32], format: str) -> bytes:
    """The bytes of a file that keeps samples as they are, on whatever scale. UsageError where the format cannot."""
    if not holds_samples(format, samples):
        raise UsageError(f"{format} does not keep samples of type {samples.dtype} and shape {samples.shape}")
    return _saved(samples, format)


def format_of(path: str | Path) -> str:
    """The format that the extension of an output path asks for; "png" for a path without extension, such as "-".

    UsageError that lists the extensions for any other.
    """
    suffix = Path(path).suffix.lower()
    if suffix and suffix not in _FORMAT_OF_SUFFIX:
        raise UsageError(
            f"{path}: extension {suffix!r} is not written; choose one of {', '.join(sorted(_FORMAT_OF_SUFFIX))}"
        )
    return _FORMAT_OF_SUFFIX[suffix] if suffix else "png"


def to_uint8(pixels: Pixels) -> NDArray[np.uint8]:
    """Pixels on the scale 0..1 rounded to the nearest of 256 levels and clipped; uint8 pixels unchanged."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    clipped: NDArray[np.float32] = np.clip(pixels.astype(np.float32, copy=False), 0.0, 1.0)
    rounded: NDArray[np.float32] = np.rint(clipped * np.float32(255))
    return rounded.astype(np.uint8)


def _read_npy(data: bytes, pixel_limit: int, name: str, any_scale: bool) -> ReadArray:
    try:
        return read_array(data, pixel_limit, any_scale)
    except (CorruptData, UnsupportedData, ResourceLimit) as error:
        raise type(error)(f"{name}: {error}") from None


def _decode(data: bytes, kind: Kind, pixel_limit: int, name: str, any_scale: bool) -> ReadArray:
    if kind == "webp":
        _require_size(webp_canvas(data) or (0, 0), pixel_limit, name)
    missing = missing_end(data, kind)
    if missing:
        raise CorruptData(f"{name} is cut short: {missing} of the {kind} file is missing")
    damaged = damaged_chunk(data) if kind == "png" else None
    if damaged:
        raise CorruptData(f"{name} is a damaged png file: its chunk {damaged} is not what its checksum says")
    unread = tiff_refusal(data) if kind == "tiff" else None
    if unread:
        raise UnsupportedData(f"{name} {unread}")
    # Pillow's readers let many exceptions of their own parsing through; at this border each of them means a bad file.
    try:
        with _OPENERS[kind](io.BytesIO(data)) as image:
            _require_size(image.size, pixel_limit, name)
            bits = max(sample_bits(data, kind), _tiff_bits(image))
            notices = _header_notices(image, data, kind)
            if kind == "png":
                # Pillow's getexif loads a PNG, and what goes wrong with its pixels would pass for damaged EXIF.
                image.load()
            orientation, frames = _orientation(image), getattr(image, "n_frames", 1)
            image.load()
            # Pillow turns TIFF files by itself while loading and then removes the tag.
            remaining = _orientation(image)
            found = _to_pixels(image, bits, name, any_scale)
    except (CorruptData, UnsupportedData, ResourceLimit):
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ResourceLimit(f"{name} needs more memory than allowed: {error}") from error
    except Exception as error:
        raise _refusal(error, data, kind, name) from error
    if orientation != 1:
        notices = (f"turned as its EXIF orientation {orientation} asks", *notices)
    if frames > 1:
        notices = (f"the first of {frames} frames or pages is used", *notices)
    return ReadArray(_oriented(found.pixels, remaining).copy(order="C"), notices + found.notices, found.bits)


def _refusal(error: Exception, data: bytes, kind: Kind, name: str) -> CorruptData | UnsupportedData:
    text = str(error)
    if any(word in text.lower() for word in ("unknown", "unsupported", "not supported")):
        found = f"{text} ({samples_text(data)})" if kind == "tiff" else text
        return UnsupportedData(
            f"{name} is a {kind} file of a kind that is not read: {found}; save 8 bits a sample or 16-bit gray"
        )
    return CorruptData(f"{name} is a damaged {kind} file: {text or type(error).__name__}")


def _require_size(size: tuple[int, int], pixel_limit: int, name: str) -> None:
    width, height = size
    if width * height > pixel_limit:
        raise ResourceLimit(f"{name} claims {width} x {height} pixels, more than the limit of {pixel_limit}")


def _orientation(image: ImageFile) -> int:
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:
        # Damaged EXIF says nothing about the pixels; the picture is taken as it lies.
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _oriented(pixels: Pixels, orientation: int) -> Pixels:
    # EXIF 2.32, tag 0x0112: values 5 to 8 swap rows and columns first.
    turned: Pixels = np.swapaxes(pixels, 0, 1) if orientation >= 5 else pixels
    flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return turned[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def _header_notices(image: ImageFile, data: bytes, kind: Kind) -> tuple[str, ...]:
    profile = jp2_profile(data) if kind == "jp2" else image.info.get("icc_profile")
    foreign = isinstance(profile, bytes) and b"sRGB" not in profile and "sRGB".encode("utf-16-be") not in profile
    return ("colour profile other than sRGB: pixel values kept, profile dropped",) if foreign else ()


def _tiff_bits(image: ImageFile) -> int:
    return int(max(image.tag_v2.get(258, (1,)))) if isinstance(image, TiffImageFile) else 1


def _to_pixels(image: ImageFile, bits: int, name: str, any_scale: bool) -> ReadArray:
    if image.mode.startswith("I;16"):
        return _from_sixteen_bits(image, bits, any_scale)
    if any_scale and image.mode == "F":
        return _from_floats(image, name)
    pixels, converted = _to_eight_bits(image, name)
    return ReadArray(pixels, _reduced(image, bits) + converted, 8)


def _from_floats(image: ImageFile, name: str) -> ReadArray:
    """Floats on whatever scale they have."""
    floats = np.asarray(image)
    if not np.isfinite([floats.min(), floats.max()]).all():
        raise UnsupportedData(f"{name} holds NaN or infinity; every sample of a picture is a finite number")
    return ReadArray(floats, (), 0)


def _to_eight_bits(image: ImageFile, name: str) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    mode = image.mode
    if image.has_transparency_data or mode in ("La", "RGBa", "PA"):
        gray = mode in ("1", "L", "LA", "La")
        return _over_white(np.asarray(image.convert("LA" if gray else "RGBA")))
    match mode:
        case "L" | "RGB":
            return np.asarray(image), ()
        case "1":
            return np.asarray(image.convert("L")), ("1-bit picture taken as black and white gray",)
        case "P":
            return np.asarray(image.convert("RGB")), ("palette turned into RGB",)
        case "CMYK":
            return np.asarray(image.convert("RGB")), ("CMYK turned into RGB without its colour profile",)
        case "YCbCr":
            return np.asarray(image.convert("RGB")), ("YCbCr turned into RGB",)
    raise UnsupportedData(
        f"{name} has mode {mode!r}, which has no fixed scale: tell it with --range, or save 8-bit or 16-bit gray"
    )


def _reduced(image: ImageFile, bits: int) -> tuple[str, ...]:
    """The notices for samples of more than 8 bits of which Pillow kept the upper 8."""
    if bits <= 8:
        return ()
    reduced = f"{bits}-bit colour reduced to 8 bits"
    colours = [image.getchannel(band) for band in image.getbands() if band not in "Aa"]
    most = max(int(np.asarray(colour).max()) for colour in colours)
    # Samples of 9 to 15 bits were scaled by whoever knew how many they have; 16 bits may hold those of fewer.
    if bits < 16 or not 0 < most < 32:
        return (reduced,)
    bound, used = 256 * (most + 1), 8 + most.bit_length()
    scale = f"if these are {used}-bit samples, multiply them by {2 ** (16 - used)}"
    return (reduced, f"the largest sample is below {bound} of 65535: {scale}")


def _from_sixteen_bits(image: ImageFile, bits: int, any_scale: bool) -> ReadArray:
    samples = np.asarray(image)
    if isinstance(image, Jpeg2KImageFile):
        samples = samples >> (16 - bits)  # Pillow moves them up to 16 bits, where white would not be 65535
    gray = sixteen_bits(samples, 2**bits - 1)
    # Pillow inverts TIFF files whose 0 is white at 8 bits, and forgets to at 16.
    if isinstance(image, TiffImageFile) and image.tag_v2.get(262) == 0:
        gray = np.float32(1) - gray
    keyed = ("transparent gray level ignored",) if "transparency" in image.info else ()
    if any_scale:
        return ReadArray(gray, keyed, bits)
    told = f"{bits}-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"
    return ReadArray(gray, (told, *keyed, *narrow_range(samples, bits)), bits)


def _over_white(layers: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    colour = layers[..., 0] if layers.shape[2] == 2 else layers[..., :3]
    alpha = layers[..., -1] if layers.shape[2] == 2 else layers[..., 3:]
    if alpha.min() == 255:
        return colour, ("opaque alpha channel dropped",)
    opacity = alpha.astype(np.float32) / np.float32(255)
    return np.rint(colour * opacity + 255 * (1 - opacity)).astype(np.uint8), ("transparency laid over white",)


def _name_notice(source: str | Path | bytes, kind: Kind) -> tuple[str, ...]:
    if isinstance(source, bytes):
        return ()
    suffix = Path(source).suffix.lower()
    claimed = "gif" if suffix == ".gif" else _FORMAT_OF_SUFFIX.get(suffix)
    return (f"named {suffix} but read as {kind}, which it is",) if claimed not in (None, kind) else ()


def _named(source: str | Path | bytes) -> str:
    return "picture" if isinstance(source, bytes) else str(source)
