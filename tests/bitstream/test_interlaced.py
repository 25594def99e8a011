"""The passes over positions, beside the page's own way of telling which position is whose."""

import numpy as np
import pytest

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.interlaced import MOST_PASSES, REACH, SIDE, Pass, interlaced
from crosscodec.errors import UsageError

from .plain import plain_pass

GRIDS = [Grid(9, 17), Grid(5, 4), Grid(1, 6), Grid(7, 1), Grid(1, 1), Grid(0, 3)]


@pytest.mark.parametrize("passes", range(1, MOST_PASSES + 1))
@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_every_position_is_in_the_pass_of_the_page(grid: Grid, passes: int) -> None:
    order = interlaced(grid, passes)
    found = np.full(grid.rows * grid.columns, -1)
    for number, over in enumerate(order.over):
        assert (found[over.places] == -1).all()
        found[over.places] = number
    expected = [plain_pass(r, c, passes) for r in range(grid.rows) for c in range(grid.columns)]
    assert found.tolist() == expected


def test_a_pass_fills_half_of_what_is_there_already() -> None:
    sizes = [len(over.places) for over in interlaced(Grid(32, 48), 5).over]
    assert sizes == [96, 96, 192, 384, 768]
    assert interlaced(Grid(32, 48), 5).first_shape == (8, 12)
    assert interlaced(Grid(5, 4), 3).first_shape == (3, 2)


@pytest.mark.parametrize("passes", range(2, MOST_PASSES + 1))
def test_neighbours_are_of_earlier_passes_and_nearest_first(passes: int) -> None:
    grid = Grid(33, 35)
    order = interlaced(grid, passes)
    whose = order.framed(np.array([[plain_pass(r, c, passes) for r in range(33) for c in range(35)]]) + 1)[0]
    assert order.passes[0].known == ()
    for number, (one, over) in enumerate(zip(order.passes[1:], order.over[1:], strict=True), 1):
        assert set(one.nearest) <= set(one.known)
        for neighbour in range(SIDE * SIDE):
            there = whose[over.framed + order.away(number, np.array([neighbour]))]
            there = there[there > 0] - 1  # in the picture
            if neighbour in one.known:
                assert there.max() < number
            else:
                # Some of the others are of earlier passes too where those of a diagonal pass are looked at from afar.
                assert not one.straight or there.max() >= number
        distances = np.hypot(*(np.array(np.divmod(np.array(one.known), SIDE)) - REACH))
        four = np.hypot(*(np.array(np.divmod(np.array(one.nearest), SIDE)) - REACH))
        assert len(four) == 4
        assert four.max() == distances.min()


def test_how_many_of_the_nearest_lie_in_the_picture() -> None:
    order = interlaced(Grid(3, 3), 2)
    assert order.over[1].places.tolist() == [1, 3, 5, 7]
    assert order.over[1].inside.tolist() == [3, 3, 3, 3]
    assert interlaced(Grid(1, 4), 2).over[1].inside.tolist() == [2, 1]
    assert interlaced(Grid(3, 3), 3).over[1].inside.tolist() == [4]


def test_frames_come_off_again() -> None:
    order = interlaced(Grid(4, 5), 4)
    planes = np.arange(40, dtype=np.int32).reshape(2, 20)
    framed = order.framed(planes)
    assert framed.shape == (2, order.size)
    assert np.array_equal(order.unframed(framed), planes)
    assert framed.sum() == planes.sum()
    for over in order.over:
        assert np.array_equal(framed[:, over.framed], planes[:, over.places])


def test_passes_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="1 to 7 passes; pass 0 of 8 is none"):
        Pass(0, 8)
    with pytest.raises(UsageError, match="pass 2 of 2"):
        Pass(2, 2)
