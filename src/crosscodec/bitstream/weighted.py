"""Contexts of every channel's own: for each channel, what the magnitudes of earlier ones weigh.

    magnitudes of earlier groups ─┬─► of the position itself ─┐
                                  └─► 3x3 window ─────────────┴─► weights of the channel ─► activity ─► thresholds
                                                                                                 └─► context

A group's context (contexts.py) asks how busy a block is. A channel's own asks where: a vertical edge makes some
frequencies large and leaves others alone. The weights are fitted when a package is made (learn/photo/density.py).

All numbers are whole and every sum stays below 2^24, so that float32 holds it exactly: a product of matrices, which
adds in an order of its own on every machine, gives the same integers on all of them. docs/format.md, "Weighted
contexts".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, MOST_CONTEXTS, MOST_GROUPS, Grid
from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.bitstream.varint import ByteReader, unzigzag, varint, zigzag
from crosscodec.errors import CorruptData, UsageError

MAGIC = b"XCDW"
VERSION = 1
OWN = 16  # how much a magnitude counts at its own position: as much as a whole window of its like
EXACT = 2**24  # whole numbers below this are exact in float32, in any order of addition
LARGEST_SUM = (EXACT - 1) // (OWN * LARGEST_MAGNITUDE)  # of the sizes of one channel's weights
MOST_CHANNELS = 2**12
AT_ONCE = 2**14  # positions whose activities are computed in one product

Bytes = NDArray[np.uint8]
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class WeightedLayout:
    """Groups of channels, what earlier channels weigh in each channel's activity, and where its contexts part.

    ``own[g]`` and ``window[g]`` are int8 (channels of group g, channels of the groups before it). ``thresholds[c]`` of
    channel c rise and lie within +-2^24; its context is how many of them the activity reaches, so that it has
    ``len(thresholds[c]) + 1 <= contexts`` of them. docs/format.md, "Weighted contexts". Raises UsageError for anything
    else.
    """

    contexts: int
    own: tuple[NDArray[np.int8], ...]
    window: tuple[NDArray[np.int8], ...]
    thresholds: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.own) == len(self.window) <= MOST_GROUPS or not 1 <= self.contexts <= MOST_CONTEXTS:
            raise UsageError(
                f"weighted contexts have 1 to {MOST_GROUPS} groups and 1 to {MOST_CONTEXTS} contexts; these have "
                f"{len(self.own)}, {len(self.window)} and {self.contexts}"
            )
        first = 0
        for group, (own, window) in enumerate(zip(self.own, self.window, strict=True)):
            for of in (own, window):
                if of.dtype != np.int8 or of.ndim != 2 or of.shape[1] != first or len(of) != len(own) or not len(of):
                    raise UsageError(
                        f"the weights of group {group} are int8 (channels, {first}), those of positions and windows "
                        f"alike; not {of.dtype} {of.shape}"
                    )
            sums = np.abs(own.astype(np.int64)).sum(axis=1) + np.abs(window.astype(np.int64)).sum(axis=1)
            if sums.max() > LARGEST_SUM:
                raise UsageError(f"the weights of a channel sum to at most {LARGEST_SUM}, not {sums.max()}")
            first += len(own)
        if first > MOST_CHANNELS or len(self.thresholds) != first:
            raise UsageError(
                f"weighted contexts have up to {MOST_CHANNELS} channels, each with thresholds; these have {first} and "
                f"{len(self.thresholds)} rows of thresholds"
            )
        for channel, cuts in enumerate(self.thresholds):
            rising = all(low < high for low, high in pairwise(cuts))
            if len(cuts) >= self.contexts or not rising or any(abs(t) >= EXACT for t in cuts):
                raise UsageError(
                    f"channel {channel} needs fewer than {self.contexts} thresholds, rising, within +-{EXACT - 1}"
                )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of channels of each group, in coding order."""
        return tuple(len(own) for own in self.own)

    @property
    def channels(self) -> int:
        """Number of channels in all groups."""
        return len(self.thresholds)

    @cached_property
    def factors(self) -> tuple[tuple[NDArray[np.intp], NDArray[np.float32]], ...]:
        """For each group the rows of a watch that it looks at, (k,), and what multiplies them, (g,k): a watch holds
        group after group first its magnitudes, then its windows.
        """
        ends = np.cumsum((0, *self.sizes))
        found = []
        for group, (own, window) in enumerate(zip(self.own, self.window, strict=True)):
            parts = [np.empty((len(own), 0), np.float32)]
            for first, last in pairwise(ends[: group + 1]):
                parts += [np.float32(OWN) * own[:, first:last], window[:, first:last].astype(np.float32)]
            whole = np.concatenate(parts, axis=1)
            rows = np.flatnonzero(whole.any(axis=0))
            found.append((rows, whole[:, rows]))
        return tuple(found)

    @cached_property
    def cuts(self) -> NDArray[np.float32]:
        """Thresholds (C,K-1) of every channel, what is missing being out of reach."""
        rows = [(*cuts, *(EXACT,) * (self.contexts - 1 - len(cuts))) for cuts in self.thresholds]
        return np.array(rows, np.float32).reshape(self.channels, self.contexts - 1)

    def watch(self, grids: Sequence[Grid]) -> "WeightedWatch":
        """Contexts of pictures with these grids, from what is seen on the way."""
        return WeightedWatch(self, grids)

    def to_bytes(self) -> bytes:
        """The layout as the part of a package holds it: docs/format.md, "Weighted contexts"."""
        parts = [varint(self.contexts), varint(len(self.own))]
        parts += [varint(len(own)) for own in self.own]
        for cuts in self.thresholds:
            parts.append(varint(len(cuts)))
            parts += [varint(zigzag(cut)) for cut in cuts]
        for own, window in zip(self.own, self.window, strict=True):
            parts += [own.tobytes(), window.tobytes()]
        return seal(MAGIC, VERSION, *parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The layout in ``data``, checked; the inverse of `to_bytes`.

        docs/format.md, "Weighted contexts". Raises CorruptData, or UnsupportedData for an undamaged later version.
        """
        body = unseal(data, MAGIC, VERSION, "weighted contexts", least=1)
        reader = ByteReader(body, "the weighted contexts")
        contexts = reader.varint("number of contexts", MOST_CONTEXTS)
        groups = reader.varint("number of groups", MOST_GROUPS)
        sizes = [reader.varint("size of a group", MOST_CHANNELS) for _ in range(groups)]
        if sum(sizes) > MOST_CHANNELS:
            raise CorruptData(f"the weighted contexts claim {sum(sizes)} channels, more than {MOST_CHANNELS}")
        cuts: list[tuple[int, ...]] = []
        for _ in range(sum(sizes)):
            count = reader.varint("number of thresholds", MOST_CONTEXTS)
            cuts.append(tuple(unzigzag(reader.varint("threshold", 2 * EXACT)) for _ in range(count)))
        own: list[NDArray[np.int8]] = []
        window: list[NDArray[np.int8]] = []
        first = 0
        for size in sizes:
            for rows in (own, window):
                rows.append(np.frombuffer(reader.take(size * first), np.int8).reshape(size, first))
            first += size
        if reader.remaining:
            raise CorruptData(f"the weighted contexts are followed by {reader.remaining} foreign bytes")
        try:
            return cls(contexts, tuple(own), tuple(window), tuple(cuts))
        except UsageError as error:
            raise CorruptData(f"the weighted contexts are damaged: {error}") from None


class WeightedWatch:
    """What a walk over the symbols keeps for weighted contexts: magnitudes and windows of the groups behind it."""

    def __init__(self, layout: WeightedLayout, grids: Sequence[Grid]) -> None:
        self._layout, self._grids = layout, grids
        n = sum(grid.rows * grid.columns for grid in grids)
        # As numbers the product takes at once, unless a large picture would not fit so.
        kind = np.float32 if n <= AT_ONCE else np.uint8
        # Group after group its magnitudes, then its windows; nobody looks at the last group.
        self._features = np.empty((2 * (layout.channels - layout.sizes[-1]), n), kind)
        self._firsts = np.cumsum((0, *layout.sizes)).tolist()
        self._group = 0

    def contexts(self, group: int, channels: slice) -> NDArray[np.uint8]:
        """Contexts (g,N) of some channels of a group, all groups before it having been seen."""
        first, n = self._firsts[group], self._features.shape[1]
        rows, weights = self._layout.factors[group]
        weights = weights[channels.start - first : channels.stop - first]
        cuts = self._layout.cuts[channels]
        found = np.zeros((len(weights), n), np.uint8)
        for start in range(0, n, AT_ONCE):
            span = slice(start, start + AT_ONCE)
            activity = weights @ self._features[rows, span].astype(np.float32, copy=False)
            for k in range(cuts.shape[1]):
                found[:, span] += activity >= cuts[:, k : k + 1]
        return found

    def see(self, channels: slice, magnitudes: Callable[[], NDArray[np.int64]]) -> None:
        """Take in the magnitudes (g,N) of some channels of the group whose turn it is, unless it is the last."""
        behind = self._firsts[self._group]  # windows among the rows before this group's
        if channels.start + behind < len(self._features):
            self._features[channels.start + behind : channels.stop + behind] = magnitudes()

    def close(self, group: int) -> None:
        """All channels of the group have been seen: their windows are wanted next."""
        first, last = self._firsts[group], self._firsts[group + 1]
        self._group, start = group + 1, 0
        for grid in self._grids if 2 * first < len(self._features) else ():
            span = slice(start, start + grid.rows * grid.columns)
            seen = self._features[2 * first : first + last, span].astype(np.uint8)
            sums = windows(seen.reshape(-1, grid.rows, grid.columns))
            self._features[first + last : 2 * last, span] = sums.reshape(seen.shape)
            start = span.stop


def windows(planes: Bytes) -> Bytes:
    """Window sums (K,h,w) of magnitudes: 1 2 1 / 2 4 2 / 1 2 1, edges repeated outwards; at most 240."""
    if not planes.size:
        return planes
    padded = with_edges(planes)
    across = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    sums: Bytes = across[:, :-2] + 2 * across[:, 1:-1] + across[:, 2:]
    return sums


def with_edges(planes: NDArray[_Number]) -> NDArray[_Number]:
    """Planes (K,h,w) with their edges repeated once, (K,h+2,w+2)."""
    count, rows, columns = planes.shape
    found = np.zeros((count, rows + 2, columns + 2), planes.dtype)
    if not planes.size:
        return found
    found[:, 1:-1, 1:-1] = planes
    found[:, 0, 1:-1], found[:, -1, 1:-1] = planes[:, 0], planes[:, -1]
    found[:, :, 0], found[:, :, -1] = found[:, :, 1], found[:, :, -2]
    return found
