"""The asymptotic trade-off of a Gaussian vector and a Gaussian target, by water-filling over transport directions.

    cross-covariance = S^1/2 A T^1/2    rate = -1/2 log2 det(I - A A')    distortion = const - 2 tr(A T^1/2 S^1/2)

Section 4 of the theory page; from the Bures-Wasserstein coupling (infinite rate) to the independent one (rate 0).
Nothing cancels at high rates: rates carry the correlations, as in `plan`, and distortions are counted from that of an
infinite rate, which is a sum of squares.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, covariance, finite, nonnegative
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.gaussian.plan import gaussian_correlation, gaussian_lack
from crosscodec.theory.roots import bracketed_root
from crosscodec.theory.tradeoff import Shortfall, Tradeoff, answer


@dataclass(frozen=True, eq=False)
class VectorPlan:
    """The jointly Gaussian (X, Y): the rate of each transport direction, and the cross-covariance that they make.

    Section 4. Shapes: covariances (n, n), weights w_i (n,), rates in bits (..., n), cross-covariance E(X-m)(Y-m*)'
    (..., n, n); ``least`` is the distortion at an infinite rate. NaN where infeasible.
    """

    source_cov: Array
    target_cov: Array
    mean_shift: Array
    least: float
    weights: Array
    rates: Array
    cross_cov: Array

    @property
    def correlations(self) -> Array:
        """``rho_i`` of each direction; from 27 bits on the nearest number is 1."""
        return gaussian_correlation(self.rates)

    @property
    def distortion(self) -> Array:
        """``E |X - Y|**2`` per vector."""
        return np.asarray(self.least + 2 * gaussian_lack(self.rates) @ self.weights)

    @property
    def rate(self) -> Array:
        """``I(X;Y)`` in bits."""
        return np.asarray(self.rates.sum(axis=-1))


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
    _least: float = field(init=False, repr=False)

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
        shift = np.asarray(self.source_mean) - np.asarray(self.target_mean)
        left, right = target_root @ left, source_root @ right.T
        # The squared Bures-Wasserstein distance, tr S + tr T - 2 sum w_i; for equal ones 0, whatever the SVD rounds.
        apart = 0.0 if np.array_equal(source, target) else float(((left - right) ** 2).sum())
        size = np.linalg.norm(target_root, 2) * np.linalg.norm(source_root, 2)
        computed = {
            "source_cov": source,
            "target_cov": target,
            "weights": np.where(weights > _rounding(weights.size) * size, weights, 0.0),
            "_left": left,
            "_right": right,
            "_least": float(shift @ shift) + apart,
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def distortion(self, rate: ArrayLike = np.inf) -> Tradeoff[VectorPlan]:
        """Return the least ``E |X - Y|**2`` with ``I(X;Y) <= rate`` bits per vector.

        Section 4: ``|mean - mean*|**2 + tr S + tr T - 2 sum w_i rho_i(lambda)``.
        """
        r = nonnegative("rate", rate)
        plan = self._plan(direction_rates(self.weights, self._level_for_rate(r)))
        # Rate buys distortion where source and target share a direction in which both vary.
        helps = np.isfinite(r) & (self.weights[0] > 0)
        codes = np.where(helps, limits.RATE, np.where(plan.distortion > 0, limits.TRANSPORT, limits.NONE))
        return answer(plan.distortion, np.ones(r.shape, dtype=bool), plan, codes, ())

    def rate(self, distortion: ArrayLike = np.inf) -> Tradeoff[VectorPlan]:
        """Return the least ``I(X;Y)`` in bits per vector with ``E |X - Y|**2 <= distortion``.

        Section 4, inverse; infinite at the Bures-Wasserstein distance, infeasible below it, 0 where all rates give one
        distortion.
        """
        d = nonnegative("distortion", distortion)
        independent = self._least + 2 * float(self.weights.sum())
        feasible = d >= self._least - 1e-12 * independent
        # Where the weights are nothing beside the least distortion, rounding swallows what rates do: any will do.
        level = np.where(d >= independent, np.inf, self._level_for_loss((d - self._least) / 2))
        rates = direction_rates(self.weights, level)
        plan = self._plan(np.where(feasible[..., None], rates, np.nan))
        codes = np.where(feasible & (plan.rate == 0), limits.NONE, limits.DISTORTION)
        shortfall = Shortfall("distortion", ~feasible, d, lambda: np.broadcast_to(self._least, d.shape), "squared")
        return answer(plan.rate, feasible, plan, codes, (shortfall,))

    def _plan(self, rates: Array) -> VectorPlan:
        cross = np.einsum("ik,...k,jk->...ij", self._right, gaussian_correlation(rates), self._left)
        shift = np.asarray(self.source_mean) - np.asarray(self.target_mean)
        covariances = np.asarray(self.source_cov), np.asarray(self.target_cov)
        return VectorPlan(*covariances, shift, self._least, self.weights, rates, cross)

    def _level_for_rate(self, rate: Array) -> Array:
        """Return log lambda with ``-1/2 sum log2(1 - rho_i**2) = rate``."""
        top = float(self.weights[0])
        if top == 0:
            return np.full(rate.shape, np.inf)
        inside = np.isfinite(rate) & (rate > 0)
        safe = np.where(inside, rate, 1.0)
        low = np.log(top) - np.log(2) * 2 * safe
        high = np.log(2 * top * (1 + np.sqrt(self.weights.size / safe)))
        root = bracketed_root(self._rate_excess, low, high, safe)
        return np.where(inside, root, np.where(rate > 0, -np.inf, np.inf))

    def _rate_excess(self, level: Array, rate: Array) -> Array:
        return np.asarray(direction_rates(self.weights, level).sum(axis=-1) - rate)

    def _level_for_loss(self, lost: Array) -> Array:
        """Return log lambda with ``sum w_i (1 - rho_i) = lost``."""
        total = float(self.weights.sum())
        inside = (lost > 0) & (lost < total)
        safe = np.where(inside, lost, total / 2 if total > 0 else 1.0)
        if not inside.any():
            return np.where(lost >= total, np.inf, -np.inf)
        low = np.log(2 * safe / self.weights.size)
        # Squares of tiny or huge weights have no numbers; shares of their sum do.
        high = np.maximum(np.log(self.weights / total @ self.weights * (total / (total - safe))), low)
        root = bracketed_root(self._loss_excess, low, high, safe)
        return np.where(inside, root, np.where(lost >= total, np.inf, -np.inf))

    def _loss_excess(self, level: Array, lost: Array) -> Array:
        rates = direction_rates(self.weights, level)
        # Logarithms, of the smaller of what is lost and what is kept: near straight in log lambda at both ends.
        with np.errstate(divide="ignore"):
            above = np.log(gaussian_lack(rates) @ self.weights / lost)
            kept = self.weights.sum() - lost
            below = np.log(gaussian_correlation(rates) @ self.weights / kept)
        return np.where(lost < kept, above, -below)


def direction_rates(weights: Array, level: Array) -> Array:
    """Return ``-1/2 log2(1 - rho_i**2)`` in bits for the natural logarithm of lambda, shape (..., n).

    Section 4, ``rho_i(lambda) = (sqrt(lambda**2 + 4 w_i**2) - lambda) / (2 w_i)``, for which
    ``1 - rho_i**2 = lambda rho_i / w_i``. Infinite at lambda = 0, 0 at lambda = infinity and where the weight is 0.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # rho = exp(-arcsinh(lambda / (2 w))), without cancellation or overflow.
        ratio = np.asarray(level, dtype=np.float64)[..., None] - np.log(weights)
        logarithm = -np.arcsinh(np.exp(ratio) / 2)
        small = np.log1p(-np.exp(2 * np.minimum(logarithm, -0.5)))
        rates = -0.5 * LOG2_E * np.where(logarithm < -0.5, small, ratio + logarithm)
    return np.where(weights > 0, rates, 0.0)


def _square_root(matrix: Array) -> Array:
    """Return the symmetric square root of a positive semidefinite matrix.

    Eigenvalues within rounding of 0 are 0: the square root would lift them far above rounding.
    """
    values, vectors = np.linalg.eigh(matrix)
    kept = np.where(values > _rounding(values.size) * values[-1], values, 0.0)
    return np.asarray((vectors * np.sqrt(kept)) @ vectors.T)


def _rounding(n: int) -> float:
    """Return the share of the largest eigenvalue or singular value of n below which one counts as 0.

    The usual convention of numerical rank (`numpy.linalg.matrix_rank`).
    """
    return n * float(np.finfo(np.float64).eps)
