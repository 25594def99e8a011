"""The order in which symbols are coded, and by which table: the part of the coder that knows contexts.

    group by group: a watch over earlier groups ─► contexts ─► channel by channel, context by context
                    │   of sums a group (contexts.py), of every channel's own weights (weighted.py),
                    ├── or given to both sides, as by a common dither
                    └── by networks (network.py) ─► tables and signs ─► table by table, in passes (interlaced.py)

Encoder and decoder take the same walk; the one knows the symbols, the other reads them on the way. It goes in turns of
some channels of a group, so that a picture of any size is coded in the memory of its symbols and little more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import ContextLayout, Grid, GroupWatch, magnitudes
from crosscodec.bitstream.interlaced import Places
from crosscodec.bitstream.network import NetworkLayout
from crosscodec.bitstream.network_watch import NetworkWatch
from crosscodec.bitstream.tables import TOTAL, FrequencyTables, Spans
from crosscodec.bitstream.weighted import WeightedLayout, WeightedWatch
from crosscodec.errors import UsageError


@dataclass(frozen=True)
class EntropyModel:
    """What the coder must know: tables, and which of a channel's tables codes which position.

    ``tables`` holds ``layout.contexts`` tables for each channel, channel after channel; with networks it is their bank.
    """

    tables: FrequencyTables
    layout: ContextLayout | WeightedLayout | NetworkLayout

    def __post_init__(self) -> None:
        if isinstance(self.layout, NetworkLayout):
            if self.tables.count != self.layout.tables:
                raise UsageError(f"{self.tables.count} tables are no bank of {self.layout.tables}")
        elif self.tables.count != self.layout.channels * self.layout.contexts:
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

    def at(self, quality: int) -> "EntropyModel":
        """The model for the symbols of a quality, which only networks are told."""
        if not isinstance(self.layout, NetworkLayout):
            return self
        return EntropyModel(self.tables, self.layout.at(quality))

    def least_bits(self, positions: int) -> float:
        """The fewest bits that ``positions`` symbols of every channel can cost, whatever their contexts."""
        return self._least_bits * positions

    @cached_property
    def _least_bits(self) -> float:
        most = np.array([max(table) for table in self.tables.frequencies])
        # Any channel may be coded by any table of a bank.
        shape = (1, -1) if isinstance(self.layout, NetworkLayout) else (self.channels, -1)
        most = np.broadcast_to(most.reshape(shape).max(axis=1), self.channels)
        return float(-np.log2(most / TOTAL).sum())


Contexts = NDArray[np.int64]  # (C,N), chosen by neither the symbols nor the coder

AT_ONCE = 2**20  # symbols in one turn, unless a single channel has more

# A table and how many entries it codes one after the other: what the range coder is given in one call.
Piece = tuple[int, int]


@dataclass(frozen=True)
class Turn:
    """The turn of g channels of one group, at all N positions or those of a pass: what is known before they are coded,
    and room for their indices.

    What is coded of a symbol is the symbol times its sign.
    """

    tables: FrequencyTables
    channels: slice
    rows: NDArray[np.integer[Any]]  # (g,N) tables by position
    places: NDArray[np.int64]  # (gN,) places in the whole array (g,N) in coding order: table after table
    ordered: NDArray[np.int32]  # (gN,) indices in coding order, to be filled
    pieces: list[Piece]  # where the table changes in them
    signs: NDArray[np.int8] | None = None  # (g,N), 1 or -1; None: 1
    positions: Places | None = None  # (N,) of a pass, rising; None: all

    def part(self, symbols: NDArray[np.int32]) -> NDArray[np.int32]:
        """What symbols (C,N) of all channels and positions have for this turn, (g,N)."""
        mine = symbols[self.channels]
        return mine if self.positions is None else mine[:, self.positions]

    def put(self, found: NDArray[np.int32], symbols: NDArray[np.int32]) -> None:
        """Put (g,N) of this turn where it belongs among symbols (C,N) of all channels and positions."""
        symbols[self.channels, slice(None) if self.positions is None else self.positions] = found

    def places_of(self, chosen: NDArray[np.bool_], n: int) -> NDArray[np.int64]:
        """Places in the whole array (C,n) of those that are chosen (g,N)."""
        channel, position = np.nonzero(chosen)
        if self.positions is not None:
            position = self.positions[position]
        found: NDArray[np.int64] = (self.channels.start + channel) * n + position
        return found

    @property
    def cut(self) -> list[NDArray[np.int32]]:
        """The indices in coding order, each of the pieces by itself."""
        ends = accumulate((count for _, count in self.pieces), initial=0)
        return [self.ordered[start:end] for start, end in pairwise(ends)]

    @cached_property
    def indices(self) -> NDArray[np.int32]:
        """Entries of their tables (g,N) by position; asked for once they are filled in."""
        indices = np.empty(self.rows.shape, np.int32)
        indices.reshape(-1)[self.places] = self.ordered
        return indices

    def fill(self, symbols: NDArray[np.int32]) -> None:
        """Put what is coded of symbols (g,N) where the coder takes it."""
        indices = self._spans.indices(self.coded(symbols))
        np.take(indices, self.places, out=self.ordered, mode="clip")  # "raise" would copy
        vars(self)["indices"] = indices  # what the property would find

    def coded(self, symbols: NDArray[np.int32]) -> NDArray[np.int32]:
        """Symbols (g,N) with the signs that they are coded with; and back."""
        return symbols if self.signs is None else symbols * self.signs

    @cached_property
    def listed(self) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The symbols (g,N) that the indices stand for, and which of them are escapes: these are not known yet, and
        are the number after the last that their table lists.
        """
        found, escaped = self._spans.listed(self.indices)
        return self.coded(found), escaped

    @cached_property
    def _spans(self) -> Spans:
        return self.tables.spans(self.rows)

    def magnitudes(self) -> NDArray[np.int64]:
        """How large the symbols (g,N) count in contexts."""
        return magnitudes(*self.listed)


def walk(model: EntropyModel, n: int, grids: Sequence[Grid] | None, given: Contexts | None = None) -> Iterator[Turn]:
    """Visit all symbols in coding order; whoever takes a turn fills in its indices before the next.

    docs/format.md, "Contexts" and "Given contexts". ``given`` (C,N) takes the place of contexts computed from symbols.
    Raises UsageError when the grids do not hold n positions, or the given contexts do not suit the model.
    """
    layout = model.layout
    grids = [Grid(1, n)] if grids is None else grids
    if sum(grid.rows * grid.columns for grid in grids) != n:
        raise UsageError(f"the grids hold {sum(grid.rows * grid.columns for grid in grids)} positions, not {n}")
    if isinstance(layout, NetworkLayout):
        yield from _networked(model.tables, NetworkWatch(layout, grids), layout.sizes, n, given)
        return
    watch: GroupWatch | WeightedWatch | GivenWatch
    watch = layout.watch(grids) if given is None else GivenWatch(layout, n, given)
    first = 0
    for group, size in enumerate(layout.sizes):
        for channels in _portions(first, size, n):
            turn = _turn(model.tables, layout.contexts, channels, watch.contexts(group, channels))
            yield turn
            watch.see(channels, turn.magnitudes)
        watch.close(group)
        first += size


def _networked(
    tables: FrequencyTables, watch: NetworkWatch, sizes: Sequence[int], n: int, given: Contexts | None
) -> Iterator[Turn]:
    if given is not None:
        raise UsageError("given contexts need groups of one channel, not context networks")
    first = 0
    for group, size in enumerate(sizes):
        for number, positions in enumerate(watch.passes(group)):
            for channels in _portions(first, size, n if positions is None else len(positions)):
                rows, signs = watch.choose(group, number, channels)
                turn = _banked_turn(tables, channels, rows, signs, positions)
                yield turn
                watch.see(group, number, turn.listed[0])
            watch.close(group, number)
        first += size


def _portions(first: int, size: int, n: int) -> Iterator[slice]:
    """The channels of a group in the turns in which they are coded."""
    step = max(1, AT_ONCE // max(1, n))
    for start in range(first, first + size, step):
        yield slice(start, min(start + step, first + size))


class GivenWatch:
    """Contexts that both sides know beforehand, as by a common dither: nothing to see on the way.

    docs/format.md, "Given contexts". Raises UsageError when they do not suit the layout.
    """

    def __init__(self, layout: ContextLayout | WeightedLayout, n: int, given: Contexts) -> None:
        simple = isinstance(layout, ContextLayout) and not any(layout.sources) and max(layout.sizes) == 1
        if not simple or any(layout.thresholds):
            raise UsageError("given contexts need groups of one channel, without sources and thresholds")
        if given.dtype != np.int64 or given.shape != (layout.channels, n):
            raise UsageError(
                f"given contexts are int64 of shape ({layout.channels}, {n}); these are {given.dtype} {given.shape}"
            )
        if given.size and (given.min() < 0 or given.max() >= layout.contexts):
            raise UsageError(
                f"given contexts lie in 0 .. {layout.contexts - 1}; these reach {given.min()}, {given.max()}"
            )
        self._given = given

    def contexts(self, group: int, channels: slice) -> Contexts:
        """The given contexts (1,N) of the only channel of a group."""
        return self._given[channels]

    def see(self, channels: slice, magnitudes: Callable[[], NDArray[np.int64]]) -> None:
        """Nothing: no context depends on symbols."""

    def close(self, group: int) -> None:
        """Nothing."""


def _turn(tables: FrequencyTables, contexts: int, channels: slice, context: NDArray[np.integer[Any]]) -> Turn:
    """The turn of channels with these contexts (g,N), or (1,N) where they share them: channel after channel."""
    numbers = np.arange(channels.start, channels.stop)
    order = np.argsort(context, axis=1, kind="stable")
    rows = (numbers[:, None] * contexts + context).astype(np.int32)
    n = rows.shape[1]
    ordered = np.empty(rows.size, np.int32)
    # Of each channel, how many positions have each context.
    each = np.arange(len(context))[:, None] * contexts + context
    counts = np.bincount(each.ravel(), minlength=contexts * len(context)).reshape(len(context), contexts)
    used = counts.tolist()
    pieces = [
        (c * contexts + k, count)
        for place, c in enumerate(numbers.tolist())
        for k, count in enumerate(used[place % len(used)])
        if count
    ]
    places = (order + n * np.arange(len(rows))[:, None]).reshape(-1)
    return Turn(tables, channels, rows, places, ordered, pieces)


def _banked_turn(
    tables: FrequencyTables,
    channels: slice,
    rows: NDArray[np.uint16],
    signs: NDArray[np.int8],
    positions: Places | None,
) -> Turn:
    """The turn of channels that are coded by these tables of a bank, (g,N): table after table."""
    places = np.argsort(rows.reshape(-1), kind="stable")
    ordered = np.empty(rows.size, np.int32)
    counts = np.bincount(rows.reshape(-1))
    used = np.flatnonzero(counts)
    pieces = list(zip(used.tolist(), counts[used].tolist(), strict=True))
    return Turn(tables, channels, rows, places, ordered, pieces, signs, positions)


def walk_known(
    symbols: NDArray[np.int32], model: EntropyModel, grids: Sequence[Grid] | None, given: Contexts | None = None
) -> Iterator[Turn]:
    """The walk of an encoder, which has the symbols (C,N): the turns, filled in."""
    model.tables.require_symbols(symbols, model.channels)
    for turn in walk(model, symbols.shape[1], grids, given):
        turn.fill(turn.part(symbols))
        yield turn


def whole_model(model: EntropyModel | FrequencyTables) -> EntropyModel:
    """The model itself, or bare tables as a model without contexts."""
    return EntropyModel.factorised(model) if isinstance(model, FrequencyTables) else model
