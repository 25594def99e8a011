"""The order in which symbols are coded, and by which table: the part of the coder that knows contexts.

    group by group: windows of earlier groups ─► context of each position ─► channel by channel, context by context

Encoder and decoder take the same walk; the one knows the symbols, the other reads them on the way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import ContextLayout, Grid, Neighbours, magnitudes
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


# A table and the entries that it codes one after the other: what the range coder is given in one call.
Piece = tuple[int, NDArray[np.int32]]


@dataclass(frozen=True)
class Walked:
    """Symbols as the coder sees them, in coding order and by position."""

    pieces: list[Piece]
    indices: NDArray[np.int32]  # (C,N) entry of its table of each symbol
    rows: NDArray[np.int32]  # (C,N) its table
    codes: NDArray[np.int64]  # of the escapes, channel after channel, each in the order of positions


@dataclass(frozen=True)
class Turn:
    """One group's turn: what is known of it before its g channels are coded, and room for its indices."""

    channels: slice
    rows: NDArray[np.int32]  # (g,N) tables by position
    order: NDArray[np.int64]  # (N,) positions in coding order: context after context
    ordered: NDArray[np.int32]  # (g,N) indices in coding order, to be filled
    pieces: list[Piece]  # the same memory, cut where the table changes


def walk(model: EntropyModel, n: int, grids: Sequence[Grid] | None, fill: Callable[[Turn], None]) -> Walked:
    """Visit all symbols in coding order; ``fill`` knows or reads the indices of each group.

    docs/format.md, "Contexts". Raises UsageError when the grids do not hold n positions.
    """
    layout, tables = model.layout, model.tables
    grids = [Grid(1, n)] if grids is None else grids
    if sum(grid.rows * grid.columns for grid in grids) != n:
        raise UsageError(f"the grids hold {sum(grid.rows * grid.columns for grid in grids)} positions, not {n}")
    neighbours = Neighbours.of(grids)
    watched = {source.group for sources in layout.sources for source in sources}
    indices = np.empty((layout.channels, n), np.int32)
    rows = np.empty((layout.channels, n), np.int32)
    pieces: list[Piece] = []
    unwatched = np.zeros(n, np.int64)
    windows: list[NDArray[np.int64]] = []
    first = 0
    for group, size in enumerate(layout.sizes):
        coded = slice(first, first + size)
        context = layout.context(group, layout.activity(group, windows) if windows else unwatched)
        rows[coded] = np.arange(first, first + size)[:, None] * layout.contexts + context
        turn = _turn(coded, rows[coded], context, layout.contexts)
        fill(turn)
        indices[coded, turn.order] = turn.ordered
        pieces += turn.pieces
        if group in watched:
            sums = magnitudes(*tables.listed(indices[coded], rows[coded])).sum(axis=0)
            windows.append(neighbours.window_sum(sums))
        else:
            windows.append(unwatched)
        first += size
    return Walked(pieces, indices, rows, np.empty(0, np.int64))


def _turn(channels: slice, rows: NDArray[np.int32], context: NDArray[np.int64], contexts: int) -> Turn:
    order = np.argsort(context, kind="stable")
    ends = np.cumsum(np.bincount(context, minlength=contexts)).tolist()
    spans = [(k, slice(start, end)) for k, (start, end) in enumerate(pairwise([0, *ends])) if start < end]
    ordered = np.empty(rows.shape, np.int32)
    pieces = [
        (channel * contexts + k, row[span]) for channel, row in enumerate(ordered, channels.start) for k, span in spans
    ]
    return Turn(channels, rows, order, ordered, pieces)


def walk_known(symbols: NDArray[np.int32], model: EntropyModel, grids: Sequence[Grid] | None) -> Walked:
    """The walk of an encoder, which has the symbols."""
    tables = model.tables
    tables.require_symbols(symbols, model.channels)

    def fill(turn: Turn) -> None:
        turn.ordered[:] = tables.indices(symbols[turn.channels], turn.rows)[:, turn.order]

    walked = walk(model, symbols.shape[1], grids, fill)
    return replace(walked, codes=tables.escape_codes(symbols, walked.indices, walked.rows))


def whole_model(model: EntropyModel | FrequencyTables) -> EntropyModel:
    """The model itself, or bare tables as a model without contexts."""
    return EntropyModel.factorised(model) if isinstance(model, FrequencyTables) else model
