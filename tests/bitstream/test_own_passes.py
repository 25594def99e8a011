"""Which choices own inputs lead to is compared with the page in test_network_watch.py; here what they are."""

import numpy as np

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network_inputs import COARSE, FINE, OwnRows
from crosscodec.bitstream.own_passes import OwnPasses
from crosscodec.bitstream.prediction import differences


def looking(around: list[int], own: list[list[int]], first: int) -> OwnRows:
    return OwnRows.of(np.array(around, np.int64), np.array(own, np.int64), Pass(1, 2).nearest, first)


def test_inputs_of_the_second_of_two_passes() -> None:
    """Channels 5 and 6 of a picture of 2 x 3; the second pass is over the positions 1, 3 and 5."""
    own = OwnPasses(2, [], 2, [Grid(2, 3)])
    assert own.places(1).tolist() == [1, 3, 5]
    own.add(0, 0, np.array([[3, -40, 200], [0, 1, 0]], np.int32))  # at 0, 2 and 4
    network = looking([5, 6], [[5, 11, COARSE], [5, 13, FINE], [6, 17, COARSE]], 5)
    found = own.inputs(1, 0, slice(None), network)
    sums = [32 * np.log2(1 + (3 + 15 + 15) / 4), 32 * np.log2(1 + (3 + 15) / 4), 32 * np.log2(1 + (15 + 15) / 4)]
    assert found[0].tolist() == np.minimum(np.round(sums), 127).tolist()
    assert found[1].tolist() == [round(32 * np.log2(1.25)), 0, round(32 * np.log2(1.25))]
    assert found[2].tolist() == [3, 0, 127]  # on the left; outside the picture 0
    assert found[3].tolist() == [-127, 127, 0]  # on the right, by its logarithm
    assert found[4].tolist() == [0, 0, 0]  # below
    assert own.inputs(1, 0, slice(1, 2), network).tolist() == found[:, 1:2].tolist()
    own.add(1, 0, np.array([[1, 2, 3]], np.int32))  # channel after channel, as of large pictures
    own.add(1, 1, np.array([[4, 5, 6]], np.int32))
    assert own.numbers.tolist() == [[3, 1, -40, 2, 127, 3], [0, 4, 1, 5, 0, 6]]


def test_predicted_channels_count_by_their_symbols_above_the_mean() -> None:
    rng = np.random.default_rng(1)
    grids = [Grid(5, 6), Grid(4, 3)]
    symbols = rng.integers(-30, 31, (2, 42)).astype(np.int32)
    numbers = differences(symbols, grids, [1], [3])
    own = OwnPasses(2, [1], 3, grids)
    for number in (0, 1):
        own.add(number, 0, numbers[:, own.places(number)])
    found = own.inputs(2, 0, slice(None), looking([], [[1, 11, COARSE], [0, 11, COARSE]], 0))
    places = own.of_picture(2, 0).tolist()
    here = places.index(13)  # row 2, column 1: all four lie in the picture
    mean = np.floor(symbols[1, [7, 12, 14, 19]].sum() / 4 + 0.5)
    assert found[:, here].tolist() == [symbols[1, 12] - mean, symbols[0, 12]]
    own.add(2, 0, numbers[:, own.places(2)])
    assert own.symbols(1).tolist() == symbols[1].tolist()
    assert OwnPasses(1, [], 2, []).places(0).size == 0
