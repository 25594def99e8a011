"""Letters: several symbols in one, there and back, at the price of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.simulate.blocks import MOST_LETTERS, Letters
from crosscodec.simulate.ranges import TOTAL


@pytest.mark.parametrize(("size", "length"), [(2, 8), (3, 5), (4, 4), (6, 3), (16, 2), (17, 1), (300, 1)])
def test_as_many_symbols_as_fit(size, length):
    letters = Letters(np.ones(size, np.int64))
    assert letters.length == length
    assert letters.table().size == size**length
    assert letters.table().size <= max(MOST_LETTERS, size)


@given(st.lists(st.integers(1, 2**32), min_size=2, max_size=5), st.integers(0, 50), st.integers(0, 2**32))
def test_letters_unpack(weights, count, seed):
    letters = Letters(np.array(weights))
    symbols = np.random.default_rng(seed).integers(0, len(weights), count).astype(np.int32)
    packed = letters.pack(symbols)
    assert packed.size == letters.count(count) == -(-count // letters.length)
    assert packed.dtype == np.int32
    assert np.array_equal(letters.unpack(packed, count), symbols)


@given(st.lists(st.integers(1, 2**32), min_size=2, max_size=5))
def test_a_table_is_the_product_law(weights):
    letters = Letters(np.array(weights))
    table, law = letters.table(), np.array(weights) / sum(weights)
    assert table.sum() == TOTAL
    assert table.min() >= 1
    product = law
    for _ in range(letters.length - 1):
        product = np.multiply.outer(product, law).ravel()
    assert np.abs(table / TOTAL - product).max() <= 2 * table.size / TOTAL


def test_an_even_law_is_exact():
    assert set(Letters(np.array([7, 7])).table().tolist()) == {2**16}


def test_the_last_letter_is_filled_with_the_likeliest():
    letters = Letters(np.array([1, 9]))
    assert letters.unpack(letters.pack(np.zeros(1, np.int32)), 8).tolist() == [0] + [1] * 7
