"""The passes in which the positions of a group of channels are coded, so that later ones see earlier ones around them.

    five passes, by number             what the last one sees, and the one before it

    0 4 2 4 0 4 2 4 0                  . x . x .          . . . . .
    4 3 4 3 4 3 4 3 4                  x . x . x          . x . x .
    2 4 1 4 2 4 1 4 2                  . x ? x .          . . ? . .
    4 3 4 3 4 3 4 3 4                  x . x . x          . x . x .
    0 4 2 4 0 4 2 4 0                  . x . x .          . . . . .

Each pass but the first fills the gaps between all positions before it, which form a grid that is turned by 45 degrees
from pass to pass (quincunx). What a pass sees lies on both sides of its positions; all of them are computed at once.
docs/format.md, "Passes".
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import Grid
from crosscodec.errors import UsageError

MOST_PASSES = 7
REACH = 2  # a pass looks so many of its steps far: its neighbours are numbered in a square of side 2 REACH + 1
SIDE = 2 * REACH + 1

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Pass:
    """One of ``passes`` over the positions, from 0.

    ``step``: distance of its neighbours in a row or column. ``straight``: its nearest neighbours lie in its own row and
    column; otherwise on the diagonals.
    """

    number: int
    passes: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.passes <= MOST_PASSES:
            raise UsageError(f"there are 1 to {MOST_PASSES} passes; pass {self.number} of {self.passes} is none")

    @property
    def _from_last(self) -> int:
        return self.passes - 1 - self.number

    @property
    def step(self) -> int:
        """Rows or columns between its positions and their neighbours."""
        return 1 << self._from_last // 2

    @property
    def straight(self) -> bool:
        """Whether its nearest neighbours are those on the left and right, above and below."""
        return self._from_last % 2 == 0

    @property
    def nearest(self) -> tuple[int, ...]:
        """Numbers of the four nearest neighbours, all of earlier passes; none in the first pass."""
        middle = SIDE * REACH + REACH
        if self.number == 0:
            return ()
        around = (-SIDE, -1, 1, SIDE) if self.straight else (-SIDE - 1, -SIDE + 1, SIDE - 1, SIDE + 1)
        return tuple(middle + away for away in around)

    @property
    def known(self) -> tuple[int, ...]:
        """Numbers of all neighbours that are of earlier passes wherever a position lies; none in the first pass.

        They are numbered in raster order of a square of `SIDE` by `SIDE`, a step apart, the position in its middle.
        """
        if self.number == 0 or not self.straight:
            return self.nearest
        return tuple(k for k in range(SIDE * SIDE) if k % 2 == 1)  # an odd number of steps away

    def holds(self, row: Places, column: Places) -> NDArray[np.bool_]:
        """Which of these positions are coded in this pass."""
        if self.number:
            step, down, right = self.step, row // self.step, column // self.step
            found = (down + right) % 2 == 1 if self.straight else (down % 2 == 1) & (right % 2 == 1)
        else:
            # What no other pass fills: every such row and column, or every other position of theirs.
            step = 1 << (self.passes - 1) // 2
            found = (row + column) // step % 2 == 0 if self.passes % 2 == 0 else np.ones(row.shape, np.bool_)
        there: NDArray[np.bool_] = found & (row % step == 0) & (column % step == 0)
        return there


@dataclass(frozen=True)
class PassOverGrid:
    """Where the m positions of a pass are: their numbers in a picture, and in the same picture within a frame; and how
    many of the nearest neighbours of each lie in the picture (m,).
    """

    places: Places
    framed: Places
    inside: Places


@dataclass(frozen=True)
class Interlaced:
    """The passes over one picture. A frame of ``margin`` rows and columns is around it, so that neighbours exist."""

    grid: Grid
    passes: tuple[Pass, ...]
    margin: int

    @cached_property
    def inside(self) -> NDArray[np.int32]:
        """1 in the picture, 0 in the frame around it (n,)."""
        found: NDArray[np.int32] = self.framed(np.ones((1, self.grid.rows * self.grid.columns), np.int32))[0]
        return found

    @cached_property
    def over(self) -> tuple[PassOverGrid, ...]:
        """Where the positions of each pass are."""
        row, column = np.divmod(np.arange(self.grid.rows * self.grid.columns), max(1, self.grid.columns))
        found = []
        for number, one in enumerate(self.passes):
            places = np.flatnonzero(one.holds(row, column))
            framed = (row[places] + self.margin) * self.width + column[places] + self.margin
            inside = np.zeros_like(places)
            for away in self.away(number, np.array(one.nearest, np.int64)).tolist():
                inside += self.inside[framed + away]
            found.append(PassOverGrid(places, framed, inside))
        return tuple(found)

    @property
    def width(self) -> int:
        """Columns with the frame."""
        return self.grid.columns + 2 * self.margin

    @property
    def size(self) -> int:
        """Positions with the frame."""
        return (self.grid.rows + 2 * self.margin) * self.width

    @property
    def first_shape(self) -> tuple[int, int]:
        """Rows and columns of the first pass of an odd number of them, which are a grid of their own."""
        step = 1 << (len(self.passes) - 1) // 2
        return -(-self.grid.rows // step), -(-self.grid.columns // step)

    def framed(self, planes: NDArray[np.integer]) -> NDArray[np.int32]:
        """Planes (K,rows * columns) within a frame of zeros, (K,n)."""
        m = self.margin
        found = np.zeros((len(planes), self.size // self.width, self.width), np.int32)
        whole = planes.reshape(len(planes), self.grid.rows, self.grid.columns)
        found[:, m : m + self.grid.rows, m : m + self.grid.columns] = whole
        return found.reshape(len(planes), -1)

    def unframed(self, planes: NDArray[np.int32]) -> NDArray[np.int32]:
        """The inverse of `framed`."""
        m = self.margin
        whole = planes.reshape(len(planes), -1, self.width)
        return whole[:, m : m + self.grid.rows, m : m + self.grid.columns].reshape(len(planes), -1)

    def away(self, number: int, neighbours: Places) -> Places:
        """How far neighbours are from the positions of a pass, within the frame."""
        down, right = np.divmod(neighbours, SIDE)
        found: Places = self.passes[number].step * ((down - REACH) * self.width + right - REACH)
        return found


@lru_cache(maxsize=64)
def interlaced(grid: Grid, passes: int) -> Interlaced:
    """The passes over a picture of this grid."""
    order = tuple(Pass(k, passes) for k in range(passes))
    return Interlaced(grid, order, REACH * max((one.step for one in order[1:]), default=0))
