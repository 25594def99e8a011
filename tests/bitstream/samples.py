"""What the tests of the bitstream share: tables, symbols that they fit or do not, and one coded file."""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from crosscodec.bitstream.coder import encode_symbols
from crosscodec.bitstream.container import CodedFile, ImageHeader
from crosscodec.bitstream.contexts import LARGEST_WEIGHT, ContextLayout, Grid, Source
from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network import LARGEST_LEAN, GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.tables import LARGEST_SYMBOL, TOTAL, FrequencyTables
from crosscodec.bitstream.walk import Contexts, EntropyModel, Turn, walk_known
from crosscodec.bitstream.weighted import WeightedLayout

PACKAGE = hashlib.sha256(b"a package").digest()[:8]
PAGE = Path(__file__).parents[2] / "docs" / "format.md"


def page_block(name: str) -> str:
    """A block of the page that specifies the format."""
    return re.search(rf"```{name}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]


@st.composite
def frequency_tables(draw: st.DrawFn) -> FrequencyTables:
    """One to four tables, from flat to as skewed as can be, anywhere in the range of symbols."""
    lows, rows = [], []
    for _ in range(draw(st.integers(1, 4))):
        cuts = draw(st.sets(st.integers(1, TOTAL - 1), min_size=1, max_size=12))
        edges = [0, *sorted(cuts), TOTAL]
        rows.append(tuple(b - a for a, b in pairwise(edges)))
        lows.append(draw(st.integers(-LARGEST_SYMBOL, LARGEST_SYMBOL - 12) | st.integers(-12, 3)))
    return FrequencyTables(tuple(lows), tuple(rows))


@st.composite
def coded_symbols(draw: st.DrawFn) -> tuple[FrequencyTables, NDArray[np.int32]]:
    """Tables and symbols for them, some of them escapes near and far."""
    tables = draw(frequency_tables())
    n = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = draw(st.sampled_from([0, 1, 3, 30, 1000, LARGEST_SYMBOL]))
    near = np.array(tables.low)[:, None] + rng.integers(-spread, spread + 1, (tables.count, n))
    return tables, np.clip(near, -LARGEST_SYMBOL, LARGEST_SYMBOL).astype(np.int32)


grids = st.lists(st.builds(Grid, st.integers(1, 4), st.integers(1, 5)), min_size=1, max_size=3)


@st.composite
def layouts(draw: st.DrawFn) -> ContextLayout:
    """One to four groups of one to three channels, one to four contexts, any sources, thresholds low and high."""
    contexts = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    weights = st.integers(1, 3) | st.just(LARGEST_WEIGHT)
    sources, thresholds = [], []
    for group in range(len(sizes)):
        earlier = draw(st.sets(st.integers(0, group - 1))) if group else set()
        sources.append(tuple(Source(g, draw(weights)) for g in sorted(earlier)))
        cuts = draw(st.sets(st.integers(1, 200) | st.integers(1, 10**6), max_size=contexts - 1))
        thresholds.append(tuple(sorted(cuts)))
    return ContextLayout(contexts, tuple(sizes), tuple(sources), tuple(thresholds))


@st.composite
def weighted_layouts(draw: st.DrawFn) -> WeightedLayout:
    """One to four groups of one to three channels, any weights, thresholds near zero and far from it."""
    contexts = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    most = draw(st.sampled_from([1, 9, 127]))
    firsts = [sum(sizes[:group]) for group in range(len(sizes))]
    own, window = (
        tuple(rng.integers(-most, most + 1, (g, e)).astype(np.int8) for g, e in zip(sizes, firsts, strict=True))
        for _ in range(2)
    )
    near = st.integers(-200, 200) | st.integers(-(10**6), 10**6)
    cuts = [tuple(sorted(draw(st.sets(near, max_size=contexts - 1)))) for _ in range(sum(sizes))]
    return WeightedLayout(contexts, own, window, tuple(cuts))


def random_layer(outputs: int, inputs: int, spread: int, shift: int, rng: np.random.Generator) -> Layer:
    """A layer with weights and biases of either sign."""
    return Layer(
        rng.integers(-spread, spread + 1, (outputs, inputs)).astype(np.int8),
        rng.integers(-1000, 1001, outputs).astype(np.int32),
        rng.integers(0, shift + 1, outputs).astype(np.uint8),
    )


@st.composite
def network_layouts(draw: st.DrawFn) -> NetworkLayout:
    """One to four groups of one to three channels, no to two hidden layers, some channels predicted."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    hidden = draw(st.lists(st.integers(1, 4), max_size=2))
    spread, shift = draw(st.sampled_from([(1, 2), (9, 6), (127, 12)]))
    groups, first = [], 0
    for size in sizes:
        passes = draw(st.sampled_from([1, 1, 2, 3, 4, 5]))
        group = []
        for number in range(passes):
            near = np.flatnonzero(rng.random(first) < 0.6)
            signed = np.argwhere(rng.random((first, 9, 2)) < 0.2).astype(np.int64).reshape(-1, 3)
            around = first + np.flatnonzero(rng.random(size) < 0.6) if number else near[:0]
            places = np.array(Pass(number, passes).known, np.int64)
            own = np.argwhere(rng.random((size, len(places), 2)) < 0.3).astype(np.int64).reshape(-1, 3)
            own[:, 0] += first
            own[:, 1] = places[own[:, 1]]
            inputs = width = 1 + 2 * len(near) + len(signed) + len(around) + len(own)
            layers = []
            for units in hidden:
                layers.append(random_layer(units, width, spread, shift, rng))
                width = units
            last = random_layer(2 * size, width + inputs if hidden else inputs, spread, shift, rng)
            group.append(GroupNetwork(size, near, signed, tuple(layers), last, around, own))
        groups.append(tuple(group))
        first += size
    scales, leans = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    edges = np.sort(rng.integers(0, draw(st.sampled_from([8, LARGEST_LEAN + 1])), (scales, leans - 1)), axis=1)
    odd = np.repeat([len(group) % 2 == 1 for group in groups], sizes)
    predicted = tuple(np.flatnonzero((rng.random(first) < 0.3) & odd).tolist())
    return NetworkLayout(predicted, edges.astype(np.int32), tuple(groups), draw(st.integers(0, 100)))


@dataclass(frozen=True)
class ContextCase:
    """What an encoder is given."""

    model: EntropyModel
    grids: list[Grid]
    symbols: NDArray[np.int32]


def codes_of(
    tables: FrequencyTables, symbols: NDArray[np.int32], indices: NDArray[np.int32], rows: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The escape codes among symbols whose indices of tables are given."""
    _, escaped = tables.listed(indices, rows)
    return tables.escape_codes(symbols[escaped], rows[escaped])


def random_tables(count: int, near_zero: bool, rng: np.random.Generator) -> FrequencyTables:
    """As ``frequency_tables``, for when there are too many to draw one by one."""
    lows, rows = [], []
    for _ in range(count):
        cuts = {int(cut) for cut in np.exp2(rng.uniform(0, 16, rng.integers(1, 13)))} - {TOTAL}
        rows.append(tuple(b - a for a, b in pairwise([0, *sorted(cuts), TOTAL])))
        lows.append(int(rng.integers(-8, 2) if near_zero else rng.integers(-LARGEST_SYMBOL, LARGEST_SYMBOL - 12)))
    return FrequencyTables(tuple(lows), tuple(rows))


@st.composite
def context_cases(draw: st.DrawFn) -> ContextCase:
    """Random layouts, tables around zero and elsewhere, pictures of several sizes, symbols with escapes."""
    layout, shapes = draw(layouts() | weighted_layouts()), draw(grids)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    tables = random_tables(layout.channels * layout.contexts, draw(st.booleans()), rng)
    middle = np.array(tables.low).reshape(layout.channels, -1)[:, :1] if draw(st.booleans()) else 0
    return ContextCase(EntropyModel(tables, layout), shapes, random_symbols(draw, layout.channels, shapes, middle, rng))


@st.composite
def networked_cases(draw: st.DrawFn) -> ContextCase:
    """The same with context networks."""
    layout, shapes = draw(network_layouts()), draw(grids)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    tables = random_tables(layout.tables, draw(st.booleans()), rng)
    middle = tables.low[0] if draw(st.booleans()) else 0
    return ContextCase(EntropyModel(tables, layout), shapes, random_symbols(draw, layout.channels, shapes, middle, rng))


def random_symbols(
    draw: st.DrawFn, channels: int, shapes: list[Grid], middle: NDArray[np.int64] | int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Symbols of all channels around their middles, by a spread that is drawn."""
    spread = draw(st.sampled_from([0, 1, 3, 20, 1000, LARGEST_SYMBOL]))
    n = sum(grid.rows * grid.columns for grid in shapes)
    symbols = middle + rng.integers(-spread, spread + 1, (channels, n))
    return np.clip(symbols, -LARGEST_SYMBOL, LARGEST_SYMBOL).astype(np.int32)


def drawn_symbols(tables: FrequencyTables, n: int, seed: int) -> NDArray[np.int32]:
    """Symbols (C,n) drawn from the tables themselves; an escape becomes the symbol just above the listed ones."""
    rng = np.random.default_rng(seed)
    rows = [
        low + rng.choice(len(table), n, p=np.array(table) / TOTAL)
        for low, table in zip(tables.low, tables.frequencies, strict=True)
    ]
    return np.array(rows, np.int32)


def photo_tables() -> FrequencyTables:
    """320 tables of a photo codec: most channels nearly always zero, about 0.5 bit a symbol on average."""
    symbols = np.arange(-12, 13)
    widths = 0.05 + 1.7 * (np.arange(320) / 320) ** 6
    return FrequencyTables.from_counts([5e4 * np.exp(-np.abs(symbols) / width) for width in widths], [-12] * 320)


def sample_symbols() -> tuple[FrequencyTables, NDArray[np.int32]]:
    """Eight channels of 60 symbols with two escapes, in whole numbers alone: known answers outlive NumPy's draws."""
    counts = [[2 ** (8 - abs(x) * (8 - c) // 4) for x in range(-4, 5)] for c in range(8)]
    tables = FrequencyTables.from_counts(counts, [-4] * 8)
    state, symbols = 1, np.zeros((8, 60), np.int32)
    for place in np.ndindex(8, 60):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF  # the generator of ANSI C's example
        symbols[place] = (state >> 16) % (2 + place[0] // 2) - (state >> 24) % (1 + place[0] // 2)
    symbols[2, 3], symbols[7, 59] = 900, -77
    return tables, symbols


def sample_file() -> CodedFile:
    """One RGB picture of 160 x 96 with those symbols."""
    tables, symbols = sample_symbols()
    payload = encode_symbols(symbols, tables)
    header = ImageHeader(96, 160, 3)
    return CodedFile(PACKAGE, "", 0, (header,), None, symbols.size, symbol_digest(symbols), payload)


@dataclass(frozen=True)
class Walked:
    """The turns of a whole walk put together."""

    pieces: list[tuple[int, NDArray[np.int32]]]
    rows: NDArray[np.int32]
    indices: NDArray[np.int32]
    codes: NDArray[np.int64]


def walked_known(
    symbols: NDArray[np.int32], model: EntropyModel, grids: list[Grid] | None, given: Contexts | None = None
) -> Walked:
    """The walk over known symbols, as the encoder takes it."""
    return put_together(symbols, model, list(walk_known(symbols, model, grids, given)))


def put_together(symbols: NDArray[np.int32], model: EntropyModel, turns: list[Turn]) -> Walked:
    """What the turns say of all channels."""
    rows, indices = np.empty_like(symbols), np.empty_like(symbols)
    pieces = [(table, indices) for turn in turns for (table, _), indices in zip(turn.pieces, turn.cut, strict=True)]
    coded = np.empty_like(symbols)
    for turn in turns:
        turn.put(turn.rows.astype(np.int32), rows)
        turn.put(turn.indices, indices)
        turn.put(turn.coded(turn.part(symbols)), coded)
    return Walked(pieces, rows, indices, codes_of(model.tables, coded, indices, rows))
