"""Which table codes a symbol: an integer context from symbols that the decoder already has.

    groups of channels in coding order:   0 ─► 1 ─► 2 ─► …
    magnitudes of earlier groups ─► 3x3 window ─► weighted sum (activity) ─► thresholds ─► context of the next group

Large symbols come together: a block rich in one frequency is rich in the next, and so are its neighbours. A static
table must average over flat and busy blocks; a table for each range of activity need not. All arithmetic is on
integers, so encoder and decoder agree on every machine. docs/format.md, "Contexts".
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.limits import MOST_CONTEXTS as MOST_CONTEXTS
from crosscodec.errors import CorruptData, UsageError

LARGEST_MAGNITUDE = 15  # larger symbols, and escapes, count as this
WINDOW = ((1, 2, 1), (2, 4, 2), (1, 2, 1))
MOST_GROUPS = 256
LARGEST_WEIGHT = 2**10
LARGEST_THRESHOLD = 2**40

# Channels a group, lowest frequencies first; the last group takes the rest.
LUMA_GROUPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24)
CHROMA_GROUPS = (1, 2, 3, 6, 10, 14)


@dataclass(frozen=True)
class Source:
    """An earlier group whose activity counts, times ``weight``."""

    group: int
    weight: int


@dataclass(frozen=True)
class ContextLayout:
    """Groups of channels, what their contexts are made of, and where one context ends and the next begins.

    ``sizes[g]`` channels form group g, in channel order. ``sources[g]`` are earlier groups. ``thresholds[g]`` rise: the
    context is how many of them the activity reaches, so that a group has ``len(thresholds[g]) + 1 <= contexts`` of
    them.
    """

    contexts: int
    sizes: tuple[int, ...]
    sources: tuple[tuple[Source, ...], ...]
    thresholds: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.sizes) == len(self.sources) == len(self.thresholds) <= MOST_GROUPS:
            raise UsageError(f"a context layout has sizes, sources and thresholds for 1 to {MOST_GROUPS} groups")
        if not 1 <= self.contexts <= MOST_CONTEXTS or min(self.sizes) < 1:
            raise UsageError(f"a context layout has 1 to {MOST_CONTEXTS} contexts and groups of at least one channel")
        for group, (sources, thresholds) in enumerate(zip(self.sources, self.thresholds, strict=True)):
            earlier = all(0 <= s.group < group and 1 <= s.weight <= LARGEST_WEIGHT for s in sources)
            if not earlier or len({s.group for s in sources}) < len(sources):
                raise UsageError(
                    f"group {group} takes its context from groups before it, each once, weights 1 to {LARGEST_WEIGHT}"
                )
            rising = all(a < b for a, b in pairwise(thresholds))
            if len(thresholds) >= self.contexts or not rising or any(not 0 < t < LARGEST_THRESHOLD for t in thresholds):
                raise UsageError(f"group {group} needs fewer than {self.contexts} thresholds, positive and rising")

    @property
    def channels(self) -> int:
        """Number of channels in all groups."""
        return sum(self.sizes)

    def activity(self, group: int, windows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Activity that decides the contexts of ``group``: the weighted sum of its sources' windows."""
        return sum((s.weight * windows[s.group] for s in self.sources[group]), np.zeros_like(windows[0]))

    def context(self, group: int, activity: NDArray[np.int64]) -> NDArray[np.int64]:
        """Contexts 0 … of the positions of a group, from its activity."""
        return np.searchsorted(np.array(self.thresholds[group], np.int64), activity, side="right")

    def watch(self, grids: Sequence["Grid"]) -> "GroupWatch":
        """Contexts of pictures with these grids, from what is seen on the way."""
        return GroupWatch(self, grids)

    def to_bytes(self) -> bytes:
        """The layout as JSON, the form in which a package holds it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The layout in ``data``, checked. Raises CorruptData."""
        try:
            fields: dict[str, Any] = json.loads(data)
            layout = cls(
                contexts=_whole(fields["contexts"]),
                sizes=tuple(_whole(n) for n in fields["sizes"]),
                sources=tuple(
                    tuple(Source(_whole(s["group"]), _whole(s["weight"])) for s in row) for row in fields["sources"]
                ),
                thresholds=tuple(tuple(_whole(t) for t in row) for row in fields["thresholds"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise CorruptData(f"the context layout is damaged: {error!r}") from None
        # Further keys, and text or objects where lists belong, would otherwise pass unseen.
        if json.loads(layout.to_bytes()) != fields:
            raise CorruptData("the context layout is damaged: it holds more than contexts, sizes, sources, thresholds")
        return layout


@dataclass(frozen=True)
class Grid:
    """Rows and columns of one picture's latent."""

    rows: int
    columns: int

    def __post_init__(self) -> None:
        if self.rows < 0 or self.columns < 0:
            raise UsageError(f"a grid has 0 or more rows and columns, not {self.rows} and {self.columns}")


def magnitudes(symbols: NDArray[np.int32], escaped: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How large symbols count in contexts: their absolute value up to 15; an escape, whose value comes last, is 15."""
    return np.where(escaped, LARGEST_MAGNITUDE, np.minimum(np.abs(symbols), LARGEST_MAGNITUDE)).astype(np.int64)


@dataclass(frozen=True)
class Neighbours:
    """The position on each side of every position; beyond an edge of its picture that is the position itself.

    Positions are those of all pictures in one row, the pictures one after the other, each in raster order.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    above: NDArray[np.int64]
    below: NDArray[np.int64]

    @classmethod
    def of(cls, grids: Sequence[Grid]) -> Self:
        """Neighbours in pictures of these grids."""
        rows = np.array([grid.rows for grid in grids], np.int64)
        columns = np.array([grid.columns for grid in grids], np.int64)
        sizes = rows * columns
        height, width = np.repeat(rows, sizes), np.repeat(columns, sizes)
        place = np.arange(sizes.sum())
        row, column = np.divmod(place - np.repeat(np.cumsum(sizes) - sizes, sizes), width)
        return cls(
            left=place - (column > 0),
            right=place + (column < width - 1),
            above=place - width * (row > 0),
            below=place + width * (row < height - 1),
        )

    def window_sum(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sums of values (N,) over 3x3 windows weighted 1 2 1 / 2 4 2 / 1 2 1; edges are repeated outwards."""
        across = values[self.left] + 2 * values + values[self.right]
        sums: NDArray[np.int64] = across[self.above] + 2 * across + across[self.below]
        return sums


class GroupWatch:
    """What a walk over the symbols keeps for the contexts of groups: window sums of the groups behind it."""

    def __init__(self, layout: ContextLayout, grids: Sequence[Grid]) -> None:
        self._layout, self._neighbours = layout, Neighbours.of(grids)
        self._watched = {source.group for sources in layout.sources for source in sources}
        self._unwatched = np.zeros(sum(grid.rows * grid.columns for grid in grids), np.int64)
        self._sums = self._unwatched
        self._windows: list[NDArray[np.int64]] = []
        self._found: NDArray[np.int64] | None = None

    def contexts(self, group: int, channels: slice) -> NDArray[np.int64]:
        """Contexts (1,N) of all channels of a group, all groups before it having been seen."""
        if self._found is None:  # a large picture takes a group in several turns
            activity = self._layout.activity(group, self._windows) if self._windows else self._unwatched
            self._found = self._layout.context(group, activity)[np.newaxis]
        return self._found

    def see(self, channels: slice, magnitudes: Callable[[], NDArray[np.int64]]) -> None:
        """Take in the magnitudes (g,N) of some channels of the group whose turn it is, if anybody looks at it."""
        if len(self._windows) in self._watched:
            self._sums = self._sums + magnitudes().sum(axis=0)

    def close(self, group: int) -> None:
        """All channels of the group have been seen."""
        watched = group in self._watched
        self._windows.append(self._neighbours.window_sum(self._sums) if watched else self._unwatched)
        self._sums, self._found = self._unwatched, None


def window_sum(values: NDArray[np.int64], grids: Sequence[Grid]) -> NDArray[np.int64]:
    """Window sums of values (N,), picture by picture (see ``Neighbours``)."""
    return Neighbours.of(grids).window_sum(values)


def plane_groups(luma: int, chroma: int) -> list[tuple[int, ...]]:
    """Group sizes of a luma plane and two colour planes with so many channels each, lowest frequencies first."""
    return [_cut(luma, LUMA_GROUPS), _cut(chroma, CHROMA_GROUPS), _cut(chroma, CHROMA_GROUPS)]


def _cut(count: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    groups = []
    for size in sizes:
        if count > size:
            groups.append(size)
            count -= size
    return (*groups, count)


def _whole(value: object) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a whole number")
    return value
