"""Pictures of trade-offs: a curve for one varying limit, a regime map or a surface for two.

    one limit varies     curve, each stretch in the colour of its binding limit        .svg .png .pdf   .html
    two limits vary      regime map with level lines (.svg .png .pdf)                  surface to turn (.html)

Plain arrays in, bytes out; nothing here knows what a trade-off is.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib
import numpy as np
import plotly.graph_objects
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from crosscodec.errors import UsageError

Array: TypeAlias = NDArray[np.float64]

IMAGE_KINDS = (".svg", ".png", ".pdf")
KINDS = (*IMAGE_KINDS, ".html")

# Colours that stay apart in print and for colour-blind readers (Okabe and Ito).
COLOURS = {
    "rate": "#0072B2",
    "distortion": "#56B4E9",
    "classification": "#D55E00",
    "perception": "#009E73",
    "transport": "#CC79A7",
    "none": "#7F7F7F",
}
INFEASIBLE = "#EDEDED"


@dataclass(frozen=True, eq=False)
class Axis:
    """A limit that varies: its label and values (n,)."""

    label: str
    values: Array


@dataclass(frozen=True, eq=False)
class TradeoffPicture:
    """What to draw: one or two axes, the values on their grid, which limit binds, and (optional) the printed formula.

    Shapes: (n,) for one axis, (n, m) for two; NaN where infeasible.
    """

    title: str
    quantity: str
    axes: Sequence[Axis]
    value: Array
    binding: NDArray[np.object_]
    printed: Array | None = None


def draw_tradeoff(picture: TradeoffPicture, kind: str) -> bytes:
    """Return the picture as a file of this kind (".svg", ".png", ".pdf" or ".html").

    UsageError: another kind, or no or more than two axes.
    """
    if kind not in KINDS:
        raise UsageError(f"a plot is written as one of {', '.join(KINDS)}, not {kind!r}")
    if len(picture.axes) not in (1, 2):
        raise UsageError(f"a plot needs one or two limits that vary, this has {len(picture.axes)}")
    if kind == ".html":
        return _page(picture)
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    if len(picture.axes) == 1:
        _draw_curve(axes, picture)
    else:
        _draw_regimes(axes, picture)
    axes.set_title(picture.title, fontsize=10)
    stream = io.BytesIO()
    # No date and a fixed salt: the same numbers give the same file.
    with matplotlib.rc_context({"svg.hashsalt": "crosscodec", "svg.fonttype": "path"}):
        metadata = {"Date": None} if kind == ".svg" else {"CreationDate": None} if kind == ".pdf" else {}
        figure.savefig(stream, format=kind[1:], dpi=160, metadata=metadata)
    return stream.getvalue()


def kind_of(path: str | Path) -> str:
    """Return the kind of a plot file by its suffix.

    UsageError: a suffix that is none of `KINDS`.
    """
    kind = Path(path).suffix.lower()
    if kind not in KINDS:
        raise UsageError(f"{path}: a plot is written as one of {', '.join(KINDS)}")
    return kind


def _draw_curve(axes: Any, picture: TradeoffPicture) -> None:
    x, y = picture.axes[0].values, picture.value
    if picture.printed is not None:
        axes.plot(x, picture.printed, color="black", linewidth=1, linestyle=(0, (2, 2)))
    for begin, end, name in _stretches(picture.binding, y):
        # Up to the next point, so that neighbouring stretches meet.
        stop = min(end + 1, len(x)) if end < len(x) and np.isfinite(y[min(end, len(x) - 1)]) else end
        axes.plot(x[begin:stop], y[begin:stop], color=COLOURS[name], linewidth=2, solid_capstyle="round")
        if stop - begin == 1:
            axes.plot(x[begin], y[begin], color=COLOURS[name], marker="o", markersize=3)
    missing = ~np.isfinite(y)
    if missing.any() and len(x) > 1:
        axes.fill_between(x, 0, 1, where=missing, transform=axes.get_xaxis_transform(), color=INFEASIBLE, step="mid")
    handles: list[Any] = [Line2D([], [], color=COLOURS[name], linewidth=2, label=name) for name in _present(picture)]
    if picture.printed is not None:
        handles.append(Line2D([], [], color="black", linewidth=1, linestyle=(0, (2, 2)), label="as printed"))
    if missing.any():
        handles.append(Patch(color=INFEASIBLE, label="infeasible"))
    axes.legend(handles=handles, title="binding limit", fontsize=8, title_fontsize=8, frameon=False)
    axes.set_xlabel(picture.axes[0].label)
    axes.set_ylabel(picture.quantity)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.01)


def _stretches(binding: NDArray[np.object_], value: Array) -> list[tuple[int, int, str]]:
    """Return (begin, end, name) of the runs of feasible points under one binding limit."""
    runs: list[tuple[int, int, str]] = []
    begin = 0
    for place in range(1, len(value) + 1):
        ends = place == len(value) or binding[place] != binding[begin]
        ends = ends or np.isfinite(value[place]) != np.isfinite(value[begin])
        if ends:
            if np.isfinite(value[begin]):
                runs.append((begin, place, str(binding[begin])))
            begin = place
    return runs


def _present(picture: TradeoffPicture) -> list[str]:
    """Return the binding limits of feasible points, in the order of the colours."""
    seen = set(picture.binding[np.isfinite(picture.value)].ravel())
    return [name for name in COLOURS if name in seen]


def _draw_regimes(axes: Any, picture: TradeoffPicture) -> None:
    first, second = picture.axes
    names = _present(picture)
    codes = np.full(picture.value.shape, len(names))
    for code, name in enumerate(names):
        codes[(picture.binding == name) & np.isfinite(picture.value)] = code
    colours = ListedColormap([COLOURS[name] for name in names] + [INFEASIBLE])
    axes.pcolormesh(
        first.values,
        second.values,
        codes.T,
        cmap=colours,
        vmin=-0.5,
        vmax=len(names) + 0.5,
        shading="nearest",
        alpha=0.75,
        # One picture instead of a path for each cell.
        rasterized=True,
    )
    if np.isfinite(picture.value).any() and min(picture.value.shape) > 1:
        spread = np.nanmax(picture.value) - np.nanmin(picture.value)
        if spread > 0:
            lines = axes.contour(first.values, second.values, picture.value.T, 9, colors="black", linewidths=0.7)
            axes.clabel(lines, fontsize=7)
    handles: list[Any] = [Patch(color=COLOURS[name], alpha=0.75, label=name) for name in names]
    if (codes == len(names)).any():
        handles.append(Patch(color=INFEASIBLE, label="infeasible"))
    handles.append(Line2D([], [], color="black", linewidth=0.7, label=picture.quantity))
    axes.legend(handles=handles, fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    axes.set_xlabel(first.label)
    axes.set_ylabel(second.label)


def _page(picture: TradeoffPicture) -> bytes:
    """Return a self-contained page: a curve to read off, or a surface to turn."""
    figure = plotly.graph_objects.Figure()
    if len(picture.axes) == 1:
        _add_curves(figure, picture)
        figure.update_layout(xaxis_title=picture.axes[0].label, yaxis_title=picture.quantity)
    else:
        _add_surface(figure, picture)
    figure.update_layout(title=picture.title, template="plotly_white", margin={"l": 60, "r": 20, "t": 60, "b": 50})
    # The page asks nobody for anything: no button that would send the chart away.
    config = {"displaylogo": False, "showSendToCloud": False, "plotlyServerURL": ""}
    page = figure.to_html(include_plotlyjs=True, full_html=True, div_id="tradeoff", config=config)
    return str(page).encode("utf-8")


def _add_curves(figure: Any, picture: TradeoffPicture) -> None:
    x = picture.axes[0].values
    for name in _present(picture):
        here = np.where(picture.binding == name, picture.value, np.nan)
        figure.add_scatter(x=x, y=here, mode="lines", name=name, line={"color": COLOURS[name], "width": 3})
    if picture.printed is not None:
        dash = {"color": "black", "dash": "dot", "width": 1}
        figure.add_scatter(x=x, y=picture.printed, mode="lines", name="as printed", line=dash)


def _add_surface(figure: Any, picture: TradeoffPicture) -> None:
    """Add one surface for each binding limit; hovering tells the numbers.

    One surface for all would blend the colours of neighbours, and show a limit between two that is not there.
    """
    first, second = picture.axes
    feasible = np.isfinite(picture.value)
    for name in _present(picture):
        corners = _with_next((picture.binding == name) & feasible)
        figure.add_surface(
            x=first.values,
            y=second.values,
            z=np.where(corners, picture.value, np.nan).T,
            colorscale=[[0, COLOURS[name]], [1, COLOURS[name]]],
            name=name,
            showscale=False,
            showlegend=True,
            text=picture.binding.T,
            hovertemplate=(
                f"{first.label} %{{x:.4g}}<br>{second.label} %{{y:.4g}}<br>%{{z:.5g}}<br>%{{text}}<extra></extra>"
            ),
        )
    titles = {"xaxis_title": first.label, "yaxis_title": second.label, "zaxis_title": picture.quantity}
    # Further off than the default, which cuts the corners of the box.
    camera = {"eye": {"x": 1.6, "y": 1.6, "z": 1.0}, "center": {"x": 0, "y": 0, "z": -0.15}}
    figure.update_layout(
        scene={**titles, "aspectmode": "cube", "camera": camera}, legend={"title": {"text": "binding limit"}}
    )


def _with_next(points: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the points and their successors on both axes: the corners of their cells, so that regimes meet."""
    padded = np.pad(points, ((1, 0), (1, 0)))
    return np.asarray(padded[1:, 1:] | padded[:-1, 1:] | padded[1:, :-1] | padded[:-1, :-1])
