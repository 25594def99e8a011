"""Frequency tables: how probable each symbol of each channel is, in integers that are the same on every machine.

    table c:   low[c]   low[c]+1   …   high[c]   everything else
               f[0]     f[1]       …   f[n-2]    f[n-1]            each >= 1, sum 2^16 = 65,536

The last entry is the escape: a symbol outside low..high costs its bits and then an Exp-Golomb code (escapes.py). Tables
are made once, when a package is exported; the run-time never computes a probability.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crosscodec.bitstream.escapes import escape_bits, escape_codes, escaped_symbols
from crosscodec.bitstream.limits import LARGEST_SYMBOL as LARGEST_SYMBOL
from crosscodec.bitstream.limits import MOST_TABLES as MOST_TABLES
from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.bitstream.varint import unzigzag, varint, zigzag
from crosscodec.bitstream.varints import varints
from crosscodec.errors import CorruptData, UsageError

TOTAL = 2**16  # what the frequencies of one table sum to
MOST_ENTRIES = 2**15  # in one table, the escape included
MAGIC = b"XCDT"
VERSION = 1
UNSEEN = 0.5  # weight of the escape among the counts

TableNumbers = NDArray[np.integer[Any]]
_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True)
class FrequencyTables:
    """One table of integers a channel: ``frequencies[c][i]`` is symbol ``low[c] + i``'s, the last one the escape's.

    docs/format.md, "Tables". Raises UsageError for anything else than the drawing in this module's docstring.
    """

    low: tuple[int, ...]
    frequencies: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.low) == len(self.frequencies) <= MOST_TABLES:
            raise UsageError(f"{len(self.low)} lows and {len(self.frequencies)} tables: 1 to {MOST_TABLES} of each")
        for c, (low, table) in enumerate(zip(self.low, self.frequencies, strict=True)):
            if not 2 <= len(table) <= MOST_ENTRIES:
                raise UsageError(f"table {c} has {len(table)} entries, not 2 to {MOST_ENTRIES} with the escape")
            if min(table) < 1 or sum(table) != TOTAL:
                raise UsageError(f"table {c}: frequencies are 1 or more and sum to {TOTAL}, these sum to {sum(table)}")
            if low < -LARGEST_SYMBOL or low + len(table) - 2 > LARGEST_SYMBOL:
                raise UsageError(f"table {c} leaves the range of symbols, -{LARGEST_SYMBOL} to {LARGEST_SYMBOL}")

    @classmethod
    def from_counts(cls, counts: Sequence[ArrayLike], lows: Sequence[int]) -> Self:
        """Tables fitted to counts: ``counts[c][i]`` is how often channel c holds symbol ``lows[c] + i``.

        The escape counts as half a sighting (Krichevsky & Trofimov 1981); no entry falls below 1, and within that the
        code length of the counts is least, up to rounding. Counts, seen or expected, are finite, not negative and not
        all zero, otherwise UsageError.
        """
        if len(counts) != len(lows):
            raise UsageError(f"{len(counts)} rows of counts and {len(lows)} lowest symbols: one of each a channel")
        return cls(tuple(int(low) for low in lows), tuple(_fitted(c, row) for c, row in enumerate(counts)))

    @property
    def count(self) -> int:
        """Number of tables C."""
        return len(self.low)

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What others have made of the tables and will want again, by a name of theirs."""
        return {}

    @cached_property
    def _low(self) -> NDArray[np.int32]:
        return np.array(self.low, np.int32)

    @cached_property
    def _last(self) -> NDArray[np.int32]:
        return np.array([len(table) - 1 for table in self.frequencies], np.int32)

    def require_symbols(self, symbols: NDArray[np.int32], channels: int) -> None:
        """Raise UsageError unless `symbols` is int32 of shape (channels, N) in +-2^24."""
        if symbols.dtype != np.int32 or symbols.ndim != 2 or symbols.shape[0] != channels:
            raise UsageError(f"symbols are int32 of shape ({channels}, N); these are {symbols.dtype} {symbols.shape}")
        if symbols.size and (symbols.min() < -LARGEST_SYMBOL or symbols.max() > LARGEST_SYMBOL):
            found = f"{symbols.min()} and {symbols.max()}"
            raise UsageError(f"symbols lie in -{LARGEST_SYMBOL} .. {LARGEST_SYMBOL}; these reach {found}")

    def indices(self, symbols: NDArray[np.int32], tables: TableNumbers) -> NDArray[np.int32]:
        """Entries of their tables (same shape) for symbols; what a table does not list is its last, the escape."""
        return self.spans(tables).indices(symbols)

    def listed(self, indices: NDArray[np.int32], tables: TableNumbers) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Symbols that indices of tables stand for, and which indices are escapes (whose symbol is not known yet)."""
        return self.spans(tables).listed(indices)

    def spans(self, tables: TableNumbers) -> "Spans":
        """What these tables list."""
        return Spans(_at(self._low, tables), _at(self._last, tables))

    def escapes(self, indices: NDArray[np.int32], tables: TableNumbers) -> int:
        """How many of the indices are escapes of their tables."""
        return int(np.count_nonzero(indices == self._last[tables]))

    def escape_codes(self, symbols: NDArray[np.int32], tables: TableNumbers) -> NDArray[np.int64]:
        """Escape codes of symbols that their tables (same shape) do not list."""
        low, high = self._bounds(tables)
        return escape_codes(symbols.astype(np.int64), low, high)

    def symbols(self, indices: NDArray[np.int32], tables: TableNumbers, codes: NDArray[np.int64]) -> NDArray[np.int32]:
        """The symbols of indices of tables (same shape) and the codes of the escapes among them.

        docs/format.md, "Payload". Raises CorruptData when an escape stands for a symbol beyond +-2^24.
        """
        found, is_escape = self.listed(indices, tables)
        escaped = np.nonzero(is_escape)
        found[escaped] = self.unlisted(tables[escaped], codes)
        return found

    def unlisted(self, tables: TableNumbers, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The symbols that escapes of these tables with these codes stand for (arrays of one shape).

        docs/format.md, "Escapes". Raises CorruptData when one lies beyond +-2^24.
        """
        outside = escaped_symbols(codes, *self._bounds(tables))
        if outside.size and np.abs(outside).max() > LARGEST_SYMBOL:
            raise CorruptData(f"an escaped symbol lies beyond +-{LARGEST_SYMBOL}: the payload is damaged")
        return outside

    def index_bits(self, indices: NDArray[np.int32], tables: TableNumbers, codes: NDArray[np.int64]) -> float:
        """What indices of tables and the codes of the escapes among them cost in bits."""
        bits = float(_at(self._costs, indices + _at(self._first, tables)).sum())
        return bits + escape_bits(codes) if codes.size else bits

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        lengths = self._last.astype(np.int64) + 1
        return np.cumsum(lengths) - lengths

    @cached_property
    def _costs(self) -> NDArray[np.float64]:
        """Bits of every entry, table after table."""
        entries = int(self._first[-1]) + len(self.frequencies[-1])
        return -np.log2(np.fromiter(chain.from_iterable(self.frequencies), np.float64, entries) / TOTAL)

    def _bounds(self, tables: TableNumbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        low = self._low[tables].astype(np.int64)
        return low, low + self._last[tables] - 1

    def to_bytes(self) -> bytes:
        """The tables as bytes: magic, version, number of tables, tables, CRC-32.

        docs/format.md, "Tables".
        """
        parts = [varint(self.count)]
        for low, table in zip(self.low, self.frequencies, strict=True):
            parts += [varint(zigzag(low)), varint(len(table))]
            parts += [varint(f - 1) for f in table[:-1]]  # the escape is what is left of 2^16
        return seal(MAGIC, VERSION, *parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The tables in `data`, checked; the inverse of `to_bytes`.

        docs/format.md, "Tables". Raises CorruptData, or UnsupportedData for undamaged tables of a later version.
        """
        body = unseal(data, MAGIC, VERSION, "frequency tables", least=1)
        numbers = varints(body, "the frequency tables")
        try:
            return cls(*_parsed(numbers))
        except UsageError as error:
            raise CorruptData(f"the frequency tables are damaged: {error}") from None


@dataclass(frozen=True)
class Spans:
    """What tables list, one for each of some symbols (arrays of their shape): from ``low`` on, entry ``last`` being the
    escape. Whoever asks for indices and for what they stand for gets them from the same spans in half the time.
    """

    low: NDArray[np.int32]
    last: NDArray[np.int32]

    def indices(self, symbols: NDArray[np.int32]) -> NDArray[np.int32]:
        """`FrequencyTables.indices`."""
        # |symbol| and |low| are at most 2^24, hence the difference fits in int32; below 0 it is large without its sign.
        found = (symbols - self.low).view(np.uint32)
        return np.minimum(found, self.last.view(np.uint32), out=found).view(np.int32)

    def listed(self, indices: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """`FrequencyTables.listed`."""
        return indices + self.low, indices == self.last


def _at(values: NDArray[_Kind], tables: TableNumbers) -> NDArray[_Kind]:
    """``values[tables]`` for numbers of tables that exist: not looking whether they do takes half the time."""
    return values.take(tables, mode="clip")


def _parsed(numbers: NDArray[np.int64]) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Lows and frequencies from the numbers of the bytes; what they may be is the constructor's to check."""
    stored, raised = numbers.tolist(), (numbers + 1).tolist()
    lows: list[int] = []
    frequencies: list[tuple[int, ...]] = []
    place = 1
    for _ in range(stored[0] if stored else 0):
        entries = stored[place + 1] if place + 1 < len(stored) else 0
        listed = raised[place + 2 : place + 1 + entries]
        if entries < 1 or len(listed) < entries - 1:
            raise CorruptData(f"the frequency tables are cut short: table {len(lows)} of {stored[0]} is not whole")
        lows.append(unzigzag(stored[place]))
        frequencies.append((*listed, TOTAL - sum(listed)))
        place += 1 + entries
    if place < len(stored):
        raise CorruptData(f"the frequency tables are followed by {len(stored) - place} foreign numbers")
    return tuple(lows), tuple(frequencies)


def _fitted(c: int, row: ArrayLike) -> tuple[int, ...]:
    seen = np.asarray(row, np.float64)
    if seen.ndim != 1 or not 1 <= seen.size < MOST_ENTRIES:
        raise UsageError(f"counts of channel {c} have shape {seen.shape}; 1 to {MOST_ENTRIES - 1} numbers are possible")
    if not np.isfinite(seen).all() or seen.min() < 0 or not 0 < seen.sum() < math.inf:
        raise UsageError(f"counts of channel {c} are finite, not negative, and not all zero")
    return tuple(apportion(np.append(seen, UNSEEN)).tolist())


def apportion(weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Integers >= 1 that sum to 2^16 and are as proportional to the weights as that allows.

    Entries that would fall below 1 are set to 1 and the rest scaled again until none does, which minimises the code
    length under that floor (the conditions of Karush, Kuhn and Tucker); then the largest remainders are rounded up.
    """
    shares = weights / weights.sum()
    floored = np.zeros(shares.size, bool)
    while True:
        # At most 2^15 entries are floored, so that half of the total is always left to scale to.
        scale = (TOTAL - np.count_nonzero(floored)) / shares[~floored].sum()
        small = ~floored & (shares * scale < 1)
        if not small.any():
            break
        floored |= small
    ideal = np.where(floored, 1.0, shares * scale)
    frequencies = np.floor(ideal).astype(np.int64)
    missing = TOTAL - int(frequencies.sum())
    frequencies[np.argsort(frequencies - ideal, kind="stable")[:missing]] += 1
    return frequencies
