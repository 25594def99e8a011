"""One solved point of a finite-alphabet trade-off, and how many of them become one record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from crosscodec.theory.finite.problem import CouplingPlan, MapMixture
from crosscodec.theory.tradeoff import LIMITS, Shortfall, Tradeoff

Code: TypeAlias = MapMixture | CouplingPlan


@dataclass(frozen=True, eq=False)
class Missing:
    """The limit that cannot be met: its name, what was asked, the least possible, the unit.

    ``known``: whether that is "possible", only the least that was "found", or a lower "bound" on what is possible.
    """

    limit: str
    asked: float
    least: float
    unit: str
    known: str = "possible"


@dataclass(frozen=True, eq=False)
class Point:
    """The optimum at one point, with its certificate."""

    value: float
    active: str
    plan: Code | None
    gap: float
    status: str
    certified: bool
    missing: Missing | None = None


def infeasible(missing: Missing, status: str, certified: bool = True) -> Point:
    """Return the point where a limit cannot be met.

    The active limit is the one that is missed.
    """
    return Point(np.nan, missing.limit, None, 0.0 if certified else np.inf, status, certified, missing)


def gather(points: Sequence[Point], shape: tuple[int, ...]) -> Tradeoff[object]:
    """Return the record of all points, in the shape of the limits.

    Scalars for scalar limits; else ``plan`` is an object array of plans, None where infeasible.
    """
    feasible = np.array([p.missing is None for p in points], dtype=bool)
    codes = np.array([LIMITS.index(p.active) for p in points], dtype=np.int8).reshape(shape)
    shortfalls = []
    for name in LIMITS:
        rows = [p.missing if p.missing is not None and p.missing.limit == name else None for p in points]
        where = np.array([row is not None for row in rows]).reshape(shape)
        if where.any():
            asked = np.array([row.asked if row else np.nan for row in rows]).reshape(shape)
            least = np.array([row.least if row else np.nan for row in rows]).reshape(shape)
            unit = next(row.unit for row in rows if row)
            known = np.array([row.known if row else "possible" for row in rows], dtype=object).reshape(shape)
            shortfalls.append(Shortfall(name, where, asked, partial(np.asarray, least), unit, known))
    if not shape:
        p = points[0]
        return Tradeoff(p.value, p.missing is None, p.plan, codes, tuple(shortfalls), p.gap, p.status, p.certified)
    plans, status = np.empty(len(points), dtype=object), np.empty(len(points), dtype=object)
    for place, p in enumerate(points):
        plans[place], status[place] = p.plan, p.status
    return Tradeoff(
        value=np.array([p.value for p in points]).reshape(shape),
        feasible=feasible.reshape(shape),
        plan=plans.reshape(shape),
        codes=codes,
        shortfalls=tuple(shortfalls),
        gap=np.array([p.gap for p in points]).reshape(shape),
        status=status.reshape(shape),
        certified=np.array([p.certified for p in points], dtype=bool).reshape(shape),
    )
