"""How the series of a figure look: the same name has the same colour and marker in every panel and of every kind.

A bound and the codes that belong to it share a colour and differ in line and marker, so that nothing hangs on colour
alone. Curves of a family go through a ramp.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crosscodec.report.families import Family, find_families, own_bound
from crosscodec.report.figures import FigureData

# Colours that stay apart in print and for colour-blind readers (Okabe and Ito), those first that also stand out from
# a white and from a dark page.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon")
_RAMP = ("#0072B2", "#009E73", "#E69F00")


@dataclass(frozen=True)
class Look:
    """A colour as #RRGGBB, and one of `SYMBOLS`."""

    colour: str
    symbol: str


def bound_families(figure: FigureData, panel: str) -> list[Family]:
    """The families among the bounds of a panel."""
    return find_families([point.series for point in figure.select(panel, kind="bound")])


def series_looks(figure: FigureData) -> dict[str, Look]:
    """The look of every series of a figure, by name."""
    ramped: dict[str, str] = {}
    for panel in figure.panels:
        for family in bound_families(figure, panel.name):
            names = list(family.levels)
            ramped |= dict(zip(names, ramp_colours(len(names)), strict=True))
    names = list(dict.fromkeys(point.series for point in figure.points))
    bounds = {point.series for point in figure.points if point.kind == "bound"}
    leader = {name: own_bound(name, bounds) or name for name in names}
    plain = list(dict.fromkeys(first for first in leader.values() if first not in ramped))
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(plain)} | ramped
    marked = dict.fromkeys(point.series for point in figure.points if point.kind in ("measured", "quoted"))
    order = [*marked, *(name for name in names if name not in marked)]
    return {name: Look(colours[leader[name]], SYMBOLS[place % len(SYMBOLS)]) for place, name in enumerate(order)}


def ramp_colours(count: int) -> list[str]:
    """So many colours from blue over green to orange, at equal steps."""
    return [_mixed(_RAMP, place / max(count - 1, 1)) for place in range(count)]


def _mixed(ramp: Sequence[str], share: float) -> str:
    place = min(int(share * (len(ramp) - 1)), len(ramp) - 2)
    rest = share * (len(ramp) - 1) - place
    pairs = [(int(ramp[place][i : i + 2], 16), int(ramp[place + 1][i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(low + rest * (high - low)):02X}" for low, high in pairs)
