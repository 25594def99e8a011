"""A figure's points as a picture: SVG, PNG or PDF by matplotlib.

bound ── full line     printed ╌╌ dashed     measured ● with 95 % interval     quoted ○ hollow
a colour for each series; panels side by side, at most three in a row
"""

import io
import math

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosscodec.report.figures import FigureData, Panel, Point
from crosscodec.report.series_look import COLOURS

PALETTE = (*COLOURS, "#000000")  # paper is white: black stands out too
_STYLES = {
    "bound": {"linestyle": "-", "linewidth": 1.6},
    "printed": {"linestyle": "--", "linewidth": 1.2},
    "measured": {"linestyle": "-", "linewidth": 0.8, "marker": "o", "markersize": 4.5},
    "quoted": {"linestyle": ":", "linewidth": 0.9, "marker": "o", "markersize": 5, "markerfacecolor": "white"},
}
_COLUMNS = 3


def figure_picture(figure: FigureData, form: str = "svg") -> bytes:
    """The picture of a figure as the bytes of a file; equal points give equal bytes."""
    count = len(figure.panels)
    across = min(count, _COLUMNS)
    down = math.ceil(count / across)
    drawn = Figure(figsize=(5.4 * across, 4.2 * down + 0.3), layout="constrained")
    for axes, panel in zip(drawn.subplots(down, across, squeeze=False).flat, figure.panels, strict=False):
        _draw(axes, figure, panel)
    for axes in drawn.axes[count:]:
        axes.remove()
    drawn.suptitle(figure.title, fontsize=11)
    buffer = io.BytesIO()
    # No date, and ids that depend on the content alone: the file is committed.
    with rc_context({"svg.hashsalt": figure.key, "svg.fonttype": "none"}):
        drawn.savefig(buffer, format=form, metadata={"Date": None} if form == "svg" else None, dpi=130)
    return buffer.getvalue()


def _draw(axes: Axes, figure: FigureData, panel: Panel) -> None:
    points = figure.select(panel.name)
    names = list(dict.fromkeys(point.series for point in points))
    for name in names:
        colour = PALETTE[names.index(name) % len(PALETTE)]
        for kind in dict.fromkeys(point.kind for point in points if point.series == name):
            _line(axes, figure.select(panel.name, name, kind), kind, f"{name}, {kind}", colour)
    axes.set(xlabel=panel.x, ylabel=panel.y, title=panel.name if len(figure.panels) > 1 else "")
    axes.grid(alpha=0.25)
    if names:
        axes.legend(fontsize=6.5, framealpha=0.7)


def _line(axes: Axes, points: list[Point], kind: str, label: str, colour: str) -> None:
    across = [point.x for point in points]
    up = [math.nan if point.y is None else point.y for point in points]
    axes.plot(across, up, color=colour, label=label, **_STYLES[kind])  # type: ignore[arg-type]
    for point in points:
        if point.low is not None and point.high is not None:
            axes.plot([point.x, point.x], [point.low, point.high], color=colour, linewidth=1.0)
