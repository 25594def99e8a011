"""The range coder on tables of 2^24: exactly the integers, at their price."""

import constriction
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.errors import CorruptData, UsageError
from crosscodec.simulate.ranges import TOTAL, RangeReader, RangeWriter, coder_weights, shares

TABLES = [(TOTAL - 1, 1), (1, TOTAL - 1), (TOTAL // 2, TOTAL // 2), (1, 1, TOTAL - 2), tuple(range(1, 300))]


@pytest.mark.parametrize("table", TABLES, ids=len)
def test_the_model_is_exactly_the_integers(table):
    table = (*table[:-1], TOTAL - sum(table[:-1]))
    model = constriction.stream.model.Categorical(coder_weights(np.array(table)), perfect=False)
    unit, before = (2**64 - 1) >> 24, 0
    for entry, frequency in enumerate(table):
        encoder = constriction.stream.queue.RangeEncoder()
        encoder.encode(entry, model)
        assert encoder.pos() == (0, (before * unit, frequency * unit))
        before += frequency


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).filter(any))
def test_shares_are_whole_and_proportional(weights):
    weights = np.array(weights)
    found = shares(weights)
    assert found.sum() == TOTAL
    assert found.min() >= 1
    assert np.abs(found - TOTAL * weights / weights.sum()).max() <= 2 * weights.size


def test_shares_go_row_by_row():
    rows = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 5.0]])
    assert np.array_equal(shares(rows), [shares(rows[0]), shares(rows[1])])


@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, -1.0], [np.inf, 1.0], [np.nan, 1.0]])
def test_weights_that_cannot_be(weights):
    with pytest.raises(UsageError, match="finite, not negative"):
        shares(np.array(weights))


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 8), st.integers(2, 30))
def test_turns_read_back(seed, count, size):
    rng = np.random.default_rng(seed)
    tables = shares(rng.gamma(0.2, size=(count, size)))
    rows, writer = rng.integers(0, count, 500), RangeWriter()
    symbols = rng.integers(0, size, 500).astype(np.int32)
    writer.put(symbols[:100], tables[0])
    writer.put_each(symbols[100:], tables, rows[100:])
    reader = RangeReader(writer.data())
    assert np.array_equal(reader.get(100, tables[0]), symbols[:100])
    assert np.array_equal(reader.get_each(coder_weights(tables)[rows[100:200]]), symbols[100:200])
    assert np.array_equal(reader.get_all(tables, rows[200:]), symbols[200:])


def test_the_price_is_that_of_the_tables():
    rng = np.random.default_rng(1)
    tables = shares(rng.gamma(1.0, size=(64, 20)))
    rows = rng.integers(0, 64, 200_000)
    cumulative = tables.cumsum(axis=1)
    symbols = (rng.integers(0, TOTAL, rows.size)[:, None] >= cumulative[rows]).sum(axis=1).astype(np.int32)
    writer = RangeWriter()
    writer.put_each(symbols, tables, rows)
    ideal = -np.log2(tables[rows, symbols] / TOTAL).sum()
    assert ideal <= 8 * len(writer.data()) <= ideal + 2e-4 * rows.size + 64


def test_nothing_costs_nothing():
    writer, table = RangeWriter(), shares(np.ones(2))
    writer.put(np.empty(0, np.int32), table)
    writer.put_each(np.empty(0, np.int32), table[None], np.empty(0, np.intp))
    assert writer.data() == b""
    assert RangeReader(b"").get(0, table).size == 0


def test_mistakes_are_named():
    with pytest.raises(CorruptData, match="words of 4 bytes"):
        RangeReader(b"12345")
    with pytest.raises(UsageError, match="refused"):
        RangeWriter().put(np.array([5], np.int32), shares(np.ones(2)))
