"""Points of figures from arrays and from values of several seeds."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.measure.interval import mean_interval
from crosscodec.report.figures import Point
from crosscodec.repro.item import Request


def curve(panel: str, series: str, kind: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> list[Point]:
    """A line, (n,) over (n,); no value where `y` is NaN."""
    return [
        Point(panel, series, kind, float(across), float(up) if math.isfinite(up) else None)
        for across, up in zip(x, y, strict=True)
    ]


def measured_point(
    panel: str, series: str, x: Sequence[float], y: Sequence[float], file: float | None = None, rate_is_y: bool = False
) -> Point:
    """Means of x and y over seeds; 95 % interval of y where there are two seeds or more.

    One of the two is the payload's rate; `file` is that of whole files.
    """
    across, up = mean_interval(x), mean_interval(y)
    low, high = (None, None) if up.half_width is None else (up.mean - up.half_width, up.mean + up.half_width)
    payload = up.mean if rate_is_y else across.mean
    return Point(panel, series, "measured", across.mean, up.mean, low, high, up.n, bits_payload=payload, bits_file=file)


def limits_text(letter: str, limit: float) -> str:
    """A limit as the name of a series: "C = 0.8", or "no limit C"."""
    return f"{letter} = {limit:g}" if math.isfinite(limit) else f"no limit {letter}"


def simulated_symbols(request: Request) -> int:
    """Symbols of a simulated code at this scale."""
    return {"smoke": 20_000, "small": 10**6, "full": 2**24}[request.scale]


def coded_rates(rates: Sequence[float], request: Request) -> Sequence[float]:
    """The rates at which codes are run: one of them shows that everything works."""
    return rates[1:2] if request.smoke else rates
