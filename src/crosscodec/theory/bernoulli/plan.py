"""A code for a binary source: the probabilities of the four maps {0,1} -> {0,1} under the common randomness.

    X ──► map drawn by U ──► Y        identity 01   flip 10   zero 00   one 11

Section 2 of the theory page.
"""

from dataclasses import dataclass

import numpy as np

from crosscodec.theory.arguments import Array, Mask
from crosscodec.theory.entropy import binary_entropy, convolve


@dataclass(frozen=True, eq=False)
class BinaryMixture:
    """Probabilities of the four binary maps; every quantity of the code is computed from them alone.

    Section 2 of the theory page. Arrays of one shape; NaN where the trade-off is infeasible.
    """

    source: Array
    label_noise: Array
    identity: Array
    flip: Array
    zero: Array
    one: Array

    @property
    def output(self) -> Array:
        """``P(Y = 1)``."""
        return np.asarray(self.source * self.identity + (1 - self.source) * self.flip + self.one)

    @property
    def distortion(self) -> Array:
        """``P(X != Y)``, Hamming."""
        return np.asarray(self.flip + self.source * self.zero + (1 - self.source) * self.one)

    @property
    def rate(self) -> Array:
        """``H(Y|U)`` in bits: only the two invertible maps need any."""
        return np.asarray((self.identity + self.flip) * binary_entropy(self.source))

    @property
    def label_entropy(self) -> Array:
        """``H(S|Y,U)`` in bits: the classifier knows which map was drawn."""
        kept = self.identity + self.flip
        mixed = binary_entropy(convolve(self.source, self.label_noise))
        return np.asarray(kept * binary_entropy(self.label_noise) + (1 - kept) * mixed)

    @property
    def label_entropy_without_randomness(self) -> Array:
        """``H(S|Y)`` in bits: the classifier sees the output alone; never below `label_entropy`."""
        return label_entropy_of_channel(self.source, self.label_noise, self.output_given_one, self.output_given_zero)

    @property
    def information(self) -> Array:
        """``I(X;Y)`` in bits."""
        conditional = self.source * binary_entropy(self.output_given_one)
        conditional = conditional + (1 - self.source) * binary_entropy(self.output_given_zero)
        return np.asarray(np.maximum(binary_entropy(np.clip(self.output, 0, 1)) - conditional, 0))

    @property
    def output_given_one(self) -> Array:
        """``P(Y = 1 | X = 1)``."""
        return np.clip(self.identity + self.one, 0, 1)

    @property
    def output_given_zero(self) -> Array:
        """``P(Y = 1 | X = 0)``."""
        return np.clip(self.flip + self.one, 0, 1)

    def joint(self) -> Array:
        """Return ``P(X = x, Y = y)``, shape (..., 2, 2).

        The coupling that the mixture induces.
        """
        a, up, down = np.broadcast_arrays(self.source, self.output_given_one, self.output_given_zero)
        rows = [np.stack([(1 - a) * (1 - down), (1 - a) * down], axis=-1), np.stack([a * (1 - up), a * up], axis=-1)]
        return np.stack(rows, axis=-2)


def mixture(a: Array, n: Array, b: Array, s: Array, t: Array, feasible: Mask) -> BinaryMixture:
    """Return the mixture with ``p1 + p2 = s``, ``p1 - p2 = t`` and ``P(Y = 1) = b``.

    Section 2; rounding below 0 is clipped, the constants take up the rest so that the four sum to 1.
    """
    identity, flip = np.maximum((s + t) / 2, 0), np.maximum((s - t) / 2, 0)
    rest = np.maximum(1 - identity - flip, 0)
    one = np.minimum(np.maximum(b - a * identity - (1 - a) * flip, 0), rest)
    parts = [np.where(feasible, part, np.nan) for part in (identity, flip, rest - one, one)]
    return BinaryMixture(a, n, *parts)


def label_entropy_of_channel(a: Array, n: Array, up: Array, down: Array) -> Array:
    """Return ``H(S|Y)`` for ``X ~ Bern(a)``, ``S = X xor Bern(n)``, ``P(Y=1|X=1) = up`` and ``P(Y=1|X=0) = down``.

    Section 2, g(t) written for the channel; bits.
    """
    total = np.zeros(np.broadcast(a, n, up, down).shape)
    for one, zero in ((up, down), (1 - up, 1 - down)):
        mass = a * one + (1 - a) * zero
        with np.errstate(divide="ignore", invalid="ignore"):
            posterior = np.where(mass > 0, a * one / mass, 0.5)
        total = total + mass * binary_entropy(convolve(np.clip(posterior, 0, 1), n))
    return total
