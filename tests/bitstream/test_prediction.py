"""Differences to what neighbours foretell, beside a loop that is plain to read, and back."""

import numpy as np
import pytest

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.limits import LARGEST_SYMBOL
from crosscodec.bitstream.prediction import differences, undo_differences

from .plain import plain_interlaced

GRIDS = [Grid(5, 7), Grid(1, 4), Grid(6, 1), Grid(1, 1), Grid(0, 3), Grid(9, 9)]
POSITIONS = sum(grid.rows * grid.columns for grid in GRIDS)


def drawn(most, channels=4, seed=0):
    return np.random.default_rng(seed).integers(-most, most + 1, (channels, POSITIONS)).astype(np.int32)


def restored(numbers, grids, channels):
    symbols = numbers.copy()
    undo_differences(symbols, grids, channels)
    return symbols


def by_hand(plane):
    """What docs/format.md says, position after position, in Python's own integers."""
    rows, columns = plane.shape
    found = []
    for row in range(rows):
        for column in range(columns):
            a = int(plane[row, column - 1]) if column else None
            b = int(plane[row - 1, column]) if row else None
            if a is None or b is None:
                guess = (0 if a is None else a) if b is None else b
            else:
                guess = sorted([a, b, a + b - int(plane[row - 1, column - 1])])[1]
            number = int(plane[row, column]) - guess
            if abs(number) > LARGEST_SYMBOL:
                number -= (2 * LARGEST_SYMBOL + 1) * (1 if number > 0 else -1)
            found.append(number)
    return found


@pytest.mark.parametrize("most", [3, 1000, LARGEST_SYMBOL])
def test_numbers_are_what_the_page_says(most):
    symbols = drawn(most)
    numbers = differences(symbols, GRIDS, (0, 2))
    assert numbers.dtype == np.int32
    assert np.array_equal(numbers[[1, 3]], symbols[[1, 3]])
    start = 0
    for grid in GRIDS:
        span = slice(start, start + grid.rows * grid.columns)
        for channel in (0, 2):
            assert numbers[channel, span].tolist() == by_hand(symbols[channel, span].reshape(grid.rows, grid.columns))
        start = span.stop


@pytest.mark.parametrize("most", [3, 1000, LARGEST_SYMBOL])
def test_and_back(most):
    symbols = drawn(most)
    numbers = differences(symbols, GRIDS, (0, 2, 3))
    assert np.abs(numbers.astype(np.int64)).max() <= LARGEST_SYMBOL
    assert np.array_equal(restored(numbers, GRIDS, (0, 2, 3)), symbols)


def test_every_number_stands_for_symbols():
    """A damaged payload decodes to something, which the digest then refuses; nothing overflows."""
    numbers = drawn(LARGEST_SYMBOL)
    symbols = restored(numbers, GRIDS, (0, 1))
    assert np.abs(symbols.astype(np.int64)).max() <= LARGEST_SYMBOL
    assert np.array_equal(differences(symbols, GRIDS, (0, 1)), numbers)


def test_slopes_and_edges_are_foretold():
    row, column = np.mgrid[:8, :9]
    slope = (3 * row - 5 * column).astype(np.int32)
    edge = np.where(column > 4, 90, 10).astype(np.int32)
    grids = [Grid(8, 9)]
    numbers = differences(np.stack([slope.ravel(), edge.ravel()]), grids, (0, 1)).reshape(2, 8, 9)
    assert not numbers[:, 1:, 1:].any()


def test_without_predicted_channels_nothing_is_touched():
    symbols = drawn(9)
    assert differences(symbols, GRIDS, ()) is symbols
    assert np.array_equal(restored(symbols, GRIDS, ()), symbols)


@pytest.mark.parametrize("most", [3, 1000, LARGEST_SYMBOL])
@pytest.mark.parametrize("passes", [3, 5, 7])
def test_in_passes_as_the_page_says_and_back(most, passes):
    symbols = drawn(most)
    counts = (passes, 1, passes)
    numbers = differences(symbols, GRIDS, (0, 1, 3), counts)
    assert np.array_equal(numbers[1], differences(symbols, GRIDS, (1,))[1])
    for channel in (0, 3):
        known = plain_interlaced(numbers[channel].tolist(), GRIDS, passes, passes)
        assert [value for picture in known for row in picture for value in row] == symbols[channel].tolist()
    assert np.abs(numbers).max() <= LARGEST_SYMBOL
    undo_differences(numbers, GRIDS, (0, 1, 3), counts)
    assert np.array_equal(numbers, symbols)


def test_a_plane_costs_nothing_but_its_first_pass():
    """Means of symbols on both sides foretell a slope everywhere but at the edges."""
    rows, columns = np.indices((17, 17))
    slope = (3 * rows + 2 * columns).astype(np.int32).reshape(1, -1)
    numbers = differences(slope, [Grid(17, 17)], (0,), (5,)).reshape(17, 17)
    first = numbers[::4, ::4].copy()
    numbers[::4, ::4] = 0
    assert not numbers[1:-1, 1:-1].any()
    assert numbers[0].any()
    assert first[1:, 1:].any()
