import xml.etree.ElementTree as ET

import pytest

from crosscodec.report.figure_plots import figure_picture
from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.series_look import series_looks


def figure(panels: int = 1) -> FigureData:
    names = [f"panel {number}" for number in range(panels)]
    points = [
        point
        for name in names
        for point in (
            Point(name, "theory", "bound", 0, None),
            Point(name, "theory", "bound", 1, 0.5),
            Point(name, "theory", "printed", 1, 0.4),
            Point(name, "code & co", "measured", 1, 0.6, 0.5, 0.7, 3),
            Point(name, "paper", "quoted", 1, 0.8),
        )
    ]
    return FigureData("key", "A title", "a paper", tuple(Panel(name, "x", "y") for name in names), tuple(points))


@pytest.mark.parametrize("panels", [1, 2, 5])
def test_every_panel_series_and_kind_is_named(panels):
    picture = figure_picture(figure(panels)).decode()
    ET.fromstring(picture)
    for text in ("A title", "theory, bound", "theory, printed", "code &amp; co, measured", "paper, quoted"):
        assert text in picture
    assert picture.count("theory, bound") == panels


def test_equal_figures_give_equal_bytes():
    assert figure_picture(figure()) == figure_picture(figure())
    assert b"dc:date" not in figure_picture(figure())


def test_png_too():
    assert figure_picture(figure(), "png").startswith(b"\x89PNG")


def test_series_have_the_colours_of_the_page():
    """Whoever knows a series on the report's page knows it in the picture."""
    drawn = figure(2)
    picture = figure_picture(drawn).decode().upper()
    looks = series_looks(drawn)
    assert len({look.colour for look in looks.values()}) == 3
    for look in looks.values():
        assert picture.count(f"STROKE: {look.colour}") > 0
