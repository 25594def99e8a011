"""One-shot trade-offs of a binary source and a binary target with common randomness, in closed form.

    S ~ X xor Bern(n) ── X ~ Bern(a) ──► f_U ──► Y ~ Bern(b)        rate H(Y|U), distortion P(X != Y)

The four maps make a polygon in two coordinates (`region`); every trade-off is one of its corners.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.theory.arguments import Array, choice, nonnegative, probability, same_shape
from crosscodec.theory.bernoulli import blind, region, seeing
from crosscodec.theory.bernoulli.information import DEPENDENCES, information
from crosscodec.theory.bernoulli.perception import DIVERGENCES, output_interval
from crosscodec.theory.bernoulli.plan import BinaryMixture
from crosscodec.theory.tradeoff import Tradeoff

LABEL_VIEWS = ("y,u", "y")


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
        low, high = output_interval(b, p, divergence) if p.any() else (b, b)
        solve = blind.distortion if label_given == "y" else seeing.distortion
        return solve(a, b, n, region.rate_mass(a, r), c, p, low, high)

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
        return seeing.rate(a, b, n, d, c, low, high)

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
        return information(a, b, n, region.rate_mass(a, r), c, dependence, label_given)

    def least_label_entropy(self, rate: ArrayLike = np.inf, label_given: str = "y,u") -> float | Array:
        """Return the least label entropy in bits that this rate can reach with the exact target marginal.

        Section 2: the classification limit below which `distortion` is infeasible.
        """
        a, b, n, r, _, _ = self._arrays(rate, np.inf, 0.0, label_given, "tv")
        s_rate = region.rate_mass(a, r)
        find = blind.least_label_entropy if label_given == "y" else seeing.least_label_entropy
        least = find(a, b, b, n, s_rate)
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
