from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.series_look import COLOURS, SYMBOLS, ramp_colours, series_looks


def figure(*points):
    return FigureData("key", "", "", (Panel("a", "x", "y"), Panel("b", "x", "y")), points)


def test_a_series_looks_the_same_in_every_panel_and_kind_and_others_differ():
    names = [f"series {chr(97 + i)}" for i in range(7)]
    points = [Point(panel, name, kind, 0, 0) for panel in "ab" for name in names for kind in ("bound", "measured")]
    looks = series_looks(figure(*points))
    assert list(looks) == names
    assert len({look.colour for look in looks.values()}) == 7
    assert len({look.symbol for look in looks.values()}) == 7
    assert {look.colour for look in looks.values()} <= set(COLOURS)
    assert {look.symbol for look in looks.values()} <= set(SYMBOLS)


def test_families_go_through_a_ramp_by_their_limit():
    bounds = [Point("a", f"P = {p}", "bound", 0, 0) for p in (3, 1, 2, 0)]
    looks = series_looks(figure(*bounds, Point("a", "P = 1", "measured", 0, 0), Point("a", "other", "quoted", 0, 0)))
    assert [looks[f"P = {p}"].colour for p in range(4)] == ramp_colours(4)
    assert looks["other"].colour == COLOURS[0]


def test_a_code_has_the_colour_of_its_bound_and_takes_none_from_the_others():
    bounds = [Point("a", name, "bound", 0, 0) for name in ("no limit", "C = 1")]
    looks = series_looks(figure(*bounds, Point("a", "code, C = 1", "measured", 0, 0), Point("b", "x", "quoted", 0, 0)))
    assert looks["code, C = 1"].colour == looks["C = 1"].colour == COLOURS[1]
    assert looks["x"].colour == COLOURS[2]


def test_the_ramp_begins_and_ends_as_it_says():
    assert ramp_colours(1) == ["#0072B2"]
    assert ramp_colours(3) == ["#0072B2", "#009E73", "#E69F00"]
    assert len(set(ramp_colours(50))) == 50
