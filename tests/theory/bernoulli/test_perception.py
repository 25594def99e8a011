"""Balls of binary marginals, and the marginal of least distortion."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport
from crosscodec.theory.bernoulli.perception import best_output, mass_for_distortion, output_interval
from crosscodec.theory.entropy import binary_divergence


def test_divergence_ball_ends_lie_on_it():
    target, perception = np.random.default_rng(0).uniform(0.01, [[0.99], [0.5]], (2, 5000))
    low, high = output_interval(target, perception, "kl")
    for end, wall in ((low, 0.0), (high, 1.0)):
        found = binary_divergence(end - target, target)
        assert (np.abs(found - perception)[end != wall] < 1e-12).all()
        assert (found <= perception + 1e-12).all()


def test_ends():
    target = np.array([0.0, 0.3, 0.3, 1.0])
    for divergence in ("tv", "kl", "w1"):
        low, high = output_interval(target, np.zeros(4), divergence)
        assert low.tolist() == high.tolist() == target.tolist()
        low, high = output_interval(target, np.full(4, np.inf), divergence)
        assert low.tolist() == [0] * 4
        assert high.tolist() == [1] * 4
    low, high = output_interval(np.array([0.0]), np.array([0.2]), "kl")
    assert low[0] == high[0] == 0


@pytest.mark.filterwarnings("error")
def test_a_certain_target_among_others_raises_no_warning():
    low, high = output_interval(np.array([0.0, 1.0, 0.3]), np.array([0.0, np.inf, 0.1]), "kl")
    assert (low[0], high[0], low[1], high[1]) == (0, 0, 0, 1)


def test_best_output_is_where_the_distortion_over_marginals_is_least():
    for a in (0.2, 0.5, 0.8):
        sweep = np.linspace(0, 1, 1001)
        values = BernoulliTransport(a, sweep).distortion(0.4).value
        s_rate = min(1, 0.4 / float(BernoulliTransport(a, a).rate(0.0).value))
        best = best_output(np.array(a), np.array(0.5), np.array(s_rate))
        assert BernoulliTransport(a, best).distortion(0.4).value == pytest.approx(values.min(), abs=1e-3)
        assert BernoulliTransport(a, best).distortion(0.4).value <= values.min() + 1e-12


def test_mass_inverts_the_distortion_of_an_interval():
    mass, least = mass_for_distortion(*(np.array(v) for v in (0.4, 0.35, 0.45, 0.0, 0.1)))
    assert float(least) == 0
    problem = BernoulliTransport(0.4, 0.4)
    rate = float(mass) * float(BernoulliTransport(0.4, 0.4).rate(0.0).value)
    assert problem.distortion(rate, perception=0.05).value == pytest.approx(0.1, abs=1e-12)
