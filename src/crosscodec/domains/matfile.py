"""MATLAB files of version 5 (MATLAB 5 to 7, compressed or not): the numeric arrays in them.

    128 bytes: text, version, order of bytes ─► elements ─┬─ compressed ─► one element
                                                          └─ matrix ─► flags, dimensions, name, numbers

"MAT-File Format", The MathWorks, chapter 1. Written because scipy's reader trusts the sizes it finds: a flipped bit in
a file can end the process. Here every size is checked against what is there.
"""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.files import read_bytes

_HEADER = 128
_LIMIT = 2**30
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
# Classes 6 .. 15 are numbers; cells, structures, objects, text and sparse matrices come before.
_FIRST_NUMERIC, _LAST_NUMERIC = 6, 15


@dataclass(frozen=True)
class _Element:
    kind: int
    content: memoryview


def read_mat(path: str | Path) -> dict[str, NDArray[Any]]:
    """The real numeric arrays of a MATLAB file by name, each of the type in which the file stores it.

    Arrays are in Fortran order, as in the file; other variables are left out. CorruptData: damaged or cut short.
    UnsupportedData: not a MATLAB file, or of version 4 or 7.3. ResourceLimit: a variable of more than 2^30 bytes.
    InputMissing and OutputFailed as in `files.read_bytes`.
    """
    data = memoryview(read_bytes(path, _LIMIT))
    order = {b"IM": "<", b"MI": ">"}.get(bytes(data[126:_HEADER]))
    if order is None:
        raise UnsupportedData(f"{path} is not a MATLAB file of version 5: it begins with {bytes(data[:10])!r}")
    version = int(np.frombuffer(data[124:126], f"{order}u2")[0])
    if version != 0x0100:
        raise UnsupportedData(f"{path} is a MATLAB file of version {version:#06x} (7.3 is 0x0200); 0x0100 is read")
    try:
        found = (_array(element, order) for element in _elements(data[_HEADER:], order))
        return dict(named for named in found if named is not None)
    except (_Damaged, zlib.error) as error:
        raise CorruptData(f"{path} is damaged or cut short: {error}") from None


class _Damaged(Exception):
    """What the file says of itself cannot be."""


def _elements(data: memoryview, order: str) -> Iterator[_Element]:
    place = 0
    while place < len(data):
        if len(data) - place < 8:
            raise _Damaged(f"{len(data) - place} bytes where an element should begin")
        kind, size = np.frombuffer(data[place : place + 8], f"{order}u4").tolist()
        start = place + 8
        if kind >> 16:
            # Up to four bytes of content share the eight of the tag.
            kind, size, start = kind & 0xFFFF, kind >> 16, place + 4
            if size > 4:
                raise _Damaged(f"a short element of {size} bytes")
            place += 8
        else:
            # Everything but compressed elements ends on a multiple of eight.
            place = start + (size if kind == _COMPRESSED else -(-size // 8) * 8)
        if start + size > len(data):
            raise _Damaged(f"an element of {size} bytes, {len(data) - start} are left")
        yield _Element(kind, data[start : start + size])


def _array(element: _Element, order: str) -> tuple[str, NDArray[Any]] | None:
    if element.kind == _COMPRESSED:
        inner = list(_elements(_decompressed(element.content), order))
        return _array(inner[0], order) if len(inner) == 1 and inner[0].kind == _MATRIX else None
    if element.kind != _MATRIX:
        return None
    parts = _elements(element.content, order)
    flags = _numbers(_next(parts, _UINT32), order)
    shape = tuple(_numbers(_next(parts, _INT32), order).tolist())
    name = bytes(_next(parts, _INT8).content).decode("latin-1")
    if not flags.size or not _FIRST_NUMERIC <= int(flags[0]) & 0xFF <= _LAST_NUMERIC:
        return None
    values = _numbers(_next(parts, None), order)
    if min(shape, default=-1) < 0 or values.size != math.prod(shape):
        raise _Damaged(f"{values.size} numbers for the shape {shape} of {name!r}")
    return name, values.reshape(shape, order="F")


def _next(parts: Iterator[_Element], kind: int | None) -> _Element:
    part = next(parts, None)
    if part is None or kind not in (None, part.kind):
        raise _Damaged(f"element type {part.kind if part else 'none'} where {kind or 'numbers'} should be")
    return part


def _numbers(element: _Element, order: str) -> NDArray[Any]:
    if element.kind not in _NUMBERS:
        raise _Damaged(f"element type {element.kind} is no number")
    dtype = np.dtype(order + _NUMBERS[element.kind])
    if len(element.content) % dtype.itemsize:
        raise _Damaged(f"{len(element.content)} bytes are not a whole number of {dtype.name}")
    return np.frombuffer(element.content, dtype)


def _decompressed(content: memoryview) -> memoryview:
    unpacker = zlib.decompressobj()
    plain = unpacker.decompress(content, _LIMIT + 1)
    if len(plain) > _LIMIT:
        raise ResourceLimit(f"a variable unpacks to more than the limit of {_LIMIT} bytes")
    if not unpacker.eof:
        raise _Damaged("compressed data end too early")
    return memoryview(plain)
