"""Fano's inequality: how often a label must be guessed wrongly, given its conditional entropy."""

import math
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import Array, nonnegative
from crosscodec.theory.entropy import binary_entropy
from crosscodec.theory.roots import bracketed_root


def fano_error(label_entropy: ArrayLike, labels: int, exact: bool = False) -> float | Array:
    """Return a lower bound on the probability of error of any classifier of ``labels`` classes.

    Section 2, Fano: ``(C - 1) / log2(M - 1)``, clipped at 0 (0 for M = 2, where it says nothing); with ``exact=True``
    the stronger inverse of ``h(e) + e log2(M - 1) = C`` on [0, 1 - 1/M]. label_entropy H(S|.) in bits, at most log2 M.
    """
    labels = _count(labels)
    c = nonnegative("label_entropy", label_entropy)
    most = math.log2(labels)
    if (c > most + 1e-12).any():
        raise UsageError(f"label_entropy of {labels} labels is at most {most:.6g} bit, got {c.max():.6g}")
    spread = math.log2(labels - 1)
    if exact:
        top = np.full(c.shape, 1 - 1 / labels)
        error = bracketed_root(_excess, np.zeros(c.shape), top, np.minimum(c, most), np.full(c.shape, spread))
    else:
        error = np.maximum(c - 1, 0) / spread if spread > 0 else np.zeros(c.shape)
    return error if c.shape else float(error)


def _count(labels: float) -> int:
    """Return the number of labels; a float is welcome where it is whole.

    UsageError (a ValueError): anything else, infinity, NaN, strings and arrays included.
    """
    whole = isinstance(labels, Integral) or (isinstance(labels, Real) and float(labels).is_integer())
    count = int(labels) if whole else 0
    if count < 2:
        raise UsageError(f"labels must be a whole number of at least 2, got {labels!r}")
    return count


def _excess(error: Array, entropy: Array, spread: Array) -> Array:
    return binary_entropy(error) + error * spread - entropy
