"""Alternation under a label limit: never below the problem without the label, never outside the limit."""

import numpy as np
import pytest

from crosscodec.theory.entropy import mutual_information
from crosscodec.theory.finite.asymptotic import any_output
from crosscodec.theory.finite.bottleneck import label_entropy, label_floor, under_label_limit

from .test_program import random_problem


def test_limits_are_met_and_cost_distortion():
    problem = random_problem(0, 3, 5, 4)
    free = any_output(problem.cost, problem.source, "distortion", 0.6)
    open_entropy = label_entropy(problem, free.coupling)
    before = free.value
    for limit in (open_entropy - 0.002, open_entropy - 0.005):
        found, least = under_label_limit(
            problem, lambda cost: any_output(cost, problem.source, "distortion", 0.6), limit
        )
        assert found is not None
        assert label_entropy(problem, found.coupling) <= limit
        assert mutual_information(found.coupling) <= 0.6 + 1e-9
        value = (found.coupling * problem.cost).sum()
        assert value >= before - 1e-9
        assert least <= limit
        before = value


def test_floor_is_data_processing():
    problem = random_problem(1, 3, 5, 4)
    for rate in (0.0, 0.2, 9.0):
        coupling = any_output(problem.cost, problem.source, "distortion", rate).coupling
        assert label_entropy(problem, coupling) >= label_floor(problem, rate) - 1e-12
    prior = problem.joint.sum(axis=1)
    assert label_floor(problem, 0.0) == pytest.approx(float(-(prior * np.log2(prior)).sum()))
