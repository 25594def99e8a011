"""The projection onto the perception ball: against Lambert's W, and the theory page's own multiplier formulas."""

import numpy as np
import pytest
from scipy.special import lambertw

from crosscodec.theory.gaussian.perception import Place, nearest_output, spread_interval, spread_offsets
from crosscodec.theory.gaussian.plan import normal_divergence


def test_interval_is_lambert_w():
    perception = np.geomspace(1e-3, 100, 200)
    inner = -np.exp(-1 - 2 * perception * np.log(2))
    low, high = spread_interval(perception)
    assert np.abs(low - np.sqrt(-lambertw(inner, 0).real)).max() < 1e-12
    assert np.abs(high - np.sqrt(-lambertw(inner, -1).real)).max() < 1e-11


def test_interval_keeps_its_digits_at_tiny_limits():
    perception = np.geomspace(1e-30, 1e-6, 100)
    for end in spread_interval(perception):
        found = normal_divergence(np.zeros(100), end, np.zeros(100), np.ones(100))
        # The ratio itself is rounded to 1e-16, which is all that can be asked.
        assert np.abs(np.sqrt(found) - np.sqrt(perception)).max() < 1e-15


def test_offsets_have_relative_precision():
    perception = np.geomspace(1e-40, 1e-2, 100)
    root = np.sqrt(4 * perception * np.log(2))
    # Lambert's W at its branch point: u = 1 + r + r**2 / 3 + r**3 / 36 - r**4 / 270 for r = -+ root.
    for r, offset in zip((-root, root), spread_offsets(perception), strict=True):
        v = r + r**2 / 3 + r**3 / 36 - r**4 / 270
        small = root < 1e-3
        assert (offset * (2 + offset))[small] == pytest.approx(v[small], rel=1e-13, abs=0)
    for ratio, offset in zip(spread_interval(perception), spread_offsets(perception), strict=True):
        assert np.abs(ratio - 1 - offset).max() < 1e-15


def test_a_small_ball_costs_what_exact_arithmetic_says():
    # q = 1 - 1e-18 is 1 as a number; the disc around 1 with radius 1e-20 leaves 99e-20 of the way.
    place = Place(*(np.array([v]) for v in (0.0, 1.0, 0.0, 1.0)))
    cost = nearest_output(place, np.array([1e-18]), np.array([1e-40]), "w2").cost
    assert cost == pytest.approx((1e-18 - 1e-20) ** 2, rel=1e-12, abs=0)


def test_interval_ends():
    low, high = spread_interval(np.array([0.0, 1e4, np.inf]))
    assert low[0] == high[0] == 1
    assert low[1] == low[2] == 0
    assert np.isinf(high[2])


def test_projection_satisfies_the_stationarity_of_section_3():
    generator = np.random.default_rng(2)
    mean, target_mean = generator.normal(0, 2, (2, 1000))
    q, target_std = np.exp(generator.normal(0, 0.5, (2, 1000)))
    perception = generator.uniform(0.01, 0.3, 1000)
    m, s, cost = nearest_output(Place(mean, q, target_mean, target_std), np.zeros(1000), perception, "kl")
    moved = np.abs(m - mean) > 1e-6
    variance = target_std**2
    with np.errstate(divide="ignore", invalid="ignore"):
        multiplier = variance * (mean - m) / (m - target_mean)
    page = (q + np.sqrt(q**2 + 4 * (1 + multiplier / variance) * multiplier)) / (2 * (1 + multiplier / variance))
    assert moved.sum() > 500
    assert np.abs(page - s)[moved].max() < 1e-8
    assert np.abs(cost - (m - mean) ** 2 - (s - q) ** 2).max() < 1e-12
    assert np.abs(normal_divergence(m, s, target_mean, target_std) - perception)[moved].max() < 1e-12


def test_projection_of_a_point_inside_is_itself():
    inside = Place(*(np.array([v]) for v in (0.1, 1.05, 0.0, 1.0)))
    for divergence in ("w2", "kl"):
        m, s, cost = nearest_output(inside, np.zeros(1), np.array([0.5]), divergence)
        assert cost[0] == 0
        assert m[0] == 0.1
        assert s[0] == 1.05
