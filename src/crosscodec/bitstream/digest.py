"""The digest that proves that decoder and encoder are in step."""

import zlib

import numpy as np
from numpy.typing import NDArray


def symbol_digest(symbols: NDArray[np.int32]) -> int:
    """CRC-32 of the symbols as little-endian int32 in C order: proves that decoder and encoder are in step.

    docs/format.md, "Header".
    """
    digest = 0
    for channel in np.atleast_2d(symbols):  # one after the other: a copy of all symbols would double the memory
        digest = zlib.crc32(np.ascontiguousarray(channel, "<i4").data, digest)
    return digest
