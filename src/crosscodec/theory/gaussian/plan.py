"""Gaussian laws and the jointly Gaussian code of a scalar source.

The rate R of a code carries its correlation, because ``rho`` itself cannot: next to 1 it has no room for more than 26
bits. Everything else is computed from R, each in a form that does not cancel:

    rho = sqrt(1 - 2**(-2R))        1 - rho**2 = 2**(-2R)        1 - rho = 2**(-2R) / (1 + rho), here called the lack
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import Array, finite
from crosscodec.theory.entropy import LOG2_E, excess_over_log

LARGEST = 1e75  # of a mean or standard deviation: its fourth power is still a number


@dataclass(frozen=True, eq=False)
class Normal:
    """The law N(mean, std**2); mean and standard deviation may be arrays.

    Conventions of the theory page: differential entropy ``1/2 log2(2 pi e std**2)`` in bits.
    """

    mean: ArrayLike = 0.0
    std: ArrayLike = 1.0

    def __post_init__(self) -> None:
        """Check that both are finite and of a size that can be squared, and the standard deviation is at least 0."""
        object.__setattr__(self, "mean", finite("mean", self.mean))
        object.__setattr__(self, "std", finite("std", self.std))
        if (np.asarray(self.std) < 0).any():
            raise UsageError(f"std is a standard deviation and must be at least 0, got {np.min(self.std):.6g}")
        for name in ("mean", "std"):
            size = np.abs(getattr(self, name)).max(initial=0.0)
            if size > LARGEST:
                raise UsageError(f"{name} must be at most {LARGEST:g} in size, got {size:.6g}; choose a larger unit")

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


def gaussian_lack(rate: Array) -> Array:
    """Return ``1 - rho_R = 2**(-2R) / (1 + rho_R)``, what the correlation lacks to 1.

    Section 3; keeps its digits at every rate, down to the smallest number at 537 bits.
    """
    return np.asarray(np.exp2(-2 * rate) / (1 + gaussian_correlation(rate)))


def rate_of_lack(lack: Array) -> Array:
    """Return ``-1/2 log2(1 - rho**2)`` in bits at ``rho = 1 - lack``.

    Section 3, inverse of `gaussian_lack`; infinite at 0, 0 at 1.
    """
    return _rate((1 - lack) * (1 - lack), lack * (2 - lack))


def _rate(squared: Array, missed: Array) -> Array:
    """Return ``-1/2 log2(1 - rho**2)`` from rho**2 and 1 - rho**2, by the one of the two that has the digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.where(squared < 0.5, np.log1p(-np.minimum(squared, 0.5)), np.log(missed))
    # 0 minus it, so that no rate is -0.
    return np.asarray(0 - 0.5 * LOG2_E * logarithm)


def normal_divergence(mean: Array, std: Array, target_mean: Array, target_std: Array) -> Array:
    """Return ``KL(N(mean, std**2) || N(target_mean, target_std**2))`` in bits.

    Section 3. Keeps its digits where the laws nearly agree.
    """
    return offset_divergence(mean - target_mean, std, std - target_std, target_std)


def offset_divergence(shift: Array, std: Array, stretch: Array, target_std: Array) -> Array:
    """Return the divergence in bits of the law that differs from the target by (shift, stretch) in mean and std.

    Section 3, with ``v - log(1 + v)`` for the stds, ``1 + v = (std / target_std)**2``. The std is passed beside the
    stretch: one has the digits far from the target, the other near it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.where(target_std > 0, stretch * (std + target_std) / target_std**2, np.inf)
        spread, far = excess_over_log(np.maximum(v, -0.5)), v < -0.5
        if far.any():
            spread = np.where(far, v - 2 * np.log(std / target_std), spread)
        moved = np.where(shift == 0, 0.0, (shift / target_std) ** 2)
    same = (stretch == 0) & (shift == 0)
    return np.where(same, 0.0, 0.5 * LOG2_E * (spread + moved))


@dataclass(frozen=True, eq=False)
class GaussianPlan:
    """The jointly Gaussian (X, Y) that attains the optimum; every quantity is computed from it alone.

    Section 3. ``Y = mean + correlation * std / source.std * (X - source.mean) + noise``, with ``rate`` the information
    I(X;Y) in bits. Arrays of one shape; mean, std and rate are NaN where infeasible.
    """

    source_mean: Array
    source_std: Array
    label_correlation: Array
    label_std: Array
    mean: Array
    std: Array
    rate: Array

    @property
    def distortion(self) -> Array:
        """``E (X - Y)**2``."""
        missed = np.exp2(-2 * self.rate) * self.source_std**2
        scaled = (self.std - self.source_std + self.source_std * gaussian_lack(self.rate)) ** 2
        return np.asarray((self.mean - self.source_mean) ** 2 + scaled + missed)

    @property
    def correlation(self) -> Array:
        """``rho`` of X and Y; from 27 bits on the nearest number is 1."""
        return gaussian_correlation(self.rate)

    @property
    def label_entropy(self) -> Array:
        """``h(S|Y)`` in bits."""
        return label_entropy(self.label_correlation, self.label_std, self.rate)

    def divergence(self, target: Normal, name: str) -> Array:
        """Return the squared Wasserstein-2 distance ("w2") or KL(P_Y || target) in bits ("kl").

        Section 3, the perception measures.
        """
        mean, std = np.asarray(target.mean), np.asarray(target.std)
        if name == "w2":
            return np.asarray((self.mean - mean) ** 2 + (self.std - std) ** 2)
        return normal_divergence(self.mean, self.std, mean, std)


def label_entropy(label_correlation: Array, label_std: Array, rate: Array) -> Array:
    """Return ``1/2 log2(2 pi e s_S**2 (1 - r**2 rho_R**2))``, the least h(S|Y) at this rate, in bits.

    Section 3; minus infinity where the output determines the label. ``1 - r**2 rho_R**2`` is the sum of what S keeps
    from X and what X keeps from Y.
    """
    left = _unexplained(label_correlation) + label_correlation**2 * np.exp2(-2 * rate)
    with np.errstate(divide="ignore"):
        return np.asarray(normal_entropy(label_std) + 0.5 * np.log2(left))


def rate_for_label_entropy(label_correlation: Array, label_std: Array, limit: Array) -> tuple[Array, Array]:
    """Return the rate that ``h(S|Y) <= limit`` demands, and the least limit that any rate can reach; all in bits.

    Section 3: ``R_C = -1/2 log2(1 - (1 - 2**(2 (C - h(S)))) / r**2)``, inverse of `label_entropy`. A limit below the
    least is answered like the least: by an infinite rate, or by 0 where X tells nothing of S.
    """
    least = label_entropy(label_correlation, label_std, np.asarray(np.inf))
    exponent = np.minimum(2 * (np.maximum(limit, least) - normal_entropy(label_std)) / LOG2_E, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        squared = np.minimum(-np.expm1(exponent) / label_correlation**2, 1.0)
        missed = np.maximum(np.exp(exponent) - _unexplained(label_correlation), 0.0) / label_correlation**2
    return np.where(exponent < 0, _rate(squared, missed), 0.0), least


def _unexplained(correlation: Array) -> Array:
    return np.asarray((1 - correlation) * (1 + correlation))
