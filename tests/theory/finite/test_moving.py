"""Balls of plans: the smoothed least mean against a linear program, its derivatives, and the rounding of the radius."""

import numpy as np
import pytest

from crosscodec.theory.finite.ball import Ball, cheapest_law
from crosscodec.theory.finite.moving import MovingBall
from theory.finite.slopes import assert_derivatives

from .test_program import random_problem


def setting(divergence, radius):
    """A ball over six outputs, of which the target has five, and a function of the output."""
    problem = random_problem(4, 1, 4, 6)
    problem.target[2] = 0
    problem.target[:] /= problem.target.sum()
    ball = Ball(divergence, radius)
    return problem, ball, MovingBall(problem, ball), np.random.default_rng(1).normal(size=6)


@pytest.mark.parametrize("divergence", ["tv", "w1"])
@pytest.mark.parametrize("radius", [1e-6, 0.05, 0.3, 10.0])
def test_proximal_steps_at_one_weight_end_at_the_linear_program(divergence, radius):
    problem, ball, moving, g = setting(divergence, radius)
    law, least = cheapest_law(problem, g, ball)
    plan, price = moving.anywhere(), 0.0
    for _ in range(60):
        move = moving.least(g, 0.1, plan, price)
        assert move.least <= least + 1e-9
        plan, price = move.plan, move.price
    assert move.least == pytest.approx(least, abs=1e-8)
    assert move.law == pytest.approx(law, abs=1e-7)
    assert float(g @ move.law) == pytest.approx(least, abs=1e-8)


@pytest.mark.parametrize("near", [0.0, 1e-3, 1.0, 1e3])
def test_the_price_is_found_from_anywhere_and_the_plan_has_the_radius(near):
    _, _, moving, g = setting("tv", 0.05)
    for weight in (1.0, 1e-2, 1e-4):
        move = moving.least(g, weight, moving.anywhere(), near)
        assert float(moving.mass @ (move.plan * moving.distance).sum(axis=1)) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize("radius", [0.05, 10.0])
def test_law_and_curvature_are_derivatives_of_the_height(radius):
    _, _, moving, g = setting("w1", radius)

    def at(g):
        return moving.least(g, 0.2, moving.anywhere(), 0.0)

    assert_derivatives(at, g)


def test_what_rounding_led_beyond_the_radius_is_undone():
    problem, _, moving, g = setting("tv", 0.05)
    move = moving.least(g, 0.1, moving.anywhere(), 0.0)
    smaller = MovingBall(problem, Ball("tv", 0.04))
    assert np.abs(smaller.inside(move) - problem.target).sum() / 2 <= 0.04 + 1e-15
    assert np.array_equal(MovingBall(problem, Ball("tv", 0.06)).inside(move), move.law)
