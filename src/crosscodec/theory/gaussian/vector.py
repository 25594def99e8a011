"""The asymptotic trade-off of a Gaussian vector and a Gaussian target, by water-filling over transport directions.

    cross-covariance = S^1/2 A T^1/2    rate = -1/2 log2 det(I - A A')    distortion = const - 2 tr(A T^1/2 S^1/2)

Section 4 of the theory page; from the Bures-Wasserstein coupling (infinite rate) to the independent one (rate 0).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, covariance, finite, nonnegative
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.roots import bracketed_root
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer


@dataclass(frozen=True, eq=False)
class VectorPlan:
    """The jointly Gaussian (X, Y): correlations along the transport directions, and the cross-covariance they make.

    Section 4. Shapes: covariances (n, n), correlations (..., n), cross-covariance E(X-m)(Y-m*)' (..., n, n).
    """

    source_cov: Array
    target_cov: Array
    mean_shift: Array
    correlations: Array
    cross_cov: Array

    @property
    def distortion(self) -> Array:
        """``E |X - Y|**2`` per vector."""
        traces = np.trace(self.source_cov) + np.trace(self.target_cov) + self.mean_shift @ self.mean_shift
        return np.asarray(traces - 2 * np.trace(self.cross_cov, axis1=-2, axis2=-1))

    @property
    def rate(self) -> Array:
        """``I(X;Y)`` in bits, from the correlations."""
        with np.errstate(divide="ignore"):
            return np.asarray(-0.5 * LOG2_E * np.log1p(-np.minimum(self.correlations**2, 1)).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class VectorGaussianTransport:
    """The problem of sending ``X ~ N(source_mean, source_cov)`` to ``Y ~ N(target_mean, target_cov)``, n dimensions.

    Section 4. Covariances may be singular; distortion is the squared length per vector.
    """

    source_mean: ArrayLike
    source_cov: ArrayLike
    target_mean: ArrayLike
    target_cov: ArrayLike
    weights: Array = field(init=False, repr=False)
    _left: Array = field(init=False, repr=False)
    _right: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the laws and take the singular values of ``target_cov^1/2 source_cov^1/2``."""
        source, target = covariance("source_cov", self.source_cov), covariance("target_cov", self.target_cov)
        if source.shape != target.shape:
            raise UsageError(f"both covariances must have one shape, got {source.shape} and {target.shape}")
        for name, value in (("source_mean", self.source_mean), ("target_mean", self.target_mean)):
            mean = finite(name, value)
            if mean.shape != source.shape[:1]:
                raise UsageError(f"{name} must have shape {source.shape[:1]}, got {mean.shape}")
            object.__setattr__(self, name, mean)
        source_root, target_root = _square_root(source), _square_root(target)
        left, weights, right = np.linalg.svd(target_root @ source_root)
        computed = {
            "source_cov": source,
            "target_cov": target,
            "weights": weights,
            "_left": target_root @ left,
            "_right": source_root @ right.T,
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def distortion(self, rate: ArrayLike = np.inf) -> Tradeoff[VectorPlan]:
        """Return the least ``E |X - Y|**2`` with ``I(X;Y) <= rate`` bits per vector.

        Section 4: ``|mean - mean*|**2 + tr S + tr T - 2 sum w_i rho_i(lambda)``.
        """
        r = nonnegative("rate", rate)
        rho = correlations(self.weights, self._level_for_rate(r))
        value = self._independent() - 2 * rho @ self.weights
        codes = np.where(np.isfinite(r), limits.RATE, np.where(value > 0, limits.TRANSPORT, limits.NONE))
        return answer(np.maximum(value, 0), np.ones(r.shape, dtype=bool), self._plan(rho), codes, ())

    def rate(self, distortion: ArrayLike = np.inf) -> Tradeoff[VectorPlan]:
        """Return the least ``I(X;Y)`` in bits per vector with ``E |X - Y|**2 <= distortion``.

        Section 4, inverse; infinite at the Bures-Wasserstein distance, infeasible below it.
        """
        d = nonnegative("distortion", distortion)
        needed = (self._independent() - d) / 2
        least = np.broadcast_to(self._independent() - 2 * self.weights.sum(), d.shape)
        feasible = d >= least - 1e-12 * self._independent()
        rho = correlations(self.weights, self._level_for_overlap(needed))
        rho = np.where(feasible[..., None], rho, np.nan)
        with np.errstate(divide="ignore"):
            value = np.asarray(-0.5 * LOG2_E * np.log1p(-np.minimum(rho**2, 1)).sum(axis=-1))
        codes = np.where(feasible & (needed <= 0), limits.NONE, limits.DISTORTION)
        shortfall = Shortfall("distortion", ~feasible, d, lambda: least, "squared")
        return answer(np.abs(value), feasible, self._plan(rho), codes, (shortfall,))

    def _independent(self) -> float:
        shift = np.asarray(self.source_mean) - np.asarray(self.target_mean)
        return float(shift @ shift + np.trace(self.source_cov) + np.trace(self.target_cov))

    def _plan(self, rho: Array) -> VectorPlan:
        cross = np.einsum("ik,...k,jk->...ij", self._right, rho, self._left)
        shift = np.asarray(self.source_mean) - np.asarray(self.target_mean)
        return VectorPlan(np.asarray(self.source_cov), np.asarray(self.target_cov), shift, rho, cross)

    def _level_for_rate(self, rate: Array) -> Array:
        """Return lambda with ``-1/2 sum log2(1 - rho_i**2) = rate``: a root in log lambda."""
        top = float(self.weights[0])
        if top == 0:
            return np.full(rate.shape, np.inf)
        inside = np.isfinite(rate) & (rate > 0)
        safe = np.where(inside, rate, 1.0)
        low = np.log(top) - np.log(2) * 2 * safe
        high = np.log(2 * top * (1 + np.sqrt(self.weights.size / safe)))
        root = np.exp(bracketed_root(self._rate_excess, low, high, safe))
        return np.where(inside, root, np.where(rate > 0, 0.0, np.inf))

    def _rate_excess(self, log_level: Array, rate: Array) -> Array:
        level = np.exp(log_level)
        rho = correlations(self.weights, level)
        # 1 - rho**2 = lambda rho / w, without cancellation; directions of no weight carry nothing.
        used = self.weights > 0
        with np.errstate(divide="ignore"):
            missed = level[..., None] * rho[..., used] / self.weights[used]
            return np.asarray(-0.5 * np.log2(np.minimum(missed, 1)).sum(axis=-1) - rate)

    def _level_for_overlap(self, needed: Array) -> Array:
        """Return lambda with ``sum w_i rho_i = needed``."""
        total = float(self.weights.sum())
        inside = (needed > 0) & (needed < total)
        safe = np.where(inside, needed, total / 2 if total > 0 else 1.0)
        low = 2 * (total - safe) / self.weights.size
        high = np.maximum((self.weights**2).sum() / safe, low)
        root = bracketed_root(self._overlap_excess, low, high, safe)
        return np.where(inside, root, np.where(needed > 0, 0.0, np.inf))

    def _overlap_excess(self, level: Array, needed: Array) -> Array:
        return np.asarray(correlations(self.weights, level) @ self.weights - needed)


def correlations(weights: Array, level: Array) -> Array:
    """Return ``rho_i(lambda) = (sqrt(lambda**2 + 4 w_i**2) - lambda) / (2 w_i)``, shape (..., n).

    Section 4; 1 at lambda = 0, 0 at lambda = infinity and in directions of weight 0. Written without cancellation.
    """
    wide = np.asarray(level, dtype=np.float64)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = 2 * weights / (wide + np.sqrt(wide * wide + 4 * weights * weights))
    return np.where((weights > 0) & np.isfinite(wide), np.nan_to_num(rho, nan=0.0), 0.0)


def _square_root(matrix: Array) -> Array:
    """Return the symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
