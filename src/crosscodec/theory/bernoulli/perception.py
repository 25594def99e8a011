"""Which output marginals a perception limit allows a binary code, and which of them is best."""

import numpy as np

from crosscodec.theory.arguments import Array, shrunk
from crosscodec.theory.entropy import binary_divergence
from crosscodec.theory.roots import bracketed_root

DIVERGENCES = ("tv", "kl", "w1")


def output_interval(target: Array, perception: Array, divergence: str) -> tuple[Array, Array]:
    """Return the interval of b with ``div(Bern(b), Bern(target)) <= perception``.

    Section 2, DRPC. "tv" and "w1" coincide on two points at distance 1 (a probability); "kl" is KL(P_Y || target).
    """
    if divergence == "kl" and bool((perception > 0).any()):
        return _divergence_interval(target, perception)
    return np.maximum(target - perception, 0.0), np.minimum(target + perception, 1.0)


def _divergence_interval(target: Array, perception: Array) -> tuple[Array, Array]:
    """Return the KL ball: one root on either side of the target, the whole side where even its end is inside."""
    shape = target.shape
    target, perception = shrunk(target, perception)
    ends = []
    for side in (-target, 1 - target):
        inside = binary_divergence(side, target) <= perception
        root = bracketed_root(_excess, np.zeros_like(side), side, target, perception)
        shift = np.where(np.isinf(perception) | inside, side, root)
        # A target of 0 or 1 has no neighbours at finite divergence.
        stuck = ((target == 0) | (target == 1)) & np.isfinite(perception)
        ends.append(np.where(stuck | (perception == 0), target, target + shift))
    return np.broadcast_to(np.clip(ends[0], 0, 1), shape), np.broadcast_to(np.clip(ends[1], 0, 1), shape)


def _excess(shift: Array, target: Array, perception: Array) -> Array:
    # Roots of the divergence are simple in the square root of it, double in itself near the target.
    # Infinities (at a certain target, or as a limit) leave no sign; the caller does not use those roots.
    found, allowed = np.minimum(binary_divergence(shift, target), 1e300), np.minimum(perception, 1e300)
    return np.sqrt(found) - np.sqrt(allowed)


def best_output(a: Array, b: Array, s_rate: Array) -> Array:
    """Return the output marginal of least distortion when nothing is asked of it, the one nearest to b among many.

    Section 2, DRPC: distortion is convex in b with its minimum at ``a s_R`` (a <= 1/2) or ``1 - (1-a) s_R`` (a >= 1/2).
    """
    low, high = a * s_rate, 1 - (1 - a) * s_rate
    return np.where(a < 0.5, low, np.where(a > 0.5, high, np.clip(b, low, high)))


def mass_for_distortion(a: Array, low: Array, high: Array, s_label: Array, distortion: Array) -> tuple[Array, Array]:
    """Return the least s that brings the distortion down to the limit with b in [low, high], and the least distortion.

    Inverse of DRPC: D(s) is a line while b rests on the end of the interval, then the line ``min(a,1-a)(1-s)``, then
    constant. The interval has to leave room for s_label already.
    """
    swap = a > 0.5
    small = np.where(swap, 1 - a, a)
    low, high = np.where(swap, 1 - high, low), np.where(swap, 1 - low, high)
    k = 1 - 2 * small
    with np.errstate(divide="ignore", invalid="ignore"):
        cap = np.where(k > 0, (2 * (1 - low) - s_label) / k, np.inf)
        cap = np.minimum(np.minimum(1.0, np.where(small < 1, (1 - low) / (1 - small), np.inf)), cap)
        resting = np.where(small > 0, (small + k * low - distortion) / (2 * small * (1 - small)), 0.0)
        moving = np.where(small > 0, 1 - distortion / small, 0.0)
    above = low > small
    least = np.where(above, small + k * low - 2 * small * (1 - small) * cap, small - np.minimum(high, small))
    least = np.where(small > 0, least, low)
    needed = np.where(above | (distortion >= small - low), resting, moving)
    return np.maximum(needed, 0.0), np.maximum(least, 0.0)
