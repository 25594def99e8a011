"""The walk's memory for context networks: what they look at of the groups that were seen, and what they choose."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, Grid
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
from crosscodec.bitstream.prediction import undo_differences
from crosscodec.bitstream.weighted import windows

AT_ONCE = 2**14  # positions whose networks are computed in one product

Numbers = NDArray[np.int8]


class NetworkWatch:
    """What a walk over the symbols keeps for context networks: of the groups behind it, what networks look at.

    An escape, whose value comes last, counts as the number after the last that its table lists.
    """

    def __init__(self, layout: NetworkLayout, grids: Sequence[Grid]) -> None:
        self._layout, self._grids, self._rows = layout, grids, layout.rows
        n = sum(grid.rows * grid.columns for grid in grids)
        self._firsts = np.cumsum((0, *layout.sizes)).tolist()
        rows = self._rows
        # Inputs as they are, in bytes. Signed numbers stand in a frame of one position more on each side.
        self._sizes = np.zeros((len(rows.near), n), np.int8)
        self._sums = np.zeros((len(rows.near), n), np.int8)
        self._signed = [
            np.zeros((len(rows.ways) * len(rows.signed), grid.rows + 2, grid.columns + 2), np.int8) for grid in grids
        ]
        self._around = np.zeros((2 * NEIGHBOURS * len(rows.predicted), n), np.int8)
        # Of the group whose turn it is, as they come: numbers cut to 127 in size, those of predicted channels whole.
        self._seen = 0
        self._open: list[Numbers] = []
        self._whole: dict[int, NDArray[np.int32]] = {}
        self._chosen: tuple[int, NDArray[np.uint16], NDArray[np.int8]] | None = None

    def choose(self, group: int, channels: slice) -> tuple[NDArray[np.uint16], NDArray[np.int8]]:
        """Tables (g,N) of some channels of a group, and the signs of their symbols, all groups before it having been
        seen.
        """
        if self._chosen is None or self._chosen[0] != group:
            self._chosen = (group, *self._choose(group))
        first = self._firsts[group]
        part = slice(channels.start - first, channels.stop - first)
        return self._chosen[1][part], self._chosen[2][part]

    def _choose(self, group: int) -> tuple[NDArray[np.uint16], NDArray[np.int8]]:
        network, n = self._layout.groups[group], self._sizes.shape[1]
        tables, signs = np.empty((network.size, n), np.uint16), np.empty((network.size, n), np.int8)
        start = 0
        for number, grid in enumerate(self._grids):
            step = max(1, AT_ONCE // max(1, grid.columns))
            for top in range(0, grid.rows if grid.columns else 0, step):
                bottom = min(grid.rows, top + step)
                span = slice(start + top * grid.columns, start + bottom * grid.columns)
                inputs = self._inputs(group, number, span, top, bottom)
                tables[:, span], signs[:, span] = self._layout.choose(*network(inputs))
            start += grid.rows * grid.columns
        return tables, signs

    def _inputs(self, group: int, picture: int, span: slice, top: int, bottom: int) -> Floats:
        """The inputs (I,N) for the rows ``top`` to ``bottom`` of a picture, which are the positions ``span``."""
        network, near = self._layout.groups[group], self._rows.of_near[group]
        columns, k = self._grids[picture].columns, len(near)
        inputs = np.empty((network.inputs, span.stop - span.start), np.float32)
        inputs[0] = self._layout.quality
        inputs[1 : 1 + k] = self._sizes[near, span]
        inputs[1 + k : 1 + 2 * k] = self._sums[near, span]
        signed = self._rows.of_signed[group]
        planes = inputs.reshape(len(inputs), bottom - top, columns)
        for neighbour, places, rows in signed.plain:
            down, right = divmod(neighbour, 3)
            planes[places] = self._signed[picture][rows, top + down : bottom + down, right : right + columns]
        places, rows = signed.foretold
        inputs[places] = self._around[rows, span]
        return inputs

    def see(self, numbers: NDArray[np.int32]) -> None:
        """Take in numbers (g,N) of the next channels of the group whose turn it is."""
        for channel in self._rows.predicted.tolist():
            if self._seen <= channel < self._seen + len(numbers):
                self._whole[channel] = numbers[channel - self._seen : channel - self._seen + 1].copy()
        self._seen += len(numbers)
        self._open.append(np.clip(numbers, -LARGEST_INPUT, LARGEST_INPUT).astype(np.int8))

    def close(self, group: int) -> None:
        """All channels of the group have been seen."""
        first, last = self._firsts[group], self._firsts[group + 1]
        numbers = self._open[0] if len(self._open) == 1 else np.concatenate(self._open)
        self._open, self._chosen = [], None
        self._keep_sizes(numbers, *_of_group(self._rows.near, first, last))
        self._keep_signed(numbers, *_of_group(self._rows.signed, first, last))
        for row in _of_group(self._rows.predicted, first, last)[0].tolist():
            self._keep_around(self._whole.pop(int(self._rows.predicted[row])), row)

    def _keep_sizes(self, numbers: Numbers, rows: NDArray[np.int64], channels: NDArray[np.int64]) -> None:
        if not rows.size:
            return
        seen = np.minimum(np.abs(numbers[channels]), LARGEST_MAGNITUDE).view(np.uint8)
        self._sizes[rows] = MAGNITUDE[seen]
        for grid, span in self._pictures():
            sums = windows(seen[:, span].reshape(-1, grid.rows, grid.columns))
            self._sums[rows, span] = WINDOW_SUM[sums].reshape(len(rows), -1)

    def _keep_signed(self, numbers: Numbers, rows: NDArray[np.int64], channels: NDArray[np.int64]) -> None:
        if not rows.size:
            return
        for kept, (grid, span) in zip(self._signed, self._pictures(), strict=True):
            seen = numbers[channels, span].reshape(-1, grid.rows, grid.columns)
            for way in self._rows.ways:
                planes = SIGNED[seen.astype(np.int16) + LARGEST_INPUT] if way == FINE else seen
                kept[rows + way * len(self._rows.signed)] = np.pad(planes, ((0, 0), (1, 1), (1, 1)), mode="edge")

    def _keep_around(self, numbers: NDArray[np.int32], row: int) -> None:
        """Of a predicted channel, the symbols of all neighbours beside the position's own."""
        undo_differences(numbers, self._grids, [0])
        kept = self._around[2 * NEIGHBOURS * row : 2 * NEIGHBOURS * (row + 1)].reshape(2, NEIGHBOURS, -1)
        for grid, span in self._pictures():
            plane = numbers[0, span].reshape(grid.rows, grid.columns)
            padded = np.pad(plane, 1, mode="edge")
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


def _of_group(kept: NDArray[np.int64], first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows of the ``kept`` channels belong to a group, and their places in it."""
    rows = np.flatnonzero((kept >= first) & (kept < last))
    return rows, kept[rows] - first
