"""Pictures by name: files, and "-" for stdin and stdout; which kind of picture an output is."""

from pathlib import Path

from crosscodec.cli.inputs import STANDARD as STANDARD
from crosscodec.cli.inputs import input_bytes as input_bytes
from crosscodec.errors import UsageError
from crosscodec.imagefile import FORMATS, Picture, format_of, read_picture


def input_picture(source: str) -> Picture:
    """The picture of an input, with the notices of reading it."""
    # By its path where it has one, so that messages name the file and an extension that lies is noticed.
    return read_picture(input_bytes(source) if source == STANDARD else source)


def suffix_for(picture_format: str) -> str:
    """The extension of pictures of the kind that --format names. UsageError for a kind that is not written."""
    if picture_format not in FORMATS:
        raise UsageError(f"--format {picture_format} is not written; choose one of {', '.join(FORMATS)}")
    return f".{picture_format}"


def format_for(target: str, picture_format: str) -> str:
    """The kind of an output picture: what its extension says, or what --format says where there is none (or stdout)."""
    return picture_format if target == STANDARD or not Path(target).suffix else format_of(target)
