"""Inputs and outputs by name: files, and "-" for stdin and stdout; which kind of picture an output is."""

import sys
from pathlib import Path

from crosscodec.errors import UsageError
from crosscodec.files import read_bytes
from crosscodec.imagefile import FORMATS, Picture, format_of, read_picture

STANDARD = "-"  # stdin as an input, stdout as an output


def input_bytes(source: str) -> bytes:
    """The bytes of an input: of a file, or of stdin for "-"."""
    return sys.stdin.buffer.read() if source == STANDARD else read_bytes(source)


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
