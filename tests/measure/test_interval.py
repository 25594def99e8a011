"""Intervals against tables of Student's t, and against the coverage that they promise."""

import math

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.measure.interval import MeanInterval, mean_interval


def test_known_intervals() -> None:
    found = mean_interval([1.0, 2.0, 3.0])
    assert (found.mean, found.n) == (2.0, 3)
    assert found.half_width == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)  # t(.975; 2)
    assert mean_interval([1, 2, 3, 4, 5], 0.99).half_width == pytest.approx(
        4.604095 * math.sqrt(2.5) / math.sqrt(5), rel=1e-6
    )
    assert mean_interval([2.0, 2.0]).half_width == 0.0


def test_one_value_has_no_width() -> None:
    assert mean_interval([0.25]) == MeanInterval(0.25, None, 1)
    assert mean_interval([0.25]).describe() == "0.2500"
    assert MeanInterval(0.94321, 0.00512, 3).describe(3) == "0.943 ± 0.005"


def test_it_covers_as_often_as_it_says() -> None:
    draws = np.random.default_rng(0).normal(5.0, 2.0, size=(4000, 4))
    intervals = [mean_interval(list(row), 0.9) for row in draws]
    covered = np.mean([abs(found.mean - 5.0) <= found.half_width for found in intervals])
    assert covered == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(
    ("values", "level"), [([], 0.95), ([math.nan, 1.0], 0.95), ([math.inf], 0.95), ([1.0], 0.0), ([1.0], 1.0)]
)
def test_impossible_means_are_refused(values, level) -> None:
    with pytest.raises(UsageError):
        mean_interval(values, level)
