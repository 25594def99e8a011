import numpy as np
import pytest

from crosscodec.learn.heldout import content, held_out, related


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
    (found,) = held_out([range(count)], every)
    assert found.shape == (count,)
    assert found.nonzero()[0].tolist() == apart


def test_what_is_there_twice_lies_on_one_side():
    first, second = held_out(["abcbac", "xcby"], 3)
    assert first.nonzero()[0].tolist() == [2, 5]  # c, both times
    assert second.nonzero()[0].tolist() == [1, 3]  # c again, and of the new ones x, y the last
    assert not held_out(["aaaa"], 2)[0].any(), "one picture is no two"


def test_content_is_size_and_values():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert content(pixels) == content(pixels.copy(order="F"))
    others = (pixels.reshape(4, 3), pixels + 1, pixels.astype(np.float32))
    assert len({content(pixels), *map(content, others)}) == 4


def test_what_is_linked_has_one_key():
    assert related("abcdef", []) == list("abcdef")
    assert related("abcdef", ["fd", "bd", "ac"]) == ["a", "b", "a", "b", "e", "b"]
    chain = [f"{number}" for number in range(2000)]
    assert set(related(chain, zip(chain[1:], chain, strict=False))) == {"0"}
