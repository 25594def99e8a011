"""Perception in the asymptotic setting: against a convex program, with certificates from the least distortion on."""

import cvxpy
import numpy as np
import pytest

from crosscodec.theory import FiniteTransport
from crosscodec.theory.entropy import mutual_information
from crosscodec.theory.finite import proximal
from crosscodec.theory.finite.asymptotic import any_output, divergence_ball
from crosscodec.theory.finite.ball import Ball, nearest_law
from crosscodec.theory.finite.problem import FiniteProblem, output_divergence
from crosscodec.theory.finite.proximal import block_optimum, inside_ball

from .test_program import random_problem
from .test_tilting import divergence, random_laws


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
    assert found.gap < 1e-10


def test_a_kl_ball_agrees_too():
    problem = random_problem(4, 1, 4, 3)
    ball = Ball("kl", 0.05)
    found = block_optimum(problem, problem.cost, ball, "distortion", 0.4)
    assert found.value == pytest.approx(program(problem, ball, 0.4), abs=1e-6)
    assert found.gap < 1e-10


@pytest.mark.parametrize(
    ("goal", "inputs", "outputs", "rate", "short"),
    [("distortion", 5, 18, 1.5, 1e-4), ("distortion", 6, 13, 0.8, 1e-6), ("rate", 5, 18, 1.5, 1e-5)],
)
def test_a_kl_ball_that_only_just_binds_is_certified_too(goal, inputs, outputs, rate, short):
    # Points of a random search, just under the divergence of the best output law of all: the dual alone may leave a gap
    # of 1e-5 there, on some processors.
    p, target, cost = random_laws(inputs, inputs, outputs)
    free = any_output(cost, p, "distortion", rate)
    limit = rate if goal == "distortion" else free.value
    law = any_output(cost, p, goal, limit).coupling.sum(axis=0)
    radius = (1 - short) * divergence(law, target) / np.log(2)
    problem = FiniteProblem(p[None], cost, target, np.zeros((outputs, outputs)))
    found = block_optimum(problem, cost, Ball("kl", radius), goal, limit)
    assert found.gap < 1e-9
    dual = divergence_ball(cost, p, target, radius, goal, limit)
    assert found.value == pytest.approx(dual.value, abs=2 * dual.gap + 1e-8)


def test_a_distortion_that_no_law_in_the_ball_reaches_is_refused():
    problem = random_problem(4, 1, 4, 3)
    assert inside_ball(problem, problem.cost, Ball("tv", 0.01), "rate", 1e-3) is None


@pytest.mark.parametrize("divergence", ["tv", "w1"])
@pytest.mark.parametrize("letters", [12, 31])
def test_rates_from_the_least_distortion_on_are_certified(letters, divergence):
    p, target, cost = random_laws(letters, letters, letters)
    problem = FiniteTransport(p[None], target, cost)
    radius = 0.1 if divergence == "tv" else 0.02 * letters
    least = problem.distortion(np.inf, np.inf, radius, divergence, "asymptotic").value
    rates = problem.rate(least + np.array([0, 1e-9, 1e-6, 1e-4]), np.inf, radius, divergence, "asymptotic")
    assert np.all(rates.feasible)
    assert np.all(rates.gap < 1e-6)
    assert np.all(np.diff(rates.value) < 0)
    assert not problem.rate(least - 1e-6, np.inf, radius, divergence, "asymptotic").feasible


@pytest.mark.parametrize("divergence", ["tv", "w1"])
@pytest.mark.parametrize("radius", [1e-6, 0.01, 0.2, 20.0])
def test_rate_and_distortion_are_inverse_in_small_and_large_balls(divergence, radius):
    generator = np.random.default_rng(3)
    p, target, _ = random_laws(9, 9, 13)
    target[4] = 0
    problem = FiniteTransport(p[None], target / target.sum(), 50 * generator.normal(size=(9, 13)))
    found = problem.distortion([1e-4, 0.4, 1.2], np.inf, radius, divergence, "asymptotic")
    assert np.all(found.gap < 1e-9 * problem.unit.range)
    back = problem.rate(found.value, np.inf, radius, divergence, "asymptotic")
    assert back.value == pytest.approx([1e-4, 0.4, 1.2], abs=1e-6)
    assert np.all(back.gap < 1e-8)
    for plan in (*found.plan, *back.plan):
        assert output_divergence(problem.problem, plan.output, divergence) <= radius * (1 + 1e-9)


def test_ends_are_linear_programs():
    problem = random_problem(4, 1, 4, 3)
    ball = Ball("tv", 0.1)
    still = inside_ball(problem, problem.cost, ball, "distortion", 0.0)
    assert mutual_information(still.coupling) < 1e-14
    assert still.gap < 1e-9
    assert inside_ball(problem, problem.cost, ball, "rate", still.value + 1e-9).value == 0
    _, least = nearest_law(problem, problem.cost, problem.source, ball)
    assert inside_ball(problem, problem.cost, ball, "distortion", np.inf).value == pytest.approx(least, abs=1e-9)
    assert inside_ball(problem, np.full_like(problem.cost, 0.5), ball, "rate", 0.4) is None


def test_letters_of_hardly_any_mass_are_scaled_without_overflow():
    assert np.array_equal(proximal._ratio(np.array([0.3, 0.0, 0.2]), np.array([1e-310, 0.0, 0.1])), [0.0, 0.0, 2.0])
