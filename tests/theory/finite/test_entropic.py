"""Entropic transport at multipliers where plain Sinkhorn underflows, and mixtures of outputs at any support."""

import numpy as np
import pytest

from crosscodec.theory.finite.entropic import fixed_marginals, free_output, round_to_marginals
from crosscodec.theory.finite.problem import transport_cost


@pytest.mark.parametrize("eps", [10.0, 1e-1, 1e-3, 1e-4, 1e-5])
def test_mass_is_kept_and_the_dual_meets_the_primal(eps):
    generator = np.random.default_rng(0)
    p, q = generator.dirichlet(np.ones(20), 2)
    cost = (np.linspace(0, 1, 20)[:, None] - np.linspace(0, 1, 20)) ** 2
    if eps < 1e-2:
        # What plain Sinkhorn starts from has lost entries already.
        assert (np.exp(-cost / eps) == 0).any()
    near = None
    for step in np.geomspace(1, eps, 12) if eps < 1 else [eps]:
        found = fixed_marginals(cost, p, q, step, None if near is None else near.f)
        near = found
    plan = found.coupling
    assert np.abs(plan.sum(axis=0) - q).max() < 1e-12
    assert np.abs(plan.sum(axis=1) - p).max() < 1e-12
    seen = plan > 0
    information = (plan[seen] * np.log(plan[seen] / np.outer(p, q)[seen])).sum()
    assert (plan * cost).sum() + eps * information == pytest.approx(found.bound, abs=1e-9)
    assert (plan * cost).sum() >= transport_cost(p, q, cost) - 1e-9


@pytest.mark.parametrize("eps", [1e-2, 1e-3, 1e-4])
def test_groups_that_hardly_any_mass_joins_are_balanced(eps):
    # The first two letters carry 1e-4 more than their near outputs take, moved by Sinkhorn at the pace exp(-1 / eps).
    p, q = np.array([0.3, 0.2001, 0.4999]), np.array([0.25, 0.25, 0.5])
    cost = np.array([[0.0, 0.1, 1], [0.1, 0, 1], [1, 1, 0]])
    found = fixed_marginals(cost, p, q, eps)
    assert found.steps <= 200
    plan = found.coupling
    seen = plan > 0
    information = (plan[seen] * np.log(plan[seen] / np.outer(p, q)[seen])).sum()
    assert (plan * cost).sum() + eps * information == pytest.approx(found.bound, abs=1e-12)


def test_outputs_of_probability_zero_are_left_alone():
    p, q = np.array([0.5, 0.5]), np.array([0.4, 0.0, 0.6])
    found = fixed_marginals(np.array([[0.0, 1, 2], [2, 1, 0]]), p, q, 0.3)
    assert found.coupling[:, 1].tolist() == [0, 0]
    assert np.isfinite(found.g).all()


@pytest.mark.parametrize("eps", [1.0, 0.1, 0.01, 0.001])
def test_free_output_is_certified(eps):
    generator = np.random.default_rng(1)
    p = generator.dirichlet(np.ones(80))
    cost = (np.linspace(0, 1, 80)[:, None] - np.linspace(0, 1, 70)) ** 2
    found = free_output(cost, p, eps)
    q = found.coupling.sum(axis=0)
    seen = found.coupling > 0
    information = (found.coupling[seen] * np.log(found.coupling[seen] / np.outer(p, q)[seen])).sum()
    primal = (found.coupling * cost).sum() + eps * information
    assert primal == pytest.approx(found.bound, abs=1e-10)
    assert primal >= found.bound - 1e-12


def test_rounding_gives_exact_marginals():
    generator = np.random.default_rng(2)
    p, q = generator.dirichlet(np.ones(5), 2)
    rounded = round_to_marginals(np.outer(p, q) * generator.uniform(0.9, 1.1, (5, 5)), p, q)
    assert (rounded >= 0).all()
    assert rounded.sum(axis=1) == pytest.approx(p, abs=1e-15)
    assert rounded.sum(axis=0) == pytest.approx(q, abs=1e-15)
