"""Least rate for a distortion: the quadratic of squared W2 and the edge of the KL ball against bracketing."""

import numpy as np
import pytest

from crosscodec.theory.gaussian.inverse import distortion_at, rate_for_distortion
from crosscodec.theory.gaussian.perception import Place
from crosscodec.theory.gaussian.plan import gaussian_lack
from crosscodec.theory.roots import bracketed_root


def test_quadratic_agrees_with_bracketing():
    generator = np.random.default_rng(8)
    mean, target_mean = generator.normal(0, 1, (2, 10_000))
    std, target_std = np.exp(generator.normal(0, 0.7, (2, 10_000)))
    perception = generator.exponential(0.5, 10_000)
    perception[:1000] = target_std[:1000] ** 2
    place = Place(mean, std, target_mean, target_std)
    ones = np.ones(10_000)
    least = distortion_at(0 * ones, place, perception, "w2")
    most = distortion_at(ones, place, perception, "w2")
    limit = least + generator.uniform(0.001, 0.999, 10_000) * (most - least)

    def excess(lack, *parts):
        return distortion_at(lack, Place(*parts[:4]), parts[5], "w2") - parts[4]

    rate, _ = rate_for_distortion(place, limit, perception, "w2")
    lack = gaussian_lack(rate)
    truth = bracketed_root(excess, 0 * ones, ones, *place, limit, perception)
    assert np.abs(lack - truth).max() < 1e-7
    assert np.abs(distortion_at(lack, place, perception, "w2") - limit).max() < 1e-9


@pytest.mark.parametrize("apart", [1.0, 0.1, 1e-3, 1e-6, 0.0])
@pytest.mark.parametrize("size", [0.5, 1e-4, 20.0])
def test_the_edge_of_the_ball_agrees_with_bracketing(apart, size):
    generator = np.random.default_rng(9)
    mean, target_mean = generator.normal(0, apart, (2, 2000))
    std, target_std = np.exp(generator.normal(0, 0.7, (2, 2000)))
    perception = generator.exponential(size, 2000)
    perception[:20] = 0
    place = Place(mean, std, target_mean, target_std)
    ones = np.ones(2000)
    least = distortion_at(0 * ones, place, perception, "kl")
    most = distortion_at(ones, place, perception, "kl")
    limit = least + generator.uniform(0.001, 0.999, 2000) * (most - least)

    def excess(lack, *parts):
        return distortion_at(lack, Place(*parts[:4]), parts[5], "kl") - parts[4]

    rate, _ = rate_for_distortion(place, limit, perception, "kl")
    lack = gaussian_lack(rate)
    truth = bracketed_root(excess, 0 * ones, ones, *place, limit, perception)
    assert np.abs(lack - truth).max() < 1e-7
    assert np.abs(distortion_at(lack, place, perception, "kl") - limit).max() < 1e-8


def test_limits_outside_the_range_are_answered_by_the_ends():
    place = Place(*(np.array([v, v]) for v in (0.0, 1.0, 0.0, 2.0)))
    rate, least = rate_for_distortion(place, np.array([0.5, 9.0]), np.zeros(2), "w2")
    assert rate.tolist() == [np.inf, 0.0]
    assert least.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("divergence", ["w2", "kl"])
@pytest.mark.parametrize("laws", [(0.3, 0.5, 0.1, 0.0), (0.3, 0.0, 0.1, 0.5), (0.3, 0.0, 0.3, 0.0)])
def test_where_all_rates_give_one_distortion_the_rate_is_zero(laws, divergence):
    if divergence == "kl" and laws[3] == 0:
        return
    place = Place(*(np.array([v]) for v in laws))
    one = distortion_at(np.ones(1), place, np.zeros(1), divergence)
    for limit in (one, one * (1 - 1e-14), one * (1 + 1e-14)):
        assert rate_for_distortion(place, limit, np.zeros(1), divergence)[0] == 0
