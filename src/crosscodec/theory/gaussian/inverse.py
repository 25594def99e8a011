"""The least rate that brings a Gaussian code's distortion down to a limit.

The distortion is strictly decreasing in the correlation (section 3), so there is one root. The unknown is the lack
``1 - rho``, which keeps its digits at high rates. It has a closed form for squared W2, where it solves a quadratic or
``D = var (1 - rho**2)``, and for KL at equal means; else it is found along the edge of the KL ball, where the spread s
of the output tells everything else:

    |m - mean*|  from KL(m, s) = P  ──►  share of the way from the target to the source mean  ──►  lack, distortion
"""

import numpy as np

from crosscodec.theory.arguments import Array, shrunk
from crosscodec.theory.entropy import LOG2_E, excess_over_log
from crosscodec.theory.gaussian.perception import Place, nearest_output, spread_offsets
from crosscodec.theory.gaussian.plan import rate_of_lack
from crosscodec.theory.roots import bracketed_root

# Rounding of s spoils q by about 1e-16 over this.
LEVEL = 1e-4


def distortion_at(lack: Array, place: Place, perception: Array, divergence: str) -> Array:
    """Return the least ``E (X - Y)**2`` at the correlation ``1 - lack``, the output inside its ball.

    Section 3, DRPC; arrays of one shape.
    """
    cost = nearest_output(place, lack, perception, divergence).cost
    return np.asarray(place.std**2 * lack * (2 - lack) + cost)


def rate_for_distortion(place: Place, distortion: Array, perception: Array, divergence: str) -> tuple[Array, Array]:
    """Return the least rate in bits with distortion at most the limit, and the least distortion of any rate.

    Section 3, the inverse R(D). A limit below the least is answered like the least: by an infinite rate, or by 0 where
    all rates give one distortion.
    """
    # What is the same for many limits has one answer, which is worth finding once.
    *small, p = shrunk(*place, perception)
    ends = (distortion_at(np.full(p.shape, lack), Place(*small), p, divergence) for lack in (0.0, 1.0))
    least, most = (np.broadcast_to(end, distortion.shape) for end in ends)
    limit = np.maximum(distortion, least)
    rate = np.where(limit >= most, 0.0, np.inf)
    inside = (limit > least) & (limit < most)
    if inside.any():
        *flat, d, p = (x[inside] for x in (*place, limit, perception))
        solve = _disc if divergence == "w2" else _divergence_ball
        rate[inside] = rate_of_lack(np.clip(solve(Place(*flat), d, p), 0.0, 1.0))
    return rate, least


def _free(std: Array, d: Array) -> Array:
    """Return the root of ``std**2 (1 - rho**2) = d``, where the ball does not bind; 1 beyond."""
    with np.errstate(divide="ignore", invalid="ignore"):
        missed = np.minimum(d / std**2, 1.0)
    return np.asarray(missed / (1 + np.sqrt(1 - missed)))


def _pinned(shift: Array, stretch: Array, std: Array, output_std: Array, d: Array) -> Array:
    """Return the root where the output law is given: ``shift**2 + stretch**2 + 2 std output_std (1 - rho) = d``.

    The stretch is ``std - output_std``.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray((d - shift**2 - stretch**2) / (2 * std * output_std))


def _disc(place: Place, d: Array, p: Array) -> Array:
    """Return the root for squared W2.

    With the ball active, ``2 sqrt(P) w = B + 2 std std* lack`` where w is the distance to the target and
    ``B = w1**2 + P - D``, w1 being w at an infinite rate. Its square is a quadratic in the lack,

        std**2 (std***2 - P) lack**2 + std (std* B + 2 P (std - std*)) lack = (D - low) (high - D) / 4,

    with ``low, high = (w1 -+ sqrt(P))**2``; half the root of its discriminant is ``2 std sqrt(P)`` times s w.
    """
    shift, stretch = place.mean - place.target_mean, place.std - place.target_std
    std, target_std = place.std, place.target_std
    free = _free(std, d)
    active = np.hypot(shift, stretch - std * free) > np.sqrt(p)
    active |= d >= std**2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        most = np.hypot(shift, stretch)
        radius, lead = np.sqrt(p), (target_std - np.sqrt(p)) * (target_std + np.sqrt(p))
        middle = target_std * (most**2 + p - d) + 2 * p * stretch
        last = (d - (most - radius) ** 2) * ((most + radius) ** 2 - d)
        product = 0.5 * (shift**2 + p - d + stretch * (std + target_std))
        root = 2 * radius * np.sqrt(np.maximum(product**2 + lead * shift**2, 0.0))
        # Of the two ways to write one root, the one that adds.
        bound = np.where(middle > 0, last / (2 * std * (middle + root)), (root - middle) / (2 * std * lead))
    return np.where(active, bound, free)


def _divergence_ball(place: Place, d: Array, p: Array) -> Array:
    """Return the root for KL, in units of the target's standard deviation."""
    unit = place.target_std
    apart, stretch = np.abs(place.mean - place.target_mean) / unit, (place.std - unit) / unit
    limit = d / unit**2
    # At P = 0 nothing but the target is allowed.
    lack = _pinned(apart, stretch, 1 + stretch, np.ones_like(apart), limit)
    for where, solve in (((apart == 0) & (p > 0), _equal_means), ((apart > 0) & (p > 0), _along_edge)):
        if where.any():
            lack[where] = solve(*(x[where] for x in (apart, stretch, limit, p)))
    return lack


def _equal_means(apart: Array, stretch: Array, limit: Array, p: Array) -> Array:
    """Return the root where the means agree: the spread is clipped, so the distortion is a line, a parabola, a line."""
    assert not apart.any()
    wide, (low, high) = 1 + stretch, spread_offsets(p)
    free = _free(wide, limit)
    at_low, at_high = (_pinned(apart, stretch - end, wide, 1 + end, limit) for end in (low, high))
    # Beyond the variance `_free` has no root, but there the spread is below any q inside the ball.
    inside = stretch - wide * free
    below = (inside <= low) | (limit >= wide**2)
    return np.where(below, at_low, np.where(inside <= high, free, at_high))


def _along_edge(apart: Array, stretch: Array, limit: Array, p: Array) -> Array:
    """Return the root where the means differ: inside the ball a parabola, on its edge a root in the spread less 1."""
    wide, c = 1 + stretch, 2 * p / LOG2_E
    low, high = spread_offsets(np.maximum(p - apart**2 * LOG2_E / 2, 0.0))
    reach = apart**2 < c
    with np.errstate(over="ignore", invalid="ignore"):
        at_low, at_high = ((stretch - end) * (wide + 1 + end) for end in (low, high))
    least, most = spread_offsets(p)
    start = np.where(reach & (limit <= at_high), high, least)
    stop = np.where(reach & (limit >= at_low), low, most)
    lack = _free(wide, limit)
    edge = ~reach | (limit >= at_low) | (limit <= at_high)
    parts = [x[edge] for x in (apart, stretch, limit, c)]
    z = bracketed_root(_edge_excess, start[edge], stop[edge], *parts)
    away, past = _on_edge(z, parts[0], parts[3])
    lack[edge] = (parts[1] - past) / wide[edge]
    # Where the edge is nearly level in s (means that almost agree), s does not tell q: bracket the lack there.
    level = np.zeros(lack.shape, dtype=bool)
    level[edge] = away**3 < LEVEL * parts[0]
    if level.any():
        parts = [x[level] for x in (apart, wide, limit, p)]
        lack[level] = bracketed_root(_ball_excess, np.zeros_like(parts[0]), np.ones_like(parts[0]), *parts)
    return lack


def _ball_excess(lack: Array, apart: Array, wide: Array, limit: Array, p: Array) -> Array:
    place = Place(apart, wide, np.zeros_like(apart), np.ones_like(apart))
    return distortion_at(lack, place, p, "kl") - limit


def _on_edge(z: Array, apart: Array, c: Array) -> tuple[Array, Array]:
    """Return the output's distance from the target mean, and the q less 1 that projects onto the spread 1 + z."""
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.sqrt(np.maximum(c - z * z - 2 * excess_over_log(z), 0.0))
        share = np.minimum(away / apart, 1.0)
        return away, z * (2 + z - share) / np.maximum(share * (1 + z), 1e-200)


def _edge_excess(z: Array, apart: Array, stretch: Array, limit: Array, c: Array) -> Array:
    away, past = _on_edge(z, apart, c)
    excess = stretch * (2 + stretch) + (apart - away) ** 2 + z * z - 2 * (1 + z) * past - limit
    # Infinite at the ends of the edge; squeezed between -1 and 1, which moves no root.
    return np.asarray(excess / (1 + np.abs(excess)))
