"""The asymptotic rate of a binary source restored to itself under a distortion and a label limit.

X ~ Bern(a), S = X xor Bern(n), Hamming distortion, any output law: the lower bound is Mrs. Gerber's lemma, and the
backward channel ``X = Y xor Bern(crossover)`` attains it (section 5 of the theory page).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, nonnegative, probability, same_shape
from crosscodec.theory.entropy import binary_entropy, convolve, inverse_binary_entropy
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer


@dataclass(frozen=True, eq=False)
class BackwardChannel:
    """The optimal test channel ``X = Y xor Bern(crossover)``; every quantity is computed from it alone."""

    source: Array
    label_noise: Array
    crossover: Array

    @property
    def distortion(self) -> Array:
        """``P(X != Y)``."""
        return self.crossover

    @property
    def rate(self) -> Array:
        """``I(X;Y) = h(a) - h(crossover)`` in bits."""
        return np.asarray(binary_entropy(self.source) - binary_entropy(self.crossover))

    @property
    def label_entropy(self) -> Array:
        """``H(S|Y) = h(crossover * n)`` in bits."""
        return binary_entropy(convolve(self.crossover, self.label_noise))


def bernoulli_asymptotic_rate(
    source: ArrayLike, distortion: ArrayLike = np.inf, label_entropy: ArrayLike = np.inf, label_noise: ArrayLike = 0.0
) -> Tradeoff[BackwardChannel]:
    """Return ``R(D, C) = [h(a) - h(min(D, c1))]+`` with ``h(c1 * n) = C``, in bits.

    Section 5; feasible iff C >= h(n). Everything broadcasts.
    """
    a, d, c, n = same_shape(
        source=probability("source", source),
        distortion=nonnegative("distortion", distortion),
        label_entropy=nonnegative("label_entropy", label_entropy),
        label_noise=probability("label_noise", label_noise),
    )
    least = binary_entropy(n)
    feasible = c >= least - 1e-12
    noise, rare = np.minimum(n, 1 - n), np.minimum(a, 1 - a)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = (inverse_binary_entropy(np.minimum(c, 1.0)) - noise) / (1 - 2 * noise)
    # In bits, for of labels that are nearly random C tells the crossover to few digits.
    untold = c >= binary_entropy(convolve(rare, noise)) - 1e-12
    told = np.where(untold, 0.5, np.clip(told, 0.0, 0.5))
    crossover = np.minimum(np.minimum(d, told), rare)
    value = np.maximum(binary_entropy(a) - binary_entropy(crossover), 0.0)
    codes = np.where(d <= told, limits.DISTORTION, limits.CLASSIFICATION)
    codes = np.where(crossover >= rare, limits.NONE, codes)
    codes = np.where(feasible, codes, limits.CLASSIFICATION)
    plan = BackwardChannel(a, n, np.where(feasible, crossover, np.nan))
    return answer(value, feasible, plan, codes, (Shortfall("classification", ~feasible, c, lambda: least, "bit"),))
