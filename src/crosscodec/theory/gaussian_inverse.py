"""The least correlation that brings a Gaussian code's distortion down to a limit.

The distortion is strictly decreasing in the correlation (section 3), so there is one root: in closed form for squared
W2, where it solves a quadratic or ``D = var (1 - rho**2)``, by bracketing for KL.
"""

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.gaussian_perception import nearest_output
from crosscodec.theory.roots import bracketed_root


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
    least = distortion_at(np.ones_like(mean), *place, perception, divergence)
    most = distortion_at(np.zeros_like(mean), *place, perception, divergence)
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
    """Return the root for KL by bracketing the correlation."""

    def excess(rho: Array, *parts: Array) -> Array:
        m, w, tm, tw, limit, ball = parts
        return distortion_at(rho, m, w, tm, tw, ball, "kl") - limit

    zero = np.zeros_like(mean)
    return bracketed_root(excess, zero, np.ones_like(mean), mean, std, target_mean, target_std, d, p)
