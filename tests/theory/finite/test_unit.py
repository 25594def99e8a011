"""Units of cost: the same problem in other units has the same answer, and costs below zero are nothing special."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.theory import FiniteTransport
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.oneshot import Limits
from crosscodec.theory.finite.unit import UnitCost

from .test_program import random_problem


@pytest.mark.parametrize("setting", ["one-shot", "asymptotic"])
@pytest.mark.parametrize(("scale", "shift"), [(1e-11, 0.0), (1e9, 0.0), (1.0, -0.7), (3.0, 5.0)])
@pytest.mark.parametrize(("divergence", "radius"), [("tv", 0.0), ("kl", 0.05), ("w1", 0.1)])
def test_values_are_those_of_the_cost_whatever_its_unit(setting, scale, shift, divergence, radius):
    problem = random_problem(3, 2, 3, 3)
    plain = FiniteTransport(problem.joint, problem.target, problem.cost)
    other = FiniteTransport(problem.joint, problem.target, scale * (problem.cost + shift))
    how = {"perception": radius, "divergence": divergence, "setting": setting}
    expected, found = plain.distortion(0.4, **how), other.distortion(0.4, **how)
    assert found.value / scale - shift == pytest.approx(expected.value, abs=2e-6)
    assert found.plan.distortion == pytest.approx(found.value, rel=1e-9, abs=1e-9 * scale)
    assert found.certified
    assert found.gap <= 1e-6 * scale * np.ptp(problem.cost)
    back = other.rate(found.value, **how)
    assert back.value == pytest.approx(plain.rate(expected.value, **how).value, abs=1e-4)


def test_a_small_cost_is_not_taken_for_rounding():
    finite = FiniteTransport([[0.3, 0.7]], [0.4, 0.6], 1e-10 * (1 - np.eye(2)))
    assert finite.distortion(0.5).value == pytest.approx(0.2217131866636592e-10, rel=1e-9)


def test_costs_below_zero():
    finite = FiniteTransport([[0.5, 0.5]], [0.5, 0.5], -np.eye(2))
    found = finite.distortion(1.0)
    assert (found.value, found.plan.distortion, found.gap) == (-1.0, -1.0, 0.0)
    assert finite.rate(-1.0).value == pytest.approx(1.0)
    beyond = finite.rate(-1.2)
    assert beyond.reason == "distortion limit -1.2 per symbol is below the least possible -1 per symbol, by 0.2"
    with pytest.raises(UsageError, match="distortion must be at least 0, got -1"):
        FiniteTransport([[0.5, 0.5]], [0.5, 0.5], 1 - np.eye(2)).rate(-1.0)


def test_one_cost_for_all():
    finite = FiniteTransport([[0.3, 0.7]], [0.4, 0.6], np.full((2, 2), 2.5))
    assert finite.distortion(0.0).value == 2.5
    assert finite.rate(2.5).value == 0


def test_there_and_back():
    problem = random_problem(1, 2, 3, 3)
    unit = UnitCost(problem)
    assert (unit.problem.cost.min(), unit.problem.cost.max(), unit.problem.distance.max()) == (0, 1, 1)
    limits = unit.limits(Limits("rate", np.inf, problem.cost.max(), np.inf, Ball("w1", unit.reach)))
    assert limits.distortion == pytest.approx(1)
    assert limits.ball.radius == 1
    assert unit.limits(Limits("rate", np.inf, np.inf, np.inf, Ball("tv", 0.3))).ball.radius == 0.3
