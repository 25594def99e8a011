"""KL balls for proximal steps: the smoothed least mean against its definition, its derivatives, the radius kept."""

import cvxpy
import numpy as np
import pytest

from crosscodec.theory.finite.tilted_ball import TiltedBall
from crosscodec.theory.finite.tilting import tilted
from theory.finite.slopes import assert_derivatives

from .test_tilting import divergence


def setting(bits):
    """A ball over six outputs, a function of the output and a reference that is not the target."""
    generator = np.random.default_rng(2)
    target, reference = generator.dirichlet(np.ones(6)), generator.dirichlet(np.ones(6))
    return TiltedBall(target, bits), target, generator.normal(size=6), reference


@pytest.mark.parametrize("bits", [1e-3, 0.2, 10.0])
@pytest.mark.parametrize("weight", [1e-2, 1.0])
def test_the_smoothed_least_mean_is_that_of_a_convex_program(bits, weight):
    ball, target, g, reference = setting(bits)
    law = cvxpy.Variable(6, nonneg=True)
    goal = law @ g + weight * cvxpy.sum(cvxpy.rel_entr(law, reference))
    limits = [cvxpy.sum(law) == 1, cvxpy.sum(cvxpy.rel_entr(law, target)) <= bits * np.log(2)]
    least = cvxpy.Problem(cvxpy.Minimize(goal), limits).solve(solver="CLARABEL")
    move = ball.least(g, weight, reference, 0.0)
    assert move.height == pytest.approx(least, abs=1e-6)
    assert move.law == pytest.approx(law.value, abs=1e-4)
    assert float(g @ move.law) + weight * divergence(move.law, reference) == pytest.approx(move.height, abs=1e-9)
    binds = divergence(move.law, target) > 0.999 * bits * np.log(2)
    assert (move.price > 0) == binds == ((weight, bits) not in ((1.0, 0.2), (1.0, 10.0), (1e-2, 10.0)))


@pytest.mark.parametrize("bits", [1e-6, 0.05, 0.5])
def test_proximal_steps_at_one_weight_end_at_the_tilted_law(bits):
    ball, target, g, _ = setting(bits)
    end = tilted(target, bits * np.log(2), g, 1e-12)
    law = ball.anywhere()
    for _ in range(60):
        move = ball.least(g, 0.1, law, 0.0)
        law = move.plan
    assert move.least == pytest.approx(end.least, abs=1e-12)
    assert move.law == pytest.approx(end.law, abs=1e-8)
    assert move.price == pytest.approx(end.price, rel=1e-6)


@pytest.mark.parametrize("bits", [0.05, 10.0])
def test_law_and_curvature_are_derivatives_of_the_height(bits):
    ball, _, g, reference = setting(bits)

    def at(g):
        return ball.least(g, 0.2, reference, 0.0)

    assert_derivatives(at, g)


def test_what_rounding_led_beyond_the_radius_is_undone():
    ball, target, g, reference = setting(0.05)
    move = ball.least(g, 0.1, reference, 0.0)
    assert divergence(TiltedBall(target, 0.04).inside(move), target) <= 0.04 * np.log(2)
    assert np.array_equal(TiltedBall(target, 0.06).inside(move), move.law)
