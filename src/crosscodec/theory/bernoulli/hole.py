"""Least linear cost over a polygon of (b, t) outside the convex hole {H(S|Y) > C}.

H(S|Y) is concave in the channel and the channel is affine in (b, t). A feasible point lies beyond a line that keeps
clear of the hole, and beyond that line the best point is a corner; so the optimum is on the polygon's rim, at one of
its corners or where the rim enters the hole. Section 2 of the theory page, "Classifier without U" together with DRPC.
"""

from typing import TypeAlias

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.bernoulli.plan import label_entropy_of_channel
from crosscodec.theory.bernoulli.region import SLACK
from crosscodec.theory.roots import bracketed_root

Point: TypeAlias = tuple[float, float]
HalfPlane: TypeAlias = tuple[float, float, float]

_CLEAR = 1e-15


def nearest_outside(a: float, low: float, high: float, s_rate: float, n: float, limit: float) -> Point | None:
    """Return (b, t) of least distortion with b in [low, high], |t| <= s_R and H(S|Y) <= limit.

    Section 2: the distortion is a + (1-2a) b - 2a(1-a) t, linear in the point.
    """
    return best_outside(polygon(a, low, high, s_rate), (1 - 2 * a, -2 * a * (1 - a)), a, n, limit)


def cheapest_outside(a: float, low: float, high: float, distortion: float, n: float, limit: float) -> Point | None:
    """Return (b, t) of least |t| with b in [low, high], distortion limited and H(S|Y) <= limit.

    Section 2: the rate is h(a)|t|, linear on either side of t = 0.
    """
    found = []
    for sign in (1.0, -1.0):
        half = polygon(a, low, high, 1.0, _near(a, distortion), (0.0, -sign, 0.0))
        best = best_outside(half, (0.0, sign), a, n, limit)
        if best is not None:
            found.append(best)
    return min(found, key=lambda point: abs(point[1])) if found else None


def least_label_entropy_within(a: float, low: float, high: float, distortion: float, n: float) -> float:
    """Return the least H(S|Y) in bits with b in [low, high] and distortion limited; infinite where none is as near.

    H(S|Y) is concave in (b, t), so it is least at a corner.
    """
    corners = polygon(a, low, high, 1.0, _near(a, distortion + SLACK))
    return min((_label_entropy_at(corner, a, n) for corner in corners), default=float("inf"))


def _near(a: float, distortion: float) -> HalfPlane:
    """Return the half-plane of the (b, t) within the distortion."""
    return 1 - 2 * a, -2 * a * (1 - a), distortion - a


def polygon(a: float, low: float, high: float, s_rate: float, *more: HalfPlane) -> list[Point]:
    """Return the corners (b, t) of the codes with b in [low, high] and |t| <= s_rate.

    Section 2: the Frechet quadrilateral cut by half-planes ``u b + v t <= w``, given as (u, v, w).
    """
    corners = [(0.0, 0.0), (1 - a, -1.0), (1.0, 0.0), (a, 1.0)]
    cuts: list[HalfPlane] = [(-1.0, 0.0, -low), (1.0, 0.0, high), (0.0, 1.0, s_rate), (0.0, -1.0, s_rate), *more]
    for cut in cuts:
        corners = _cut(corners, cut)
    return corners


def _cut(corners: list[Point], half_plane: HalfPlane) -> list[Point]:
    """Return the corners of the polygon within one half-plane (Sutherland and Hodgman)."""
    u, v, w = half_plane
    kept: list[Point] = []
    for here, following in zip(corners, corners[1:] + corners[:1], strict=True):
        at_here, at_next = u * here[0] + v * here[1] - w, u * following[0] + v * following[1] - w
        if at_here <= _CLEAR:
            kept.append(here)
        if (at_here > _CLEAR) != (at_next > _CLEAR):
            share = min(1.0, max(0.0, at_here / (at_here - at_next)))
            kept.append((here[0] + share * (following[0] - here[0]), here[1] + share * (following[1] - here[1])))
    return kept


def best_outside(corners: list[Point], cost: Point, a: float, n: float, limit: float) -> Point | None:
    """Return the (b, t) of least ``cost`` on the rim with H(S|Y) <= limit, or None where the hole swallows the polygon.

    The rim is walked edge by edge: along each, H(S|Y) is concave and crosses the limit at most twice.
    """
    candidates = [p for p in corners if _label_entropy_at(p, a, n) <= limit + _CLEAR]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        candidates += _crossings(start, end, a, n, limit)
    return min(candidates, key=lambda p: cost[0] * p[0] + cost[1] * p[1]) if candidates else None


def label_entropy_along(share: Array, start: Point, end: Point, a: float, n: float) -> Array:
    """Return H(S|Y) in bits at the points ``start + share (end - start)``.

    Concave in the share, because the conditional entropy is concave in the channel.
    """
    b = start[0] + share * (end[0] - start[0])
    t = start[1] + share * (end[1] - start[1])
    up, down = np.clip(b + (1 - a) * t, 0, 1), np.clip(b - a * t, 0, 1)
    return label_entropy_of_channel(np.full_like(b, a), np.full_like(b, n), up, down)


def _label_entropy_at(point: Point, a: float, n: float) -> float:
    return float(label_entropy_along(np.zeros(1), point, point, a, n)[0])


def _crossings(start: Point, end: Point, a: float, n: float, limit: float) -> list[Point]:
    """Return the points of the edge at which H(S|Y) equals the limit, if it rises above it."""

    def excess(share: Array) -> Array:
        return label_entropy_along(share, start, end, a, n) - limit

    top = _peak(start, end, a, n)
    if excess(np.array([top]))[0] <= 0:
        return []
    crossed = []
    for outer in (0.0, 1.0):
        if excess(np.array([outer]))[0] <= 0:
            share = float(bracketed_root(excess, np.array([outer]), np.array([top]))[0])
            crossed.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    return crossed


def _peak(start: Point, end: Point, a: float, n: float) -> float:
    """Return where along the edge H(S|Y) is largest, by shrinking a grid around the maximum of a concave function."""
    low, high = 0.0, 1.0
    for _ in range(12):
        grid = np.linspace(low, high, 17)
        place = int(np.argmax(label_entropy_along(grid, start, end, a, n)))
        low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, 16)])
    return (low + high) / 2
