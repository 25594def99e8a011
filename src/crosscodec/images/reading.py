"""Picture files to arrays, by content and never by extension; every conversion leaves a notice.

    bytes ─► kind (magic) ─► header ─► pixel limit ─► decode ─► orientation ─► gray or RGB ─► Picture(pixels, notices)

Policy (docs/pictures.md, which has every notice): EXIF orientation is applied; alpha, palette, CMYK, Lab, 1-bit and
animation are converted with a notice, colour profiles kept beside the pixels; signed, 32-bit integer and float
pictures are refused, and files whose first picture is a preview; a header that claims more pixels than the limit is
refused before anything is allocated. 16-bit gray and colour keep their precision as float32.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
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

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.files import read_bytes
from crosscodec.images.arrays import read_array
from crosscodec.images.camera import DEVELOPED, developed, heic_opener
from crosscodec.images.codepoints import CodePoints, code_points
from crosscodec.images.colours import in_srgb
from crosscodec.images.deep import deep_mode, deep_samples
from crosscodec.images.exif import KeptExif, is_adobe_rgb, kept_exif
from crosscodec.images.formats import name_notice
from crosscodec.images.headers import (
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
from crosscodec.images.picture import Picture, Pixels, from_whole
from crosscodec.images.pixels import deep_pixels, pixels_of
from crosscodec.images.profiles import OF_OTHER_COLOURS, is_srgb, suits
from crosscodec.images.tiff import begins_with_preview, samples_text, tiff_refusal

DEFAULT_PIXEL_LIMIT = 2**28

# The classes themselves instead of Image.open: its own pixel limit is a global switch below ours, and it tries every
# format.
_OPENERS: dict[Kind, Callable[[io.BytesIO], ImageFile]] = {
    "png": PngImageFile, "jpg": jpeg_factory, "webp": WebPImageFile, "tiff": TiffImageFile, "bmp": BmpImageFile,
    "jp2": Jpeg2KImageFile, "avif": AvifImageFile, "gif": GifImageFile,
}  # fmt: skip
_EXIF_ORIENTATION, _SAMPLES = 0x0112, 277


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
    if kind == "tiff" and begins_with_preview(data):
        kind = "raw"
    special = {"npy": _read_npy, "raw": _read_raw}
    read = special.get(kind, partial(_decode, kind=kind))
    found = read(data, pixel_limit=pixel_limit, name=_named(source), any_scale=any_scale)
    misnamed = () if isinstance(source, bytes) else name_notice(source, kind)
    return replace(found, notices=misnamed + found.notices)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Put the name of the file in front of what is wrong with it, for readers that do not know it."""
    try:
        yield
    except (CorruptData, UnsupportedData, ResourceLimit) as error:
        raise type(error)(f"{name} {error}") from error


def _read_npy(data: bytes, pixel_limit: int, name: str, any_scale: bool) -> Picture:
    with _naming(f"{name}:"):
        return read_array(data, pixel_limit, any_scale)


def _read_raw(data: bytes, pixel_limit: int, name: str, any_scale: bool) -> Picture:
    with _naming(name):
        samples = developed(data, pixel_limit)
    kept = () if any_scale else ("what is decoded has 8 bits, or with --range full as many",)
    return Picture(from_whole(samples, 65535), ("; ".join((DEVELOPED, *kept)),), 16, exif=_raw_exif(data))


def _raw_exif(data: bytes) -> bytes:
    """The EXIF data of camera raw that is a TIFF file."""
    if kind_of(data) != "tiff":
        return b""
    try:
        with TiffImageFile(io.BytesIO(data)) as image:
            return kept_exif(image).data
    except Exception:
        # Pillow does not open every kind that LibRaw does; nothing of the picture depends on it.
        return b""


def _decode(data: bytes, kind: Kind, pixel_limit: int, name: str, any_scale: bool) -> Picture:
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
    with _naming(name):
        opener = heic_opener() if kind == "heic" else _OPENERS[kind]
    # Pillow's readers let many exceptions of their own parsing through; at this border each of them means a bad file.
    try:
        with opener(io.BytesIO(data)) as image:
            _require_size(image.size, pixel_limit, name)
            bits = max(sample_bits(data, kind), _tiff_bits(image), _heic_bits(image, kind))
            profile, mode = _profile(image, data, kind), deep_mode(image)
            if kind == "png":
                # Pillow's getexif loads a PNG, and what goes wrong with its pixels would pass for damaged EXIF.
                image.load()
            orientation, frames = _orientation(image), getattr(image, "n_frames", 1)
            image.load()
            # Pillow turns TIFF files by itself while loading and then removes the tag.
            remaining, exif = _orientation(image), kept_exif(image)
            further = _left_out(image) + _unembedded(image, code_points(data, kind)) + _unread(exif)
            if mode is None:
                shown, profile, turned = in_srgb(image, profile)
                further += turned
                found = pixels_of(shown, bits, name, any_scale)
            else:
                samples = deep_samples(mode, np.asarray(image), partial(opener, io.BytesIO(data)))
                found = deep_pixels(samples, image, any_scale)
    except (CorruptData, UnsupportedData, ResourceLimit):
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ResourceLimit(f"{name} needs more memory than allowed: {error}") from error
    except Exception as error:
        raise _refusal(error, data, kind, name) from error
    picture = _finished(replace(found, exif=exif.data), profile, orientation, remaining)
    paged = (f"the first of {frames} frames or pages is used",) if frames > 1 else ()
    return replace(picture, notices=paged + further + picture.notices)


def image_picture(image: Image.Image, any_scale: bool = False) -> Picture:
    """The picture in an image of Pillow, as `read_picture` has that of a file: turned, as gray or RGB, with its
    profile. What Pillow has cut to 8 bits stays so.

    `any_scale` as there. CorruptData: its file cannot be loaded. UnsupportedData: a mode that has no fixed scale.
    """
    name = "the image"
    try:
        image.load()
    except Exception as error:
        raise CorruptData(f"{name} cannot be loaded: {error}") from error
    whole = _tiff_bits(image) if isinstance(image, TiffImageFile) else 16
    shown, profile, turned = in_srgb(image, _profile(image))
    found = pixels_of(shown, whole if image.mode.startswith("I;16") else 8, name, any_scale)
    orientation = _orientation(image)
    exif = kept_exif(image)
    found = replace(found, exif=exif.data, notices=_unembedded(image) + _unread(exif) + turned + found.notices)
    return _finished(found, profile, orientation, orientation)


def _finished(found: Picture, profile: bytes, orientation: int, remaining: int) -> Picture:
    """The picture turned as what remains of its orientation asks, with its profile, and what to say of both."""
    profile, notices = _kept_profile(profile, found)
    if orientation != 1:
        notices = (f"turned as its EXIF orientation {orientation} asks", *notices)
    upright = _oriented(found.pixels, remaining).copy(order="C")
    return replace(found, pixels=upright, notices=notices + found.notices, profile=profile)


def _refusal(error: Exception, data: bytes, kind: Kind, name: str) -> CorruptData | UnsupportedData:
    text = str(error)
    if any(word in text.lower() for word in ("unknown", "unsupported", "not supported", "cannot handle")):
        found = f"{text} ({samples_text(data)})" if kind == "tiff" else text
        return UnsupportedData(
            f"{name} is a {kind} file of a kind that is not read: {found}; save gray or RGB of 8 or 16 bits a sample"
        )
    return CorruptData(f"{name} is a damaged {kind} file: {text or type(error).__name__}")


def _require_size(size: tuple[int, int], pixel_limit: int, name: str) -> None:
    width, height = size
    if width * height > pixel_limit:
        raise ResourceLimit(f"{name} claims {width} x {height} pixels, more than the limit of {pixel_limit}")


def _orientation(image: Image.Image) -> int:
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


def _profile(image: Image.Image, data: bytes = b"", kind: Kind | None = None) -> bytes:
    """The colour profile of an image, or of a file that was opened; none where it is sRGB's."""
    profile = jp2_profile(data) if kind == "jp2" else image.info.get("icc_profile")
    return b"" if not isinstance(profile, bytes) or is_srgb(profile) else profile


def _kept_profile(profile: bytes, found: Picture) -> tuple[bytes, tuple[str, ...]]:
    """The profile if it speaks of the pixels that were made of the file: of colours that were converted it does not."""
    if not profile or suits(profile, 1 if found.pixels.ndim == 2 else 3):
        return profile, ()
    return b"", (OF_OTHER_COLOURS,)


def _unembedded(image: Image.Image, points: CodePoints | None = None) -> tuple[str, ...]:
    """A notice for colours that EXIF data or code points name and no profile tells: nothing that is decoded would say
    so.
    """
    if image.info.get("icc_profile"):
        return ()
    told = "Adobe RGB by its EXIF data, without a colour profile: pixel values kept, and taken for sRGB"
    named = () if points is None or points.usual else (points.notice(),)
    return (told, *named) if is_adobe_rgb(image) else named


def _unread(exif: KeptExif) -> tuple[str, ...]:
    return ("damaged EXIF data dropped",) if exif.damaged else ()


def _heic_bits(image: ImageFile, kind: Kind) -> int:
    return int(image.info["bit_depth"]) if kind == "heic" else 1


def _left_out(image: ImageFile) -> tuple[str, ...]:
    """A notice when Pillow took fewer samples of a pixel than a TIFF file has: those whose meaning no tag tells."""
    samples, used = image.tag_v2.get(_SAMPLES, 1) if isinstance(image, TiffImageFile) else 1, len(image.getbands())
    if samples <= used:
        return ()
    return (
        f"the first channel of {samples} is used" if used == 1 else f"the first {used} channels of {samples} are used",
    )


def _tiff_bits(image: Image.Image) -> int:
    return int(max(image.tag_v2.get(258, (1,)))) if isinstance(image, TiffImageFile) else 1


def _named(source: str | Path | bytes) -> str:
    return "picture" if isinstance(source, bytes) else str(source)
