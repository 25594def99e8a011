"""The most that one-shot codes of a binary source keep of it: MEC-B, section 2 of the theory page.

I(t) is convex in t with I(0) = 0, so the optimum is at one of the two ends of t.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.bernoulli import blind, region
from crosscodec.theory.bernoulli.plan import BinaryMixture, mixture
from crosscodec.theory.bernoulli.seeing import active
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer

DEPENDENCES = ("best", "positive", "negative")


@dataclass(frozen=True, eq=False)
class Ends:
    """The two ends of t, whether each meets the label limit and has the sign asked for.

    Fields: ``mass`` of invertible maps that the label demands; ``find_least`` the least label entropy of that sign.
    """

    low: Array
    high: Array
    has_low: Mask
    has_high: Mask
    mass: Array
    find_least: Callable[[], Array]


def information(
    a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, dependence: str, label_given: str
) -> Tradeoff[BinaryMixture]:
    """Return the largest ``I(X;Y)`` in bits at this rate, with the exact target marginal and the label limit.

    Section 2, MEC-B: ``max(I(t_hi), I(t_lo))`` over the ends of the sign asked for.
    """
    find = blind_ends if label_given == "y" else seeing_ends
    ends = find(a, b, n, s_rate, label_entropy, dependence)
    kept_high = np.where(ends.has_high, region.information_at(a, b, ends.high), -np.inf)
    kept_low = np.where(ends.has_low, region.information_at(a, b, ends.low), -np.inf)
    value, t = np.maximum(kept_high, kept_low), np.where(kept_high >= kept_low, ends.high, ends.low)
    feasible = np.isfinite(value)
    codes = active(region.transport_ends(a, b), s_rate, t, np.ones_like(a))
    plan = mixture(a, n, b, np.maximum(np.abs(t), np.where(feasible, ends.mass, 0)), t, feasible)
    shortfall = Shortfall("classification", ~feasible, label_entropy, ends.find_least, "bit")
    return answer(value, feasible, plan, np.where(feasible, codes, limits.CLASSIFICATION), (shortfall,))


def seeing_ends(a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, dependence: str) -> Ends:
    """Return the ends of t for a classifier that sees U: the polygon at the mass s_C, cut at t = 0 for one sign.

    Section 2, t_lo and t_hi. Their label terms leave room for t >= 0 iff ``s_C <= 2(1-b)`` (k > 0) or ``s_C <= 2b``
    (k < 0); the two change places for t <= 0.
    """
    room = np.minimum(s_rate, region.marginal_mass(a, b))
    if dependence != "best":
        scarce = 1 - b if dependence == "positive" else b
        room = np.minimum(room, 2 * np.where(a < 0.5, scarce, np.where(a > 0.5, 1 - scarce, 1.0)))
    s_label = region.label_mass(a, n, label_entropy, room)
    low, high, fits = region.ends(a, b, s_rate, s_label)
    has_low, has_high = fits & (dependence != "positive"), fits & (dependence != "negative")
    if dependence != "best":
        # The room says whether there is one of this sign; near a = 1/2 the end itself is rounded by much.
        low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)

    def least() -> Array:
        return region.label_entropy_of_mass(a, n, room)

    return Ends(low, high, has_low, has_high, s_label, least)


def blind_ends(a: Array, b: Array, n: Array, s_rate: Array, label_entropy: Array, dependence: str) -> Ends:
    """Return the ends of t for a classifier that does not see U.

    Section 2: g(t) = H(S|Y) is largest at t = 0, so the ends are the best of either sign for the label as well.
    """
    low, high = blind.ends(a, b, s_rate)
    at_low, at_high = region.label_entropy_at(a, n, b, low), region.label_entropy_at(a, n, b, high)
    allowed = label_entropy + region.SLACK
    has_low, has_high = (
        (at_low <= allowed) & (dependence != "positive"),
        (at_high <= allowed) & (dependence != "negative"),
    )
    least = {"best": np.minimum(at_low, at_high), "positive": at_high, "negative": at_low}[dependence]
    return Ends(low, high, has_low, has_high, np.zeros_like(a), lambda: least)
