"""Bjøntegaard's delta rate: how many bytes more or less one codec needs than another for the same quality.

    rate ▲        ● ours        mean over the qualities that both reach of  log rate(ours) - log rate(anchor)
         │    ●  ○ anchor       ─► percent: -50 means half the bytes
         └──────────► quality

Curves are interpolated by PCHIP, log rate over quality: monotone between points, unlike the cubic of VCEG-M33 (2001).
A mean over qualities that only a part of the curves shares says little; so the overlap stands beside each number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from crosscodec.errors import UsageError


@dataclass(frozen=True)
class Curve:
    """Rates, above 0 in any one unit, and the quality at each (higher is better): rising together, >= 2 points."""

    rates: tuple[float, ...]
    qualities: tuple[float, ...]


@dataclass(frozen=True)
class BdRate:
    """`percent` more bytes than the anchor (negative: fewer), averaged over the qualities `low` … `high`.

    `share` is the length of that overlap beside that of both curves' qualities together, 0 … 1.
    """

    percent: float
    low: float
    high: float
    share: float

    def describe(self) -> str:
        """For example "-31.4 % over 27.10 … 30.20 (64 % of both curves)"."""
        percent = round(self.percent, 1) + 0.0  # no "-0.0"
        return f"{percent:+.1f} % over {self.low:.4g} … {self.high:.4g} ({self.share:.0%} of both curves)"


def curve(rates: Sequence[float], qualities: Sequence[float]) -> Curve:
    """The points sorted by rate, as a curve.

    UsageError: fewer than two points, numbers that are not finite, a rate of 0 or less, or a quality that does not
    rise with the rate. For a codec that gets worse with more bytes, as one that codes noise does, take `front` first
    and say so.
    """
    order = _sorted(rates, qualities)
    if len(order) < 2:
        raise UsageError(f"a curve needs at least two points, not {len(order)}")
    for (rate, quality), (next_rate, next_quality) in pairwise(order):
        if next_rate <= rate or next_quality <= quality:
            raise UsageError(
                f"quality must rise with the rate: {quality:g} at rate {rate:g}, then {next_quality:g} at {next_rate:g}"
            )
    return Curve(tuple(rate for rate, _ in order), tuple(quality for _, quality in order))


def front(rates: Sequence[float], qualities: Sequence[float]) -> list[int]:
    """Places of the points that no other point beats in quality at the same rate or less, by rising rate.

    What is left of a curve that bends down: nobody would choose the other points. Errors for numbers as in `curve`.
    """
    _sorted(rates, qualities)
    best, kept = -math.inf, []
    for place in sorted(range(len(rates)), key=lambda at: (rates[at], -qualities[at])):
        if qualities[place] > best:
            best = qualities[place]
            kept.append(place)
    return kept


def bd_rate(anchor: Curve, other: Curve) -> BdRate:
    """Mean difference of log rate at equal quality, other minus anchor, as percent of the anchor's rate.

    Bjøntegaard, VCEG-M33 (2001), with PCHIP. The mean is over the qualities that both curves reach. UsageError when
    there is none.
    """
    low = max(anchor.qualities[0], other.qualities[0])
    high = min(anchor.qualities[-1], other.qualities[-1])
    if not low < high:
        raise UsageError(
            f"no quality is reached by both curves: {anchor.qualities[0]:g} … {anchor.qualities[-1]:g} "
            f"and {other.qualities[0]:g} … {other.qualities[-1]:g}"
        )
    union = max(anchor.qualities[-1], other.qualities[-1]) - min(anchor.qualities[0], other.qualities[0])
    difference = (_log_rate_area(other, low, high) - _log_rate_area(anchor, low, high)) / (high - low)
    return BdRate(100.0 * math.expm1(difference), low, high, (high - low) / union)


def _log_rate_area(of: Curve, low: float, high: float) -> float:
    """The integral of the natural logarithm of the rate over quality."""
    rates: NDArray[np.float64] = np.log(np.asarray(of.rates, np.float64))
    return float(PchipInterpolator(np.asarray(of.qualities, np.float64), rates).integrate(low, high))


def _sorted(rates: Sequence[float], qualities: Sequence[float]) -> list[tuple[float, float]]:
    if len(rates) != len(qualities):
        raise UsageError(f"{len(rates)} rates do not go with {len(qualities)} qualities")
    points = sorted(zip(map(float, rates), map(float, qualities), strict=True))
    if not all(math.isfinite(rate) and math.isfinite(quality) and rate > 0 for rate, quality in points):
        raise UsageError("rates must be finite and above 0, and qualities finite")
    return points
