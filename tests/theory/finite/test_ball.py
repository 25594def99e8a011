"""Perception balls as rows: membership agrees with the divergence, tangents never cut the ball."""

import numpy as np
import pytest

from crosscodec.theory.finite.ball import (
    Ball,
    ball_rows,
    cheapest_law,
    curved,
    divergence_cut,
    excess_divergence,
    last_inside,
    mixture_rows,
    nearest_law,
)
from crosscodec.theory.finite.linear import solve_program
from crosscodec.theory.finite.problem import output_divergence, transport_cost

from .test_program import random_problem


@pytest.mark.parametrize("divergence", ["tv", "w1"])
def test_a_law_satisfies_the_rows_iff_it_is_in_the_ball(divergence):
    problem = random_problem(0, 2, 3, 4)
    generator = np.random.default_rng(0)
    ball = Ball(divergence, {"tv": 0.08, "w1": 0.25}[divergence])
    rows = ball_rows(problem, ball, [])
    inside = 0
    for _ in range(60):
        law = generator.dirichlet(30 * problem.target + 0.1)
        fits = solve_program(
            np.zeros(rows.extra),
            rows.at_most_extra,
            rows.at_most_to,
            rows.equal_extra,
            rows.equal_to - rows.equal @ law,
        ).feasible
        assert fits == (output_divergence(problem, law, divergence) <= ball.radius)
        inside += fits
    assert 0 < inside < 60


def test_cuts_separate_the_point_and_keep_the_ball():
    problem = random_problem(1, 2, 3, 4)
    generator = np.random.default_rng(1)
    ball = Ball("kl", 0.05)
    outside = np.array([0.7, 0.1, 0.1, 0.1])
    assert excess_divergence(problem, ball, outside) > 0
    gradient, side = divergence_cut(problem, ball, outside)
    assert gradient @ outside > side
    for _ in range(500):
        law = generator.dirichlet(50 * problem.target)
        if output_divergence(problem, law, "kl") <= ball.radius:
            assert gradient @ law <= side + 1e-12


def test_the_last_law_inside_lies_on_the_surface_or_is_the_output_itself():
    problem, ball = random_problem(1, 2, 3, 4), Ball("kl", 0.05)
    outside = np.array([0.7, 0.1, 0.1, 0.1])
    law = last_inside(problem, ball, outside)
    assert output_divergence(problem, law, "kl") == pytest.approx(0.05, abs=1e-12)
    share = (law - problem.target) / (outside - problem.target)
    assert share == pytest.approx(np.full(4, share[0]))
    near = problem.target + 0.01 * (outside - problem.target)
    assert last_inside(problem, ball, near) == pytest.approx(near, abs=1e-15)


def test_mixture_rows_hold_for_mixtures_alone():
    laws = np.array([[0.5, 0.5, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5]])
    rows = mixture_rows(laws)
    for law, fits in ((0.2 * laws[0] + 0.8 * laws[2], True), (np.array([0.7, 0.1, 0.1, 0.1]), False)):
        equal_to = rows.equal_to - rows.equal @ law
        assert solve_program(np.zeros(3), equal=rows.equal_extra, equal_to=equal_to).feasible == fits


def test_only_kl_between_the_target_and_no_limit_is_curved():
    problem = random_problem(2, 2, 3, 4)
    assert curved(problem, Ball("kl", 0.1))
    assert not any(curved(problem, Ball(*ball)) for ball in (("kl", 0.0), ("kl", np.inf), ("tv", 0.1), ("w1", 0.1)))


def test_no_target_or_no_limit_needs_no_rows():
    problem = random_problem(2, 2, 3, 4)
    rows = ball_rows(problem, Ball("w1", np.inf), [])
    assert rows.extra == 0
    assert rows.equal.shape == rows.at_most.shape == (0, 4)


@pytest.mark.parametrize("divergence", ["tv", "w1"])
def test_no_law_of_the_ball_is_cheaper_or_nearer(divergence):
    problem = random_problem(3, 1, 4, 3)
    ball, generator = Ball(divergence, 0.1), np.random.default_rng(1)
    means = generator.normal(size=3)
    cheapest, mean = cheapest_law(problem, means, ball)
    nearest, distance = nearest_law(problem, problem.cost, problem.source, ball)
    for law, least in ((cheapest, mean), (nearest, distance)):
        assert output_divergence(problem, law, divergence) <= 0.1 + 1e-9
        assert least == pytest.approx(means @ law if law is cheapest else transport(problem, law), abs=1e-9)
    laws = problem.target + 0.2 * (generator.dirichlet(np.ones(3), 300) - problem.target)
    inside = [law for law in laws if output_divergence(problem, law, divergence) <= 0.1]
    assert len(inside) > 20
    for law in inside:
        assert means @ law >= mean - 1e-9
        assert transport(problem, law) >= distance - 1e-9


def transport(problem, law):
    return transport_cost(problem.source, law, problem.cost)
