"""The numbers of a group of channels while its passes are under way, and what networks look at among them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, Grid
from crosscodec.bitstream.interlaced import Places, interlaced
from crosscodec.bitstream.network_inputs import LARGEST_INPUT, SIGNED, WINDOW_SUM, OwnRows
from crosscodec.bitstream.prediction import add_pass, mean_of_nearest


class OwnPasses:
    """The passes over a group of ``size`` channels, some of which, by their ``predicted`` places in it, have
    differences for numbers (prediction.py).
    """

    def __init__(self, size: int, predicted: Sequence[int], passes: int, grids: Sequence[Grid]) -> None:
        self._orders = [interlaced(grid, passes) for grid in grids]
        self._starts = np.cumsum([0] + [grid.rows * grid.columns for grid in grids]).tolist()
        self._foretold = np.isin(np.arange(size), predicted)
        self.numbers = np.zeros((size, self._starts[-1]), np.int8)  # cut to what an input can be
        # The same, but of predicted channels symbols, within frames.
        self._planes = [np.zeros((size, order.size), np.int32) for order in self._orders]

    def places(self, number: int) -> Places:
        """The positions of a pass over all pictures."""
        found = [start + order.over[number].places for start, order in zip(self._starts, self._orders, strict=False)]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def count(self, number: int) -> int:
        """How many positions a pass has over all pictures."""
        return sum(len(order.over[number].places) for order in self._orders)

    def of_picture(self, number: int, picture: int) -> Places:
        """The positions of a pass over one picture, counted from its first."""
        return self._orders[picture].over[number].places

    def add(self, number: int, first: int, numbers: NDArray[np.int32]) -> None:
        """Take in numbers (g,m) of a pass, of the channels from the place ``first`` on."""
        channels = slice(first, first + len(numbers))
        foretold = first + np.flatnonzero(self._foretold[channels])
        known = 0
        for planes, order, start in zip(self._planes, self._orders, self._starts, strict=False):
            over = order.over[number]
            seen = numbers[:, known : known + len(over.places)]
            known += len(over.places)
            if not len(over.places):
                continue
            cut = np.clip(seen, -LARGEST_INPUT, LARGEST_INPUT)
            self.numbers[channels, start + over.places] = cut
            planes[channels, over.framed] = cut
            if foretold.size:
                symbols = planes[foretold]
                add_pass(symbols, order, number, seen[foretold - first])
                planes[foretold] = symbols

    def inputs(self, number: int, picture: int, part: slice, rows: OwnRows) -> NDArray[np.int32]:
        """The last inputs (j + m,N) of the network of a pass, for a part of the positions: those of the j channels
        around, then the m own ones (`GroupNetwork`).

        A symbol of a predicted channel counts by how much it is above what is foretold of the position's; 0 stands for
        whatever is outside the picture.
        """
        order, planes = self._orders[picture], self._planes[picture]
        here = order.over[number].framed[part]
        away = order.away(number, rows.neighbour)
        # All of them lie in the frame: "clip" only does not look.
        found = planes.reshape(-1).take(here + (away + planes.shape[1] * rows.channel)[:, None], mode="clip")
        foretold = np.flatnonzero(self._foretold[rows.channel])
        if foretold.size:
            among = np.flatnonzero(self._foretold)
            means = mean_of_nearest(planes[among], order, number, part).astype(np.int32)
            above = found[foretold] - means[np.searchsorted(among, rows.channel[foretold])]
            seen = above * order.inside[here + away[foretold, None]]
            found[foretold] = np.clip(seen, -LARGEST_INPUT, LARGEST_INPUT)
        start = 4 * rows.around
        sizes = np.minimum(np.abs(found[:start]), LARGEST_MAGNITUDE).reshape(rows.around, 4, len(here))
        sums = WINDOW_SUM[4 * (sizes[:, 0] + sizes[:, 1] + sizes[:, 2] + sizes[:, 3])]
        symbols = found[start:]
        symbols[rows.fine] = SIGNED[symbols[rows.fine] + LARGEST_INPUT]
        return np.concatenate([sums, symbols])

    def symbols(self, channel: int) -> NDArray[np.int32]:
        """The symbols (N,) of a predicted channel, by its place in the group, when all passes are over."""
        found = [
            order.unframed(planes[channel : channel + 1])[0]
            for order, planes in zip(self._orders, self._planes, strict=True)
        ]
        return np.concatenate(found) if found else np.zeros(0, np.int32)
