import plotly.graph_objects

from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.panel_surface import family_surface
from crosscodec.report.series_look import bound_families, series_looks

PANEL = Panel("main", "rate <bits>", "distortion")


def surface(*points):
    figure = FigureData("key", "", "", (PANEL,), points)
    (family,) = bound_families(figure, "main")
    return family_surface(figure, PANEL, family, series_looks(figure))


def bounds(levels=(0, 1, 2, 3), across=(0, 1, 2)):
    return [Point("main", f"P = {p}", "bound", x, p + 10.0 * x) for p in levels for x in across]


def test_heights_stand_where_rate_and_limit_say():
    (trace,) = surface(*bounds()).data
    assert (trace["x"], trace["y"]) == ([0, 1, 2], [0, 1, 2, 3])
    assert trace["z"] == [[p + 10.0 * x for x in range(3)] for p in range(4)]


def test_curves_with_points_of_their_own_are_interpolated_and_end_where_they_end():
    points = [point for point in bounds() if (point.series, point.x) not in {("P = 0", 1), ("P = 3", 2)}]
    (trace,) = surface(*points).data
    assert trace["z"][0] == [0.0, 10.0, 20.0]
    assert trace["z"][3] == [3.0, 13.0, None]


def test_a_gap_is_a_hole_and_its_neighbours_stay():
    points = [p if (p.series, p.x) != ("P = 1", 1) else Point("main", "P = 1", "bound", 1, None) for p in bounds()]
    (trace,) = surface(*points).data
    assert trace["z"][1] == [1.0, None, 21.0]


def test_what_was_measured_at_a_limit_stands_on_it_and_plotly_knows_every_word():
    found = surface(
        *bounds(), Point("main", "code, P = 2", "measured", 1, 13.0), Point("main", "other", "measured", 1, 1)
    )
    area, markers = found.data
    assert (markers["x"], markers["y"], markers["z"]) == ([1], [2.0], [13.0])
    assert area["meta"][0] == "rate &lt;bits&gt;"
    assert "P = 0 … 3" in found.words
    plotly.graph_objects.Figure(data=found.data, layout=found.layout)
