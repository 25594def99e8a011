"""Asymptotic trade-offs of a scalar Gaussian source and a Gaussian target, in closed form.

    S ──r── X ~ N(mean, std**2) ──► Y near N(mean*, std***2)        rate I(X;Y), distortion E (X - Y)**2

The joint Gaussian is optimal (entropy power inequality for S, maximum entropy for the rest), so one number, the rate,
carries the correlation of X and Y, and the output law (m, s) carries the perception. A constant source or target counts
as the limit of ever narrower ones: it ends what the rate does for the distortion, not what it tells of the label.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, Mask, choice, finite, nonnegative, numbers, same_shape
from crosscodec.theory.gaussian.inverse import rate_for_distortion
from crosscodec.theory.gaussian.perception import DIVERGENCES, Output, Place, nearest_output
from crosscodec.theory.gaussian.plan import GaussianPlan, Normal, gaussian_lack, label_entropy, rate_for_label_entropy
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer

# Limits that hold with equality must not fail by rounding: bits for the label, relative for a distortion.
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
        """Check the laws, the correlation and the label's standard deviation."""
        for name, law in (("source", self.source), ("target", self.target)):
            if not isinstance(law, Normal):
                raise UsageError(f"{name} must be a Normal(mean, std), not {law!r}")
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
        place, r, c, p = self._arrays(nonnegative("rate", rate), label_entropy, perception, divergence)
        least = self._least(r)
        feasible = c >= least - SLACK
        output = nearest_output(place, gaussian_lack(r), p, divergence)
        value = place.std**2 * np.exp2(-2 * r) + output.cost
        moved = (p > 0) & (output.cost > SLACK * value)
        # Rate buys distortion by correlation, of which a constant has none; KL balls have no constant in them.
        helps = (place.std > 0) & ((place.target_std > 0) | (p > 0)) & np.isfinite(r)
        codes = np.where(helps, limits.RATE, np.where(value > 0, limits.TRANSPORT, limits.NONE))
        codes = np.where(feasible, np.where(moved, limits.PERCEPTION, codes), limits.CLASSIFICATION)
        shortfall = Shortfall("classification", ~feasible, c, lambda: least, "bit")
        return answer(value, feasible, self._plan(place, output, r, feasible), codes, (shortfall,))

    def rate(
        self,
        distortion: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "w2",
    ) -> Tradeoff[GaussianPlan]:
        """Return the least ``I(X;Y)`` in bits with the distortion, the label entropy and the perception limited.

        Section 3, RDC: ``max(R_D, R_C)``, the inverse of `distortion` against the rate that the label demands.
        The value is infinite where only a deterministic map attains the limit, and 0 where all codes do.
        """
        d = nonnegative("distortion", distortion)
        place, d, c, p = self._arrays(d, label_entropy, perception, divergence)
        needed, least = rate_for_distortion(place, d, p, divergence)
        independent = place.std**2 + place.target_std**2 + (place.mean - place.target_mean) ** 2
        close = d >= least - SLACK * independent
        by_label, floor = rate_for_label_entropy(np.asarray(self.label_correlation), np.asarray(self.label_std), c)
        by_label, floor = (np.broadcast_to(x, d.shape) for x in (by_label, floor))
        labelled = c >= floor - SLACK
        feasible = close & labelled
        value = np.where(feasible, np.maximum(needed, by_label), 0.0)
        plan = self._plan(place, nearest_output(place, gaussian_lack(value), p, divergence), value, feasible)
        codes = np.where(needed >= by_label, limits.DISTORTION, limits.CLASSIFICATION)
        codes = np.where(value > 0, codes, limits.NONE)
        codes = np.where(labelled, np.where(close, codes, limits.DISTORTION), limits.CLASSIFICATION)
        shortfalls = (
            Shortfall("classification", ~labelled, c, lambda: floor, "bit"),
            Shortfall("distortion", labelled & ~close, d, lambda: least, "squared"),
        )
        return answer(value, feasible, plan, codes, shortfalls)

    def least_label_entropy(self, rate: ArrayLike = np.inf) -> float | Array:
        """Return ``C_min(R) = 1/2 log2(2 pi e s_S**2 (1 - r**2 rho_R**2))``, the least reachable h(S|Y), in bits.

        Section 3: below it `distortion` is infeasible, above it the label costs nothing.
        """
        least = self._least(nonnegative("rate", rate))
        return least if least.shape else float(least)

    def _least(self, rate: Array) -> Array:
        return label_entropy(np.asarray(self.label_correlation), np.asarray(self.label_std), rate)

    def _plan(self, place: Place, output: Output, rate: Array, feasible: Mask) -> GaussianPlan:
        parts = [np.where(feasible, x, np.nan) for x in (output.mean, output.std, rate)]
        label = np.asarray(self.label_correlation), np.asarray(self.label_std)
        return GaussianPlan(place.mean, place.std, *label, *parts)

    def _arrays(
        self, first: Array, label_entropy: ArrayLike, perception: ArrayLike, divergence: str
    ) -> tuple[Place, Array, Array, Array]:
        """Return where the laws lie and the three limits, checked and broadcast."""
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
        return Place(mean, std, target_mean, target_std), first, c, p
