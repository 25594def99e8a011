"""Symbols that no table lists: whole numbers coded in planes of fair bits (Exp-Golomb of order 0).

    symbol outside low..high ─► distance from the listed range, its side in the last bit ─► code >= 1 ─► planes of bits

A code v with k = floor(log2 v) costs k bits 1, one bit 0, and the k bits below its leading one: 2 k + 1 bits. All
escapes of a stream are coded together, plane by plane, so that NumPy and the coder work on arrays, never on one symbol.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import CorruptData

Ints = NDArray[np.int64]
Bits = NDArray[np.int32]

# |symbol| and |low| are at most 2^24, so a distance is below 2^25 and a code at most 2^26.
HIGHEST_BIT = 26


def escape_codes(symbols: Ints, low: Ints, high: Ints) -> Ints:
    """The codes, 1 or more, of symbols outside their tables' range low..high.

    docs/format.md, "Escapes": a symbol d + 1 above `high` has code 2 d + 1, one d + 1 below `low` has code 2 d + 2.
    Arrays of one shape, one entry a symbol.
    """
    return np.where(symbols > high, 2 * (symbols - high) - 1, 2 * (low - symbols))


def escaped_symbols(codes: Ints, low: Ints, high: Ints) -> Ints:
    """The symbols of escape codes; the inverse of `escape_codes`.

    docs/format.md, "Escapes".
    """
    return np.where(codes % 2 == 1, high + (codes + 1) // 2, low - codes // 2)


def leading_bits(codes: Ints) -> Ints:
    """floor(log2 v) of each code v >= 1.

    Exact below 2^53, where a float64 holds every whole number.
    """
    return np.frexp(codes.astype(np.float64))[1].astype(np.int64) - 1


def escape_bits(codes: Ints) -> int:
    """What the codes cost in bits, all together: the sum of 2 k + 1.

    docs/format.md, "Escapes".
    """
    return int(np.sum(2 * leading_bits(codes) + 1))


def write_planes(codes: Ints, put: Callable[[Bits], None]) -> None:
    """Hand the bits of the codes to `put`, plane by plane: first the lengths in unary, then the bits from high to low.

    docs/format.md, "Escapes". Plane j of the lengths holds a bit (k > j) for each code with k >= j; plane j of the bits
    holds a bit for each code with k > j.
    """
    k = leading_bits(codes)
    highest = int(k.max(initial=-1))
    for j in range(highest + 1):
        put((k[k >= j] > j).astype(np.int32))
    for j in range(highest - 1, -1, -1):
        put((codes[k > j] >> j & 1).astype(np.int32))


def read_planes(count: int, get: Callable[[int], Bits]) -> Ints:
    """Read `count` codes from `get(n)`, which gives the next n bits; the inverse of `write_planes`.

    docs/format.md, "Escapes". Raises CorruptData for a code above 2^27 - 1.
    """
    k = np.zeros(count, np.int64)
    growing = np.arange(count)
    for _ in range(HIGHEST_BIT + 1):
        if growing.size == 0:
            break
        growing = growing[get(growing.size) == 1]
        k[growing] += 1
    if growing.size:
        raise CorruptData(f"an escaped symbol is longer than {HIGHEST_BIT} bits: the payload is damaged")
    codes = np.ones(count, np.int64)
    for j in range(int(k.max(initial=0)) - 1, -1, -1):
        longer = np.flatnonzero(k > j)
        codes[longer] = codes[longer] << 1 | get(longer.size)
    return codes
