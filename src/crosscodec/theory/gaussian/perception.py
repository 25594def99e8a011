"""The output law nearest to what the rate can give, inside a ball around the target: squared W2 and KL.

For a correlation rho the distortion is ``var (1 - rho**2) + (m - mean)**2 + (s - q)**2`` with ``q = rho std``: the
output (m, s) is the projection of (mean, q) onto the ball (section 3, DRPC).
"""

import numpy as np

from crosscodec.theory.arguments import Array, shrunk
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.plan import normal_divergence
from crosscodec.theory.roots import bracketed_root

DIVERGENCES = ("w2", "kl")


def nearest_output(
    mean: Array, q: Array, target_mean: Array, target_std: Array, perception: Array, divergence: str
) -> tuple[Array, Array]:
    """Return mean and standard deviation of the law nearest to (mean, q) with ``div(law, target) <= perception``.

    Section 3. Squared length for "w2", bits for "kl"; all arrays of one shape.
    """
    if divergence == "w2":
        return _onto_disc(mean, q, target_mean, target_std, np.sqrt(perception))
    return _onto_divergence_ball(mean, q, target_mean, target_std, perception)


def _onto_disc(mean: Array, q: Array, target_mean: Array, target_std: Array, radius: Array) -> tuple[Array, Array]:
    """Project onto a disc: walk from the target towards the point, at most as far as the radius."""
    distance = np.hypot(mean - target_mean, q - target_std)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(distance > radius, radius / distance, 1.0)
    return target_mean + share * (mean - target_mean), target_std + share * (q - target_std)


def _onto_divergence_ball(
    mean: Array, q: Array, target_mean: Array, target_std: Array, perception: Array
) -> tuple[Array, Array]:
    """Project onto the KL ball: clip s where the means agree, else one root in the multiplier."""
    low, high = spread_interval(perception)
    clipped = np.clip(q, target_std * low, np.where(np.isinf(high), np.inf, target_std * high))
    m, s = np.array(mean), np.array(clipped)
    apart = mean != target_mean
    outside = apart & (normal_divergence(mean, q, target_mean, target_std) > perception)
    s[apart & ~outside] = q[apart & ~outside]
    if outside.any():
        parts = [x[outside] for x in (mean, q, target_mean, target_std, perception)]
        share = bracketed_root(_divergence_excess, np.zeros_like(parts[0]), np.ones_like(parts[0]), *parts)
        m[outside], s[outside] = _along_path(share, *parts[:4])
    exact = perception == 0
    return np.where(exact, target_mean, m), np.where(exact, target_std, s)


def _along_path(share: Array, mean: Array, q: Array, target_mean: Array, target_std: Array) -> tuple[Array, Array]:
    """Return the stationary point of the Lagrangian; share = 1 / (1 + lambda / target variance), so 0 is the target.

    Section 3's formulas for m and s in terms of the share, where no multiplier can overflow.
    """
    m = target_mean + share * (mean - target_mean)
    s = 0.5 * (share * q + np.sqrt((share * q) ** 2 + 4 * target_std**2 * (1 - share)))
    return m, s


def _divergence_excess(
    share: Array, mean: Array, q: Array, target_mean: Array, target_std: Array, perception: Array
) -> Array:
    m, s = _along_path(share, mean, q, target_mean, target_std)
    # Infinite where s = 0; any large number will do for a sign.
    found = np.minimum(normal_divergence(m, s, target_mean, target_std), 1e300)
    return np.sqrt(found) - np.sqrt(perception)


def spread_interval(perception: Array) -> tuple[Array, Array]:
    """Return the least and the largest ratio s / target_std with ``KL <= perception`` bits at equal means.

    Section 3: ``sqrt(-W0(-e**(-1 - 2 P ln 2)))`` and the same with the branch W-1. Solved here as
    ``u - 1 - log(u) = 2 P ln 2`` by Newton steps from outside, where the function is convex: no digits lost at small P.
    """
    shape = np.shape(perception)
    c = np.asarray(2 * shrunk(np.asarray(perception))[0] / LOG2_E, dtype=np.float64)
    root = np.sqrt(2 * c)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        low, high = np.maximum(np.exp(-1 - c), 1 - root) - 1, root + c
        for _ in range(8):
            upper = np.where(high > 0, high - (high - np.log1p(high) - c) * (1 + high) / high, high)
            inside = (low < 0) & (low > -1)
            lower = np.where(inside, low - (low - np.log1p(low) - c) * (1 + low) / low, low)
            # The steps come from outside: where one does not move inward any more, it is rounding.
            still = not (upper < high).any() and not (lower > low).any()
            low, high = lower, upper
            if still:
                break
    least = np.array(np.maximum(1 + low, 0))
    far = c > 1
    if far.any():
        # Far from the target the least ratio is tiny: iterate on itself, not on its distance from 1.
        tiny = start = -1 - c[far]
        for _ in range(20):
            tiny = start + np.exp(tiny)
        least[far] = np.exp(tiny)
    most = np.where(np.isinf(c), np.inf, np.sqrt(1 + high))
    return np.broadcast_to(np.sqrt(least), shape), np.broadcast_to(most, shape)
