"""The least rate at which theory allows a measured value: a bound, read the other way round."""

import itertools
import math
from collections.abc import Sequence

from crosscodec.report.families import own_bound
from crosscodec.report.figures import FigureData, Panel, Point

# Tables hold six digits: steps this small against the height of a curve are rounding, not a change of direction.
_ROUNDING = 1e-5


def panel_least_rate(figure: FigureData, panel: Panel, point: Point) -> tuple[float, str] | None:
    """The least rate at the value of a measured point, and the name of the bound that says so.

    The bound that the point's series belongs to, or else the lowest of all bounds of the panel. None where the panel
    has no rate across, or no bound of it can be inverted there.
    """
    if point.y is None or not any(word in panel.x.lower() for word in ("rate", "bit")):
        return None
    bounds = list(dict.fromkeys(other.series for other in figure.select(panel.name, kind="bound")))
    own = own_bound(point.series, bounds)
    rates = {n: least_rate(figure.select(panel.name, n, "bound"), point.y) for n in (bounds if own is None else [own])}
    found = [(rate, name) for name, rate in rates.items() if rate is not None]
    return min(found, key=lambda pair: pair[0]) if found else None


def least_rate(bound: Sequence[Point], value: float) -> float | None:
    """The least x at which a monotone bound is as good as a value, linear between its points.

    None for a bound that is not monotone or has fewer than two points, and where the curve does not reach the value or
    begins after it.
    """
    points = sorted((p.x, p.y) for p in bound if p.y is not None and math.isfinite(p.x) and math.isfinite(p.y))
    if len(points) < 2 or not math.isfinite(value):
        return None
    heights = [height for _, height in points]
    slack = _ROUNDING * (max(heights) - min(heights))
    steps = [after - before for before, after in itertools.pairwise(heights)]
    # Falling as a distortion, or rising as an accuracy; upside down the latter is the former.
    if all(step >= -slack for step in steps) and heights[-1] > heights[0]:
        points, value = [(x, -height) for x, height in points], -value
    elif not all(step <= slack for step in steps):
        return None
    return _first_reach(points, value, slack)


def _first_reach(points: Sequence[tuple[float, float]], value: float, slack: float) -> float | None:
    """Where a falling curve is first as low as a value."""
    for place, (x, height) in enumerate(points):
        if height > value + slack:
            continue
        if place == 0:
            return x if x == 0 or abs(height - value) <= slack else None
        before, above = points[place - 1]
        share = (above - value) / (above - height) if above > height else 1.0
        return before + (x - before) * min(max(share, 0.0), 1.0)
    return None
