"""Perception in the asymptotic setting: against a convex program, with certificates."""

import cvxpy
import numpy as np
import pytest

from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.planes import block_optimum, inside_ball

from .test_program import random_problem


def program(problem, ball, rate):
    m, n = problem.cost.shape
    p, target = problem.source, problem.target
    plan, law = cvxpy.Variable((m, n), nonneg=True), cvxpy.Variable(n, nonneg=True)
    reference = cvxpy.reshape(p, (m, 1), order="C") @ cvxpy.reshape(law, (1, n), order="C")
    limits = [cvxpy.sum(plan, axis=1) == p, cvxpy.sum(plan, axis=0) == law]
    limits.append(cvxpy.sum(cvxpy.rel_entr(plan, reference)) <= rate * np.log(2))
    if ball.divergence == "tv":
        limits.append(cvxpy.norm1(law - target) / 2 <= ball.radius)
    elif ball.divergence == "kl":
        limits.append(cvxpy.sum(cvxpy.rel_entr(law, target)) <= ball.radius * np.log(2))
    else:
        limits.append(cvxpy.norm1(cvxpy.cumsum(law - target)[:-1]) <= ball.radius)
    goal = cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(plan, problem.cost)))
    return cvxpy.Problem(goal, limits).solve(solver="CLARABEL")


@pytest.mark.parametrize("divergence", ["tv", "w1"])
def test_agrees_with_a_convex_program_and_is_certified(divergence):
    problem = random_problem(4, 1, 4, 3)
    ball = Ball(divergence, 0.05)
    found = inside_ball(problem, problem.cost, ball, "distortion", 0.4)
    assert found.value == pytest.approx(program(problem, ball, 0.4), abs=1e-6)
    assert found.gap < 1e-6


def test_a_distortion_that_no_law_in_the_ball_reaches_is_refused():
    problem = random_problem(4, 1, 4, 3)
    assert inside_ball(problem, problem.cost, Ball("tv", 0.01), "rate", 1e-3) is None


def test_a_kl_ball_is_solved_by_its_own_dual_and_agrees_too():
    problem = random_problem(4, 1, 4, 3)
    ball = Ball("kl", 0.05)
    found = block_optimum(problem, problem.cost, ball, "distortion", 0.4)
    assert found.value == pytest.approx(program(problem, ball, 0.4), abs=1e-6)
    assert found.gap < 1e-10
