"""The walk's memory for context networks: what they look at of the groups that were seen, and what they choose.

Of the group whose passes are under way own_passes.py has the memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, Grid
from crosscodec.bitstream.interlaced import Places
from crosscodec.bitstream.network import Floats, NetworkLayout
from crosscodec.bitstream.network_inputs import (
    COARSE,
    FINE,
    LARGEST_INPUT,
    MAGNITUDE,
    NEIGHBOURS,
    SIGNED,
    WINDOW_SUM,
)
from crosscodec.bitstream.own_passes import OwnPasses
from crosscodec.bitstream.prediction import undo_differences
from crosscodec.bitstream.weighted import windows, with_edges

AT_ONCE = 2**14  # positions whose networks are computed in one product

Numbers = NDArray[np.int8]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class _Stripe:
    """Rows ``top`` to ``bottom`` of a picture whose first position is ``start``."""

    grid: Grid
    start: int
    top: int
    bottom: int

    @property
    def count(self) -> int:
        """How many positions these are."""
        return (self.bottom - self.top) * self.grid.columns

    def of(self, kept: Numbers, rows: Rows) -> Numbers:
        """Some rows of what is kept of all positions."""
        first = self.start + self.top * self.grid.columns
        return kept[rows, first : first + self.count]

    def beside(self, frames: Numbers, rows: Rows, down: Rows, right: Rows) -> Numbers:
        """Some rows of what is kept in frames, each at a neighbour of its own, so far ``down`` and ``right``."""
        # frames[row, down + y, right + x] at [row, down, right, y, x]: one call for all neighbours.
        kept = frames[:, self.top : self.bottom + 2]
        shape = (len(kept), 3, 3, self.bottom - self.top, self.grid.columns)
        of_row, of_y, of_x = kept.strides
        shifted = as_strided(kept, shape, (of_row, of_y, of_x, of_y, of_x), writeable=False)
        return shifted[rows, down, right].reshape(len(rows), -1)


@dataclass(frozen=True)
class _Scattered:
    """Some positions of a stripe, by their places in it."""

    stripe: _Stripe
    places: Places

    @classmethod
    def of_picture(cls, grid: Grid, start: int, places: Places) -> Self:
        """These positions (not none) of a picture whose first position is ``start``; they rise."""
        top = int(places[0]) // grid.columns
        bottom = int(places[-1]) // grid.columns + 1
        return cls(_Stripe(grid, start, top, bottom), places - top * grid.columns)

    @property
    def count(self) -> int:
        return len(self.places)

    def of(self, kept: Numbers, rows: Rows) -> Numbers:
        return self.stripe.of(kept, rows).take(self.places, axis=1)

    def beside(self, frames: Numbers, rows: Rows, down: Rows, right: Rows) -> Numbers:
        return self.stripe.beside(frames, rows, down, right).take(self.places, axis=1)


class NetworkWatch:
    """What a walk over the symbols keeps for context networks: of the groups behind it, what networks look at, and of
    the one whose passes are under way what was coded of it.

    An escape, whose value comes last, counts as the number after the last that its table lists.
    """

    def __init__(self, layout: NetworkLayout, grids: Sequence[Grid]) -> None:
        self._layout, self._grids, self._rows = layout, grids, layout.rows
        n = sum(grid.rows * grid.columns for grid in grids)
        self._firsts = np.cumsum((0, *layout.sizes)).tolist()
        self._networks = np.cumsum([0, *map(len, layout.groups)]).tolist()  # number of each group's first
        rows = self._rows
        # Inputs as they are, in bytes. Signed numbers stand in a frame of one position more on each side.
        self._sizes = np.zeros((len(rows.near), n), np.int8)
        self._sums = np.zeros((len(rows.near), n), np.int8)
        self._signed = [
            np.zeros((len(rows.ways) * len(rows.signed), grid.rows + 2, grid.columns + 2), np.int8) for grid in grids
        ]
        self._around = np.zeros((2 * NEIGHBOURS * len(rows.predicted), n), np.int8)
        # Of the group whose turn it is: its passes, if it has more than one; how many channels were seen in this pass;
        # and otherwise numbers as they come, cut to 127 in size, those of predicted channels whole.
        self._own: OwnPasses | None = None
        self._seen = 0
        self._open: list[Numbers] = []
        self._whole: dict[int, NDArray[np.int32]] = {}
        self._chosen: tuple[int, int, NDArray[np.uint16], NDArray[np.int8]] | None = None

    def passes(self, group: int) -> list[Places | None]:
        """The positions of each pass over a group whose turn begins; None: all."""
        count, first = len(self._layout.groups[group]), self._firsts[group]
        if count == 1:
            return [None]
        size = self._layout.sizes[group]
        places = [channel - first for channel in self._layout.predicted if first <= channel < first + size]
        self._own = OwnPasses(size, places, count, self._grids)
        return [self._own.places(number) for number in range(count)]

    def choose(self, group: int, number: int, channels: slice) -> tuple[NDArray[np.uint16], NDArray[np.int8]]:
        """Tables (g,m) of some channels of a group at the positions of a pass, and the signs of their symbols, all
        groups and passes before it having been seen.
        """
        if self._chosen is None or self._chosen[:2] != (group, number):
            self._chosen = (group, number, *self._choose(group, number))
        first = self._firsts[group]
        part = slice(channels.start - first, channels.stop - first)
        return self._chosen[2][part], self._chosen[3][part]

    def _choose(self, group: int, number: int) -> tuple[NDArray[np.uint16], NDArray[np.int8]]:
        network = self._layout.groups[group][number]
        positions = self._sizes.shape[1] if self._own is None else self._own.count(number)
        tables, signs = np.empty((network.size, positions), np.uint16), np.empty((network.size, positions), np.int8)
        start = 0
        for inputs in self._inputs(group, number):
            part = slice(start, start + inputs.shape[1])
            tables[:, part], signs[:, part] = self._layout.choose(*network(inputs))
            start = part.stop
        return tables, signs

    def _inputs(self, group: int, number: int) -> Iterator[Floats]:
        """The inputs (I,N) of a network, part after part of its positions."""
        for picture, (grid, span) in enumerate(self._pictures()):
            if self._own is None:
                step = max(1, AT_ONCE // max(1, grid.columns))
                for top in range(0, grid.rows if grid.columns else 0, step):
                    yield self._gathered(group, 0, picture, _Stripe(grid, span.start, top, min(grid.rows, top + step)))
                continue
            places = self._own.of_picture(number, picture)
            which = self._networks[group] + number
            first = self._layout.groups[group][number].inputs - len(self._rows.of_own[which])
            for start in range(0, len(places), AT_ONCE):
                part = slice(start, start + AT_ONCE)
                inputs = self._gathered(group, number, picture, _Scattered.of_picture(grid, span.start, places[part]))
                if number:
                    inputs[first:] = self._own.inputs(number, picture, part, self._rows.of_own[which])
                yield inputs

    def _gathered(self, group: int, number: int, picture: int, part: _Stripe | _Scattered) -> Floats:
        """The inputs (I,N) for a part of a picture, those of earlier groups filled in."""
        network, which = self._layout.groups[group][number], self._networks[group] + number
        near, signed = self._rows.of_near[which], self._rows.of_signed[which]
        k, inputs = len(near), np.empty((network.inputs, part.count), np.float32)
        inputs[0] = self._layout.quality
        inputs[1 : 1 + k] = part.of(self._sizes, near)
        inputs[1 + k : 1 + 2 * k] = part.of(self._sums, near)
        places, *which_rows = signed.plain
        if places.size:
            inputs[places] = part.beside(self._signed[picture], *which_rows)
        places, rows = signed.foretold
        if places.size:
            inputs[places] = part.of(self._around, rows)
        return inputs

    def see(self, group: int, number: int, numbers: NDArray[np.int32]) -> None:
        """Take in numbers (g,m) of the next channels of a group, at the positions of a pass."""
        if self._own is not None:
            self._own.add(number, self._seen, numbers)
            self._seen += len(numbers)
            return
        for channel in self._rows.predicted.tolist():
            place = channel - self._firsts[group] - self._seen
            if 0 <= place < len(numbers):
                self._whole[channel] = numbers[place : place + 1].copy()
        self._seen += len(numbers)
        self._open.append(np.clip(numbers, -LARGEST_INPUT, LARGEST_INPUT).astype(np.int8))

    def close(self, group: int, number: int) -> None:
        """All channels of the group have been seen in this pass."""
        self._seen, self._chosen = 0, None
        if number + 1 < len(self._layout.groups[group]):
            return
        first, last = self._firsts[group], self._firsts[group + 1]
        if self._own is not None:
            numbers = self._own.numbers
        else:
            numbers = self._open[0] if len(self._open) == 1 else np.concatenate(self._open)
            self._open = []
        self._keep_sizes(numbers, *_of_group(self._rows.near, first, last))
        self._keep_signed(numbers, *_of_group(self._rows.signed, first, last))
        predicted, places = _of_group(self._rows.predicted, first, last)
        for row, place in enumerate(places.tolist(), predicted.start):
            if self._own is not None:
                symbols = self._own.symbols(place)
            else:
                whole = self._whole.pop(first + place)
                undo_differences(whole, self._grids, [0])
                symbols = whole[0]
            self._keep_around(symbols, row)
        self._own = None

    def _keep_sizes(self, numbers: Numbers, rows: slice, channels: Rows) -> None:
        if not channels.size:
            return
        seen = np.minimum(np.abs(numbers[channels]), LARGEST_MAGNITUDE).view(np.uint8)
        np.take(MAGNITUDE, seen, out=self._sizes[rows], mode="clip")
        for grid, span in self._pictures():
            sums = windows(seen[:, span].reshape(-1, grid.rows, grid.columns))
            self._sums[rows, span] = WINDOW_SUM.take(sums, mode="clip").reshape(len(channels), -1)

    def _keep_signed(self, numbers: Numbers, rows: slice, channels: Rows) -> None:
        if not channels.size:
            return
        for kept, (grid, span) in zip(self._signed, self._pictures(), strict=True):
            seen = numbers[channels, span].reshape(-1, grid.rows, grid.columns)
            for way in self._rows.ways:
                planes = SIGNED.take(seen.astype(np.int16) + LARGEST_INPUT, mode="clip") if way == FINE else seen
                first = rows.start + way * len(self._rows.signed)
                kept[first : first + len(channels)] = with_edges(planes)

    def _keep_around(self, symbols: NDArray[np.int32], row: int) -> None:
        """Of a predicted channel, the symbols of all neighbours beside the position's own."""
        kept = self._around[2 * NEIGHBOURS * row : 2 * NEIGHBOURS * (row + 1)].reshape(2, NEIGHBOURS, -1)
        for grid, span in self._pictures():
            plane = symbols[span].reshape(grid.rows, grid.columns)
            padded = with_edges(plane[None])[0]
            for neighbour in range(NEIGHBOURS):
                down, right = divmod(neighbour, 3)
                seen = padded[down : down + grid.rows, right : right + grid.columns] - plane
                seen = np.clip(seen, -LARGEST_INPUT, LARGEST_INPUT).reshape(-1)
                kept[FINE, neighbour, span], kept[COARSE, neighbour, span] = SIGNED[seen + LARGEST_INPUT], seen

    def _pictures(self) -> Iterator[tuple[Grid, slice]]:
        start = 0
        for grid in self._grids:
            span = slice(start, start + grid.rows * grid.columns)
            yield grid, span
            start = span.stop


def _of_group(kept: Rows, first: int, last: int) -> tuple[slice, Rows]:
    """Which rows of the ``kept`` channels, which rise, belong to a group, and their places in it."""
    start, stop = np.searchsorted(kept, (first, last)).tolist()
    return slice(start, stop), kept[start:stop] - first
