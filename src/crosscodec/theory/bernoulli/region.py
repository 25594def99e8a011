"""The polygon of codes of a binary source, in the coordinates s = p1 + p2 (mass of invertible maps) and t = p1 - p2.

      t
      │   t_hi: least distortion       |t| <= s,   s_C <= s <= s_R,
      │  ╱│                            s <= 2b + kt,   s <= 2(1-b) - kt,   k = 1 - 2a
      │ ╱ │
    ──┼───┼── s
      │ ╲ │
    s_C   s_R

Section 2 of the theory page; all arrays broadcast.
"""

import numpy as np

from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.entropy import binary_entropy, convolve

# Limits that hold with equality must not fail by rounding.
SLACK = 1e-12


def independent_distortion(a: Array, b: Array) -> Array:
    """Return ``a*b``, the Hamming distortion of independent source and output.

    Section 2, ``a + b - 2ab``.
    """
    return convolve(a, b)


def distortion_at(a: Array, b: Array, t: Array) -> Array:
    """Return ``a + b - 2ab - 2a(1-a)t``.

    Section 2; Hamming distortion per symbol.
    """
    return independent_distortion(a, b) - 2 * a * (1 - a) * t


def rate_mass(a: Array, rate: Array) -> Array:
    """Return ``s_R = min(1, R / h(a))``: the mass of invertible maps that the rate pays for.

    Section 2; a deterministic source (h(a) = 0) costs nothing.
    """
    h = binary_entropy(a)
    costly = h > 0
    return np.where(costly, np.minimum(1.0, rate / np.where(costly, h, 1.0)), 1.0)


def label_mass(a: Array, n: Array, label_entropy: Array, room: Array) -> Array:
    """Return ``s_C``: the mass of invertible maps that H(S|Y,U) <= C demands; infinite when it is more than ``room``.

    Section 2, ``[(h(a*n) - C) / (h(a*n) - h(n))]+``. Whether the room is enough is judged in bits: of labels that are
    nearly random, C tells the mass to few digits.
    """
    most, least = binary_entropy(convolve(a, n)), binary_entropy(n)
    span = most - least
    wide = span > 0
    mass = np.where(wide, np.maximum(most - label_entropy, 0.0) / np.where(wide, span, 1.0), 0.0)
    reached = label_entropy_of_mass(a, n, room)
    return np.where(label_entropy >= reached - SLACK, np.minimum(mass, room), np.inf)


def marginal_mass(a: Array, b: Array) -> Array:
    """Return the largest mass of invertible maps that the output marginal b leaves room for.

    The polygon is nonempty at s iff ``s min(a, 1-a) <= min(b, 1-b)`` (section 2, `t_lo <= t_hi` solved for s).
    """
    rarer = np.minimum(a, 1 - a)
    unsure = rarer > 0  # a certain source leaves room for all
    return np.where(unsure, np.minimum(np.minimum(b, 1 - b) / np.where(unsure, rarer, 1.0), 1.0), 1.0)


def label_entropy_of_mass(a: Array, n: Array, mass: Array) -> Array:
    """Return ``H(S|Y,U) = s h(n) + (1-s) h(a*n)`` of a code with the mass s of invertible maps.

    Section 2, the label row; bits. Falls as the mass grows.
    """
    return np.asarray(mass * binary_entropy(n) + (1 - mass) * binary_entropy(convolve(a, n)))


def transport_ends(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the Frechet ends of t: every coupling of Bern(a) and Bern(b) has t between them.

    Section 2: ``-min(b/(1-a), (1-b)/a)`` and ``min(b/a, (1-b)/(1-a))``, within [-1, 1].
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # A certain source divides by zero on one side; fmin passes over the NaN of 0/0.
        high = np.fmin(np.fmin(b / a, (1 - b) / (1 - a)), 1.0)
        low = -np.fmin(np.fmin(b / (1 - a), (1 - b) / a), 1.0)
    return low, high


def label_ends(a: Array, b: Array, s_label: Array) -> tuple[Array, Array]:
    """Return the ends of t that leave room for the mass s_C of invertible maps.

    Section 2, the last terms of t_lo and t_hi; infinite where k = 0 and s_C <= 2 min(b, 1-b), empty where it is not.
    """
    k = 1 - 2 * a
    above, below = 2 * (1 - b) - s_label, 2 * b - s_label
    # At k = 0 the limits are infinite whatever the numerators say.
    up, size = k > 0, np.where(k == 0, np.nan, np.abs(k))
    high, low = np.where(up, above, below) / size, np.where(up, below, above) / size
    return -np.fmin(low, np.inf), np.fmin(high, np.inf)


def ends(
    a: Array, b: Array, s_rate: Array, s_label: Array, transport: tuple[Array, Array] | None = None
) -> tuple[Array, Array, Mask]:
    """Return t_lo, t_hi and whether the polygon is nonempty; ``transport`` are its `transport_ends`, where known.

    Section 2. At a marginal filled to the brim, where rounding would empty the interval, its ends are pulled together.
    """
    transport_low, transport_high = transport or transport_ends(a, b)
    s_label = np.asarray(s_label)
    feasible = (s_label <= s_rate + SLACK) & (s_label <= marginal_mass(a, b) + SLACK)
    label_low, label_high = label_ends(a, b, np.where(feasible, s_label, 0.0))
    # At a near 1/2 rounding moves the label's ends by much, and the others by little.
    least, most = np.maximum(-s_rate, transport_low), np.minimum(s_rate, transport_high)
    low, high = np.clip(label_low, least, most), np.clip(label_high, least, most)
    middle = (low + high) / 2
    crossed = low > high
    return np.where(crossed, middle, low), np.where(crossed, middle, high), feasible


def information_at(a: Array, b: Array, t: Array) -> Array:
    """Return ``I(t) = h(b) - a h(b + (1-a)t) - (1-a) h(b - at)``.

    Section 2, MEC-B; bits. Convex in t with I(0) = 0.
    """
    up, down = np.clip(b + (1 - a) * t, 0, 1), np.clip(b - a * t, 0, 1)
    return np.maximum(binary_entropy(b) - a * binary_entropy(up) - (1 - a) * binary_entropy(down), 0)


def label_entropy_at(a: Array, n: Array, b: Array, t: Array) -> Array:
    """Return ``g(t) = H(S|Y) = b h(n*q1) + (1-b) h(n*q0)``, for a classifier that does not see U.

    Section 2; bits. Concave in t with its maximum h(a*n) at t = 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        q_one = np.where(b > 0, a * (b + (1 - a) * t) / b, 0.5)
        q_zero = np.where(b < 1, a * (1 - b - (1 - a) * t) / (1 - b), 0.5)
    one = b * binary_entropy(convolve(np.clip(q_one, 0, 1), n))
    return np.asarray(one + (1 - b) * binary_entropy(convolve(np.clip(q_zero, 0, 1), n)))
