"""A family of bounds as one surface to turn, with whatever was measured at the same values of the second limit."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscodec.report.families import Family, own_bound
from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.panel_curves import finite, wrapped
from crosscodec.report.series_look import Look, ramp_colours

_TITLE = 24  # letters in a line of an axis title
_TONES = 9
_SHOWN = ("measured", "quoted")


@dataclass(frozen=True)
class Surface:
    """A family as a surface: traces and layout for plotly, and a sentence for those who cannot see it."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    words: str


def family_surface(figure: FigureData, panel: Panel, family: Family, looks: dict[str, Look]) -> Surface:
    """The bounds of a family over x and the second limit; NaN, that is a hole, where no code exists.

    Curves with points of their own are put on the points of all, linear in between.
    """
    curves = [figure.select(panel.name, name, "bound") for name in family.levels]
    across = sorted({point.x for curve in curves for point in curve if math.isfinite(point.x)})
    names = [html.escape(text, quote=False) for text in (panel.x, family.label, panel.y)]
    axes = dict(zip("xyz", (wrapped(t, _TITLE) for t in (panel.x, family.label, panel.y)), strict=True))
    surface = {
        "type": "surface",
        "x": across,
        "y": list(family.levels.values()),
        "z": [_heights(curve, across) for curve in curves],
        "colorscale": [[i / (_TONES - 1), colour] for i, colour in enumerate(ramp_colours(_TONES))],
        "showscale": False,
        # Thin lines along both axes show the slope where the colours hardly change.
        "contours": {axis: {"show": True, "color": "rgba(255,255,255,0.35)", "width": 1} for axis in "xy"},
        "meta": names,
        "hovertemplate": "%{meta[0]}: <b>%{x:.4~g}</b><br>%{meta[1]}: <b>%{y:.4~g}</b>"
        "<br>%{meta[2]}: <b>%{z:.4~g}</b><extra>bound</extra>",
    }
    markers = [
        _markers(figure.select(panel.name, series, kind), family.levels[bound], names, looks[series])
        for kind in _SHOWN
        for series in dict.fromkeys(point.series for point in figure.select(panel.name, kind=kind))
        if (bound := own_bound(series, family.levels)) is not None
    ]
    layout = {"scene": {f"{axis}axis": {"title": {"text": text}} for axis, text in axes.items()}}
    words = f"{panel.y} as a surface over {panel.x} and {family.label}: {family.title}."
    return Surface([surface, *markers], layout, words)


def _heights(curve: Sequence[Point], across: Sequence[float]) -> list[float | None]:
    """The heights of a curve over all x; None before its first and after its last point, and in its gaps."""
    points = sorted((point for point in curve if math.isfinite(point.x)), key=lambda point: point.x)
    x = [point.x for point in points]
    y = [math.nan if finite(point.y) is None else point.y for point in points]
    heights = np.interp(across, x, np.array(y, dtype=float), left=math.nan, right=math.nan) if points else []
    exact = {point.x: point.y for point in points}
    # np.interp takes the neighbours of a gap for gaps too; at its own points the curve knows better.
    return [finite(exact.get(place, float(height))) for place, height in zip(across, heights, strict=False)]


def _markers(points: Sequence[Point], level: float, names: Sequence[str], look: Look) -> dict[str, Any]:
    kind = points[0].kind
    return {
        "type": "scatter3d",
        "mode": "markers",
        "x": [finite(point.x) for point in points],
        "y": [level] * len(points),
        "z": [finite(point.y) for point in points],
        "marker": {"size": 5, "color": look.colour, "symbol": "circle" if kind == "measured" else "circle-open"},
        "meta": list(names),
        "hovertemplate": "%{meta[0]}: <b>%{x:.4~g}</b><br>%{meta[1]}: <b>%{y:.4~g}</b>"
        f"<br>%{{meta[2]}}: <b>%{{z:.4~g}}</b><extra>{kind}</extra>",
        "showlegend": False,
    }
