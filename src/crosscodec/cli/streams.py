"""Pictures by name: files, and "-" for stdin and stdout; which kind of picture an output is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from crosscodec.bitstream.appearance import Appearance
from crosscodec.cli.inputs import STANDARD as STANDARD
from crosscodec.cli.inputs import input_bytes as input_bytes
from crosscodec.codec.decoding import Restored
from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.images.exif import without_account
from crosscodec.images.formats import FORMATS, format_of
from crosscodec.images.picture import Picture
from crosscodec.images.profiles import profile_name
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.stack import PageChoice, Stack
from crosscodec.images.writing import (
    encode_pages,
    encode_samples,
    holds_exif,
    holds_pages,
    holds_profile,
    holds_samples,
    require_sides,
)

_USUAL = "png"


def input_picture(source: str, any_scale: bool = False) -> Picture:
    """The picture of an input, with the notices of reading it; `any_scale` as in `read_picture`."""
    return read_picture(_named(source), any_scale=any_scale)


def input_stack(source: str, any_scale: bool, pages: PageChoice) -> Stack:
    """The pages of an input that are wanted; `any_scale` as in `read_picture`."""
    return read_stack(_named(source), any_scale=any_scale, pages=pages)


def _named(source: str) -> str | bytes:
    # By its path where it has one, so that messages name the file and an extension that lies is noticed.
    return input_bytes(source) if source == STANDARD else source


def require_pages(shapes: Sequence[tuple[int, ...]], kind: str, instead: str) -> None:
    """Raise UnsupportedData unless one file of that kind holds pictures of these shapes, before any is made; `instead`
    says what else would help with too many.
    """
    if len(shapes) > 1 and not holds_pages(kind):
        raise UnsupportedData(f"it has {len(shapes):,} pages, and a {kind} file holds one: take tiff or npy, {instead}")
    for shape in shapes:
        require_sides(shape, kind)


def output_pages(restored: Sequence[Restored], kind: str, count: int) -> tuple[bytes, tuple[str, ...]]:
    """The file of decoded pictures, several being its pages: of their samples where such a file can hold them, else in
    8 bits, with their colour profile and EXIF data; and what to say of it. ``count``: of the coded file's pictures,
    whose description holds of all of them alone.
    """
    first = restored[0]
    samples = [picture.samples for picture in restored]
    whole = all(holds_samples(kind, page) for page in samples)
    pages = samples if whole else [picture.pixels for picture in restored]
    look = first.appearance
    if len(restored) < count:
        look = replace(look, exif=without_account(look.exif))
    beside, notices = held_beside(look, kind, pages[0])
    coded = encode_pages(pages, kind, **beside) if len(pages) > 1 else encode_samples(pages[0], kind, **beside)
    if whole:
        return coded, notices
    assert first.sample_range is not None, "samples without a range are bytes, which every kind holds"
    told = f"{kind} holds no {first.samples.dtype} samples of this picture: {first.sample_range.describe()}"
    return coded, (f"{told} became 0 to 255", *notices)


def held_beside(look: Appearance, kind: str, pixels: NDArray[Any]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """What a file of that kind can hold beside those pixels, `profile` and `exif`; and what to say of the rest."""
    beside, notices = {"profile": look.profile, "exif": look.exif}, []
    if look.profile and not holds_profile(kind, pixels):
        beside["profile"] = b""
        name = profile_name(look.profile)
        notices.append(f"{kind} holds no colour profile of this picture: its pixel values are {name}")
    if look.exif and not holds_exif(kind):
        beside["exif"] = b""
        notices.append(f"{kind} holds no EXIF data of this picture")
    return beside, tuple(notices)


def suffix_for(picture_format: str | None) -> str:
    """The extension of pictures of the kind that --format names, PNG without. UsageError for a kind not written."""
    if picture_format not in (None, *FORMATS):
        raise UsageError(f"--format {picture_format} is not written; choose one of {', '.join(FORMATS)}")
    return f".{picture_format or _USUAL}"


def format_for(target: str, picture_format: str | None) -> str:
    """The kind of an output picture: what its extension says, or --format where there is none (or stdout), or PNG.

    UsageError for an extension that is not written, and where the two say different things.
    """
    if target == STANDARD or not Path(target).suffix:
        return picture_format or _USUAL
    kind = format_of(target)
    if picture_format not in (None, kind):
        raise UsageError(
            f"{target} is to be {kind} by its name and {picture_format} by --format; leave one of them out"
        )
    return kind
