import math

import plotly.graph_objects
import pytest

from crosscodec.report.figures import KINDS, FigureData, Panel, Point
from crosscodec.report.panel_curves import panel_curves, wrapped
from crosscodec.report.series_look import series_looks

PANEL = Panel("main", "rate, bits", "distortion")


def curves(*points, panel=PANEL):
    figure = FigureData("key", "", "", (panel,), points)
    return panel_curves(figure, panel, series_looks(figure))


def points_of(kind, name="series a", **more):
    return [Point("main", name, kind, float(x), 1.0 / (1 + x), **more) for x in range(3)]


def test_each_kind_is_drawn_in_its_way_and_in_the_order_of_kinds():
    found = curves(*(point for kind in reversed(KINDS) for point in points_of(kind)))
    bound, printed, measured, quoted = found.data
    assert (bound["mode"], bound["line"]["dash"]) == ("lines", "solid")
    assert (printed["mode"], printed["line"]["dash"]) == ("lines", "dash")
    assert measured["mode"] == "lines+markers"
    assert (quoted["mode"], quoted["marker"]["symbol"]) == ("markers", measured["marker"]["symbol"] + "-open")
    assert len({trace["marker"]["color"] for trace in found.data}) == 1
    assert list(found.legend) == list(KINDS)


def test_plotly_knows_every_word():
    found = curves(*(point for kind in KINDS for point in points_of(kind, low=0.1, high=2.0, seeds=3)))
    plotly.graph_objects.Figure(data=found.data, layout=found.layout)  # raises for what it does not know


def test_intervals_are_what_the_table_says():
    (trace,) = curves(
        Point("main", "a", "measured", 0, 0.5, 0.4, 0.7, 5), Point("main", "a", "measured", 1, 0.3, None, 0.35)
    ).data
    assert trace["error_y"]["array"] == pytest.approx((0.2, 0.05))
    assert trace["error_y"]["arrayminus"] == pytest.approx((0.1, 0.0))
    assert trace["customdata"] == ["<br>interval 0.4 to 0.7<br>5 seeds", "<br>interval ? to 0.35"]
    assert "error_y" not in curves(*points_of("measured")).data[0]


def test_gaps_stay_gaps_and_a_lonely_point_is_seen():
    (trace,) = curves(Point("main", "a", "bound", 0, None), Point("main", "a", "bound", 1, math.inf)).data
    assert trace["y"] == [None, None]
    assert curves(Point("main", "a", "bound", 0, 1.0)).data[0]["mode"] == "lines+markers"


def test_text_is_text_for_plotly():
    panel = Panel("main", "<b>rate</b> & bits", "%{y} of $y$")
    found = curves(Point("main", "<a href='x'>%{x}</a>", "bound", 0, 1.0), panel=panel)
    assert found.data[0]["name"] == "&lt;a href='x'&gt;%{x}&lt;/a&gt;"
    assert "%{x}<" not in found.data[0]["hovertemplate"]
    assert found.layout["xaxis"]["title"]["text"] == "&lt;b&gt;rate&lt;/b&gt; &amp; bits"
    assert found.words.startswith("%{y} of $y$ over <b>rate</b> & bits. ")


def test_long_titles_go_on_in_a_further_line():
    assert wrapped("mean squared error to the clean picture", 20).split("<br>") == [
        "mean squared error",
        "to the clean picture",
    ]


@pytest.mark.parametrize(("count", "entries"), [(8, 8), (9, 1)])
def test_a_long_family_is_one_entry_of_the_legend(count, entries):
    points = [Point("main", f"P = {p}", "bound", x, p + x) for p in range(count) for x in (0, 1)]
    found = curves(*points, *points_of("bound", "no limit"))
    family, *_ = bounds = found.legend["bound"]
    assert len(bounds) == entries + 1
    assert sorted(place for entry in bounds for place in entry.traces) == list(range(count + 1))
    if entries == 1:
        assert family.name == "P = 0 … 8 (9 curves)"
        assert len(family.colours) == 9


def test_words_say_where_curves_begin_and_end():
    words = curves(*points_of("bound"), Point("main", "b", "quoted", 2, 0.25)).words
    assert "series a (bound): 3 points, from 1 at 0 to 0.3333 at 2" in words
    assert "b (quoted): 0.25 at 2" in words
    assert "no points" in curves().words
