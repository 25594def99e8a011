"""Perception and a blind classifier at once: against a fine sweep of the output marginal."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport
from crosscodec.theory.bernoulli.hole import (
    best_outside,
    cheapest_outside,
    least_label_entropy_within,
    nearest_outside,
    polygon,
)

GRID = 2_001


def test_distortion_is_the_best_over_a_sweep_of_the_marginal():
    generator = np.random.default_rng(3)
    checked = 0
    for _ in range(150):
        a, b = generator.uniform(0.05, 0.95, 2)
        n, rate, label, perception = generator.uniform([0, 0, 0.2, 0.01], [0.3, 1, 1, 0.3])
        ours = BernoulliTransport(a, b, n).distortion(rate, label, perception, label_given="y")
        sweep = np.linspace(max(b - perception, 0), min(b + perception, 1), GRID)
        fixed = BernoulliTransport(a, sweep, n).distortion(rate, label, label_given="y")
        assert ours.feasible or not fixed.feasible.any()
        if fixed.feasible.any():
            checked += 1
            best = np.nanmin(fixed.value)
            assert ours.value <= best + 1e-9
            assert ours.value >= best - 3 * perception / GRID - 1e-9
            assert ours.plan.rate <= rate + 1e-9
            assert ours.plan.label_entropy_without_randomness <= label + 1e-9
            assert abs(ours.plan.output - b) <= perception + 1e-9
            assert abs(ours.plan.distortion - ours.value) < 1e-9
    assert checked > 30


def test_rate_is_the_best_over_a_sweep_of_the_marginal():
    generator = np.random.default_rng(4)
    for _ in range(100):
        a, b = generator.uniform(0.1, 0.9, 2)
        n, distortion, label, perception = generator.uniform([0, 0.05, 0.4, 0.01], [0.3, 0.6, 1, 0.3])
        ours = BernoulliTransport(a, b, n).rate(distortion, label, perception, label_given="y")
        sweep = np.linspace(max(b - perception, 0), min(b + perception, 1), GRID)
        fixed = BernoulliTransport(a, sweep, n).rate(distortion, label, label_given="y")
        assert ours.feasible or not fixed.feasible.any()
        if fixed.feasible.any():
            assert ours.value <= np.nanmin(fixed.value) + 1e-9
            assert ours.plan.distortion <= distortion + 1e-9
            assert ours.plan.label_entropy_without_randomness <= label + 1e-9
            assert abs(ours.plan.output - b) <= perception + 1e-9


def test_polygon_is_the_frechet_quadrilateral_cut_by_strips():
    assert polygon(0.3, 0.0, 1.0, 1.0) == [(0.0, 0.0), (0.7, -1.0), (1.0, 0.0), (0.3, 1.0)]
    cut = polygon(0.3, 0.2, 0.8, 0.5)
    assert all(0.2 - 1e-12 <= b <= 0.8 + 1e-12 and abs(t) <= 0.5 + 1e-12 for b, t in cut)


def test_a_hole_over_everything_leaves_nothing():
    corners = polygon(0.5, 0.5, 0.5, 0.1)
    assert best_outside(corners, (0.0, -1.0), 0.5, 0.1, 0.5) is None


def test_the_least_label_entropy_within_a_distortion():
    # A copy of the source is inside: nothing is left but the noise.
    assert least_label_entropy_within(0.3, 0.2, 0.4, 0.0, 0.1) == pytest.approx(0.468996, abs=1e-6)
    assert least_label_entropy_within(0.3, 0.5, 0.6, 0.1, 0.1) == np.inf
    least = least_label_entropy_within(0.17, 0.75, 0.75, 0.86, 0.08)
    assert cheapest_outside(0.17, 0.75, 0.75, 0.86, 0.08, least + 1e-9) is not None
    assert cheapest_outside(0.17, 0.75, 0.75, 0.86, 0.08, least - 1e-6) is None


def test_without_a_hole_the_nearest_is_the_best_marginal_at_full_mass():
    assert nearest_outside(0.3, 0.0, 1.0, 0.5, 0.1, np.inf) == pytest.approx((0.15, 0.5))
    assert nearest_outside(0.3, 0.4, 0.6, 0.5, 0.1, np.inf) == pytest.approx((0.4, 0.5))
