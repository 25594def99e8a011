"""A plain reader of payloads, written from docs/format.md in whole numbers, one symbol at a time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import ContextLayout, Grid
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.bitstream.weighted import WeightedLayout


class PlainDecoder:
    """The range decoder of docs/format.md, "Payload", in whole numbers."""

    def __init__(self, payload: bytes) -> None:
        self.rest = payload
        self.lower, self.range, self.point = 0, 2**64 - 1, self.next_bytes(8)

    def next_bytes(self, count: int) -> int:
        head, self.rest = self.rest[:count], self.rest[count:]
        return int.from_bytes(head.ljust(count, b"\x00"), "big")

    def entry(self, table: tuple[int, ...]) -> int:
        scale = self.range >> 24
        quantile = (self.point - self.lower) % 2**64 // scale
        assert quantile < 2**24
        i = before = 0
        while 256 * (before + table[i]) <= quantile:
            before += table[i]
            i += 1
        self.lower = (self.lower + scale * 256 * before) % 2**64
        self.range = scale * 256 * table[i]
        if self.range < 2**32:
            self.lower, self.range = self.lower * 2**32 % 2**64, self.range * 2**32
            self.point = self.point * 2**32 % 2**64 + self.next_bytes(4)
        return i


def plain_window(values: Sequence[int], grids: Sequence[Grid]) -> list[int]:
    """Window sums by "Contexts": nine terms each, a place outside the picture being the nearest one inside."""
    sums, start = [], 0
    for grid in grids:
        for row in range(grid.rows):
            for column in range(grid.columns):
                total = 0
                for down in (-1, 0, 1):
                    for right in (-1, 0, 1):
                        r = min(max(row + down, 0), grid.rows - 1)
                        c = min(max(column + right, 0), grid.columns - 1)
                        total += (2 - abs(down)) * (2 - abs(right)) * values[start + r * grid.columns + c]
                sums.append(total)
        start += grid.rows * grid.columns
    return sums


def plain_contexts(
    layout: ContextLayout, group: int, sums: Sequence[Sequence[int]], grids: Sequence[Grid]
) -> list[int]:
    """Contexts of a group by "Contexts", from the sums of magnitudes of the groups before it."""
    activity = [0] * sum(grid.rows * grid.columns for grid in grids)
    for source in layout.sources[group]:
        for i, value in enumerate(plain_window(sums[source.group], grids)):
            activity[i] += source.weight * value
    return [sum(1 for threshold in layout.thresholds[group] if threshold <= value) for value in activity]


def plain_weighted(
    layout: WeightedLayout, group: int, channel: int, magnitudes: Sequence[Sequence[int]], grids: Sequence[Grid]
) -> list[int]:
    """Contexts of a channel, its place in its group, by "Weighted contexts", from the magnitudes of all groups before
    it.
    """
    activity = [0] * sum(grid.rows * grid.columns for grid in grids)
    for earlier, values in enumerate(magnitudes):
        around = plain_window(values, grids)
        for i, value in enumerate(values):
            activity[i] += 16 * int(layout.own[group][channel, earlier]) * value
            activity[i] += int(layout.window[group][channel, earlier]) * around[i]
    cuts = layout.thresholds[len(magnitudes) + channel]
    return [sum(1 for threshold in cuts if threshold <= value) for value in activity]


def plain_either(
    layout: ContextLayout | WeightedLayout,
    group: int,
    channel: int,
    sums: Sequence[Sequence[int]],
    magnitudes: Sequence[Sequence[int]],
    grids: Sequence[Grid],
) -> list[int]:
    """Contexts of a channel by the kind of layout, from sums or from magnitudes of the groups before it."""
    if isinstance(layout, WeightedLayout):
        return plain_weighted(layout, group, channel, magnitudes, grids)
    return plain_contexts(layout, group, sums, grids)


def plain_magnitudes(entries: Sequence[int], used: Sequence[int], tables: FrequencyTables) -> list[int]:
    """Magnitudes of a channel, from entries and the tables that coded them."""
    found = []
    for entry, table in zip(entries, used, strict=True):
        escape = entry == len(tables.frequencies[table]) - 1
        found.append(15 if escape else min(15, abs(tables.low[table] + entry)))
    return found


def plain_sums(entries: Sequence[Sequence[int]], used: Sequence[Sequence[int]], tables: FrequencyTables) -> list[int]:
    """Sums of magnitudes over the channels of a group, from entries and the tables that coded them."""
    rows = [plain_magnitudes(row, numbers, tables) for row, numbers in zip(entries, used, strict=True)]
    return [sum(column) for column in zip(*rows, strict=True)]


def plain_decode(
    payload: bytes,
    n: int,
    model: EntropyModel | FrequencyTables,
    grids: Sequence[Grid] | None = None,
    given: Sequence[Sequence[int]] | None = None,
) -> NDArray[np.int32]:
    """Symbols by the page; ``given`` by "Given contexts", a row a channel."""
    if isinstance(model, FrequencyTables):
        model = EntropyModel(model, ContextLayout(1, (model.count,), ((),), ((),)))
    tables, layout = model.tables, model.layout
    grids = [Grid(1, n)] if grids is None else grids
    decoder = PlainDecoder(payload)
    entries: list[list[int]] = []
    used: list[list[int]] = []
    sums: list[list[int]] = []
    magnitudes: list[list[int]] = []
    for group, size in enumerate(layout.sizes):
        first = len(entries)
        for channel in range(first, first + size):
            if given is not None:
                contexts = list(given[first])
            else:
                contexts = plain_either(layout, group, channel - first, sums, magnitudes, grids)
            entries.append([-1] * n)
            used.append([channel * layout.contexts + k for k in contexts])
            for k in range(layout.contexts):
                for i in range(n):
                    if contexts[i] == k:
                        entries[channel][i] = decoder.entry(tables.frequencies[channel * layout.contexts + k])
        sums.append(plain_sums(entries[first:], used[first:], tables))
        magnitudes += [plain_magnitudes(*row, tables) for row in zip(entries[first:], used[first:], strict=True)]
    return _with_escapes(entries, used, tables, decoder)


def _with_escapes(
    entries: list[list[int]], used: list[list[int]], tables: FrequencyTables, decoder: PlainDecoder
) -> NDArray[np.int32]:
    places = [
        (c, i)
        for c, row in enumerate(entries)
        for i, entry in enumerate(row)
        if entry == len(tables.frequencies[used[c][i]]) - 1
    ]
    lengths = [0] * len(places)
    growing, j = list(range(len(places))), 0
    while growing:
        growing = [p for p in growing if decoder.entry((2**15, 2**15))]
        j += 1
        for p in growing:
            lengths[p] = j
    codes = [1] * len(places)
    for j in reversed(range(max(lengths, default=0))):
        for p, length in enumerate(lengths):
            if length > j:
                codes[p] = 2 * codes[p] + decoder.entry((2**15, 2**15))
    symbols = [
        [tables.low[t] + e for e, t in zip(row, numbers, strict=True)]
        for row, numbers in zip(entries, used, strict=True)
    ]
    for (c, i), code in zip(places, codes, strict=True):
        low = tables.low[used[c][i]]
        high = low + len(tables.frequencies[used[c][i]]) - 2
        symbols[c][i] = high + (code + 1) // 2 if code % 2 else low - code // 2
    return np.array(symbols, np.int32).reshape(len(entries), -1)
