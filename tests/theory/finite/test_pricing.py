"""The best map for given prices: against trying every map."""

import numpy as np
import pytest

from crosscodec.theory.finite.pricing import LocalPricer, SubsetPricer
from crosscodec.theory.finite.problem import FiniteProblem, Functional, every_map

from .test_program import random_problem


@pytest.mark.parametrize("outputs", [1, 2, 3, 4])
def test_subset_programming_is_exact(outputs):
    generator = np.random.default_rng(outputs)
    problem = random_problem(outputs, 3, 5, outputs)
    pricer, maps = SubsetPricer(problem), every_map(problem)
    for _ in range(20):
        functional = Functional(0.3 * generator.normal(size=(5, outputs)), generator.normal(), generator.normal())
        costs = functional.of(problem, maps)
        priced = pricer.best(functional, 5)
        assert priced.bound == pytest.approx(costs.min(), abs=1e-12)
        assert functional.of(problem, priced.maps) == pytest.approx(priced.costs, abs=1e-12)
        assert (np.diff(priced.costs) >= 0).all()


def test_local_pricing_is_above_its_bound_and_often_exact():
    generator = np.random.default_rng(7)
    problem = random_problem(7, 3, 5, 3)
    exact = 0
    for _ in range(20):
        functional = Functional(0.3 * generator.normal(size=(5, 3)), generator.uniform(), generator.uniform())
        best = functional.of(problem, every_map(problem)).min()
        priced = LocalPricer(problem).best(functional, 5)
        assert priced.bound <= best + 1e-12
        assert priced.costs[0] >= best - 1e-12
        exact += priced.costs[0] < best + 1e-9
    assert exact >= 15


def test_local_pricing_keeps_labels_apart_where_that_is_best():
    generator = np.random.default_rng(2)
    label = np.r_[0:4, generator.integers(0, 4, 12)]
    joint = np.zeros((4, 16))
    joint[label, np.arange(16)] = 1 / 16
    problem = FiniteProblem(joint, np.zeros((16, 4)), None, np.zeros((4, 4)))
    told_apart = LocalPricer(problem).best(Functional(np.zeros((16, 4)), 0.0, 1.0), 1)
    assert told_apart.costs[0] == pytest.approx(0, abs=1e-12)
