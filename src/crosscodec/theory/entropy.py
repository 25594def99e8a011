"""Entropies and divergences in bits, vectorised and exact at the ends (0 log 0 = 0)."""

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.theory.arguments import Array
from crosscodec.theory.roots import bracketed_root

LOG2_E = float(np.log2(np.e))
# log2 of this times zero is zero, which is what 0 log 0 has to be.
_TINY = float(np.finfo(np.float64).tiny)


def plogp(probability: ArrayLike) -> Array:
    """Return ``-p log2 p`` elementwise, 0 at p = 0.

    The summand of Shannon's entropy; bits.
    """
    p = np.asarray(probability, dtype=np.float64)
    return np.asarray(-p * np.log2(np.maximum(p, _TINY)))


def binary_entropy(probability: ArrayLike) -> Array:
    """Return ``h(p) = -p log2 p - (1-p) log2 (1-p)``.

    Entropy of a Bernoulli variable, in bits; any shape.
    """
    p = np.asarray(probability, dtype=np.float64)
    # The rarer of the two outcomes: 1 - p is exact for p >= 1/2, and log1p keeps the digits that 1 - p has lost.
    rare = np.minimum(p, 1 - p)
    # 0 minus the logs, so that a certain outcome gives 0 and not -0.
    return np.asarray(0 - (rare * np.log2(np.maximum(rare, _TINY)) + (1 - rare) * np.log1p(-rare) * LOG2_E))


def entropy(distribution: ArrayLike, axis: int | None = -1) -> Array:
    """Return Shannon's entropy of the distributions along an axis (None: of the whole table).

    Bits; the entries are taken as they are, unnormalised masses included.
    """
    return np.asarray(plogp(distribution).sum(axis=axis))


def mutual_information(joint: ArrayLike) -> float:
    """Return ``I(X;Y)`` of a joint table of shape (|X|, |Y|).

    Bits; summed as a Kullback-Leibler divergence, so that independence gives 0 and not rounding noise below it.
    """
    table = np.asarray(joint, dtype=np.float64)
    product = np.outer(table.sum(axis=1), table.sum(axis=0))
    # Masses whose product is no number any more are nothing themselves.
    seen = (table > 0) & (product > 0)
    return max(0.0, float((table[seen] * np.log2(table[seen] / product[seen])).sum()))


def conditional_entropy(joint: ArrayLike) -> float:
    """Return ``H(row | column) `` of a joint table of shape (rows, columns).

    Bits; chain rule ``H(S,Y) - H(Y)``.
    """
    table = np.asarray(joint, dtype=np.float64)
    return float(entropy(table, axis=None) - entropy(table.sum(axis=0)))


def convolve(a: ArrayLike, n: ArrayLike) -> Array:
    """Return ``a*n = a(1-n) + (1-a)n``.

    The law of the exclusive-or of two independent Bernoulli variables.
    """
    a, n = np.asarray(a, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return np.asarray(a * (1 - n) + (1 - a) * n)


def binary_divergence(shift: ArrayLike, reference: ArrayLike) -> Array:
    """Return ``KL(Bern(q + shift) || Bern(q))`` in bits.

    Written in the shift, so that a tiny shift keeps its digits (the divergence is then quadratic in it).
    """
    d, q = np.broadcast_arrays(np.asarray(shift, dtype=np.float64), np.asarray(reference, dtype=np.float64))
    return np.asarray((_outcome_divergence(d, q) + _outcome_divergence(-d, 1 - q)) * LOG2_E)


def _outcome_divergence(shift: Array, reference: Array) -> Array:
    """Return ``p log(p / q) - p + q`` in nats for ``p = q + shift``.

    One outcome's share of the divergence, the shifts of all adding up to 0: none is negative, so nothing cancels.
    """
    moved = np.maximum(reference + shift, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = -shift / moved
        near = moved * excess_over_log(np.clip(part, -0.5, 0.5))
        far = moved * (np.log(moved) - np.log(reference)) - shift
    share = np.where(np.abs(part) < 0.5, near, far)
    # What vanishes leaves its old mass; what keeps its mass, 0 included, leaves nothing.
    return np.where(shift == 0, 0.0, np.where(moved == 0, reference, share))


def excess_over_log(v: Array) -> Array:
    """Return ``v - log(1 + v)`` in nats, to full precision also where it is about ``v**2 / 2``.

    Divergences are made of it, between Bernoulli and between Gaussian laws.
    """
    excess = np.asarray(v - np.log1p(v))
    near = np.abs(v) < 1e-3
    if near.any():
        x = v[near]
        excess[near] = x * x * (1 / 2 - x * (1 / 3 - x * (1 / 4 - x * (1 / 5 - x / 6))))
    return excess


def inverse_binary_entropy(bits: ArrayLike) -> Array:
    """Return the p in [0, 1/2] with ``h(p) = bits``.

    Inverse of the increasing half of the binary entropy; bits are clipped to [0, 1].
    """
    target = np.clip(np.asarray(bits, dtype=np.float64), 0.0, 1.0)
    return bracketed_root(_entropy_excess, np.zeros_like(target), np.full_like(target, 0.5), target)


def _entropy_excess(p: Array, target: Array) -> Array:
    return binary_entropy(p) - target
