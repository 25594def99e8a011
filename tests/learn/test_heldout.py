import pytest

from crosscodec.learn.heldout import held_out


@pytest.mark.parametrize(
    ("count", "every", "apart"),
    [
        (10, 4, [3, 7]),
        (8, 4, [3, 7]),
        (4, 4, [3]),
        (3, 4, [2]),  # fewer than one in four: the last
        (2, 50, [1]),
        (1, 50, []),  # nothing would be left to train on
        (9, 0, []),
        (0, 5, []),
    ],
)
def test_every_nth_and_of_fewer_the_last(count, every, apart):
    found = held_out(count, every)
    assert found.shape == (count,)
    assert found.nonzero()[0].tolist() == apart
