"""The drawing of rate and PSNR: points stand where their numbers say, and text is escaped."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from crosscodec.report.cards import Curve, CurvePoint
from crosscodec.report.curve import rate_curve_svg

OURS = Curve(
    "Restored by <b> & co", True, (CurvePoint(0, 0.1, 25.0), CurvePoint(50, 0.4, 29.0), CurvePoint(90, 1.0, 32))
)
PEER = Curve("JPEG 2000", False, (CurvePoint(0, 0.1, 22.0), CurvePoint(50, 0.4, 23.0)))


def places(svg, kind):
    circles = [circle for circle in ElementTree.fromstring(svg).iter("circle") if circle.get("class") == kind]
    return [(float(circle.get("cx")), float(circle.get("cy"))) for circle in circles]


def test_points_stand_where_their_numbers_say():
    svg = rate_curve_svg([OURS, PEER])
    (x0, y0), (x1, y1), (x2, y2) = places(svg, "ours")
    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.3 / 0.9, abs=1e-3)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(4 / 7, abs=1e-3)
    (p0, _), (p1, _) = places(svg, "peer")
    assert (p0, p1) == (x0, x1)


def test_every_point_lies_inside():
    root = ElementTree.fromstring(rate_curve_svg([OURS, PEER]))
    _, _, width, height = map(float, root.get("viewBox").split())
    numbers = [element for element in root.iter() if element.get("x")]
    assert all(0 <= float(element.get("x")) <= width and 0 <= float(element.get("y")) <= height for element in numbers)
    assert all(0 <= x <= width and 0 <= y <= height for x, y in places(rate_curve_svg([OURS, PEER]), "ours"))


def test_text_is_escaped_and_the_numbers_are_told():
    svg = rate_curve_svg([OURS])
    assert "<b>" not in svg
    assert "&lt;b&gt; &amp; co" in svg
    assert "29.00 dB at 0.400 bits a pixel" in ElementTree.fromstring(svg).get("aria-label")
    assert re.findall(r">(q\d+)<", svg) == ["q0", "q50", "q90"]


@pytest.mark.parametrize("curves", [[], [Curve("one", True, (CurvePoint(5, 0.1, 20.0),))]])
def test_less_than_two_points_is_no_curve(curves):
    assert rate_curve_svg(curves) == ""


def test_equal_rates_and_large_numbers_are_drawn():
    flat = Curve("flat", True, (CurvePoint(0, 0.5, 30.0), CurvePoint(1, 0.5, 30.0)))
    assert len(places(rate_curve_svg([flat]), "ours")) == 2
    assert "nan" not in rate_curve_svg([flat])
