"""One panel of a figure as curves to point at: what plotly draws, the legend beside it, and the same in words.

    kind        line                marker               beside it
    bound       solid               none                 what theory allows
    printed     dashed              none                 a formula, as it stands in the paper
    measured    thin                filled               confidence intervals
    quoted      none                hollow               numbers of the paper

Colours of the page (light or dark) are not in here: the page's script adds them, for they change while it is open.
"""

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crosscodec.report.figures import KINDS, FigureData, Panel, Point
from crosscodec.report.series_look import Look, bound_families

# Longer families have one entry of the legend for all their curves.
_NAMED = 8
# Letters in a line of an axis title, that it fits beside a plot on a telephone, and of a title in the hover box.
_X_WIDTH, _Y_WIDTH, _HOVER = 46, 36, 44
_DASHES = {"bound": "solid", "printed": "dash", "measured": "solid"}
_WIDTHS = {"bound": 2.5, "printed": 2.0, "measured": 1.3}


@dataclass(frozen=True)
class Entry:
    """An entry of the legend: its name, its kind, how it looks, and the places of its traces among those of the plot.

    `colours` holds one colour, or those of a whole family.
    """

    name: str
    kind: str
    colours: tuple[str, ...]
    symbol: str
    traces: tuple[int, ...]


@dataclass(frozen=True)
class Curves:
    """A panel: traces and layout for plotly, the legend by kinds, and a sentence for those who cannot see it."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    legend: dict[str, list[Entry]]
    words: str


def panel_curves(figure: FigureData, panel: Panel, looks: dict[str, Look]) -> Curves:
    """The curves of one panel of a figure."""
    drawn = [
        (kind, name, figure.select(panel.name, name, kind))
        for kind in KINDS
        for name in dict.fromkeys(point.series for point in figure.select(panel.name, kind=kind))
    ]
    data = [_trace(panel, kind, looks[name], points) for kind, name, points in drawn]
    layout = {
        "xaxis": {"title": {"text": wrapped(panel.x, _X_WIDTH)}},
        "yaxis": {"title": {"text": wrapped(panel.y, _Y_WIDTH)}},
    }
    series = [(kind, name) for kind, name, _ in drawn]
    words = "; ".join(_words(kind, name, points) for kind, name, points in drawn) or "no points"
    return Curves(data, layout, _legend(figure, panel, series, looks), f"{panel.y} over {panel.x}. {words}.")


def wrapped(text: str, width: int) -> str:
    """A text in lines of at most so many letters, as plotly's markup shows it: as it is, nothing in it is markup."""
    return "<br>".join(html.escape(line, quote=False) for line in textwrap.wrap(text, width)) or ""


def _short(text: str) -> str:
    """The beginning of an axis title, for the box that stands over the curves while one points at them."""
    return html.escape(textwrap.shorten(text, _HOVER, placeholder=" …"), quote=False)


def finite(value: float | None) -> float | None:
    """The value, or None (a gap) where it is no number that can be drawn."""
    return value if value is not None and math.isfinite(value) else None


def _trace(panel: Panel, kind: str, look: Look, points: Sequence[Point]) -> dict[str, Any]:
    name = html.escape(points[0].series, quote=False)
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": name,
        "x": [finite(point.x) for point in points],
        "y": [finite(point.y) for point in points],
        "mode": _mode(kind, points),
        "marker": _marker(kind, look),
        # `meta` and `customdata` are put in as they are; in the template itself a name with %{...} would be a command.
        "meta": [name, f"{kind}: {KINDS[kind]}", _short(panel.x), _short(panel.y)],
        "hovertemplate": "<b>%{meta[0]}</b><br>%{meta[1]}<br>%{meta[2]}: <b>%{x:.5~g}</b>"
        "<br>%{meta[3]}: <b>%{y:.5~g}</b>%{customdata}<extra></extra>",
        "customdata": [_more(point) for point in points],
    }
    if kind in _DASHES:
        trace["line"] = {"color": look.colour, "width": _WIDTHS[kind], "dash": _DASHES[kind]}
    if any(_spread(point) for point in points):
        above, below = zip(*(_spread(point) or (0.0, 0.0) for point in points), strict=True)
        shape = {"color": look.colour, "thickness": 1.5, "width": 5}
        trace["error_y"] = {"type": "data", "symmetric": False, "array": above, "arrayminus": below} | shape
    return trace


def _mode(kind: str, points: Sequence[Point]) -> str:
    if kind == "quoted":
        return "markers"
    # A line through one point would not be seen.
    alone = sum(finite(point.y) is not None for point in points) < 2
    return "lines+markers" if kind == "measured" or alone else "lines"


def _marker(kind: str, look: Look) -> dict[str, Any]:
    if kind == "quoted":
        return {"symbol": f"{look.symbol}-open", "size": 11, "color": look.colour, "line": {"width": 2}}
    return {"symbol": look.symbol, "size": 9 if kind == "measured" else 6, "color": look.colour}


def _spread(point: Point) -> tuple[float, float] | None:
    """How far the interval reaches above and below the point."""
    middle, low, high = finite(point.y), finite(point.low), finite(point.high)
    if middle is None or (low is None and high is None):
        return None
    return (
        max(0.0, round(high - middle, 12)) if high is not None else 0.0,
        max(0.0, round(middle - low, 12)) if low is not None else 0.0,
    )


def _more(point: Point) -> str:
    """What there is to say of a point besides where it is."""
    parts = []
    if point.low is not None or point.high is not None:
        ends = ["?" if end is None else f"{end:.5g}" for end in (point.low, point.high)]
        parts.append(f"interval {ends[0]} to {ends[1]}")
    if point.seeds is not None:
        parts.append(f"{point.seeds} seed" + ("" if point.seeds == 1 else "s"))
    return "".join(f"<br>{part}" for part in parts)


def _legend(
    figure: FigureData, panel: Panel, series: Sequence[tuple[str, str]], looks: dict[str, Look]
) -> dict[str, list[Entry]]:
    """The entries by kind. A long family is one entry, where its first curve would stand."""
    family_of = {
        name: family
        for family in bound_families(figure, panel.name)
        if len(family.levels) > _NAMED
        for name in family.levels
    }
    legend: dict[str, list[Entry]] = {}
    for place, (kind, name) in enumerate(series):
        family = family_of.get(name) if kind == "bound" else None
        if family is None:
            entry = Entry(name, kind, (looks[name].colour,), looks[name].symbol, (place,))
        else:
            places = tuple(i for i, other in enumerate(series) if other[0] == kind and other[1] in family.levels)
            if place != places[0]:
                continue
            colours = tuple(looks[member].colour for member in family.levels)
            entry = Entry(f"{family.title} ({len(places)} curves)", kind, colours, looks[name].symbol, places)
        legend.setdefault(kind, []).append(entry)
    return legend


def _words(kind: str, name: str, points: Sequence[Point]) -> str:
    there = [point for point in points if finite(point.y) is not None]
    if not there:
        return f"{name} ({kind}): no points"
    first, last = there[0], there[-1]
    if len(there) == 1:
        return f"{name} ({kind}): {first.y:.4g} at {first.x:.4g}"
    return f"{name} ({kind}): {len(there)} points, from {first.y:.4g} at {first.x:.4g} to {last.y:.4g} at {last.x:.4g}"
