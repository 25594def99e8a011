"""Solvers that know nothing of the closed forms: they start from the definitions and enumerate.

A binary code is a probability vector over four maps, so every binary trade-off is a linear program in four variables;
its basic solutions are enumerated for all parameter sets at once.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

MAPS = np.array([[0, 1], [1, 0], [0, 0], [1, 1]])


def h(p):
    p = np.clip(p, 1e-300, 1)
    q = np.clip(1 - p, 1e-300, 1)
    return -p * np.log2(p) - q * np.log2(q)


def entropy_of(table, axis):
    return -(table * np.log2(np.clip(table, 1e-300, 1))).sum(axis=axis)


@dataclass(frozen=True)
class Rows:
    """Coefficients of the four map probabilities, each of shape (N, 4)."""

    distortion: np.ndarray
    rate: np.ndarray
    label: np.ndarray
    ones: np.ndarray


def binary_rows(a, n):
    """Return distortion, H(Y|U), H(S|Y,U) and P(Y=1) of each map, straight from the joint law of (S, X)."""
    px = np.stack([1 - a, a], axis=-1)
    s_zero, s_one = np.stack([1 - n, n], -1) * px, np.stack([n, 1 - n], -1) * px
    psx = np.stack([s_zero, s_one], 1)
    distortion, rate, label, ones = [], [], [], []
    for images in MAPS:
        py = np.stack([(px * (images == y)).sum(-1) for y in (0, 1)], -1)
        psy = np.stack([(psx * (images == y)).sum(-1) for y in (0, 1)], -1)
        distortion.append((px * (images != np.array([0, 1]))).sum(-1))
        rate.append(entropy_of(py, -1))
        label.append(entropy_of(psy, (-1, -2)) - entropy_of(py, -1))
        ones.append(py[:, 1])
    return Rows(*(np.stack(x, -1) for x in (distortion, rate, label, ones)))


def vertices(equalities, inequalities, tolerance=1e-10):
    """Yield (points (N, 4), feasible (N,)) over all basic solutions of A p = e, B p <= f, p >= 0, sum p = 1.

    equalities, inequalities: lists of (rows (N, 4), right side (N,)).
    """
    size = (equalities or inequalities)[0][0].shape[0]
    fixed = [(np.ones((size, 4)), np.ones(size)), *equalities]
    loose = [*inequalities, *((np.broadcast_to(-np.eye(4)[i], (size, 4)), np.zeros(size)) for i in range(4))]
    for chosen in combinations(range(len(loose)), 4 - len(fixed)):
        active = fixed + [loose[i] for i in chosen]
        matrix = np.stack([row for row, _ in active], 1).astype(float)
        side = np.stack([np.where(np.isfinite(value), value, 0) for _, value in active], 1)
        bad = ~np.all([np.isfinite(value) for _, value in active], axis=0)
        scale = np.linalg.norm(matrix, axis=2, keepdims=True)
        scale[scale == 0] = 1
        bad |= np.abs(np.linalg.det(matrix / scale)) < 1e-13
        matrix[bad] = np.eye(4)
        point = np.linalg.solve(matrix, side[..., None])[..., 0]
        good = ~bad
        for row, value in loose:
            good &= (row * point).sum(-1) <= value + tolerance
        for row, value in fixed:
            good &= np.abs((row * point).sum(-1) - value) <= tolerance
        yield point, good


def optimum(objective, equalities, inequalities, largest=False):
    """Return the best of ``objective(points) -> (N,)`` over the vertices; inf (or -inf) where there is none."""
    best = None
    for point, good in vertices(equalities, inequalities):
        value = np.where(good, objective(point), -np.inf if largest else np.inf)
        best = value if best is None else (np.maximum(best, value) if largest else np.minimum(best, value))
    return best


def information_of(point, a, b):
    """Return I(X;Y) of map mixtures (N, 4), from the joint table."""
    up, down = point[:, 0] + point[:, 3], point[:, 1] + point[:, 3]
    return h(b) - a * h(np.clip(up, 0, 1)) - (1 - a) * h(np.clip(down, 0, 1))


def label_entropy_of(a, n, up, down):
    """Return H(S|Y) from the joint table of (S, Y)."""
    total = 0
    for one, zero in ((up, down), (1 - up, 1 - down)):
        s_zero = (1 - a) * zero * (1 - n) + a * one * n
        s_one = (1 - a) * zero * n + a * one * (1 - n)
        table = np.stack([s_zero, s_one], -1)
        mass = table.sum(-1)
        total = total + entropy_of(table, -1) + mass * np.log2(np.clip(mass, 1e-300, 1))
    return total
