"""Inputs by name: files, and "-" for stdin. What knows pictures stands in streams.py, which takes NumPy to load."""

import sys

from crosscodec.files import read_bytes

STANDARD = "-"  # stdin as an input, stdout as an output
CODED = ".xcd"  # the ending of coded files


def input_bytes(source: str) -> bytes:
    """The bytes of an input: of a file, or of stdin for "-"."""
    return sys.stdin.buffer.read() if source == STANDARD else read_bytes(source)
