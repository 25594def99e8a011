"""Gaussian laws: entropies, divergences and plans against sampling and textbook formulas."""

import mpmath
import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.theory import GaussianTransport, Normal
from crosscodec.theory.gaussian.plan import (
    LARGEST,
    gaussian_correlation,
    gaussian_lack,
    gaussian_rate,
    label_entropy,
    normal_divergence,
    rate_for_label_entropy,
    rate_of_lack,
)


def test_entropy_is_in_bits():
    assert Normal(3, 2).entropy == pytest.approx(0.5 * np.log2(2 * np.pi * np.e * 4))
    assert Normal(0, 0).entropy == -np.inf


@pytest.mark.filterwarnings("error")
def test_sizes_whose_squares_are_no_numbers_are_refused():
    for law in ({"std": 1e76}, {"mean": [0.0, -1e300]}):
        with pytest.raises(UsageError, match=r"must be at most 1e\+75 in size, got 1e\+(76|300); choose a larger unit"):
            Normal(**law)
    problem = GaussianTransport(Normal(0, 1), Normal(-LARGEST, LARGEST), 0.5)
    assert problem.distortion([0.0, 1.0], perception=[0.0, 1.0]).value == pytest.approx(2 * LARGEST**2)
    assert np.isfinite(problem.rate(3 * LARGEST**2, perception=LARGEST).value)


def test_divergence_is_the_integral():
    x = np.linspace(-12, 12, 200_001)
    p = np.exp(-((x - 0.4) ** 2) / (2 * 0.8**2)) / (0.8 * np.sqrt(2 * np.pi))
    q = np.exp(-((x + 0.1) ** 2) / (2 * 1.3**2)) / (1.3 * np.sqrt(2 * np.pi))
    integral = np.trapezoid(p * np.log2(p / q), x)
    ours = normal_divergence(*(np.array(v) for v in (0.4, 0.8, -0.1, 1.3)))
    assert float(ours) == pytest.approx(integral, abs=1e-9)


def test_divergence_keeps_its_digits_near_zero():
    step = 1e-7
    ours = float(normal_divergence(*(np.array(v) for v in (0.0, 1 + step, 0.0, 1.0))))
    assert ours == pytest.approx(step**2 / np.log(2), rel=1e-6)


def test_rate_and_correlation_are_inverse_even_when_tiny():
    rates = np.array([0.0, 1e-15, 1e-9, 0.3, 5.0, 20.0])
    assert gaussian_rate(gaussian_correlation(rates)) == pytest.approx(rates, rel=1e-6)
    assert gaussian_correlation(np.array(np.inf)) == 1


def test_rate_and_lack_are_inverse_at_all_rates():
    rates = np.array([0.0, 1e-3, 0.3, 1.0, 26.0, 27.0, 100.0, 500.0])
    assert rate_of_lack(gaussian_lack(rates)) == pytest.approx(rates, rel=1e-12, abs=0)
    assert rate_of_lack(np.array([0.0, 1.0])).tolist() == [np.inf, 0.0]
    with mpmath.workdps(400):
        for rate in (0.25, 30.0, 500.0):
            truth = 1 - mpmath.sqrt(1 - mpmath.mpf(4) ** -rate)
            assert float(gaussian_lack(np.array(rate)) / truth) == pytest.approx(1, abs=1e-14)


def test_divergence_of_a_far_narrower_law_is_finite():
    found = normal_divergence(*(np.array(v) for v in (0.0, 1e-12, 0.0, 1.0)))
    assert float(found) == pytest.approx(np.log2(1e12) - 0.5 / np.log(2))
    assert normal_divergence(*(np.array(v) for v in (0.0, 0.0, 0.0, 1.0))) == np.inf


@pytest.mark.parametrize("correlation", [1.0, -1.0, 0.9, 1e-3])
def test_label_entropy_agrees_with_exact_arithmetic(correlation):
    with mpmath.workdps(400):
        r = mpmath.mpf(correlation)
        for rate in (0.0, 1e-6, 2.0, 25.0, 30.0, 500.0):
            left = 1 - r**2 * (1 - mpmath.mpf(4) ** -rate)
            truth = mpmath.log(2 * mpmath.pi * mpmath.e * left) / mpmath.log(2) / 2
            found = label_entropy(np.array(correlation), np.array(1.0), np.array(rate))
            assert float(found) == pytest.approx(float(truth), rel=1e-14, abs=1e-15)


def test_a_label_that_knows_nothing_demands_no_rate():
    h = label_entropy(np.array(0.0), np.array(1.0), np.array(0.0))
    rate, least = rate_for_label_entropy(np.array(0.0), np.array(1.0), h - np.array([-1, 0, 1e-13, 1]))
    assert rate.tolist() == [0, 0, 0, 0]
    assert least == h


def test_plan_simulates():
    problem = GaussianTransport(Normal(1, 2), Normal(0, 1), 0.7, 1.5)
    plan = problem.distortion(0.8, perception=0.2).plan
    generator = np.random.default_rng(5)
    x = generator.normal(1, 2, 400_000)
    noise = generator.normal(0, plan.std * np.sqrt(1 - plan.correlation**2), x.size)
    y = plan.mean + plan.correlation * plan.std / 2 * (x - 1) + noise
    assert np.mean((x - y) ** 2) == pytest.approx(float(plan.distortion), rel=0.01)
    assert plan.divergence(problem.target, "w2") == pytest.approx(0.2)
