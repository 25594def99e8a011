import math

import pytest

from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.least_rate import least_rate, panel_least_rate

PANEL = Panel("main", "rate, bits", "distortion")


def bound(*pairs, name="theory"):
    return [Point("main", name, "bound", x, y) for x, y in pairs]


FALLING = bound((0, 4), (1, 2), (2, 2), (3, 1), (4, None))


@pytest.mark.parametrize(
    ("value", "rate"),
    [(4, 0), (5, 0), (3, 0.5), (2, 1), (1.5, 2.5), (1, 3), (0.9, None), (math.nan, None)],
)
def test_a_falling_bound_is_read_backwards(value, rate):
    assert least_rate(FALLING, value) == (None if rate is None else pytest.approx(rate))
    assert least_rate(FALLING[::-1], value) == (None if rate is None else pytest.approx(rate))


def test_a_rising_bound_too():
    rising = bound((0, 0.1), (2, 0.5), (4, 0.9))
    assert least_rate(rising, 0.7) == pytest.approx(3)
    assert least_rate(rising, 0.0) == 0
    assert least_rate(rising, 0.95) is None


def test_what_a_bound_cannot_say_it_does_not_say():
    assert least_rate(bound((1, 4), (2, 3)), 5) is None  # whether less than 1 will do is not known
    assert least_rate(bound((1, 4), (2, 3)), 4) == 1
    assert least_rate(bound((0, 4), (1, 2), (2, 3)), 2.5) is None  # not monotone
    assert least_rate(bound((0, 4)), 4) is None
    assert least_rate([], 4) is None


def test_inversion_meets_the_theory():
    rates = [i / 50 for i in range(201)]
    exact = bound(*((r, 2.0 ** (-2 * r)) for r in rates))
    for value in (0.9, 0.5, 0.1, 0.01):
        assert least_rate(exact, value) == pytest.approx(-0.5 * math.log2(value), abs=1e-3)


def figure(*points, x="rate, bits"):
    return FigureData("key", "", "", (Panel("main", x, "distortion"),), points)


def test_its_own_bound_goes_before_the_lowest_of_all():
    point = Point("main", "code", "measured", 3.0, 2.0)
    low, own = bound((0, 3), (3, 0), name="low"), bound((0, 4), (4, 0), name="code")
    assert panel_least_rate(figure(*low, *own), PANEL, point) == (2, "code")
    measured = Point("main", "shared seed, code", "measured", 3.0, 2.0)
    assert panel_least_rate(figure(*low, *own), PANEL, measured) == (2, "code")
    assert panel_least_rate(figure(*low, *bound((0, 4), (4, 0), name="high")), PANEL, point) == (1, "low")


def test_no_bound_no_rate_no_value_no_answer():
    point = Point("main", "code", "measured", 3.0, 2.0)
    assert panel_least_rate(figure(), PANEL, point) is None
    other = figure(*FALLING, x="perception")
    assert panel_least_rate(other, other.panels[0], point) is None
    assert panel_least_rate(figure(*FALLING), PANEL, Point("main", "code", "measured", 3.0, None)) is None
