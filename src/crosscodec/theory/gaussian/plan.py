"""Gaussian laws and the jointly Gaussian code of a scalar source."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import Array, finite
from crosscodec.theory.entropy import LOG2_E


@dataclass(frozen=True, eq=False)
class Normal:
    """The law N(mean, std**2); mean and standard deviation may be arrays.

    Conventions of the theory page: differential entropy ``1/2 log2(2 pi e std**2)`` in bits.
    """

    mean: ArrayLike = 0.0
    std: ArrayLike = 1.0

    def __post_init__(self) -> None:
        """Check that both are finite and the standard deviation is at least 0."""
        object.__setattr__(self, "mean", finite("mean", self.mean))
        object.__setattr__(self, "std", finite("std", self.std))
        if (np.asarray(self.std) < 0).any():
            raise UsageError(f"std is a standard deviation and must be at least 0, got {np.min(self.std):.6g}")

    @property
    def entropy(self) -> Array:
        """Differential entropy in bits; minus infinity for a constant."""
        return normal_entropy(np.asarray(self.std))


def normal_entropy(std: Array) -> Array:
    """Return ``1/2 log2(2 pi e std**2)`` in bits.

    Conventions of the theory page.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log2(2 * np.pi * np.e) + np.log2(std))


def gaussian_rate(correlation: Array) -> Array:
    """Return ``-1/2 log2(1 - rho**2)``, the information between jointly Gaussian variables, in bits.

    Section 3; infinite at |rho| = 1.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.maximum(-0.5 * LOG2_E * np.log1p(-np.minimum(correlation * correlation, 1.0)), 0.0))


def gaussian_correlation(rate: Array) -> Array:
    """Return ``rho_R = sqrt(1 - 2**(-2R))``.

    Section 3; 1 at infinite rate, exact for tiny rates.
    """
    return np.asarray(np.sqrt(-np.expm1(-2 * rate / LOG2_E)))


def normal_divergence(mean: Array, std: Array, target_mean: Array, target_std: Array) -> Array:
    """Return ``KL(N(mean, std**2) || N(target_mean, target_std**2))`` in bits.

    Section 3. Written with ``v - log(1 + v)``, which keeps its digits where the laws nearly agree.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.where(target_std > 0, (std - target_std) * (std + target_std) / target_std**2, np.inf)
        spread = np.where(std > 0, v - np.log1p(np.maximum(v, -1)), np.inf)
        shift = np.where(mean == target_mean, 0.0, ((mean - target_mean) / target_std) ** 2)
    same = (std == target_std) & (mean == target_mean)
    return np.where(same, 0.0, 0.5 * LOG2_E * (spread + shift))


@dataclass(frozen=True, eq=False)
class GaussianPlan:
    """The jointly Gaussian (X, Y) that attains the optimum; every quantity is computed from it alone.

    Section 3. ``Y = mean + correlation * std / source.std * (X - source.mean) + noise``. NaN where infeasible.
    """

    source_mean: Array
    source_std: Array
    label_correlation: Array
    label_std: Array
    mean: Array
    std: Array
    correlation: Array

    @property
    def distortion(self) -> Array:
        """``E (X - Y)**2``."""
        # As squares, so that near the identity the digits survive.
        missed = (1 - self.correlation * self.correlation) * self.source_std**2
        scaled = (self.std - self.correlation * self.source_std) ** 2
        return np.asarray((self.mean - self.source_mean) ** 2 + scaled + missed)

    @property
    def rate(self) -> Array:
        """``I(X;Y)`` in bits."""
        return gaussian_rate(self.correlation)

    @property
    def label_entropy(self) -> Array:
        """``h(S|Y)`` in bits."""
        return label_entropy(self.label_correlation, self.label_std, self.correlation)

    def divergence(self, target: Normal, name: str) -> Array:
        """Return the squared Wasserstein-2 distance ("w2") or KL(P_Y || target) in bits ("kl").

        Section 3, the perception measures.
        """
        mean, std = np.asarray(target.mean), np.asarray(target.std)
        if name == "w2":
            return np.asarray((self.mean - mean) ** 2 + (self.std - std) ** 2)
        return normal_divergence(self.mean, self.std, mean, std)


def label_entropy(label_correlation: Array, label_std: Array, correlation: Array) -> Array:
    """Return ``1/2 log2(2 pi e s_S**2 (1 - r**2 rho**2))``, the label's entropy given the output, in bits.

    Section 3; minus infinity where the output determines the label.
    """
    left = np.maximum(1 - (label_correlation * correlation) ** 2, 0.0)
    return normal_entropy(label_std * np.sqrt(left))
