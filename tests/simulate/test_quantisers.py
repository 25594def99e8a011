"""Subtractive dither: a uniform error that knows nothing of the source, and reconstructions that both sides share."""

import numpy as np
import pytest
from scipy import stats

from crosscodec.randomness import draw_bits, draw_normal
from crosscodec.simulate.quantisers import CELLS, ScalarQuantiser, units
from crosscodec.simulate.ranges import RangeReader, RangeWriter, shares

COUNT = 100_000


@pytest.mark.parametrize("spread", [0.0, 0.1, 1.0, 20.0])
def test_the_error_is_uniform_and_independent(spread):
    z, words = spread * draw_normal(1, "z", 0, COUNT), draw_bits(1, "w", 0, COUNT)
    error = units(words) + ScalarQuantiser().quantise(z, words).integers - z
    assert np.abs(error).max() <= 0.5
    assert stats.kstest(error, "uniform", args=(-0.5, 1)).statistic < 1.95 / np.sqrt(COUNT)
    for power in (1, 2):
        if spread:
            assert abs(np.corrcoef(z**power, error**power)[0, 1]) < 4 / np.sqrt(COUNT)


def test_cells_are_those_of_the_dither():
    words = draw_bits(1, "w", 0, COUNT)
    cells = ScalarQuantiser().quantise(np.zeros(COUNT), words).cells
    assert np.array_equal(cells, np.floor(units(words) * CELLS).astype(int))


def test_units_stay_inside():
    ends = units(np.array([0, 2**64 - 1], np.uint64))
    assert 0 < ends[0] < ends[1] < 1


def test_what_is_read_is_what_was_quantised():
    z, words = draw_normal(1, "z", 0, 1000), draw_bits(1, "w", 0, 1000)
    found, tables, writer = ScalarQuantiser().quantise(z, words), shares(np.ones((CELLS, 20))), RangeWriter()
    writer.put_each((found.integers + 10).astype(np.int32), tables, found.cells)
    read = ScalarQuantiser().read(RangeReader(writer.data()), tables, -10, words)
    assert np.array_equal(read.integers, found.integers)
    assert np.abs(read.values - z).max() <= 0.5
