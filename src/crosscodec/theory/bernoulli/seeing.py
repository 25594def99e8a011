"""Binary trade-offs when the classifier sees the common randomness: limits on H(S|Y,U), linear in the code.

Every optimum is the corner t_hi of the polygon in `region`, with the output marginal moved inside its ball under
perception: section 2 of the theory page, DRC, RDC and DRPC. Without a label limit these are the optima of `blind` too.
"""

import numpy as np

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.bernoulli import region
from crosscodec.theory.bernoulli.perception import best_output, mass_for_distortion
from crosscodec.theory.bernoulli.plan import BinaryMixture, mixture
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.roots import bracketed_root
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer


def distortion(
    a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, perception: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least Hamming distortion with H(S|Y,U) <= C and the output marginal in [low, high].

    Section 2, DRC and DRPC: ``D = a + b - 2ab - 2a(1-a) t_hi``.
    """
    s_label = region.label_mass(a, n, label_entropy, np.minimum(s_rate, _most_mass(a, low, high)))
    moves = bool(perception.any())
    if moves:
        room_low, room_high, feasible = _room(a, low, high, s_label)
        free = best_output(a, b, s_rate)
        chosen = np.where(feasible, np.clip(free, room_low, room_high), b)
        transport = region.transport_ends(a, chosen)
        _, t, _ = region.ends(a, chosen, s_rate, np.where(feasible, s_label, 0.0), transport)
    else:
        free = chosen = b
        transport = region.transport_ends(a, b)
        _, t, feasible = region.ends(a, b, s_rate, s_label, transport)
    value = np.maximum(region.distortion_at(a, chosen, t), 0.0)
    codes = active(transport, s_rate, t, value)
    if moves:
        codes = np.where((perception > 0) & (np.abs(chosen - free) > region.SLACK), limits.PERCEPTION, codes)
    plan = mixture(a, n, chosen, np.maximum(np.abs(t), np.where(feasible, s_label, 0)), t, feasible)
    shortfall = Shortfall(
        "classification", ~feasible, label_entropy, lambda: least_label_entropy(a, low, high, n, s_rate), "bit"
    )
    return answer(value, feasible, plan, np.where(feasible, codes, limits.CLASSIFICATION), (shortfall,))


def rate(
    a: Array, b: Array, n: Array, distortion: Array, label_entropy: Array, low: Array, high: Array
) -> Tradeoff[BinaryMixture]:
    """Return the least ``H(Y|U)`` with distortion and H(S|Y,U) limited and the output marginal in [low, high].

    Section 2, RDC: ``R = h(a) max(0, t_D, s_C)``.
    """
    room = _most_mass(a, low, high)
    s_label = region.label_mass(a, n, label_entropy, room)
    labelled = np.isfinite(s_label)
    # Where no code meets the label limit, the distortion is judged without it.
    used = np.where(labelled, s_label, 0.0)
    low_room, high_room, needed, least = _needed_mass(a, low, high, used, distortion)
    close = distortion >= least - region.SLACK
    if not close.all():
        # Where it is too far by what rounding of the label limit makes of it, it is close enough.
        lenient = np.where(labelled, region.label_mass(a, n, label_entropy + region.SLACK, room), 0.0)
        *_, lenient_least = _needed_mass(a, low, high, lenient, distortion)
        rounded = ~close & (distortion >= lenient_least - region.SLACK)
        used, close = np.where(rounded, lenient, used), close | rounded
        low_room, high_room, needed, _ = _needed_mass(a, low, high, used, distortion)
    feasible = labelled & close
    s = np.clip(np.maximum(needed, used), 0.0, 1.0)
    chosen = np.where(feasible, np.clip(best_output(a, b, s), low_room, high_room), b)
    _, t, _ = region.ends(a, chosen, s, np.where(feasible, used, 0.0))
    codes = np.where(needed > used, limits.DISTORTION, limits.CLASSIFICATION)
    codes = np.where(s <= region.SLACK, limits.NONE, codes)
    codes = np.where(labelled, np.where(close, codes, limits.DISTORTION), limits.CLASSIFICATION)
    plan = mixture(a, n, chosen, np.maximum(s, np.abs(t)), t, feasible)

    def least_label() -> Array:
        return _least_label_entropy_within(a, low, high, n, np.where(close, distortion, np.inf))

    shortfalls = (
        Shortfall("classification", ~labelled, label_entropy, least_label, "bit"),
        Shortfall("distortion", ~close, distortion, lambda: least, "per symbol"),
    )
    return answer(np.asarray(binary_entropy(a) * s), feasible, plan, codes, shortfalls)


def least_label_entropy(a: Array, low: Array, high: Array, n: Array, s_rate: Array) -> Array:
    """Return the least reachable H(S|Y,U) in bits at this rate, with the output marginal in [low, high].

    Section 2, the label row at the largest mass of invertible maps: the marginal nearest to 1/2 leaves most room.
    """
    return region.label_entropy_of_mass(a, n, np.minimum(s_rate, _most_mass(a, low, high)))


def active(transport: tuple[Array, Array], s_rate: Array, t: Array, value: Array) -> Array:
    """Return which bound of t is met: the rate, the Frechet bound or the classification term; none at value 0."""
    low, high = transport
    by_rate = (np.abs(t) >= s_rate - region.SLACK) & (s_rate < 1)
    by_transport = (t >= high - region.SLACK) | (t <= low + region.SLACK)
    codes = np.where(by_rate, limits.RATE, np.where(by_transport, limits.TRANSPORT, limits.CLASSIFICATION))
    return np.where(value <= region.SLACK, limits.NONE, codes)


def _most_mass(a: Array, low: Array, high: Array) -> Array:
    """Return the largest mass of invertible maps that some marginal in [low, high] leaves room for."""
    return region.marginal_mass(a, np.clip(0.5, low, high))


def _needed_mass(
    a: Array, low: Array, high: Array, s_label: Array, distortion: Array
) -> tuple[Array, Array, Array, Array]:
    """Return the room that s_C leaves the marginal, the mass that the distortion needs there, and the least one."""
    low_room, high_room, _ = _room(a, low, high, s_label)
    return low_room, high_room, *mass_for_distortion(a, low_room, high_room, s_label, distortion)


def _room(a: Array, low: Array, high: Array, s_label: Array) -> tuple[Array, Array, Mask]:
    """Return the part of [low, high] whose marginals leave room for the mass s_C, and whether there is any."""
    brim = np.where(np.isfinite(s_label), s_label, 1.0) * np.minimum(a, 1 - a)
    room_low, room_high = np.maximum(low, brim), np.minimum(high, 1 - brim)
    fits = np.isfinite(s_label) & (room_low <= room_high + region.SLACK)
    middle = (room_low + room_high) / 2
    crossed = room_low > room_high
    return np.where(crossed, middle, room_low), np.where(crossed, middle, room_high), fits


def _least_label_entropy_within(a: Array, low: Array, high: Array, n: Array, distortion: Array) -> Array:
    """Return the least H(S|Y,U) with distortion and marginal limited: the largest mass that is still close enough.

    The least distortion is nondecreasing in the mass, so that mass is a root where the distortion is in the way.
    """
    most = _most_mass(a, low, high)
    mass = np.where(
        _distortion_excess(most, a, low, high, distortion) <= 0,
        most,
        bracketed_root(_distortion_excess, np.zeros_like(most), most, a, low, high, distortion),
    )
    return region.label_entropy_of_mass(a, n, mass)


def _distortion_excess(mass: Array, a: Array, low: Array, high: Array, distortion: Array) -> Array:
    room_low, room_high, _ = _room(a, low, high, mass)
    _, least = mass_for_distortion(a, room_low, room_high, mass, distortion)
    # Infinity asks for nothing; the slack keeps a limit that is met exactly from being missed by rounding.
    return least - np.minimum(distortion, 2.0) - region.SLACK
