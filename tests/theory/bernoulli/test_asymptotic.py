"""The asymptotic binary rate under distortion and label limits: against search over all test channels."""

import numpy as np
import pytest

from crosscodec.theory.bernoulli.asymptotic import bernoulli_asymptotic_rate

from ..oracles import h, label_entropy_of


def test_no_channel_does_better_and_the_backward_channel_does_as_well():
    generator = np.random.default_rng(0)
    up, down = (x.ravel() for x in np.meshgrid(np.linspace(0, 1, 301), np.linspace(0, 1, 301)))
    for _ in range(40):
        a, n = generator.uniform(0.05, 0.95), generator.uniform(0.01, 0.4)
        d = generator.uniform(0.02, 0.5)
        c = h(np.array(n)) + generator.uniform(0.05, 1) * (1 - h(np.array(n)))
        ours = bernoulli_asymptotic_rate(a, d, c, n)
        ones = np.ones_like(up)
        output = a * up + (1 - a) * down
        information = h(output) - a * h(up) - (1 - a) * h(down)
        fits = (a * (1 - up) + (1 - a) * down <= d) & (label_entropy_of(a * ones, n * ones, up, down) <= c)
        assert ours.value <= information[fits].min() + 1e-9
        assert ours.value >= information[fits].min() - 0.03
        assert ours.plan.distortion <= d + 1e-12
        assert ours.plan.label_entropy <= c + 1e-9
        assert ours.plan.rate == pytest.approx(ours.value, abs=1e-12)


def test_ten_thousand_points_agree_with_bisection_of_mrs_gerber():
    generator = np.random.default_rng(1)
    a, d = generator.uniform(0, 1, (2, 10_000))
    n = generator.uniform(0, 0.45, 10_000)
    c = generator.uniform(0, 1, 10_000)
    low, high = np.zeros_like(c), np.full_like(c, 0.5)
    for _ in range(100):
        middle = (low + high) / 2
        fine = h(middle * (1 - n) + (1 - middle) * n) <= c
        low, high = np.where(fine, middle, low), np.where(fine, high, middle)
    truth = np.maximum(h(a) - h(np.minimum(np.minimum(d, low), 0.5)), 0)
    ours = bernoulli_asymptotic_rate(a, d, c, n)
    assert np.array_equal(ours.feasible, c >= h(n))
    assert np.abs(ours.value - truth)[ours.feasible].max() < 1e-9


def test_reasons():
    ours = bernoulli_asymptotic_rate(0.3, 0.1, 0.2, 0.1)
    assert not ours.feasible
    assert ours.reason.startswith("classification limit 0.2 bit is below the least possible 0.468996 bit")
    assert bernoulli_asymptotic_rate(0.3, 0.1).binding == "distortion"
    assert bernoulli_asymptotic_rate(0.3, 0.3, 0.6, 0.1).binding == "classification"
    assert bernoulli_asymptotic_rate(0.3, 0.3).value == 0


def test_a_label_that_is_nearly_random_asks_for_nothing_where_nothing_is_told():
    nothing = bernoulli_asymptotic_rate(0.3, 0.3, np.inf, 0.5 - 1e-9)
    assert bernoulli_asymptotic_rate(0.3, 0.3, nothing.plan.label_entropy, 0.5 - 1e-9).value == 0
