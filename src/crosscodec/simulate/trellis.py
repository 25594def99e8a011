"""Trellis-coded quantisation with subtractive dither: nearer to the bound than one number at a time.

    points u + j, j integer, two a step; subset j mod 4     state ─► parity z0 of j: two subsets are open, a step apart
    dither u uniform over a period of 4 points              z1 = (j - z0) / 2 mod 2 ─► next state

Marcellin & Fischer 1990, with Ungerboeck's code (1982; parity checks 515 and 362 in octal, 256 states) and the
systematic encoder with feedback: the lowest bit of the state is the parity of the next point. Allowed sequences do not
change under shifts by 4 points, so that with this dither the error is independent of the source, whatever path is
taken; its law is measured once (`ERRORS`). Viterbi's search runs over hundreds of lanes at a time.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from crosscodec.simulate.noisylaw import Floats
from crosscodec.simulate.quantisers import CELLS, Quantised, Reconstructed, Rows, Words, units
from crosscodec.simulate.ranges import Ints, RangeReader, coder_weights

STATES = 256
CHECKS = (0o515, 0o362)  # parity checks of z0 and of z1
LONGEST = 4096  # steps of one path
_PERIOD_SHIFT = np.uint64(57)  # the upper 7 bits of a word: which 128th of the period of 4 points
_FORBIDDEN = 1e9

# The law of the error away from the ends of a path: how many of 200 million have an absolute value between i/16 and
# (i+1)/16 points. Measured once with the search below; tests/simulate/test_trellis.py measures again.
# fmt: off
ERRORS = (
    19_429_399, 19_174_550, 18_643_954, 17_880_828, 16_906_949, 15_756_130, 14_469_263, 13_085_739,
    11_658_870, 10_215_549, 8_808_080, 7_461_386, 6_203_675, 5_058_523, 4_037_151, 3_152_347,
    2_403_756, 1_791_053, 1_294_347, 910_200, 622_419, 409_510, 260_824, 160_525,
    94_334, 53_806, 29_080, 15_030, 7_269, 3_331, 1_487, 636,
)
# fmt: on


@dataclass(frozen=True, eq=False)
class Machine:
    """The trellis: ``after[s, z1]`` is the state after s; ``before[s]`` and ``subset[s]`` are the two ways into s.

    Shapes (states, 2). A subset is z0 + 2 z1, that is j mod 4.
    """

    after: Rows
    before: Rows
    subset: Rows


@cache
def machine(states: int = STATES, checks: tuple[int, int] = CHECKS) -> Machine:
    """The trellis of a systematic convolutional code with feedback, given by its parity checks.

    Canonical observer form: bit i of the next state is bit i+1 of this one, plus check bits i+1 times z0 and z1.
    """
    first, second = (check >> 1 for check in checks)
    after = np.array([[s >> 1 ^ first * (s & 1) ^ second * z1 for z1 in (0, 1)] for s in range(states)])
    ways: list[list[tuple[int, int]]] = [[] for _ in range(states)]
    for s in range(states):
        for z1 in (0, 1):
            ways[after[s, z1]].append((s, (s & 1) + 2 * z1))
    before, subset = (np.array([[way[part] for way in pair] for pair in ways]) for part in (0, 1))
    return Machine(after, before, subset)


def nearest_path(points: Floats, trellis: Machine) -> NDArray[np.int8]:
    """Subsets (T,B) of the allowed sequence nearest to points (T,B), lane by lane, from state 0; squared error.

    Viterbi's algorithm. Lengths in points.
    """
    steps, lanes = points.shape
    states = trellis.after.shape[0]
    (first, second), (one, two) = trellis.before.T, trellis.subset.T
    cost = np.full((states, lanes), _FORBIDDEN, np.float32)
    cost[0] = 0
    taken = np.empty((steps, states // 8, lanes), np.uint8)  # a bit a state: the second way in
    for step in range(steps):
        away = np.remainder(points[step] - np.arange(4)[:, np.newaxis] + 2, 4) - 2
        squared = (away * away).astype(np.float32)
        stay, turn = cost[first] + squared[one], cost[second] + squared[two]
        taken[step] = np.packbits(turn < stay, axis=0)
        cost = np.minimum(stay, turn)
        if step % 64 == 0:  # float32 keeps its digits
            cost -= cost.min(axis=0)
    return _walk_back(cost.argmin(axis=0), taken, trellis)


def _walk_back(state: Rows, taken: NDArray[np.uint8], trellis: Machine) -> NDArray[np.int8]:
    steps, _, lanes = taken.shape
    path, lane = np.empty((steps, lanes), np.int8), np.arange(lanes)
    for step in range(steps - 1, -1, -1):
        way = taken[step, state >> 3, lane] >> (7 - (state & 7)) & 1
        path[step] = trellis.subset[state, way]
        state = trellis.before[state, way]
    return path


@dataclass(frozen=True)
class TrellisQuantiser:
    """256 states: the mean squared error is 1.33 dB below that of the scalar quantiser at the same high rate."""

    @property
    def edges(self) -> Floats:
        """A step is two points; an error is less than two points, whatever the path."""
        return np.linspace(-1.0, 1.0, 2 * len(ERRORS) + 1)

    @property
    def masses(self) -> Floats:
        """As measured, made as narrow as the error itself.

        A count is an average over its interval, and within it the law is taken as flat: together as if a number of
        variance width^2 / 6 were added. The second difference takes that back.
        """
        counts = np.concatenate([ERRORS[::-1], ERRORS]).astype(np.float64)
        narrow = counts - np.diff(counts, 2, prepend=0.0, append=0.0) / 12
        return np.asarray(narrow / narrow.sum())

    def quantise(self, scaled: Floats, words: Words) -> Quantised:
        """The nearest allowed path through w + integers, w decided by dither and state."""
        shape = lanes_of(scaled.size)
        points = _laid(2 * scaled - 4 * units(words), shape)
        path = nearest_path(points, machine())
        parity = path & 1
        halves = np.rint((points - path) / 4).astype(np.int64) * 2 + (path >> 1)  # (j - z0) / 2
        place = _places(words, parity.ravel()[: words.size])
        return Quantised(halves.ravel()[: words.size] + place // CELLS, place % CELLS)

    def read(self, reader: RangeReader, tables: Ints, lowest: int, words: Words) -> Reconstructed:
        """Step by step: only the integers read so far tell the state, and so the cell and the table, of the next."""
        _, lanes = lanes_of(words.size)
        weights, after = coder_weights(tables), machine().after
        state, found, parity = np.zeros(lanes, np.intp), np.empty(words.size, np.int64), np.empty(words.size, np.intp)
        for start in range(0, words.size, lanes):
            part = slice(start, start + lanes)
            state = state[: words[part].size]
            parity[part] = state & 1
            place = _places(words[part], state & 1)
            found[part] = reader.get_each(weights[place % CELLS]).astype(np.int64) + lowest
            state = after[state, (found[part] - place // CELLS) & 1]
        carried = _places(words, parity) // CELLS
        return Reconstructed(found, 2 * units(words) + parity / 2 + (found - carried))


def lanes_of(count: int) -> tuple[int, int]:
    """Steps T and lanes B that hold so many numbers, T at most 4096; number i is at step i // B of lane i % B."""
    lanes = max(1, -(-count // LONGEST))
    return -(-count // lanes), lanes


def _laid(values: Floats, shape: tuple[int, int]) -> Floats:
    filled = np.zeros(shape)
    filled.ravel()[: values.size] = values
    return filled


def _places(words: Words, parity: NDArray[np.integer]) -> Rows:
    """(u + z0) / 2 in cells: its whole steps were carried over, the rest is the cell of w."""
    return (words >> _PERIOD_SHIFT).astype(np.intp) + CELLS // 2 * parity
