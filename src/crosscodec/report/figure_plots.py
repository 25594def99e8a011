"""A figure's points as a picture: SVG, PNG or PDF by matplotlib.

bound ── full line     printed ╌╌ dashed     measured ● with 95 % interval     quoted ○ hollow
colours and markers are those of the report's page (series_look); panels side by side, at most three in a row
"""

import io
import math

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.series_look import Look, series_looks

_STYLES = {
    "bound": {"linestyle": "-", "linewidth": 1.6},
    "printed": {"linestyle": "--", "linewidth": 1.2},
    "measured": {"linestyle": "-", "linewidth": 0.8, "markersize": 4.5},
    "quoted": {"linestyle": ":", "linewidth": 0.9, "markersize": 5, "markerfacecolor": "white"},
}
_MARKED = ("measured", "quoted")
_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "triangle-up": "^",
    "cross": "P",
    "x": "X",
    "star": "*",
    "hexagon": "h",
}
_COLUMNS = 3


def figure_picture(figure: FigureData, form: str = "svg") -> bytes:
    """The picture of a figure as the bytes of a file; equal points give equal bytes."""
    count = len(figure.panels)
    across = min(count, _COLUMNS)
    down = math.ceil(count / across)
    looks = series_looks(figure)
    drawn = Figure(figsize=(5.4 * across, 4.2 * down + 0.3), layout="constrained")
    for axes, panel in zip(drawn.subplots(down, across, squeeze=False).flat, figure.panels, strict=False):
        _draw(axes, figure, panel, looks)
    for axes in drawn.axes[count:]:
        axes.remove()
    drawn.suptitle(figure.title, fontsize=11)
    buffer = io.BytesIO()
    # No date, and ids that depend on the content alone: the file is committed.
    with rc_context({"svg.hashsalt": figure.key, "svg.fonttype": "none"}):
        drawn.savefig(buffer, format=form, metadata={"Date": None} if form == "svg" else None, dpi=130)
    return buffer.getvalue()


def _draw(axes: Axes, figure: FigureData, panel: Panel, looks: dict[str, Look]) -> None:
    points = figure.select(panel.name)
    for name in dict.fromkeys(point.series for point in points):
        for kind in dict.fromkeys(point.kind for point in points if point.series == name):
            _line(axes, figure.select(panel.name, name, kind), kind, f"{name}, {kind}", looks[name])
    axes.set(xlabel=panel.x, ylabel=panel.y, title=panel.name if len(figure.panels) > 1 else "")
    axes.grid(alpha=0.25)
    if points:
        axes.legend(fontsize=6.5, framealpha=0.7)


def _line(axes: Axes, points: list[Point], kind: str, label: str, look: Look) -> None:
    across = [point.x for point in points]
    up = [math.nan if point.y is None else point.y for point in points]
    marker = _MARKERS[look.symbol] if kind in _MARKED else ""
    axes.plot(across, up, color=look.colour, label=label, marker=marker, **_STYLES[kind])  # type: ignore[arg-type]
    for point in points:
        if point.low is not None and point.high is not None:
            axes.plot([point.x, point.x], [point.low, point.high], color=look.colour, linewidth=1.0)
