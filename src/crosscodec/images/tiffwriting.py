"""TIFF files of one page or many, of any samples, with colour profile, EXIF data and resolution.

Pillow writes no 16-bit colour, and nothing compressed beside EXIF data; tifffile writes no EXIF data. Pillow's
directories with strips of our own have all of it:

    header │ directory of page 0 │ its strips ─► directory of page 1 │ its strips ─► ...

TIFF 6.0, little-endian; deflate (Adobe's supplement), with differences along a row for whole numbers (section 14).
"""

import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from numpy.typing import NDArray
from PIL.TiffImagePlugin import ImageFileDirectory_v2
from PIL.TiffTags import TAGS_V2_GROUPS

from crosscodec.errors import UnsupportedData
from crosscodec.images.exif import exif_to_write

_STRIP = 2**18  # bytes of a strip before it is compressed, at least one row
_DEFLATE, _DIFFERENCES, _GRAY, _RGB = 8, 2, 1, 2
_WHOLE, _FLOAT = 1, 3
_SHORT, _LONG, _UNDEFINED = 3, 4, 7
_LARGEST = 2**32 - 2**20  # places are numbers of 32 bits; the directories need little


def tiff_file(pages: Sequence[NDArray[Any]], profile: bytes = b"", exif: bytes = b"") -> bytes:
    """The file of pages (H, W) or (H, W, 3) of uint8, uint16 or float32, each as it is.

    Every page has the ICC profile, the first the EXIF data, a TIFF file themselves. UnsupportedData: more than 4 GB.
    """
    file = bytearray(b"II*\0" + bytes(4))
    link = 4  # where the place of the next directory is to be written
    for index, samples in enumerate(pages):
        file += bytes(len(file) % 2)  # directories begin at even places
        strips, rows = _strips(samples)
        directory = _directory(samples, rows, profile)
        # Pillow counts the places of strips from the end of the directory.
        lengths = [len(strip) for strip in strips]
        _set(directory, 273, _LONG, [0, *accumulate(lengths[:-1])])
        _set(directory, 279, _LONG, lengths)
        if index == 0 and exif:
            _tell(directory, exif)
        if len(file) + sum(lengths) > _LARGEST:
            raise UnsupportedData(f"{len(pages)} pages have more than 4 GB, the most that a TIFF file holds")
        file[link : link + 4] = struct.pack("<I", len(file))
        link = len(file) + 2 + 12 * len(directory)
        file += directory.tobytes(len(file)) + b"".join(strips)
    return bytes(file)


def _strips(samples: NDArray[Any]) -> tuple[list[bytes], int]:
    """The compressed strips of a page, and how many rows each has."""
    rows = max(1, _STRIP // (samples[0].size * samples.itemsize))
    stored = samples.astype(samples.dtype.newbyteorder("<"), copy=False)
    return [zlib.compress(_differences(stored[top : top + rows])) for top in range(0, len(stored), rows)], rows


def _differences(rows: NDArray[Any]) -> bytes:
    if rows.dtype.kind == "f":
        return rows.tobytes()
    found = rows.copy()
    found[:, 1:] -= rows[:, :-1]  # without a sign, and so modulo 2^bits, as it is meant
    return found.tobytes()


def _directory(samples: NDArray[Any], rows: int, profile: bytes) -> ImageFileDirectory_v2:
    """What a page is, without the places of its strips."""
    height, width = samples.shape[:2]
    channels, whole = samples.shape[2] if samples.ndim == 3 else 1, samples.dtype.kind != "f"
    directory = ImageFileDirectory_v2(prefix=b"II")
    _set(directory, 256, _LONG, [width])
    _set(directory, 257, _LONG, [height])
    _set(directory, 258, _SHORT, [8 * samples.itemsize] * channels)
    _set(directory, 259, _SHORT, [_DEFLATE])
    _set(directory, 262, _SHORT, [_RGB if channels == 3 else _GRAY])
    _set(directory, 277, _SHORT, [channels])
    _set(directory, 278, _LONG, [rows])
    if whole:
        _set(directory, 317, _SHORT, [_DIFFERENCES])
    _set(directory, 339, _SHORT, [_WHOLE if whole else _FLOAT] * channels)
    if profile:
        _set(directory, 34675, _UNDEFINED, profile)
    return directory


def _set(directory: ImageFileDirectory_v2, tag: int, kind: int, value: list[int] | bytes) -> None:
    directory.tagtype[tag] = kind
    directory[tag] = value if isinstance(value, bytes) else tuple(value)


def _tell(directory: ImageFileDirectory_v2, exif: bytes) -> None:
    told = exif_to_write(exif)
    for tag in told:
        directory[tag] = told.get_ifd(tag) if tag in TAGS_V2_GROUPS else told[tag]
