"""The output law nearest to what the rate can give, inside a ball around the target: squared W2 and KL.

For a correlation rho the distortion is ``var (1 - rho**2) + (m - mean)**2 + (s - q)**2`` with ``q = rho std``: the
output (m, s) is the projection of (mean, q) onto the ball (section 3, DRPC). Positions are taken from the target, where
``q - std*`` and ``s - std*`` keep the digits that q and s themselves have lost to rounding.
"""

from typing import NamedTuple

import numpy as np

from crosscodec.theory.arguments import Array, shrunk
from crosscodec.theory.entropy import LOG2_E, excess_over_log
from crosscodec.theory.gaussian.plan import offset_divergence
from crosscodec.theory.roots import bracketed_root

DIVERGENCES = ("w2", "kl")


class Place(NamedTuple):
    """Where source and target lie: their means and standard deviations, arrays of one shape."""

    mean: Array
    std: Array
    target_mean: Array
    target_std: Array


class Output(NamedTuple):
    """The output's mean and standard deviation, and ``(m - mean)**2 + (s - q)**2``, what the move there costs."""

    mean: Array
    std: Array
    cost: Array


def nearest_output(place: Place, lack: Array, perception: Array, divergence: str) -> Output:
    """Return the law nearest to (mean, q), ``q = (1 - lack) std``, with ``div(law, target) <= perception``.

    Section 3. Squared length for "w2", bits for "kl"; all arrays of one shape.
    """
    shift, q = place.mean - place.target_mean, (1 - lack) * place.std
    stretch = place.std - place.target_std - lack * place.std
    project = _onto_disc if divergence == "w2" else _onto_divergence_ball
    return project(place, q, shift, stretch, perception)


def _onto_disc(place: Place, q: Array, shift: Array, stretch: Array, perception: Array) -> Output:
    """Project onto a disc: walk from the point towards the target until the radius is met."""
    distance = np.hypot(shift, stretch)
    outside = np.maximum(distance - np.sqrt(perception), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        walked = np.where(outside > 0, outside / distance, 0.0)
    m = np.where(walked == 0, place.mean, place.target_mean + (1 - walked) * shift)
    s = np.where(walked == 0, q, place.target_std + (1 - walked) * stretch)
    return Output(m, s, (walked * shift) ** 2 + (walked * stretch) ** 2)


def _onto_divergence_ball(place: Place, q: Array, shift: Array, stretch: Array, perception: Array) -> Output:
    """Project onto the KL ball: clip s where the means agree, else one root in the multiplier."""
    target_mean, target_std = place.target_mean, place.target_std
    apart = shift != 0
    low, high = spread_interval(perception)
    m, s = np.array(place.mean), np.where(apart, q, np.clip(q, target_std * low, target_std * high))
    below, above = spread_offsets(perception)
    clipped = np.clip(stretch, target_std * below, target_std * above) - stretch
    cost = np.where(apart, 0.0, clipped**2)
    outside = apart & (offset_divergence(shift, q, stretch, target_std) > perception)
    if outside.any():
        parts = [x[outside] for x in (shift, q, stretch, target_std, perception)]
        share = bracketed_root(_divergence_excess, np.zeros_like(parts[0]), np.ones_like(parts[0]), *parts)
        s[outside], z = _along_path(share, *parts[1:4])
        m[outside] = target_mean[outside] + share * parts[0]
        # The stationarity of s - q, ``(1 - share) (target variance / s - q)``, in offsets from the target.
        with np.errstate(divide="ignore", invalid="ignore"):
            move = -(parts[3] * (parts[2] + z) + parts[2] * z) / s[outside]
        cost[outside] = ((1 - share) * parts[0]) ** 2 + ((1 - share) * move) ** 2
    exact = perception == 0
    m, s = np.where(exact, target_mean, m), np.where(exact, target_std, s)
    return Output(m, s, np.where(exact, shift**2 + stretch**2, cost))


def _along_path(share: Array, q: Array, stretch: Array, target_std: Array) -> tuple[Array, Array]:
    """Return s and ``s - target_std`` at the stationary point of the Lagrangian.

    Section 3's formula for s in terms of ``share = 1 / (1 + lambda / target variance)``, where no multiplier can
    overflow; the target is at 0. The offset solves the quadratic that is left when s = target_std is split off.
    """
    root = np.sqrt((share * q) ** 2 + 4 * target_std**2 * (1 - share))
    slope = 2 * target_std - share * q
    with np.errstate(divide="ignore", invalid="ignore"):
        near = 2 * share * stretch * target_std / (slope + root)
    return 0.5 * (share * q + root), np.where(slope > 0, near, 0.5 * (root - slope))


def _divergence_excess(
    share: Array, shift: Array, q: Array, stretch: Array, target_std: Array, perception: Array
) -> Array:
    s, z = _along_path(share, q, stretch, target_std)
    # Infinite where s = 0; any large number will do for a sign.
    found = np.minimum(offset_divergence(share * shift, s, z, target_std), 1e300)
    return np.sqrt(found) - np.sqrt(perception)


def spread_interval(perception: Array) -> tuple[Array, Array]:
    """Return the least and the largest ratio s / target_std with ``KL <= perception`` bits at equal means.

    Section 3: ``sqrt(-W0(-e**(-1 - 2 P ln 2)))`` and the same with the branch W-1.
    """
    least, _, high = _variance_interval(perception)
    return np.sqrt(least), np.sqrt(1 + high)


def spread_offsets(perception: Array) -> tuple[Array, Array]:
    """Return the ratios of `spread_interval` less 1, which at small P has digits that the ratios lose.

    Section 3.
    """
    _, low, high = _variance_interval(perception)
    above = np.where(np.isinf(high), np.inf, high / (1 + np.sqrt(1 + np.where(np.isinf(high), 0.0, high))))
    return low / (1 + np.sqrt(1 + low)), above


def _variance_interval(perception: Array) -> tuple[Array, Array, Array]:
    """Return the least ratio u of variances with ``KL <= perception``, the same less 1, and the largest less 1.

    The solutions of ``u - 1 - log(u) = 2 P ln 2`` on either side of 1.
    """
    shape = np.shape(perception)
    c = np.asarray(2 * shrunk(np.asarray(perception))[0] / LOG2_E, dtype=np.float64)
    root = np.sqrt(2 * c)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # Newton steps from outside, where the function is convex.
        low, high = np.maximum(np.expm1(-1 - c), -root), root + c
        for _ in range(8):
            upper = np.where(high > 0, high - (excess_over_log(high) - c) * (1 + high) / high, high)
            inside = (low < 0) & (low > -1)
            lower = np.where(inside, low - (excess_over_log(low) - c) * (1 + low) / low, low)
            # Where a step does not move inward any more, it is rounding.
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
    most = np.where(np.isinf(c), np.inf, high)
    below = np.where(far, least - 1, low)
    return np.broadcast_to(least, shape), np.broadcast_to(below, shape), np.broadcast_to(most, shape)
