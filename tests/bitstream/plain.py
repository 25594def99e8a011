"""A plain reader of payloads, written from docs/format.md in whole numbers, one symbol at a time."""

from collections.abc import Sequence
from math import log2

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import ContextLayout, Grid
from crosscodec.bitstream.network import GroupNetwork, Layer, NetworkLayout
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


def plain_doublings(value: float) -> int:
    """f of "Context networks"."""
    return min(127, round(32 * log2(1 + value)))


def plain_neighbours(grids: Sequence[Grid]) -> list[list[int]]:
    """Of every position the nine neighbours, those outside a picture being the nearest one inside."""
    found, start = [], 0
    for grid in grids:
        for row in range(grid.rows):
            for column in range(grid.columns):
                rows = [min(max(row + down, 0), grid.rows - 1) for down in (-1, 0, 1)]
                columns = [min(max(column + right, 0), grid.columns - 1) for right in (-1, 0, 1)]
                found.append([start + r * grid.columns + c for r in rows for c in columns])
        start += grid.rows * grid.columns
    return found


def plain_pass(row: int, column: int, passes: int) -> int:
    """The pass, from 0, of a position by "Passes"."""
    number, step = passes - 1, 1
    while number:
        if (row + column) // step % 2:
            return number
        number -= 1
        if number and row // step % 2:
            return number
        number -= number > 0
        step *= 2
    return 0


def plain_own(passes: int, number: int) -> tuple[int, tuple[tuple[int, int], ...], list[tuple[int, int]]]:
    """Step of a pass, its four nearest neighbours, and all 25 of which only those of earlier passes may be looked at,
    each by rows and columns away.
    """
    step = 2 ** ((passes - 1 - number) // 2)
    straight = ((-1, 0), (0, -1), (0, 1), (1, 0))
    diagonal = ((-1, -1), (-1, 1), (1, -1), (1, 1))
    around = straight if (passes - 1 - number) % 2 == 0 else diagonal
    nearest = tuple((step * down, step * right) for down, right in around)
    return step, nearest, [(step * down, step * right) for down in range(-2, 3) for right in range(-2, 3)]


def plain_mean(
    symbols: Sequence[Sequence[int | None]], row: int, column: int, nearest: Sequence[tuple[int, int]]
) -> int:
    """The mean of the nearest symbols that lie in the picture, by "Passes"."""
    there = [(row + down, column + right) for down, right in nearest]
    found = [symbols[r][c] for r, c in there if 0 <= r < len(symbols) and 0 <= c < len(symbols[0])]
    known = [value for value in found if value is not None]
    assert len(known) == len(found) > 0
    return (2 * sum(known) + len(known)) // (2 * len(known))


def plain_interlaced(
    numbers: Sequence[int], grids: Sequence[Grid], passes: int, known: int
) -> list[list[list[int | None]]]:
    """Of each picture the symbols (rows of columns) of a predicted channel that has several passes, as far as they are
    known after so many of them.
    """
    found, start = [], 0
    for grid in grids:
        symbols: list[list[int | None]] = [[None] * grid.columns for _ in range(grid.rows)]
        step = 2 ** ((passes - 1) // 2)
        first = [(r, c) for r in range(0, grid.rows, step) for c in range(0, grid.columns, step)]
        lattice = Grid(-(-grid.rows // step), -(-grid.columns // step))
        values = plain_undone([numbers[start + r * grid.columns + c] for r, c in first], [lattice])
        for number in range(known):
            nearest = plain_own(passes, number)[1]
            for r in range(grid.rows):
                for c in range(grid.columns):
                    if plain_pass(r, c, passes) == number:
                        here = numbers[start + r * grid.columns + c]
                        symbols[r][c] = (
                            (here + plain_mean(symbols, r, c, nearest) + 2**24) % (2**25 + 1) - 2**24
                            if number
                            else values[first.index((r, c))]
                        )
        found.append(symbols)
        start += grid.rows * grid.columns
    return found


def plain_undone(numbers: Sequence[int], grids: Sequence[Grid]) -> list[int]:
    """Symbols of a predicted channel by "Prediction", from its numbers."""
    symbols: list[int] = []
    for grid in grids:
        start = len(symbols)
        for row in range(grid.rows):
            for column in range(grid.columns):
                here = start + row * grid.columns + column
                left = symbols[here - 1] if column else None
                above = symbols[here - grid.columns] if row else None
                if left is None or above is None:
                    foretold = (above if left is None else left) or 0
                else:
                    corner = symbols[here - grid.columns - 1]
                    foretold = sorted((left, above, left + above - corner))[1]
                symbols.append((numbers[here] + foretold + 2**24) % (2**25 + 1) - 2**24)
    return symbols


def plain_layer(layer: Layer, inputs: Sequence[int]) -> list[int]:
    """What a layer gives for one position."""
    sums = [
        sum(int(w) * x for w, x in zip(weights, inputs, strict=True)) + int(bias)
        for weights, bias in zip(layer.weights, layer.bias, strict=True)
    ]
    return [value >> int(shift) for value, shift in zip(sums, layer.shift, strict=True)]


def plain_network(network: GroupNetwork, inputs: list[int]) -> list[int]:
    """Scales and leans of a group's channels at one position."""
    units = inputs
    for layer in network.hidden:
        units = [min(max(value, 0), 127) for value in plain_layer(layer, units)]
    return plain_layer(network.last, units + inputs if network.hidden else inputs)


def plain_choices(
    layout: NetworkLayout,
    group: int,
    number: int,
    numbers: Sequence[Sequence[int]],
    grids: Sequence[Grid],
) -> tuple[list[int], list[list[int]], list[list[bool]]]:
    """Positions, and tables and turned signs (a row a channel) of a pass over a group, by "Context networks", from the
    numbers of all groups before, and of the group itself as far as passes before have given them.
    """
    network, around = layout.groups[group][number], plain_neighbours(grids)
    first, passes = sum(layout.sizes[:group]), len(layout.groups[group])
    sizes = {c: [min(15, abs(v)) for v in numbers[c]] for c in network.near.tolist()}
    sums = {c: plain_window(row, grids) for c, row in sizes.items()}
    signed = {c: numbers[c] for c in network.signed[:, 0].tolist()}
    whole = dict(zip(layout.predicted, layout.predicted_passes, strict=True))
    symbols = {}
    for c in signed:
        if c in whole:
            pictures = plain_interlaced(numbers[c], grids, whole[c], whole[c])
            symbols[c] = [value for picture in pictures for line in picture for value in line if value is not None]
    own = {
        c: plain_interlaced(numbers[c], grids, passes, number)
        for c in {*network.around.tolist(), *network.own[:, 0].tolist()}
        if c in whole
    }
    positions: list[int] = []
    tables: list[list[int]] = [[] for _ in range(network.size)]
    turned: list[list[bool]] = [[] for _ in range(network.size)]
    _, nearest, square = plain_own(passes, number)

    def beside(c: int, picture: int, start: int, row: int, column: int, away: tuple[int, int]) -> int:
        grid, r, k = grids[picture], row + away[0], column + away[1]
        if not (0 <= r < grid.rows and 0 <= k < grid.columns):
            return 0
        if plain_pass(r, k, passes) >= number:
            raise AssertionError("a pass sees those before it")
        value = numbers[c][start + r * grid.columns + k]
        if c in own:
            known = own[c][picture][r][k]
            assert known is not None
            value = known - plain_mean(own[c][picture], row, column, nearest)
        return min(max(value, -127), 127)

    start = 0
    for picture, grid in enumerate(grids):
        for row in range(grid.rows):
            for column in range(grid.columns):
                if plain_pass(row, column, passes) != number:
                    continue
                here = start + row * grid.columns + column
                positions.append(here)
                inputs = [layout.quality]
                inputs += [plain_doublings(sizes[c][here]) for c in network.near.tolist()]
                inputs += [plain_doublings(sums[c][here] / 16) for c in network.near.tolist()]
                values = []
                for c, neighbour, way in network.signed.tolist():
                    there = around[here][neighbour]
                    value = symbols[c][there] - symbols[c][here] if c in symbols else signed[c][there]
                    values.append((min(max(value, -127), 127), way))
                for c in network.around.tolist():
                    each = [min(15, abs(beside(c, picture, start, row, column, away))) for away in nearest]
                    values.append((plain_doublings(sum(each) / 4), 1))
                for c, neighbour, way in network.own.tolist():
                    values.append((beside(c, picture, start, row, column, square[neighbour]), way))
                inputs += [v if way == 1 else plain_doublings(abs(v)) * (1 if v > 0 else -1) for v, way in values]
                found = plain_network(network, inputs)
                for channel in range(network.size):
                    scale = min(max(found[channel], 0), layout.scales - 1)
                    lean = found[network.size + channel]
                    steps = sum(1 for edge in layout.edges[scale].tolist() if edge <= min(abs(lean), 1023))
                    tables[channel].append(scale * layout.leans + steps)
                    turned[channel].append(lean < 0)
        start += grid.rows * grid.columns
    assert first + network.size <= layout.channels
    return positions, tables, turned


def plain_decode_networked(payload: bytes, n: int, model: EntropyModel, grids: Sequence[Grid]) -> NDArray[np.int32]:
    """Numbers by the page, of a package with context networks."""
    layout, tables = model.layout, model.tables
    assert isinstance(layout, NetworkLayout)
    decoder = PlainDecoder(payload)
    entries: list[list[int]] = []
    used: list[list[int]] = []
    signs: list[list[bool]] = []
    known: list[list[int]] = []
    order: list[tuple[int, int]] = []
    for group, size in enumerate(layout.sizes):
        first = len(entries)
        for rows, nothing in ((entries, -1), (used, -1), (signs, False), (known, 0)):
            rows += [[nothing] * n for _ in range(size)]
        for number in range(len(layout.groups[group])):
            positions, chosen, turned = plain_choices(layout, group, number, known, grids)
            at_once = max(1, 2**20 // max(1, len(positions)))
            for start in range(0, size, at_once):
                part = range(start, min(start + at_once, size))
                for table in range(tables.count):
                    for channel in part:
                        for place, i in enumerate(positions):
                            if chosen[channel][place] == table:
                                entries[first + channel][i] = decoder.entry(tables.frequencies[table])
            order += [(first + channel, i) for channel in range(size) for i in positions]
            for channel in range(size):
                for i, table, turn in zip(positions, chosen[channel], turned[channel], strict=True):
                    used[first + channel][i], signs[first + channel][i] = table, turn
                    value = tables.low[table] + entries[first + channel][i]
                    known[first + channel][i] = -value if turn else value
    found = _with_escapes(entries, used, tables, decoder, order)
    return np.where(np.array(signs, bool).reshape(found.shape), -found, found)


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
    if isinstance(layout, NetworkLayout):
        return plain_decode_networked(payload, n, model, grids)
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
    return _with_escapes(entries, used, tables, decoder, [(c, i) for c in range(len(entries)) for i in range(n)])


def _with_escapes(
    entries: list[list[int]],
    used: list[list[int]],
    tables: FrequencyTables,
    decoder: PlainDecoder,
    order: list[tuple[int, int]],
) -> NDArray[np.int32]:
    places = [(c, i) for c, i in order if entries[c][i] == len(tables.frequencies[used[c][i]]) - 1]
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
