"""One-shot trade-offs of a binary source and a binary target with common randomness, in closed form.

    S ~ X xor Bern(n) ── X ~ Bern(a) ──► f_U ──► Y ~ Bern(b)        rate H(Y|U), distortion P(X != Y)

The four maps make a polygon in two coordinates (`region`); every trade-off is one of its corners.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask, choice, nonnegative, probability, same_shape
from crosscodec.theory.bernoulli import blind, region
from crosscodec.theory.bernoulli.perception import DIVERGENCES, best_output, mass_for_distortion, output_interval
from crosscodec.theory.bernoulli.plan import BinaryMixture, mixture
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer

LABEL_VIEWS = ("y,u", "y")
DEPENDENCES = ("best", "positive", "negative")


@dataclass(frozen=True, eq=False)
class BernoulliTransport:
    """The problem of sending ``X ~ Bern(source)`` to ``Y ~ Bern(target)`` with a label ``S = X xor Bern(label_noise)``.

    Section 2 of the theory page (DRC, RDC, DRPC, MEC-B). Parameters may be arrays; they broadcast with the limits.
    """

    source: ArrayLike
    target: ArrayLike
    label_noise: ArrayLike = 0.0

    def __post_init__(self) -> None:
        """Check that all three are probabilities."""
        for name in ("source", "target", "label_noise"):
            object.__setattr__(self, name, probability(name, getattr(self, name)))

    def distortion(
        self,
        rate: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "tv",
        label_given: str = "y,u",
    ) -> Tradeoff[BinaryMixture]:
        """Return the least ``P(X != Y)`` with ``H(Y|U) <= rate``, the label and the perception limit.

        Section 2, DRC and DRPC: ``D = a + b - 2ab - 2a(1-a) t_hi``. Rate and label entropy in bits, perception as a
        probability ("tv", "w1") or in bits ("kl"); label_given "y,u" limits H(S|Y,U), "y" limits H(S|Y).
        """
        a, b, n, r, c, p = self._arrays(rate, label_entropy, perception, label_given, divergence)
        s_rate = region.rate_mass(a, r)
        moves = bool(p.any())
        low, high = output_interval(b, p, divergence) if moves else (b, b)
        if label_given == "y":
            return blind.distortion(a, b, n, s_rate, c, p, low, high)
        s_label = region.label_mass(a, n, c)
        if moves:
            room_low, room_high, fits = _room(a, low, high, s_label)
            feasible = fits & (s_label <= s_rate + region.SLACK)
            free = best_output(a, b, s_rate)
            chosen = np.where(feasible, np.clip(free, room_low, room_high), b)
            transport = region.transport_ends(a, chosen)
            _, t, _ = region.ends(a, chosen, s_rate, np.where(feasible, s_label, 0.0), transport)
        else:
            free = chosen = b
            transport = region.transport_ends(a, b)
            _, t, feasible = region.ends(a, b, s_rate, s_label, transport)
        value = np.maximum(region.distortion_at(a, chosen, t), 0.0)
        codes = _active(transport, s_rate, t, value)
        if moves:
            codes = np.where((p > 0) & (np.abs(chosen - free) > region.SLACK), limits.PERCEPTION, codes)
        plan = mixture(a, n, chosen, np.maximum(np.abs(t), np.where(feasible, s_label, 0)), t, feasible)
        shortfall = _label_shortfall(a, n, low, high, s_rate, c, ~feasible)
        return answer(value, feasible, plan, np.where(feasible, codes, limits.CLASSIFICATION), (shortfall,))

    def rate(
        self,
        distortion: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "tv",
        label_given: str = "y,u",
    ) -> Tradeoff[BinaryMixture]:
        """Return the least ``H(Y|U)`` in bits with ``P(X != Y) <= distortion``, the label and the perception limit.

        Section 2, RDC: ``R = h(a) max(0, t_D, s_C)``, with the output marginal moved inside its ball under perception.
        """
        a, b, n, d, c, p = self._arrays(distortion, label_entropy, perception, label_given, divergence, "distortion")
        low, high = output_interval(b, p, divergence)
        if label_given == "y":
            return blind.rate(a, b, n, d, c, p, low, high)
        s_label = region.label_mass(a, n, c)
        low_room, high_room, labelled = _room(a, low, high, s_label)
        used = np.where(labelled, s_label, 0.0)
        needed, least = mass_for_distortion(a, low_room, high_room, used, d)
        close = d >= least - region.SLACK
        feasible = labelled & close
        s = np.clip(np.maximum(needed, used), 0.0, 1.0)
        chosen = np.where(feasible, np.clip(best_output(a, b, s), low_room, high_room), b)
        _, t, _ = region.ends(a, chosen, s, np.where(feasible, used, 0.0))
        codes = np.where(needed > used, limits.DISTORTION, limits.CLASSIFICATION)
        codes = np.where(s <= region.SLACK, limits.NONE, codes)
        codes = np.where(labelled, np.where(close, codes, limits.DISTORTION), limits.CLASSIFICATION)
        plan = mixture(a, n, chosen, np.maximum(s, np.abs(t)), t, feasible)
        shortfalls = (
            _label_shortfall(a, n, low, high, np.ones_like(a), c, ~labelled),
            Shortfall("distortion", labelled & ~close, d, lambda: least, "per symbol"),
        )
        return answer(np.asarray(binary_entropy(a) * s), feasible, plan, codes, shortfalls)

    def information(
        self,
        rate: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        dependence: str = "best",
        label_given: str = "y,u",
    ) -> Tradeoff[BinaryMixture]:
        """Return the largest ``I(X;Y)`` in bits with ``H(Y|U) <= rate``, exact target marginal and the label limit.

        Section 2, MEC-B: ``max(I(t_hi), I(t_lo))``; "positive" and "negative" keep to one sign of the dependence.
        """
        choice("dependence", dependence, DEPENDENCES)
        a, b, n, r, c, _ = self._arrays(rate, label_entropy, 0.0, label_given, "tv")
        s_rate = region.rate_mass(a, r)
        if label_given == "y":
            t_low, t_high, has_low, has_high, shortfall = blind.ends(a, b, n, s_rate, c)
            s_label = np.zeros_like(a)
        else:
            s_label = region.label_mass(a, n, c)
            t_low, t_high, fits = region.ends(a, b, s_rate, s_label)
            has_low, has_high = fits & (t_low <= region.SLACK), fits & (t_high >= -region.SLACK)
            if dependence == "best":
                has_low, has_high = fits, fits
            shortfall = _label_shortfall(a, n, b, b, s_rate, c, ~fits)
        kept_high = np.where(has_high, region.information_at(a, b, t_high), -np.inf)
        kept_low = np.where(has_low, region.information_at(a, b, t_low), -np.inf)
        kept_high = kept_high if dependence != "negative" else np.full_like(kept_high, -np.inf)
        kept_low = kept_low if dependence != "positive" else np.full_like(kept_low, -np.inf)
        value, t = np.maximum(kept_high, kept_low), np.where(kept_high >= kept_low, t_high, t_low)
        feasible = np.isfinite(value)
        codes = np.where(
            feasible, _active(region.transport_ends(a, b), s_rate, t, np.ones_like(a)), limits.CLASSIFICATION
        )
        plan = mixture(a, n, b, np.maximum(np.abs(t), np.where(feasible, s_label, 0)), t, feasible)
        return answer(value, feasible, plan, codes, (shortfall,))

    def least_label_entropy(self, rate: ArrayLike = np.inf, label_given: str = "y,u") -> float | Array:
        """Return the least label entropy in bits that this rate can reach with the exact target marginal.

        Section 2: the classification limit below which `distortion` is infeasible.
        """
        a, b, n, r, _, _ = self._arrays(rate, np.inf, 0.0, label_given, "tv")
        s_rate = region.rate_mass(a, r)
        if label_given == "y,u":
            least = region.least_label_entropy(a, n, b, s_rate)
        else:
            least = blind.least_label_entropy(a, b, n, s_rate)
        return least if least.shape else float(least)

    def _arrays(
        self,
        first: ArrayLike,
        label_entropy: ArrayLike,
        perception: ArrayLike,
        given: str,
        divergence: str,
        name: str = "rate",
    ) -> tuple[Array, ...]:
        """Return source, target, noise and the three limits, checked and broadcast."""
        choice("label_given", given, LABEL_VIEWS)
        choice("divergence", divergence, DIVERGENCES)
        checked = {
            "source": np.asarray(self.source),
            "target": np.asarray(self.target),
            "label_noise": np.asarray(self.label_noise),
            name: nonnegative(name, first),
            "label_entropy": nonnegative("label_entropy", label_entropy),
            "perception": nonnegative("perception", perception),
        }
        return same_shape(**checked)


def _room(a: Array, low: Array, high: Array, s_label: Array) -> tuple[Array, Array, Mask]:
    """Return the part of [low, high] whose marginals leave room for the mass s_C, and whether there is any."""
    brim = np.where(np.isfinite(s_label), s_label, 1.0) * np.minimum(a, 1 - a)
    room_low, room_high = np.maximum(low, brim), np.minimum(high, 1 - brim)
    fits = np.isfinite(s_label) & (room_low <= room_high + region.SLACK)
    middle = (room_low + room_high) / 2
    crossed = room_low > room_high
    return np.where(crossed, middle, room_low), np.where(crossed, middle, room_high), fits


def _active(transport: tuple[Array, Array], s_rate: Array, t: Array, value: Array) -> Array:
    """Return which bound of t is met: the rate, the Frechet bound or the classification term."""
    low, high = transport
    by_rate = (np.abs(t) >= s_rate - region.SLACK) & (s_rate < 1)
    by_transport = (t >= high - region.SLACK) | (t <= low + region.SLACK)
    codes = np.where(by_rate, limits.RATE, np.where(by_transport, limits.TRANSPORT, limits.CLASSIFICATION))
    return np.where(value <= region.SLACK, limits.NONE, codes)


def _label_shortfall(
    a: Array, n: Array, low: Array, high: Array, s_rate: Array, label_entropy: Array, where: Mask
) -> Shortfall:
    """Return the record of a label entropy below the least one at this rate and these marginals."""

    def least() -> Array:
        return region.least_label_entropy(a, n, np.clip(0.5, low, high), s_rate)

    return Shortfall("classification", where, label_entropy, least, "bit")
