"""The order in which symbols are coded, and by which table: the part of the coder that knows contexts.

    group by group: windows of earlier groups ─► context of each position ─► channel by channel, context by context

Encoder and decoder take the same walk; the one knows the symbols, the other reads them on the way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import ContextLayout, Grid, magnitudes, window_sum
from crosscodec.bitstream.tables import TOTAL, FrequencyTables
from crosscodec.errors import UsageError


@dataclass(frozen=True)
class EntropyModel:
    """What the coder must know: tables, and which of a channel's tables codes which position.

    ``tables`` holds ``layout.contexts`` tables for each channel, channel after channel.
    """

    tables: FrequencyTables
    layout: ContextLayout

    def __post_init__(self) -> None:
        if self.tables.count != self.layout.channels * self.layout.contexts:
            raise UsageError(
                f"{self.tables.count} tables do not serve {self.layout.channels} channels "
                f"with {self.layout.contexts} contexts each"
            )

    @classmethod
    def factorised(cls, tables: FrequencyTables) -> "EntropyModel":
        """One table a channel, no contexts."""
        return cls(tables, ContextLayout(1, (tables.count,), ((),), ((),)))

    @property
    def channels(self) -> int:
        """Number of channels C."""
        return self.layout.channels

    def least_bits(self, positions: int) -> float:
        """The fewest bits that ``positions`` symbols of every channel can cost, whatever their contexts."""
        most = np.array([max(table) for table in self.tables.frequencies]).reshape(self.channels, -1).max(axis=1)
        return float(-np.log2(most / TOTAL).sum() * positions)


@dataclass(frozen=True)
class Walked:
    """Symbols as the coder sees them, in coding order and by position."""

    pieces: list[tuple[int, NDArray[np.int32]]]  # table, indices: what the range coder is given, call by call
    indices: NDArray[np.int32]  # (C,N) entry of its table of each symbol
    rows: NDArray[np.int64]  # (C,N) its table
    codes: NDArray[np.int64]  # of the escapes, channel after channel


IndexSource = Callable[[int, NDArray[np.int64], int], NDArray[np.int32]]


def walk(model: EntropyModel, n: int, grids: Sequence[Grid] | None, indices_of: IndexSource) -> Walked:
    """Visit all symbols in coding order. ``indices_of(channel, positions, table)`` knows or reads the indices."""
    layout, tables = model.layout, model.tables
    grids = [Grid(1, n)] if grids is None else grids
    if sum(grid.rows * grid.columns for grid in grids) != n:
        raise UsageError(f"the grids hold {sum(grid.rows * grid.columns for grid in grids)} positions, not {n}")
    indices = np.empty((layout.channels, n), np.int32)
    rows = np.empty((layout.channels, n), np.int64)
    pieces: list[tuple[int, NDArray[np.int32]]] = []
    windows: list[NDArray[np.int64]] = []
    first = 0
    for group, size in enumerate(layout.sizes):
        context = layout.context(group, layout.activity(group, windows) if windows else np.zeros(n, np.int64))
        order = np.argsort(context, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(context, minlength=layout.contexts))[:-1])
        for channel in range(first, first + size):
            rows[channel] = channel * layout.contexts + context
            for table, positions in enumerate(parts, channel * layout.contexts):
                if positions.size:
                    piece = indices_of(channel, positions, table)
                    indices[channel, positions] = piece
                    pieces.append((table, piece))
        coded = slice(first, first + size)
        sums = magnitudes(*tables.listed(indices[coded], rows[coded])).sum(axis=0)
        windows.append(window_sum(sums, grids))
        first += size
    return Walked(pieces, indices, rows, np.empty(0, np.int64))


def walk_known(symbols: NDArray[np.int32], model: EntropyModel, grids: Sequence[Grid] | None) -> Walked:
    """The walk of an encoder, which has the symbols."""
    model.tables.require_symbols(symbols, model.channels)
    tables = model.tables

    def known(channel: int, positions: NDArray[np.int64], table: int) -> NDArray[np.int32]:
        return tables.indices(symbols[channel, positions], table)

    walked = walk(model, symbols.shape[1], grids, known)
    codes = tables.escape_codes(symbols, walked.indices, walked.rows)
    return Walked(walked.pieces, walked.indices, walked.rows, codes)


def whole_model(model: EntropyModel | FrequencyTables) -> EntropyModel:
    """The model itself, or bare tables as a model without contexts."""
    return EntropyModel.factorised(model) if isinstance(model, FrequencyTables) else model
