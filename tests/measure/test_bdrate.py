import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from crosscodec.errors import UsageError
from crosscodec.measure.bdrate import bd_rate, curve, front

RATES, DECIBELS = (0.2, 0.4, 0.8, 1.6), (27.0, 29.5, 31.6, 33.1)


def test_a_codec_beside_itself():
    found = bd_rate(curve(RATES, DECIBELS), curve(RATES, DECIBELS))
    assert (found.percent, found.low, found.high, found.share) == (0.0, 27.0, 33.1, 1.0)


@given(st.floats(0.1, 10))
def test_a_constant_factor_of_rate_is_found_whatever_the_curve(factor):
    found = bd_rate(curve(RATES, DECIBELS), curve([factor * rate for rate in RATES], DECIBELS))
    assert found.percent == pytest.approx(100 * (factor - 1), abs=1e-9)


def test_straight_lines_by_hand():
    # log2 rate is quality, and quality / 2 from the same point: mean difference over 0 .. 2 is half of 1 bit.
    found = bd_rate(curve((1, 2, 4), (0, 1, 2)), curve((1, 2), (0, 2)))
    assert found.percent == pytest.approx(100 * (2**-0.5 - 1))


def test_the_overlap_and_its_share():
    found = bd_rate(curve((1, 2, 4), (0, 1, 2)), curve((2, 4, 8), (1, 2, 3)))
    assert (found.low, found.high, found.share) == (1, 2, pytest.approx(1 / 3))
    assert found.percent == pytest.approx(0, abs=1e-9)
    assert found.describe() == "+0.0 % over 1 … 2 (33% of both curves)"


def test_against_a_sum_over_many_qualities():
    rates, decibels = (0.15, 0.35, 0.9, 2.0, 2.2), (26.0, 29.0, 31.0, 32.0, 33.0)
    found = bd_rate(curve(RATES, DECIBELS), curve(rates, decibels))
    grid = np.linspace(27, 33, 200_001)
    logs = PchipInterpolator(decibels, np.log10(rates))(grid) - PchipInterpolator(DECIBELS, np.log10(RATES))(grid)
    assert found.percent == pytest.approx(100 * (10 ** np.mean(logs) - 1), abs=1e-3)


def test_swapping_the_two_inverts_the_ratio():
    other = curve((0.15, 0.35, 0.9, 2.0), (26.0, 29.0, 31.0, 32.0))
    there, back = bd_rate(curve(RATES, DECIBELS), other), bd_rate(other, curve(RATES, DECIBELS))
    assert (1 + there.percent / 100) * (1 + back.percent / 100) == pytest.approx(1)


def test_points_are_sorted():
    assert curve((4, 1, 2), (2, 0, 1)) == curve((1, 2, 4), (0, 1, 2))


@pytest.mark.parametrize(
    ("rates", "qualities"),
    [
        ((1, 2, 3), (1, 3, 2)),
        ((1, 2, 3), (1, 2, 2)),
        ((1, 1, 2), (1, 2, 3)),
        ((1,), (1,)),
        ((), ()),
        ((0, 1), (1, 2)),
        ((1, 2), (1, math.inf)),
        ((1, 2), (1, math.nan)),
        ((1, 2), (1, 2, 3)),
    ],
)
def test_what_is_no_rising_curve_is_refused(rates, qualities):
    with pytest.raises(UsageError):
        curve(rates, qualities)


def test_curves_that_share_no_quality_are_refused():
    for other in (curve((1, 2), (2, 3)), curve((1, 2), (5, 6))):
        with pytest.raises(UsageError, match="no quality"):
            bd_rate(curve((1, 2), (0, 2)), other)


def test_the_front_leaves_out_what_is_beaten():
    rates, qualities = (1, 2, 3, 4, 4, 5), (10, 12, 11, 12, 13, 12.5)
    assert front(rates, qualities) == [0, 1, 4]
    assert front((2, 1, 1), (3, 3, 2)) == [1]
    kept = front(rates, qualities)
    curve([rates[place] for place in kept], [qualities[place] for place in kept])
    with pytest.raises(UsageError):
        front((1, -1), (1, 2))
