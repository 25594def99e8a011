"""The range coder of constriction on integer tables of 2^24 without an escape, in turns.

    symbols 0 … K-1, table f (sum 2^24, each >= 1) ─► intervals of exactly f[i] / 2^24 ─► words ─► bytes

Beside bitstream's coder, because a code that shall reach H(Y|U) cannot spare what an escape costs in every table of
2^16 (2.2e-5 bit a symbol), and because a trellis chooses the next table by the symbol just read.
"""

from typing import Any, TypeAlias

import constriction
import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.coder import library_errors
from crosscodec.errors import CorruptData, UsageError

Ints: TypeAlias = NDArray[np.int64]
Symbols: TypeAlias = NDArray[np.int32]

TOTAL = 2**24
_AT_ONCE = 2**16  # symbols whose rows of tables are in memory together


def shares(weights: NDArray[np.float64], total: int = TOTAL) -> Ints:
    """Integers >= 1 along the last axis that sum to `total`, in proportion to the weights but for the ones.

    What rounding leaves goes to the largest, so that no part moves by more than its own rounding and that one by less
    than the number of entries. Raises UsageError for weights that are negative, not finite or all zero.
    """
    weights = np.asarray(weights, np.float64)
    sums = weights.sum(axis=-1, keepdims=True)
    if not np.isfinite(weights).all() or weights.min(initial=0) < 0 or (sums <= 0).any():
        raise UsageError("weights of a table are finite, not negative and not all zero")
    parts = 1 + np.floor(weights / sums * (total - weights.shape[-1])).astype(np.int64)
    largest = parts.argmax(axis=-1)[..., np.newaxis]
    rest = total - parts.sum(axis=-1, keepdims=True)
    np.put_along_axis(parts, largest, np.take_along_axis(parts, largest, -1) + rest, -1)
    return np.asarray(parts, np.int64)


class RangeWriter:
    """Codes symbols by tables, turn after turn."""

    def __init__(self) -> None:
        self._encoder = constriction.stream.queue.RangeEncoder()
        self._begun = False

    def put(self, symbols: Symbols, table: Ints) -> None:
        """Code symbols (n,) by one table (K,)."""
        if symbols.size:
            with library_errors(UsageError, "the range coder refused the symbols"):
                self._encoder.encode(symbols, _model(table))
            self._begun = True

    def put_each(self, symbols: Symbols, tables: Ints, rows: NDArray[np.intp]) -> None:
        """Code symbol i by table ``rows[i]`` of tables (C,K)."""
        weights = coder_weights(tables)
        for start in range(0, symbols.size, _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            with library_errors(UsageError, "the range coder refused the symbols"):
                self._encoder.encode(symbols[part], _family(), weights[rows[part]])
            self._begun = True

    def data(self) -> bytes:
        """What was written, whole words; none for nothing."""
        words: NDArray[np.uint32] = self._encoder.get_compressed()
        return words.astype(">u4").tobytes() if self._begun else b""


class RangeReader:
    """Reads what a `RangeWriter` wrote, given the same tables."""

    def __init__(self, payload: bytes) -> None:
        if len(payload) % 4:
            raise CorruptData(f"the payload consists of words of 4 bytes; it has {len(payload)} bytes")
        self._decoder = constriction.stream.queue.RangeDecoder(np.frombuffer(payload, ">u4").astype(np.uint32))

    def get(self, count: int, table: Ints) -> Symbols:
        """The next `count` symbols by one table (K,)."""
        if count == 0:
            return np.empty(0, np.int32)
        with library_errors(CorruptData, "the payload does not decode"):
            symbols: Symbols = self._decoder.decode(_model(table), count)
        return symbols

    def get_each(self, weights: NDArray[np.float64]) -> Symbols:
        """The next symbols, one for each row of `weights` (n,K), rows of `coder_weights`."""
        with library_errors(CorruptData, "the payload does not decode"):
            symbols: Symbols = self._decoder.decode(_family(), weights)
        return symbols

    def get_all(self, tables: Ints, rows: NDArray[np.intp]) -> Symbols:
        """The next symbols, symbol i by table ``rows[i]`` of tables (C,K)."""
        weights = coder_weights(tables)
        parts = [self.get_each(weights[rows[i : i + _AT_ONCE]]) for i in range(0, rows.size, _AT_ONCE)]
        return np.concatenate([np.empty(0, np.int32), *parts])


def coder_weights(tables: Ints) -> NDArray[np.float64]:
    """What constriction must be given for its model to be exactly the tables (..., K).

    It gives each entry one unit of 2^24 and the rest in proportion to the weights; what is left here sums to 2^24 - K,
    so that its scale is exactly 1. bitstream/coder.py tells the whole story.
    """
    return tables.astype(np.float64) - 1.0


def _model(table: Ints) -> Any:
    return constriction.stream.model.Categorical(coder_weights(table), perfect=False)


def _family() -> Any:
    return constriction.stream.model.Categorical(perfect=False)
