"""Branch and bound over vertices: against all bases of the transport polytope."""

from itertools import combinations

import numpy as np
import pytest

from crosscodec.theory import minimum_entropy_coupling


def enumerated(p, q):
    m, n = p.size, q.size
    rows = np.vstack([np.kron(np.eye(m), np.ones(n)), np.kron(np.ones(m), np.eye(n))[:-1]])
    side = np.concatenate([p, q[:-1]])
    best = np.inf
    for basis in combinations(range(m * n), m + n - 1):
        square = rows[:, basis]
        if abs(np.linalg.det(square)) > 0.5:
            x = np.linalg.solve(square, side)
            if x.min() > -1e-12:
                x = np.maximum(x, 1e-300)
                best = min(best, -(x * np.log2(x)).sum())
    return best


@pytest.mark.parametrize("sizes", [(2, 2), (2, 4), (3, 3), (4, 3)])
def test_search_finds_the_least_vertex(sizes):
    generator = np.random.default_rng(sum(sizes))
    for _ in range(6):
        p, q = (generator.dirichlet(np.ones(n)) for n in sizes)
        ours = minimum_entropy_coupling(p, q, method="exact")
        assert ours.value == pytest.approx(enumerated(p, q), abs=1e-9)
        assert ours.plan.marginal(0) == pytest.approx(p, abs=1e-12)
        assert ours.plan.marginal(1) == pytest.approx(q, abs=1e-12)


def test_ties_and_zeros():
    p, q = np.array([0.25, 0.25, 0.5, 0.0]), np.array([0.5, 0.5])
    assert minimum_entropy_coupling(p, q).value == pytest.approx(1.5)
