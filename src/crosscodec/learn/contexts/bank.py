"""The bank of tables behind context networks: counted over all groups, channels and qualities.

    networks' numbers ─► scale and lean of every symbol ─► counts of what was coded ─► tables

What was hardly ever seen follows the law that the networks were trained with.
"""

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network import LARGEST_LEAN, NetworkLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.learn.contexts.network import LEAN, NARROWEST, SCALES_A_UNIT, SHARE, WIDER
from crosscodec.learn.contexts.symbols import REACH, Looks, SymbolRows

PRIOR = 300.0  # sightings that the law is worth in each table
RAREST = 2.0**-18  # what is rarer takes the escape: an entry takes 2^-16 from the others, an escape about five bits
ROWS_AT_ONCE = 2**13
_EDGES = (0.15, 0.45, 0.75, 1.05, 1.4, 1.8, 2.3, 2.9, 3.7, 4.8, 6.5)  # of leans, in widths


def lean_edges(scales: int, leans: int) -> NDArray[np.int32]:
    """Where leans part at every scale, (scales, leans - 1), in the networks' whole numbers."""
    first = np.array(_EDGES)
    while len(first) < leans - 1:
        first = np.append(first, 1.4 * first[-1])
    whole: NDArray[np.int32] = np.clip(np.round(LEAN * first[: leans - 1]), 1, LARGEST_LEAN).astype(np.int32)
    return np.tile(whole, (scales, 1))


def law(scale: int, lean: float) -> NDArray[np.float64]:
    """Probabilities of the numbers -REACH … REACH at a scale and a lean, in widths."""
    width = np.exp(NARROWEST + (scale + 0.5) / SCALES_A_UNIT)
    ends = (np.arange(-REACH, REACH + 2) - 0.5) / width - lean

    def below(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.5 * (1 + np.tanh(np.clip(x, -600, 600) / 2))

    cumulated = SHARE * below(ends) + (1 - SHARE) * below(ends / WIDER)
    found = np.diff(cumulated) + 1e-9
    return np.asarray(found / found.sum())


def count(layout: NetworkLayout, rows: SymbolRows, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often the chosen rows show each number -REACH … REACH in each table of the bank, (tables, 2 REACH + 1)."""
    cells = 2 * REACH + 1
    counts = np.zeros(layout.tables * cells, np.int64)
    first = 0
    for group, size in zip(layout.groups, layout.sizes, strict=True):
        for number, network in enumerate(group):
            one = Pass(number, len(group))
            looks, mine = Looks.of(network, one), np.intersect1d(chosen, rows.of_pass(one), assume_unique=True)
            for start in range(0, len(mine), ROWS_AT_ONCE):
                part = mine[start : start + ROWS_AT_ONCE]
                inputs = rows.inputs(part, looks).numpy()
                tables, signs = layout.choose(*network(np.ascontiguousarray(inputs.T)))
                numbers = rows.numbers[part][:, first : first + size].T.astype(np.int64)
                numbers = numbers * signs
                within = np.abs(numbers) < REACH  # those at the end may have been beyond it
                places = tables.astype(np.int64) * cells + numbers + REACH
                counts += np.bincount(places[within], minlength=counts.size)
        first += size
    return counts.reshape(layout.tables, cells)


def bank(layout: NetworkLayout, counts: NDArray[np.int64]) -> FrequencyTables:
    """The tables for what was counted."""
    weights: list[NDArray[np.float64]] = []
    lows: list[int] = []
    edges = np.concatenate([np.zeros((layout.scales, 1)), layout.edges], axis=1) / LEAN
    for number, seen in enumerate(counts):
        scale, lean = divmod(number, layout.leans)
        upper = edges[scale, lean + 1] if lean + 1 < layout.leans else 1.3 * edges[scale, lean]
        expected = seen + PRIOR * law(scale, (edges[scale, lean] + upper) / 2)
        frequent = np.flatnonzero(expected >= RAREST * expected.sum())
        first, last = frequent[0], frequent[-1]
        weights.append(expected[first : last + 1])
        lows.append(int(first) - REACH)
    return FrequencyTables.from_counts(weights, lows)
