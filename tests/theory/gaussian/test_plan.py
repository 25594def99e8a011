"""Gaussian laws: entropies, divergences and plans against sampling and textbook formulas."""

import numpy as np
import pytest

from crosscodec.theory import GaussianTransport, Normal
from crosscodec.theory.gaussian.plan import gaussian_correlation, gaussian_rate, normal_divergence


def test_entropy_is_in_bits():
    assert Normal(3, 2).entropy == pytest.approx(0.5 * np.log2(2 * np.pi * np.e * 4))
    assert Normal(0, 0).entropy == -np.inf


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


def test_plan_simulates():
    problem = GaussianTransport(Normal(1, 2), Normal(0, 1), 0.7, 1.5)
    plan = problem.distortion(0.8, perception=0.2).plan
    generator = np.random.default_rng(5)
    x = generator.normal(1, 2, 400_000)
    noise = generator.normal(0, plan.std * np.sqrt(1 - plan.correlation**2), x.size)
    y = plan.mean + plan.correlation * plan.std / 2 * (x - 1) + noise
    assert np.mean((x - y) ** 2) == pytest.approx(float(plan.distortion), rel=0.01)
    assert plan.divergence(problem.target, "w2") == pytest.approx(0.2)
