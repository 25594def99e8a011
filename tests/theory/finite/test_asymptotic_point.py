"""Asymptotic points: active limits, reasons, honesty about certificates."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport
from crosscodec.theory.entropy import binary_entropy

from .test_program import random_problem


def transport(target=True):
    problem = random_problem(2, 2, 4, 3)
    return FiniteTransport(problem.joint, problem.target if target else None, problem.cost)


def test_active_limits():
    finite, options = transport(), {"setting": "asymptotic"}
    assert finite.distortion(0.2, **options).binding == "rate"
    assert finite.distortion(9.0, **options).binding == "transport"
    assert finite.distortion(0.2, perception=0.05, **options).binding == "perception"
    assert transport(False).distortion(9.0, **options).binding == "none"
    assert finite.rate(9.0, **options).binding == "none"
    assert finite.rate(finite.distortion(0.2, **options).value, **options).binding == "distortion"


def test_reasons_give_the_least_possible():
    finite = transport()
    least = finite.distortion(9.0, setting="asymptotic").value
    tight = finite.rate(least - 0.01, setting="asymptotic")
    assert not tight.feasible
    assert f"below the least possible {least:.6g}" in tight.reason
    loose = finite.distortion(9.0, perception=0.1, setting="asymptotic").value
    tight = finite.rate(loose - 0.01, perception=0.1, setting="asymptotic")
    assert f"below the least possible {loose:.4g}" in tight.reason or not tight.feasible


def test_curve_is_convex_and_perception_only_helps():
    finite = transport()
    rates = np.linspace(0, 1.5, 16)
    exact = finite.distortion(rates, setting="asymptotic").value
    assert (np.diff(exact) <= 1e-10).all()
    assert (np.diff(exact, 2) >= -1e-7).all()
    eased = finite.distortion(0.3, perception=np.array([0.0, 0.05, 0.1, np.inf]), setting="asymptotic").value
    assert (np.diff(eased) <= 1e-7).all()
    assert eased[0] == pytest.approx(finite.distortion(0.3, setting="asymptotic").value)


@pytest.mark.parametrize("divergence", ["tv", "kl", "w1"])
@pytest.mark.parametrize("rate", [0.0, np.inf])
def test_both_ends_of_a_ball_are_linear_programs(divergence, rate):
    # Of independent letters, and of letters at any rate, one-shot and asymptotic codes do the same.
    for seed in range(6):
        problem = random_problem(seed, 2, 3, 3)
        finite = FiniteTransport(problem.joint, problem.target, problem.cost)
        how = {"perception": 0.2 if divergence == "tv" else 0.05, "divergence": divergence}
        found = finite.distortion(rate, setting="asymptotic", **how)
        assert found.value == pytest.approx(finite.distortion(rate, **how).value, abs=1e-6)
        assert found.certified


def test_the_least_distortion_is_kept_to():
    joint = [
        [0.00026791300085448596, 0.08086317392888044],
        [0.13160590489921029, 0.4131796551217258],
        [0.3653668176864119, 0.00871653536291717],
    ]
    target = [0.23255358496034884, 0.5022702173234092, 0.265176197716242]
    cost = [
        [0.3961811893793705, 0.3393877906339323, 0.6312643101213736],
        [0.4069339188306832, 0.15573402770351064, 0.49568012532488315],
    ]
    finite = FiniteTransport(joint, target, cost)
    least = finite.distortion(setting="asymptotic")
    back = finite.rate(least.value, setting="asymptotic")
    assert back.plan.distortion <= least.value + 1e-12
    assert back.value == pytest.approx(least.plan.rate, abs=1e-9)
    assert back.certified


def gaussians(sizes, order):
    """Two Gaussian laws on grids, and a power of the distance."""
    x, y = np.linspace(-3, 3, sizes[0]), np.linspace(-3.4, 4.4, sizes[1])
    p, q = np.exp(-(x**2) / 2), np.exp(-((y - 0.5) ** 2) / 3.38)
    return FiniteTransport([p / p.sum()], q / q.sum(), np.abs(x[:, None] - y) ** order)


def test_of_all_optimal_transports_the_one_of_least_rate_counts():
    # |x - y| has many optimal plans. A linear program finds a corner; the rate is that of the most independent one.
    def blocks(places):
        return np.concatenate([places, places + 10])

    cost = np.abs(blocks(np.array([0.0, 1, 2]))[:, None] - blocks(np.array([3.0, 4])))
    finite = FiniteTransport([[0.1, 0.15, 0.05, 0.4, 0.2, 0.1]], [0.2, 0.1, 0.3, 0.4], cost)
    least = finite.distortion(setting="asymptotic")
    assert finite.rate(least.value, setting="asymptotic").value == pytest.approx(float(binary_entropy(0.3)), abs=1e-8)
    finite = gaussians((15, 13), 1)
    least = finite.distortion(setting="asymptotic")
    back = finite.rate(least.value, setting="asymptotic")
    assert back.plan.distortion <= least.value + 1e-11
    assert back.certified
    assert back.value < least.plan.rate - 0.5


def test_the_least_distortion_of_a_ball_has_a_certified_rate():
    finite = gaussians((9, 9), 1)
    how = {"perception": 0.05, "setting": "asymptotic"}
    back = finite.rate(finite.distortion(**how).value, **how)
    assert back.certified


def test_the_limit_that_is_missed_is_named():
    joint = [
        [0.11048900341393335, 0.0006501022997750932, 0.018059578139578873],
        [0.012490797589455078, 0.028213766972659194, 0.10647239793964669],
        [0.15647911624467017, 0.02421431309138297, 0.5429309243088986],
    ]
    cost = [
        [0.21792989539648389, 0.9555624609355129, 0.6609097083471022, 0.33588021862275563],
        [0.12287930482145759, 0.48987980100568695, 0.7716213929746402, 0.5120839827079756],
        [0.3097186789292662, 0.11286985165702856, 0.22380184979873996, 0.7902316613140539],
    ]
    found = FiniteTransport(joint, None, cost).rate(0.23282793223435713, 0.9524844058059878, setting="asymptotic")
    assert found.reason.startswith("distortion limit 0.232828 per symbol is below the least found 0.2362")
    assert (found.binding, found.certified) == ("distortion", False)


def test_a_label_that_the_source_determines_costs_what_is_told_of_it():
    # S is which half of four letters X is in: C bits left of 1 cost at least 1 - C, and that much is enough.
    finite = FiniteTransport(np.array([[1, 1, 0, 0], [0, 0, 1, 1]]) / 4, None, np.zeros((4, 2)))
    found = finite.rate(label_entropy=0.25, setting="asymptotic")
    assert found.value == pytest.approx(0.75, abs=1e-3)
    assert found.gap == pytest.approx(found.value - 0.75, abs=1e-9)


def test_a_label_limit_is_met_up_to_rounding_and_what_is_below_a_bound_says_so():
    # The output may be the input: H(S|X) itself is reached, and nothing below it.
    generator = np.random.default_rng(3)
    joint = generator.dirichlet(np.ones(6)).reshape(2, 3)
    problem = FiniteTransport(joint, None, 1 - np.eye(3))
    refused = problem.distortion(np.inf, 0.0, setting="asymptotic")
    assert "is below the lower bound" in refused.reason
    least = float(refused.shortfalls[0].least)
    assert problem.distortion(np.inf, least - 1e-12, setting="asymptotic").feasible
    assert not problem.distortion(np.inf, least - 1e-8, setting="asymptotic").feasible


def test_the_classifier_without_u_is_refused_by_a_bound():
    problem = FiniteTransport([[0.27, 0.04], [0.03, 0.66]], [0.4, 0.6], 1 - np.eye(2))
    assert "is below the least possible" in problem.distortion(0.5, 0.1).reason
    assert "is below the lower bound" in problem.distortion(0.5, 0.1, label_given="y").reason
