"""Maps, functionals and plans: from the definitions, by loops."""

import numpy as np
import pytest

from crosscodec.theory.entropy import entropy
from crosscodec.theory.finite.problem import (
    MapMixture,
    distortion_functional,
    every_map,
    label_functional,
    output_divergence,
    rate_functional,
    transport_cost,
)

from .test_program import random_problem


def test_functionals_agree_with_loops_over_maps():
    problem = random_problem(0, 2, 3, 3)
    maps = every_map(problem)
    assert maps.shape == (27, 3)
    assert len(np.unique(maps, axis=0)) == 27
    for place in (0, 5, 13, 26):
        image = maps[place]
        table = np.zeros((2, 3))
        for x, y in enumerate(image):
            table[:, y] += problem.joint[:, x]
        distortion = sum(problem.source[x] * problem.cost[x, y] for x, y in enumerate(image))
        rate = entropy(table.sum(0))
        assert distortion_functional(problem).of(problem, maps)[place] == pytest.approx(distortion)
        assert rate_functional(problem).of(problem, maps)[place] == pytest.approx(float(rate))
        label = entropy(table, axis=None) - rate
        assert label_functional(problem).of(problem, maps)[place] == pytest.approx(float(label))


def test_a_mixture_is_linear_in_its_weights_and_sees_less_without_u():
    problem = random_problem(1, 2, 3, 3)
    maps = every_map(problem)[[3, 11, 20]]
    mixture = MapMixture(problem, maps, np.array([0.2, 0.3, 0.5]))
    assert mixture.distortion == pytest.approx(mixture.weights @ distortion_functional(problem).of(problem, maps))
    assert mixture.channel.sum(axis=1) == pytest.approx(np.ones(3))
    assert mixture.label_entropy_without_randomness >= mixture.label_entropy
    assert mixture.information <= mixture.rate + 1e-12


def test_divergences():
    problem = random_problem(2, 2, 3, 3)
    assert output_divergence(problem, problem.target, "kl") == pytest.approx(0, abs=1e-15)
    moved = problem.target + np.array([0.01, 0.0, -0.01])
    assert output_divergence(problem, moved, "tv") == pytest.approx(0.01)
    assert output_divergence(problem, moved, "w1") == pytest.approx(0.02)
    assert output_divergence(problem, moved, "kl") > 0


def test_transport_cost_on_a_line_is_the_distance_of_quantiles():
    generator = np.random.default_rng(0)
    p, q = generator.dirichlet(np.ones(6), 2)
    places = np.arange(6.0)
    truth = np.abs(np.cumsum(p) - np.cumsum(q)).sum()
    assert transport_cost(p, q, np.abs(places[:, None] - places)) == pytest.approx(truth)
