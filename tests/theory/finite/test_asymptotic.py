"""Rates of blocks: against the binary R(D), a convex program, and certificates at several sizes."""

import cvxpy
import numpy as np
import pytest

from crosscodec.theory.entropy import binary_entropy, inverse_binary_entropy, mutual_information
from crosscodec.theory.finite.asymptotic import any_output, divergence_ball, exact_target


@pytest.mark.parametrize("p", [0.5, 0.3, 0.11])
def test_free_output_is_the_binary_rate_distortion_function(p):
    cost, source = 1 - np.eye(2), np.array([p, 1 - p])
    for rate in np.linspace(0.02, 0.95, 8) * float(binary_entropy(p)):
        truth = float(inverse_binary_entropy(binary_entropy(p) - rate))
        found = any_output(cost, source, "distortion", rate)
        assert found.value == pytest.approx(truth, abs=1e-9)
        assert found.gap < 1e-9
        back = any_output(cost, source, "rate", truth)
        assert back.value == pytest.approx(rate, abs=1e-7)


def test_fixed_marginals_agree_with_a_convex_program():
    generator = np.random.default_rng(0)
    for rate in (0.1, 0.4):
        p, q = generator.dirichlet(np.ones(4), 2)
        cost = generator.uniform(size=(4, 4))
        plan = cvxpy.Variable((4, 4), nonneg=True)
        information = cvxpy.sum(cvxpy.kl_div(plan, np.outer(p, q))) / np.log(2)
        limits = [cvxpy.sum(plan, axis=1) == p, cvxpy.sum(plan, axis=0) == q, information <= rate]
        truth = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum(cvxpy.multiply(plan, cost))), limits).solve(solver="CLARABEL")
        assert exact_target(cost, p, q, "distortion", rate).value == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize(("inputs", "outputs"), [(3, 5), (12, 6), (40, 30)])
def test_certificates_are_tight_and_limits_are_met(inputs, outputs):
    generator = np.random.default_rng(inputs)
    p, q = generator.dirichlet(np.ones(inputs)), generator.dirichlet(np.ones(outputs))
    cost = (np.linspace(0, 1, inputs)[:, None] - np.linspace(0, 1, outputs)) ** 2
    for rate in (0.05, 0.5, 1.5, 3.0):
        for found in (exact_target(cost, p, q, "distortion", rate), any_output(cost, p, "distortion", rate)):
            assert found.gap < 1e-8
            assert mutual_information(found.coupling) <= rate + 1e-9
            assert np.abs(found.coupling.sum(axis=1) - p).max() < 1e-12
        fixed = exact_target(cost, p, q, "distortion", rate)
        assert np.abs(fixed.coupling.sum(axis=0) - q).max() < 1e-12


def test_distortion_limits_are_met_from_the_right_side():
    generator = np.random.default_rng(5)
    p, q = generator.dirichlet(np.ones(6), 2)
    cost = generator.uniform(size=(6, 6))
    most = float((np.outer(p, q) * cost).sum())
    for share in (0.6, 0.8, 0.95):
        found = exact_target(cost, p, q, "rate", share * most)
        assert (found.coupling * cost).sum() <= share * most + 1e-12
        assert found.gap < 1e-8
    assert exact_target(cost, p, q, "rate", 0.01 * most) is None
    assert exact_target(cost, p, q, "rate", most + 1).value == 0


@pytest.mark.parametrize("rate", [1e-16, 1e-14, 1e-12, 1e-10, 1e-8])
def test_tiny_rates_are_kept_to(rate):
    # Uniform bits: rate 1 - h(D), which is 2 log2(e) (1/2 - D)**2 near D = 1/2.
    half = np.array([0.5, 0.5])
    truth = 0.5 - np.sqrt(rate * np.log(2) / 2)
    for found in (
        exact_target(1 - np.eye(2), half, half, "distortion", rate),
        any_output(1 - np.eye(2), half, "distortion", rate),
        divergence_ball(1 - np.eye(2), half, half, 1e-12, "distortion", rate),
    ):
        assert found.value == pytest.approx(truth, abs=3e-8)
        assert mutual_information(found.coupling) <= rate + 1e-15
