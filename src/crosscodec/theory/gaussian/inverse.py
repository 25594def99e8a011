"""The least correlation that brings a Gaussian code's distortion down to a limit.

The distortion is strictly decreasing in the correlation (section 3), so there is one root: in closed form for squared
W2, where it solves a quadratic or ``D = var (1 - rho**2)``, and for KL at equal means; else along the edge of the KL
ball, where the spread s of the output tells everything else:

    |m - mean*|  from KL(m, s) = P  ──►  share of the way from the target to the source mean  ──►  rho, distortion
"""

import numpy as np

from crosscodec.theory.arguments import Array, shrunk
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.perception import nearest_output, spread_interval
from crosscodec.theory.roots import bracketed_root

# Rounding of s spoils q by about 1e-16 over this.
LEVEL = 1e-4


def distortion_at(
    rho: Array, mean: Array, std: Array, target_mean: Array, target_std: Array, perception: Array, divergence: str
) -> Array:
    """Return the least ``E (X - Y)**2`` at this correlation, the output inside its ball.

    Section 3, DRPC; arrays of one shape.
    """
    q = rho * std
    m, s = nearest_output(mean, q, target_mean, target_std, perception, divergence)
    return np.asarray(std**2 * (1 - rho) * (1 + rho) + (m - mean) ** 2 + (s - q) ** 2)


def correlation_for_distortion(
    mean: Array,
    std: Array,
    target_mean: Array,
    target_std: Array,
    distortion: Array,
    perception: Array,
    divergence: str,
) -> tuple[Array, Array]:
    """Return the least correlation with distortion at most the limit, and the least distortion of any rate.

    Section 3, the inverse R(D); where the limit is below the least distortion the correlation is 1.
    """
    place = (mean, std, target_mean, target_std)
    # What is the same for many limits has one answer, which is worth finding once.
    m, w, tm, tw, p = shrunk(*place, perception)
    ends = (distortion_at(np.full(m.shape, rho), m, w, tm, tw, p, divergence) for rho in (1.0, 0.0))
    least, most = (np.broadcast_to(end, mean.shape) for end in ends)
    inside = (distortion > least) & (distortion < most)
    rho = np.where(distortion >= most, 0.0, 1.0)
    if inside.any():
        parts = [x[inside] for x in (*place, distortion, perception)]
        rho[inside] = _disc(*parts) if divergence == "w2" else _divergence_ball(*parts)
    return rho, least


def _disc(mean: Array, std: Array, target_mean: Array, target_std: Array, d: Array, p: Array) -> Array:
    """Return the root for squared W2: of the candidates, the one whose distortion is nearest to the limit.

    With the ball active, ``2 sqrt(P) w = A - 2 std std* rho`` where w is the distance to the target and
    ``A = std**2 + (mean - mean*)**2 + std***2 + P - D``; its square is a quadratic in rho.
    """
    shift = (mean - target_mean) ** 2
    p = np.where(np.isfinite(p), p, 0.0) + np.where(np.isinf(p), np.inf, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        big = std**2 + shift + target_std**2 + p - d
        lead = 4 * std**2 * (target_std**2 - p)
        middle = 4 * std * target_std * (2 * p - big)
        last = big**2 - 4 * p * (shift + target_std**2)
        spread = np.sqrt(np.maximum(middle**2 - 4 * lead * last, 0.0))
        half = -0.5 * (middle + np.where(middle >= 0, spread, -spread))
        free = np.sqrt(np.clip(1 - d / std**2, 0, 1))
        candidates = [half / lead, last / half, free, big / (2 * std * target_std)]
    best, error = np.zeros_like(mean), np.full_like(mean, np.inf)
    for candidate in candidates:
        rho = np.clip(np.where(np.isfinite(candidate), candidate, 0.0), 0.0, 1.0)
        miss = np.abs(distortion_at(rho, mean, std, target_mean, target_std, p, "w2") - d)
        best, error = np.where(miss < error, rho, best), np.minimum(miss, error)
    return best


def _divergence_ball(mean: Array, std: Array, target_mean: Array, target_std: Array, d: Array, p: Array) -> Array:
    """Return the root for KL, in units of the target's standard deviation."""
    apart, wide, limit = np.abs(mean - target_mean) / target_std, std / target_std, d / target_std**2
    # At P = 0 nothing but the target is allowed.
    rho = np.clip((apart**2 + wide**2 + 1 - limit) / (2 * wide), 0, 1)
    for where, solve in (((apart == 0) & (p > 0), _equal_means), ((apart > 0) & (p > 0), _along_edge)):
        if where.any():
            rho[where] = solve(*(x[where] for x in (apart, wide, limit, p)))
    return rho


def _equal_means(apart: Array, wide: Array, limit: Array, p: Array) -> Array:
    """Return the root where the means agree: the spread is clipped, so the distortion is a line, a parabola, a line."""
    assert not apart.any()
    low, high = spread_interval(p)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        below, above = ((wide**2 + end**2 - limit) / (2 * end) for end in (low, high))
    inside = np.sqrt(np.maximum(wide**2 - limit, 0.0))
    q = np.where(below <= low, below, np.where(inside <= high, inside, above))
    return np.clip(q / wide, 0.0, 1.0)


def _along_edge(apart: Array, wide: Array, limit: Array, p: Array) -> Array:
    """Return the root where the means differ: inside the ball a parabola, on its edge a root in the spread."""
    c = 2 * p / LOG2_E
    low, high = spread_interval(np.maximum(p - apart**2 * LOG2_E / 2, 0.0))
    reach = apart**2 < c
    with np.errstate(over="ignore", invalid="ignore"):
        at_low, at_high = wide**2 - low**2, wide**2 - high**2
    least, most = spread_interval(p)
    start = np.where(reach & (limit <= at_high), high, least)
    stop = np.where(reach & (limit >= at_low), low, most)
    q = np.sqrt(np.maximum(wide**2 - limit, 0.0))
    edge = ~reach | (limit >= at_low) | (limit <= at_high)
    parts = [x[edge] for x in (apart, wide, limit, c)]
    s = bracketed_root(_edge_excess, start[edge], stop[edge], *parts)
    away, q[edge] = _on_edge(s, parts[0], parts[3])
    rho = np.clip(q / wide, 0.0, 1.0)
    # Where the edge is nearly level in s (means that almost agree), s does not tell q: bracket the correlation there.
    level = np.zeros(rho.shape, dtype=bool)
    level[edge] = away**3 < LEVEL * parts[0]
    if level.any():
        parts = [x[level] for x in (apart, wide, limit, p)]
        rho[level] = bracketed_root(_ball_excess, np.zeros_like(parts[0]), np.ones_like(parts[0]), *parts)
    return rho


def _ball_excess(rho: Array, apart: Array, wide: Array, limit: Array, p: Array) -> Array:
    zero, one = np.zeros_like(apart), np.ones_like(apart)
    return distortion_at(rho, apart, wide, zero, one, p, "kl") - limit


def _on_edge(s: Array, apart: Array, c: Array) -> tuple[Array, Array]:
    """Return the output's distance from the target mean, and the q whose projection onto the ball has this spread."""
    v = (s - 1) * (s + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = np.sqrt(np.maximum(c - (v - np.log1p(v)), 0.0))
        share = np.minimum(away / apart, 1.0)
        return away, (v + share) / np.maximum(share * s, 1e-200)


def _edge_excess(s: Array, apart: Array, wide: Array, limit: Array, c: Array) -> Array:
    away, q = _on_edge(s, apart, c)
    excess = wide**2 + (apart - away) ** 2 + s * s - 2 * s * q - limit
    # Infinite at the ends of the edge; squeezed between -1 and 1, which moves no root.
    return np.asarray(excess / (1 + np.abs(excess)))
