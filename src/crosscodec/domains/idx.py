"""The IDX format of MNIST: a big-endian header, then plain numbers; plain or gzip-compressed.

0 0 ─ type (8: unsigned byte) ─ number of axes ─┬─ one 32-bit size for each axis ─┬─ the bytes, last axis fastest
"""

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.files import read_bytes

_UNSIGNED_BYTE = 8
_LIMIT = 2**30


def read_idx(path: str | Path) -> NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes (LeCun, Cortes, Burges, "The MNIST database"), of the shape it states.

    Content decides whether it is gzip. CorruptData: cut short, damaged, or longer than it states. UnsupportedData: not
    IDX, or another type of number. ResourceLimit: more than 2^30 bytes. InputMissing and OutputFailed as in
    `files.read_bytes`.
    """
    data = read_bytes(path, _LIMIT)
    if data[:2] == b"\x1f\x8b":
        data = _decompressed(data, path)
    if len(data) < 4 or data[:2] != b"\x00\x00" or data[3] == 0:
        raise UnsupportedData(f"{path} is not an IDX file: it begins with {data[:4]!r}")
    if data[2] != _UNSIGNED_BYTE:
        raise UnsupportedData(f"{path} holds numbers of IDX type {data[2]}; unsigned bytes (8) are read")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise CorruptData(f"{path} is cut short inside its header")
    shape = tuple(np.frombuffer(data[4:start], ">u4").tolist())
    if len(data) - start != math.prod(shape):
        stated = " x ".join(map(str, shape))
        raise CorruptData(f"{path} states {stated} bytes, but {len(data) - start} follow its header")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _decompressed(data: bytes, path: str | Path) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as source:
            plain = source.read(_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CorruptData(f"{path} is damaged or cut short: {error}") from None
    if len(plain) > _LIMIT:
        raise ResourceLimit(f"{path} unpacks to more than the limit of {_LIMIT} bytes")
    return plain
