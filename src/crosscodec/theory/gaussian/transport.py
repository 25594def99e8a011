"""Asymptotic trade-offs of a scalar Gaussian source and a Gaussian target, in closed form.

    S ──r── X ~ N(mean, std**2) ──► Y near N(mean*, std***2)        rate I(X;Y), distortion E (X - Y)**2

The joint Gaussian is optimal (entropy power inequality for S, maximum entropy for the rest), so one number, the
correlation rho of X and Y, carries the rate, and the output law (m, s) carries the perception.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask, choice, finite, nonnegative, numbers, same_shape
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.inverse import correlation_for_distortion
from crosscodec.theory.gaussian.perception import DIVERGENCES, nearest_output
from crosscodec.theory.gaussian.plan import (
    GaussianPlan,
    Normal,
    gaussian_correlation,
    gaussian_rate,
    label_entropy,
    normal_entropy,
)
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer

# Limits that hold with equality must not fail by rounding.
SLACK = 1e-12


@dataclass(frozen=True, eq=False)
class GaussianTransport:
    """The problem of sending ``X ~ source`` to ``Y ~ target`` with a label S jointly Gaussian with X.

    Section 3 (DRC, RDC, DRPC). Target = source gives the single-domain RDP; perception = inf gives RD and RDC.
    """

    source: Normal
    target: Normal
    label_correlation: ArrayLike = 0.0
    label_std: ArrayLike = 1.0

    def __post_init__(self) -> None:
        """Check the correlation and the label's standard deviation."""
        r, s = finite("label_correlation", self.label_correlation), finite("label_std", self.label_std)
        if (np.abs(r) > 1).any():
            raise UsageError(f"label_correlation must lie in [-1, 1], got {r.flat[np.argmax(np.abs(r))]:.6g}")
        if (s <= 0).any():
            raise UsageError(f"label_std must be greater than 0, got {s.min():.6g}")
        object.__setattr__(self, "label_correlation", r)
        object.__setattr__(self, "label_std", s)

    def distortion(
        self,
        rate: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "w2",
    ) -> Tradeoff[GaussianPlan]:
        """Return the least ``E (X - Y)**2`` with ``I(X;Y) <= rate``, ``h(S|Y)`` and the perception limited.

        Section 3, DRC and DRPC. Rate and label entropy in bits; perception squared length ("w2") or bits ("kl").
        The label entropy is a matter of the rate alone: too low is infeasible, otherwise it changes nothing.
        """
        mean, std, r, c, p, base = self._arrays(nonnegative("rate", rate), label_entropy, perception, divergence)
        rho = gaussian_correlation(r)
        least = self._least(rho)
        feasible = c >= least - SLACK
        q = rho * std
        m, s = nearest_output(mean, q, base[0], base[1], p, divergence)
        plan = self._plan(mean, std, m, s, rho, feasible)
        value = std**2 * (1 - rho**2) + (m - mean) ** 2 + (s - q) ** 2
        moved = (p > 0) & (((m - mean) ** 2 + (s - q) ** 2) > SLACK * (std**2 + 1e-300))
        codes = np.where(np.isfinite(r), limits.RATE, np.where(value > 0, limits.TRANSPORT, limits.NONE))
        codes = np.where(feasible, np.where(moved, limits.PERCEPTION, codes), limits.CLASSIFICATION)
        return answer(value, feasible, plan, codes, (Shortfall("classification", ~feasible, c, lambda: least, "bit"),))

    def rate(
        self,
        distortion: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "w2",
    ) -> Tradeoff[GaussianPlan]:
        """Return the least ``I(X;Y)`` in bits with the distortion, the label entropy and the perception limited.

        Section 3, RDC: ``max(R_D, R_C)``, the inverse of `distortion` against the rate that the label demands.
        The value is infinite where only a deterministic map attains the limit.
        """
        d = nonnegative("distortion", distortion)
        mean, std, d, c, p, base = self._arrays(d, label_entropy, perception, divergence)
        needed, least = correlation_for_distortion(mean, std, base[0], base[1], d, p, divergence)
        close = d >= least - SLACK * (std**2 + base[1] ** 2)
        by_label, floor = self._correlation_for_label(c)
        by_label, floor = (np.broadcast_to(x, d.shape) for x in (by_label, floor))
        labelled = c >= floor - SLACK
        rho = np.where(close & labelled, np.maximum(needed, np.where(labelled, by_label, 0.0)), 0.0)
        m, s = nearest_output(mean, rho * std, base[0], base[1], p, divergence)
        plan = self._plan(mean, std, m, s, rho, close & labelled)
        codes = np.where(needed >= by_label, limits.DISTORTION, limits.CLASSIFICATION)
        codes = np.where(rho > 0, codes, limits.NONE)
        codes = np.where(labelled, np.where(close, codes, limits.DISTORTION), limits.CLASSIFICATION)
        shortfalls = (
            Shortfall("classification", ~labelled, c, lambda: floor, "bit"),
            Shortfall("distortion", labelled & ~close, d, lambda: least, "squared"),
        )
        return answer(gaussian_rate(rho), close & labelled, plan, codes, shortfalls)

    def least_label_entropy(self, rate: ArrayLike = np.inf) -> float | Array:
        """Return ``C_min(R) = 1/2 log2(2 pi e s_S**2 (1 - r**2 rho_R**2))``, the least reachable h(S|Y), in bits.

        Section 3: below it `distortion` is infeasible, above it the label costs nothing.
        """
        least = self._least(gaussian_correlation(nonnegative("rate", rate)))
        return least if least.shape else float(least)

    def _least(self, rho: Array) -> Array:
        return label_entropy(np.asarray(self.label_correlation), np.asarray(self.label_std), rho)

    def _correlation_for_label(self, c: Array) -> tuple[Array, Array]:
        """Return the correlation that h(S|Y) <= c demands, and the least c that any rate can reach.

        Section 3: ``R_C = -1/2 log2(1 - (1 - 2**(2 (C - h(S)))) / r**2)``.
        """
        r = np.asarray(self.label_correlation)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            told = -np.expm1(np.minimum(2 * (c - normal_entropy(np.asarray(self.label_std))) / LOG2_E, 0.0))
            squared = np.where(told > 0, told / r**2, 0.0)
        return np.sqrt(np.clip(squared, 0.0, 1.0)), self._least(np.asarray(1.0))

    def _plan(self, mean: Array, std: Array, m: Array, s: Array, rho: Array, feasible: Mask) -> GaussianPlan:
        parts = [np.where(feasible, x, np.nan) for x in (m, s, rho)]
        return GaussianPlan(mean, std, np.asarray(self.label_correlation), np.asarray(self.label_std), *parts)

    def _arrays(
        self, first: Array, label_entropy: ArrayLike, perception: ArrayLike, divergence: str
    ) -> tuple[Array, Array, Array, Array, Array, tuple[Array, Array]]:
        """Return mean, std, the three limits and the target's (mean, std), checked and broadcast."""
        choice("divergence", divergence, DIVERGENCES)
        mean, std, target_mean, target_std, first, c, p, _, _ = same_shape(
            source_mean=np.asarray(self.source.mean),
            source_std=np.asarray(self.source.std),
            target_mean=np.asarray(self.target.mean),
            target_std=np.asarray(self.target.std),
            limit=first,
            label_entropy=numbers("label_entropy", label_entropy),
            perception=nonnegative("perception", perception),
            label_correlation=np.asarray(self.label_correlation),
            label_std=np.asarray(self.label_std),
        )
        if divergence == "kl" and (target_std <= 0).any():
            raise UsageError("KL perception needs a target with std greater than 0")
        return mean, std, first, c, p, (target_mean, target_std)
