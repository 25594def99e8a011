"""One-shot points: laws of the trade-off, tangents of H(S|Y)."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport
from crosscodec.theory.finite.oneshot import conditional_label_floor, label_tangent

from .test_program import random_problem


def test_curves_are_monotone_and_convex_in_every_limit():
    problem = random_problem(5, 2, 4, 3)
    finite = FiniteTransport(problem.joint, problem.target, problem.cost)
    for options in (
        {"rate": np.linspace(0, 1.5, 13)},
        {"rate": 0.5, "perception": np.linspace(0, 0.4, 9)},
        {"rate": 0.5, "perception": np.linspace(0, 0.4, 7), "divergence": "kl"},
        {"rate": 1.0, "label_entropy": np.linspace(0.9, 1, 9)},
    ):
        curve = finite.distortion(**options)
        values = curve.value[curve.feasible]
        assert (np.diff(values) <= 1e-8).all()
        assert (np.diff(values, 2) >= -1e-7).all()


def test_tangent_touches_and_lies_above():
    problem = random_problem(6, 3, 4, 3)
    generator = np.random.default_rng(0)
    here = generator.dirichlet(np.ones(3), 4)
    tangent = label_tangent(problem, here)

    def truth(channel):
        table = problem.joint @ channel
        return -(table * np.log2(table / table.sum(axis=0))).sum()

    assert (tangent.table * here).sum() == pytest.approx(truth(here))
    for _ in range(50):
        other = generator.dirichlet(np.ones(3), 4)
        assert (tangent.table * other).sum() >= truth(other) - 1e-12


def test_a_label_below_its_floor_is_infeasible():
    problem = random_problem(7, 3, 4, 3)
    floor = conditional_label_floor(problem)
    finite = FiniteTransport(problem.joint, None, problem.cost)
    assert not finite.distortion(5.0, floor - 1e-6).feasible
    least = -(problem.joint * np.log2(problem.joint / problem.source)).sum()
    assert floor == pytest.approx(least)
