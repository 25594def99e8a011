"""KL balls of output laws: the tilted law against laws at random, the dual against its primal at every size."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport
from crosscodec.theory.entropy import LOG2_E, mutual_information
from crosscodec.theory.finite.asymptotic import any_output, divergence_ball
from crosscodec.theory.finite.tilting import ball_output, tilted


def divergence(law, target):
    some = law > 0
    return float(law[some] @ np.log(law[some] / target[some]))


def random_laws(seed, inputs, outputs):
    generator = np.random.default_rng(seed)
    p, target = generator.dirichlet(np.ones(inputs)), generator.dirichlet(np.ones(outputs))
    return p, target, (np.linspace(0, 1, inputs)[:, None] - np.linspace(0, 1, outputs)) ** 2


@pytest.mark.parametrize("radius", [1e-9, 1e-3, 0.2, 5.0])
def test_the_tilted_law_has_the_least_mean_of_the_ball_and_its_dual_says_so(radius):
    generator = np.random.default_rng(1)
    target, g = generator.dirichlet(np.ones(6)), generator.normal(size=6)
    found = tilted(target, radius, g, 1e-12)
    assert divergence(found.law, target) <= radius * (1 + 1e-6)
    assert found.least == pytest.approx(float(g @ found.law), abs=1e-9)
    laws = generator.dirichlet(np.ones(6), 4000)
    shares = np.geomspace(1e-5, 1, 12)[:, None, None]
    mixed = (target + shares * (laws - target)).reshape(-1, 6)
    inside = (mixed * np.log(mixed / target)).sum(axis=1) <= radius
    assert inside.any()
    assert (mixed[inside] @ g).min() >= found.least - 1e-12


def test_a_price_that_is_held_up_leaves_the_law_inside_and_the_bound_below():
    target, g = np.array([0.5, 0.3, 0.2]), np.array([0.0, 1.0, 2.0])
    free, held = tilted(target, 0.3, g, 1e-12), tilted(target, 0.3, g, 5.0)
    assert free.price < 5.0 == held.price
    assert divergence(held.law, target) < 0.3
    assert held.least < free.least < float(held.law @ g)


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 7), (12, 5), (31, 31), (64, 64)])
def test_primal_and_dual_meet_at_every_multiplier(inputs, outputs):
    p, target, cost = random_laws(inputs, inputs, outputs)
    near = None
    for eps in (1.0, 0.1, 1e-2, 1e-3, 1e-5):
        near = ball_output(cost, p, target, 0.07, eps, near)
        value = float((near.coupling * cost).sum()) + eps * mutual_information(near.coupling) / LOG2_E
        assert value == pytest.approx(near.bound, abs=1e-9)
        assert divergence(near.coupling.sum(axis=0), target) <= 0.07 + 1e-12
        assert np.abs(near.coupling.sum(axis=1) - p).max() < 1e-12


@pytest.mark.parametrize("letters", [25, 31, 64])
@pytest.mark.parametrize("radius", [0.01, 0.1, 0.3])
def test_large_alphabets_are_certified_and_rate_and_distortion_are_inverse(letters, radius):
    p, target, cost = random_laws(letters, letters, letters)
    found = divergence_ball(cost, p, target, radius, "distortion", 0.5)
    assert found.gap < 1e-9
    assert mutual_information(found.coupling) <= 0.5 + 1e-9
    back = divergence_ball(cost, p, target, radius, "rate", found.value)
    assert back.value == pytest.approx(0.5, abs=1e-6)
    assert back.gap < 1e-8


@pytest.mark.parametrize("share", [0.9, 0.999, 1.001])
def test_a_ball_that_hardly_binds_or_does_not_is_certified_too(share):
    p, target, cost = random_laws(5, 6, 8)
    free = any_output(cost, p, "distortion", 0.8)
    radius = share * divergence(free.coupling.sum(axis=0), target) * LOG2_E
    found = divergence_ball(cost, p, target, radius, "distortion", 0.8)
    assert found.gap < 1e-6
    assert (found.value > free.value + 1e-10) == (share < 1)


def test_rates_just_above_the_least_distortion_are_certified():
    p, target, cost = random_laws(20, 20, 20)
    problem = FiniteTransport(p[None], target, cost)
    least = problem.distortion(perception=0.1, divergence="kl", setting="asymptotic").value
    rates = problem.rate(least + np.array([0, 1e-9, 1e-6, 1e-4]), np.inf, 0.1, "kl", "asymptotic")
    assert np.all(rates.feasible)
    assert np.all(rates.gap < 1e-6)
    assert np.all(np.diff(rates.value) < 0)
    assert not problem.rate(least - 1e-6, np.inf, 0.1, "kl", "asymptotic").feasible


def test_outputs_of_no_target_mass_get_none_and_ends_are_exact():
    p, target, cost = random_laws(3, 4, 5)
    target = np.append(target[:4] / target[:4].sum(), 0.0)
    found = divergence_ball(cost, p, target, 0.2, "distortion", 0.3)
    assert found.coupling[:, 4].max() == 0
    still = divergence_ball(cost, p, target, 0.2, "distortion", 0.0)
    assert mutual_information(still.coupling) < 1e-15
    assert still.gap < 1e-12
    assert divergence_ball(cost, p, target, 0.2, "rate", still.value + 1e-9).value == 0
    assert divergence_ball(np.full_like(cost, 0.5), p, target, 0.2, "rate", 0.4) is None
