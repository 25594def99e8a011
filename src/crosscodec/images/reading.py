"""Picture files to arrays, by content and never by extension; every conversion leaves a notice.

    bytes ─► kind (magic) ─► header ─► pages to take ─► of each: pixel limit ─► decode ─► orientation ─► gray or RGB
                                                                └─► Picture(pixels, notices) ... ─► Stack

Policy (docs/pictures.md, which has every notice): EXIF orientation is applied; alpha, palette, CMYK, Lab, 1-bit and
animation are converted with a notice, colour profiles kept beside the pixels; signed, 32-bit integer and float
pictures are refused, and files whose first picture is a preview; a header that claims more pixels than the limit is
refused before anything is allocated. 16-bit gray and colour keep their precision as float32.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

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
from crosscodec.images.arrays import array_pages, array_picture
from crosscodec.images.camera import DEVELOPED, developed, heic_opener
from crosscodec.images.exif import common_exif, kept_exif, with_account
from crosscodec.images.formats import name_notice
from crosscodec.images.frames import Frames
from crosscodec.images.headers import (
    PIXEL_KINDS,
    Kind,
    damaged_chunk,
    foreign_kind,
    kind_of,
    missing_end,
    webp_canvas,
)
from crosscodec.images.picture import Picture, from_whole
from crosscodec.images.stack import FIRST_PAGE, USUAL_PAGES, PageChoice, Stack
from crosscodec.images.tiff import begins_with_preview, directories, samples_text, tiff_refusal

DEFAULT_PIXEL_LIMIT = 2**28

# The classes themselves instead of Image.open: its own pixel limit is a global switch below ours, and it tries every
# format.
_OPENERS: dict[Kind, Callable[[io.BytesIO], ImageFile]] = {
    "png": PngImageFile, "jpg": jpeg_factory, "webp": WebPImageFile, "tiff": TiffImageFile, "bmp": BmpImageFile,
    "jp2": Jpeg2KImageFile, "avif": AvifImageFile, "gif": GifImageFile,
}  # fmt: skip


def read_picture(
    source: str | Path | bytes, pixel_limit: int = DEFAULT_PIXEL_LIMIT, any_scale: bool = False
) -> Picture:
    """Read a picture file, or the bytes of one, as gray or RGB pixels; of several pages or frames the first.

    docs/pictures.md: content decides, all conversions are noted. `any_scale`: floats of any size in TIFF and .npy, and
    all whole numbers in .npy, are taken as they are; whoever asks for it tells what their scale is. CorruptData: empty,
    damaged or cut short. UnsupportedData: not a picture, or of a kind that is not read. ResourceLimit: more than
    `pixel_limit` pixels claimed. InputMissing and OutputFailed as in `files.read_bytes`.
    """
    found = read_stack(source, pixel_limit, any_scale, FIRST_PAGE)
    return replace(found.pictures[0], notices=found.notices + found.pictures[0].notices)


def read_stack(
    source: str | Path | bytes,
    pixel_limit: int = DEFAULT_PIXEL_LIMIT,
    any_scale: bool = False,
    pages: PageChoice = USUAL_PAGES,
) -> Stack:
    """Read the pages of a picture file, or of the bytes of one: all of TIFF and .npy, of an animation the first frame,
    unless `pages` says which.

    Arguments and errors as in `read_picture`; `pixel_limit` is for all pages together. UsageError: a page that is not
    there. What a microscope's program says of its pages is kept, as EXIF data, where all of them are read and come back
    as such samples.
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
    read = {"npy": _read_npy, "raw": _read_raw}.get(kind, partial(_read_frames, kind=kind))
    found = read(data, name=_named(source), wanted=_Wanted(pixel_limit, any_scale, pages))
    misnamed = () if isinstance(source, bytes) else name_notice(source, kind)
    return replace(found, notices=misnamed + found.notices)


@dataclass(frozen=True)
class _Wanted:
    """What a caller asks for."""

    pixel_limit: int
    any_scale: bool
    pages: PageChoice


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Put the name of the file in front of what is wrong with it, for readers that do not know it."""
    try:
        yield
    except (CorruptData, UnsupportedData, ResourceLimit, UsageError) as error:
        raise type(error)(f"{name} {error}") from error


def _read_npy(data: bytes, name: str, wanted: _Wanted) -> Stack:
    with _naming(f"{name}:"):
        pages = array_pages(data, wanted.pixel_limit)
        chosen = wanted.pages.of(len(pages), range(len(pages)))
        pictures = tuple(array_picture(pages[number], wanted.any_scale) for number in chosen)
    return Stack(pictures, chosen, _left_out(len(pages), chosen, wanted, paged=True))


def _read_raw(data: bytes, name: str, wanted: _Wanted) -> Stack:
    with _naming(name):
        chosen = wanted.pages.of(1, (0,))
        samples = developed(data, wanted.pixel_limit)
    kept = () if wanted.any_scale else ("what is decoded has 8 bits, or with --range full as many",)
    picture = Picture(from_whole(samples, 65535), ("; ".join((DEVELOPED, *kept)),), 16, exif=_raw_exif(data))
    return Stack((picture,), chosen)


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


def _read_frames(data: bytes, kind: Kind, name: str, wanted: _Wanted) -> Stack:
    """The pages or frames of a file that Pillow reads."""
    if kind == "webp":
        _require_size(webp_canvas(data) or (0, 0), wanted.pixel_limit, name)
    missing = missing_end(data, kind)
    if missing:
        raise CorruptData(f"{name} is cut short: {missing} of the {kind} file is missing")
    damaged = damaged_chunk(data) if kind == "png" else None
    if damaged:
        raise CorruptData(f"{name} is a damaged png file: its chunk {damaged} is not what its checksum says")
    with _naming(name):
        _require_read(data, kind)
        places = directories(data) if kind == "tiff" else ()
        opener = heic_opener() if kind == "heic" else _OPENERS[kind]
    frames = Frames(data, kind, opener, wanted.any_scale, places)
    try:
        with _refusing(data, kind, name):
            count = frames.count()
        with _naming(name):
            chosen = wanted.pages.of(count, frames.usual())
        pictures: list[Picture] = []
        seen = 0  # pixels
        for number in chosen:
            page = f"page {number} of {name}" if number else name
            with _naming(page):
                _require_read(data, kind, frames.place(number))
            with _refusing(data, kind, page, frames.place(number)):
                width, height = frames.size(number)
                _require_size((width, height), wanted.pixel_limit, page, seen)
                pictures.append(frames.picture(number, page))
            seen += width * height
        if len(pictures) > 1:
            pictures = _common(pictures, frames.account if len(pictures) == count else "", wanted)
        return Stack(tuple(pictures), chosen, _left_out(count, chosen, wanted, kind == "tiff"))
    finally:
        frames.close()


def _require_read(data: bytes, kind: Kind, place: int | None = None) -> None:
    unread = tiff_refusal(data, place) if kind == "tiff" else None
    if unread:
        raise UnsupportedData(unread)


def _common(pictures: list[Picture], account: str, wanted: _Wanted) -> list[Picture]:
    """Several pictures with the EXIF data that all have in common, and the account of their pages where it still holds
    of what comes back of them.
    """
    exif = common_exif([picture.exif for picture in pictures])
    if account and (wanted.any_scale or all(picture.bits == 8 for picture in pictures)):
        exif = with_account(exif, account)
    return [replace(picture, exif=exif) for picture in pictures]


def _left_out(count: int, chosen: Sequence[int], wanted: _Wanted, paged: bool) -> tuple[str, ...]:
    """What to say of pages that were not taken, unless somebody chose others. `paged`: they are worth the same."""
    if wanted.pages.numbers or len(chosen) == count:
        return ()
    if wanted.pages == FIRST_PAGE or not paged:
        which = "primary one" if chosen[0] else "first"  # HEIC names one of its pictures
        return (f"the {which} of {count} frames or pages is used",)
    beside = [str(number) for number in range(count) if number not in set(chosen)]
    return (f"{len(beside)} of {count} pages left out, previews or masks of others: {', '.join(beside[:6])}",)


@contextmanager
def _refusing(data: bytes, kind: Kind, name: str, place: int | None = None) -> Iterator[None]:
    # Pillow's readers let many exceptions of their own parsing through; at this border each of them means a bad file.
    try:
        yield
    except (CorruptData, UnsupportedData, ResourceLimit):
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise ResourceLimit(f"{name} needs more memory than allowed: {error}") from error
    except Exception as error:
        raise _refusal(error, data, kind, name, place) from error


def _refusal(error: Exception, data: bytes, kind: Kind, name: str, place: int | None) -> CorruptData | UnsupportedData:
    text = str(error)
    if any(word in text.lower() for word in ("unknown", "unsupported", "not supported", "cannot handle")):
        found = f"{text} ({samples_text(data, place)})" if kind == "tiff" else text
        return UnsupportedData(
            f"{name} is a {kind} file of a kind that is not read: {found}; save gray or RGB of 8 or 16 bits a sample"
        )
    return CorruptData(f"{name} is a damaged {kind} file: {text or type(error).__name__}")


def _require_size(size: tuple[int, int], pixel_limit: int, name: str, before: int = 0) -> None:
    width, height = size
    if width * height > pixel_limit:
        raise ResourceLimit(f"{name} claims {width} x {height} pixels, more than the limit of {pixel_limit}")
    if before + width * height > pixel_limit:
        raise ResourceLimit(
            f"{name} goes beyond the limit of {pixel_limit} pixels, the pages before it taken together: take some at a "
            "time, by --pages"
        )


def _named(source: str | Path | bytes) -> str:
    return "picture" if isinstance(source, bytes) else str(source)
