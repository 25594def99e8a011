"""The trellis: nearest paths, the error's law, and a reader that follows the states."""

from itertools import product

import numpy as np
import pytest

from crosscodec.randomness import draw_bits, draw_normal
from crosscodec.simulate.quantisers import CELLS
from crosscodec.simulate.ranges import RangeReader, RangeWriter, shares
from crosscodec.simulate.trellis import ERRORS, STATES, TrellisQuantiser, lanes_of, machine, nearest_path

SMALL = machine(8, (0o13, 0o4))


@pytest.mark.parametrize("trellis", [machine(), SMALL])
def test_two_ways_in_and_two_ways_out(trellis):
    states = len(trellis.after)
    assert sorted(trellis.after.ravel().tolist()) == sorted([*range(states), *range(states)])
    for state in range(states):
        for before, subset in zip(trellis.before[state], trellis.subset[state], strict=True):
            assert trellis.after[before, subset >> 1] == state
            assert subset & 1 == before & 1
    assert (trellis.after[:, 0] != trellis.after[:, 1]).all()


def test_sequences_satisfy_the_parity_checks():
    rng, state, first, second = np.random.default_rng(1), 0, [], []
    for bit in rng.integers(0, 2, 200):
        first.append(state & 1)
        second.append(bit)
        state = machine().after[state, bit]
    checks = [np.array([check >> i & 1 for i in range(9)]) for check in (0o515, 0o362)]
    total = np.convolve(first, checks[0])[:200] + np.convolve(second, checks[1])[:200]
    assert (total % 2 == 0).all()


def brute_force(points):
    """The least squared error over all paths of one lane, each subset at its nearest point."""
    best = np.inf
    for bits in product((0, 1), repeat=len(points)):
        state, cost = 0, 0.0
        for point, bit in zip(points, bits, strict=True):
            away = (point - (state & 1) - 2 * bit + 2) % 4 - 2
            cost += away**2
            state = SMALL.after[state, bit]
        best = min(best, cost)
    return best


def test_the_path_is_the_nearest():
    points = np.random.default_rng(2).uniform(-9, 9, (9, 12))
    path = nearest_path(points, SMALL)
    away = (points - path + 2) % 4 - 2
    for lane in range(12):
        assert (away[:, lane] ** 2).sum() == pytest.approx(brute_force(points[:, lane]), rel=1e-5)
        state = 0
        for subset in path[:, lane].tolist():
            assert subset & 1 == state & 1
            state = SMALL.after[state, subset >> 1]


def errors(scaled, seed=1):
    words = draw_bits(seed, "w", 0, scaled.size)
    quantiser, tables, writer = TrellisQuantiser(), shares(np.ones((CELLS, 40))), RangeWriter()
    found = quantiser.quantise(scaled, words)
    writer.put_each((found.integers + 20).astype(np.int32), tables, found.cells)
    read = quantiser.read(RangeReader(writer.data()), tables, -20, words)
    assert np.array_equal(read.integers, found.integers)
    return read.values - scaled


@pytest.mark.parametrize("count", [0, 1, 2, 4096, 4097, 10_000])
def test_the_reader_follows_the_states(count):
    assert np.abs(errors(3 * draw_normal(1, "z", 0, count))).max(initial=0) < 1


def test_the_error_has_the_law_in_the_table_whatever_the_source():
    law = np.array(ERRORS) / sum(ERRORS)
    count = 200_000
    for spread in (0.0, 0.3, 3.0):
        z = spread * draw_normal(1, "z", 0, count)
        found = errors(z)
        counts = np.histogram(np.abs(found), bins=len(ERRORS), range=(0, 1))[0]
        # Neighbours in a lane are not independent, and a path has ends: some room beyond a multinomial's.
        assert np.abs(counts / count - law).max() < 5 * np.sqrt(law.max() / count)
        assert 10 * np.log10(1 / 12 / np.mean(found**2)) == pytest.approx(1.335, abs=0.03)
        if spread:
            assert abs(np.corrcoef(z, found)[0, 1]) < 4 / np.sqrt(count)
            assert abs(np.corrcoef(z**2, found**2)[0, 1]) < 4 / np.sqrt(count)


def test_masses_are_a_symmetric_law():
    quantiser = TrellisQuantiser()
    assert sum(ERRORS) == 200_000_000
    assert quantiser.masses.sum() == pytest.approx(1)
    assert np.array_equal(quantiser.masses, quantiser.masses[::-1])
    assert quantiser.edges.size == quantiser.masses.size + 1 == 65
    assert STATES == len(machine().after) == 256


def test_lanes_hold_every_number_once():
    for count in (0, 1, 4096, 4097, 5000, 10**6):
        steps, lanes = lanes_of(count)
        assert steps <= 4096
        assert steps * lanes >= count
        assert (steps - 1) * lanes < max(count, 1)
