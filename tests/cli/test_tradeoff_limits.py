"""Limits as text: numbers, lists, ranges, and grids of at most two that vary."""

import numpy as np
import pytest

from crosscodec.cli.tradeoff_limits import grid_for, grid_of, parse_limits
from crosscodec.errors import UsageError


def test_limits():
    assert parse_limits("rate", "0:1:3").tolist() == [0, 0.5, 1]
    assert parse_limits("rate", "0.1,inf").tolist() == [0.1, np.inf]
    with pytest.raises(UsageError, match="--label-entropy '1;2': write a number"):
        parse_limits("label_entropy", "1;2")


def test_grids_spread_what_varies_and_repeat_the_rest():
    grid = grid_of(rate="0:1:3", label_entropy="0.5", perception="0,0.1")
    assert grid.names == ("rate", "perception")
    assert grid.shape == (3, 2)
    assert grid.limits["rate"][:, 0].tolist() == [0, 0.5, 1]
    assert grid.limits["perception"][0].tolist() == [0, 0.1]
    assert (grid.limits["label_entropy"] == 0.5).all()
    assert grid_of(rate="1").shape == ()
    with pytest.raises(UsageError, match="at most two limits may vary, here a, b, c do"):
        grid_of(a="0,1", b="0,1", c="0,1")


TEXTS = {"rate": "1", "distortion": "2", "label_entropy": "3", "perception": "4"}


def test_a_quantity_takes_its_own_limits():
    assert set(grid_for("rate", **TEXTS).limits) == {"distortion", "label_entropy", "perception"}
    assert set(grid_for("distortion", **TEXTS).limits) == {"rate", "label_entropy", "perception"}
    assert set(grid_for("information", **TEXTS).limits) == {"rate", "label_entropy"}


def test_an_axis_is_as_it_was_written():
    grid = grid_of(rate="1,0.5,0.5", label_entropy="0.5", perception="0,0.1")
    assert grid.axis("rate").tolist() == [1, 0.5, 0.5]
    assert grid.axis("perception").tolist() == [0, 0.1]


@pytest.mark.parametrize("text", ["0:inf:3", "-inf:0:2", "nan", "0:nan:3"])
def test_no_range_without_ends_and_no_number_that_is_none(text):
    with pytest.raises(UsageError, match=f"--rate '{text}': write a number"):
        parse_limits("rate", text)
