from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.bitstream import network_watch
from crosscodec.bitstream.coder import decode_symbols, encode_symbols, model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.network import GroupNetwork, NetworkLayout
from crosscodec.bitstream.network_inputs import COARSE, FINE
from crosscodec.bitstream.network_watch import AT_ONCE, NetworkWatch
from crosscodec.bitstream.prediction import differences
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel, walk_known

from .plain import plain_choices
from .samples import ContextCase, grids, network_layouts, networked_cases, random_layer
from .test_network import NOBODY, NOTHING, edges, layer


@settings(max_examples=60)
@given(network_layouts(), grids, st.integers(0, 2**32))
def test_choices_are_those_of_the_page(layout: NetworkLayout, shapes: list[Grid], seed: int) -> None:
    n = sum(grid.rows * grid.columns for grid in shapes)
    rng = np.random.default_rng(seed)
    numbers = np.rint(rng.laplace(size=(layout.channels, n)) * rng.choice([0.3, 3, 200])).astype(np.int32)
    watch, first = NetworkWatch(layout, shapes), 0
    for group, size in enumerate(layout.sizes):
        for number, places in enumerate(watch.passes(group)):
            tables, chosen = watch.choose(group, number, slice(first, first + size))
            positions, expected, signs = plain_choices(layout, group, number, numbers.tolist(), shapes)
            assert (places if places is not None else np.arange(n)).tolist() == positions
            assert tables.tolist() == expected
            assert (chosen < 0).tolist() == signs
            # As a walk of a large picture takes them.
            last = watch.choose(group, number, slice(first + size - 1, first + size))[0]
            assert np.array_equal(last, tables[-1:])
            for channel in range(first, first + size):
                watch.see(group, number, numbers[channel : channel + 1, positions])
            watch.close(group, number)
        first += size


def test_a_large_picture_has_the_choices_of_its_parts() -> None:
    """Beyond AT_ONCE positions networks are computed part by part, whose edges may not show."""
    rng = np.random.default_rng(1)
    signed = np.array([[c, k, way] for c in (0, 1) for k in range(9) for way in (FINE, COARSE)])
    network = GroupNetwork(2, np.array([0, 1]), signed, (), random_layer(4, 41, 9, 5, rng))
    first = GroupNetwork(2, NOBODY, NOTHING, (), layer([[0]] * 4))
    layout = NetworkLayout((1,), edges([2, 40, 300], [9, 60, 900]), ((first,), (network,)), 50)
    columns = 64
    rows = AT_ONCE // columns + 5
    numbers = rng.integers(-9, 10, (2, rows * columns)).astype(np.int32)
    whole = NetworkWatch(layout, [Grid(rows, columns)])
    assert whole.passes(0) == [None]
    whole.see(0, 0, numbers)
    whole.close(0, 0)
    assert whole.passes(1) == [None]
    tables, chosen = whole.choose(1, 0, slice(2, 4))
    turned = chosen < 0
    _, expected, signs = plain_choices(layout, 1, 0, numbers.tolist(), [Grid(rows, columns)])
    assert tables.tolist() == expected
    assert turned.tolist() == signs
    assert len(np.unique(tables)) == 8
    assert turned.any()
    assert not turned.all()


@settings(max_examples=40)
@given(networked_cases(), st.integers(1, 30))
def test_how_many_positions_are_computed_at_once_does_not_matter(case: ContextCase, at_once: int) -> None:
    with mock.patch.object(network_watch, "AT_ONCE", at_once):
        payload = encode_symbols(case.symbols, case.model, case.grids)
    assert payload == encode_symbols(case.symbols, case.model, case.grids)


def test_signs_that_are_foretold_cost_less() -> None:
    """A second channel that has the sign of the slope of the first, as means foretell their neighbours' slopes."""
    rng = np.random.default_rng(3)
    grid = [Grid(40, 50)]
    first = np.cumsum(np.rint(rng.laplace(size=(40, 50)) * 2), axis=1).astype(np.int32)
    slope = np.diff(first, axis=1, append=first[:, -1:])
    symbols = np.stack([first.ravel(), (np.sign(slope) * (rng.random((40, 50)) < 0.7)).ravel()]).astype(np.int32)
    numbers = differences(symbols, grid, [0])
    bits = []
    for neighbour in (4, 5):  # blind: of the position itself the difference is nothing
        seeing = GroupNetwork(1, NOBODY, np.array([[0, neighbour, COARSE]]), (), layer([[0, 0], [0, 1]], [1, 0]))
        blind = GroupNetwork(1, NOBODY, NOTHING, (), layer([[0], [0]]))
        layout = NetworkLayout((0,), edges([1], [1]), ((blind,), (seeing,)))
        flat = EntropyModel(FrequencyTables.from_counts([np.ones(81)] * 4, [-40] * 4), layout)
        counts = np.full((4, 81), 0.02)
        for turn in walk_known(numbers, flat, grid):
            np.add.at(counts, (turn.rows, turn.coded(numbers[turn.channels]) + 40), 1)
        model = EntropyModel(FrequencyTables.from_counts(counts, [-40] * 4), layout)
        bits.append(model_bits(numbers, model, grid))
        assert np.array_equal(decode_symbols(encode_symbols(numbers, model, grid), 2000, model, grid), numbers)
    assert bits[0] - bits[1] > 0.9 * np.count_nonzero(symbols[1])  # nearly a bit for each sign
