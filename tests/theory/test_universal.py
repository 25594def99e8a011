"""One encoder for several demands."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.theory import (
    BernoulliTransport,
    FiniteTransport,
    GaussianTransport,
    Normal,
    VectorGaussianTransport,
    rate_penalty,
)


def test_gaussian_representation_at_the_largest_rate_serves_every_demand():
    problem = GaussianTransport(Normal(0, 1), Normal(0.3, 1.4), 0.7)
    distortion, perception = np.array([1.0, 0.8, 1.5]), np.array([0.0, 0.2, 0.05])
    found = rate_penalty(problem, distortion, np.array([2.0, 2.05, np.inf]), perception)
    single = problem.rate(distortion, np.array([2.0, 2.05, np.inf]), perception).value
    assert found.rate == found.largest_single_rate == single.max()
    assert found.penalty == 0
    assert found.certified
    # Constructively: degrade the richest representation to each demand's own correlation.
    best = problem.distortion(found.rate, perception=perception)
    assert (best.value <= distortion + 1e-9).all()
    assert (best.plan.label_entropy <= np.array([2.0, 2.05, np.inf]) + 1e-9).all()


def test_binary_penalty_is_zero_and_the_linear_program_agrees():
    a, b, n = 0.3, 0.4, 0.1
    demands = {"distortion": [0.2, 0.35], "label_entropy": [0.9, 0.8]}
    closed = rate_penalty(BernoulliTransport(a, b, n), **demands)
    joint = [[(1 - a) * (1 - n), a * n], [(1 - a) * n, a * (1 - n)]]
    solved = rate_penalty(FiniteTransport(joint, [1 - b, b], 1 - np.eye(2)), **demands)
    assert closed.penalty == 0
    assert solved.rate == pytest.approx(closed.rate, abs=1e-7)
    assert solved.certified


def test_demands_that_split_the_source_differently_cost_more_together():
    # Uniform on three points: the distortion asks for the last apart, the label for the first apart, each h(1/3) bits;
    # together they ask for all three, log2 3 bits. A(Theta) = log2 3 - h(1/3) = 2/3.
    joint = np.array([[1, 0, 0], [0, 1, 1]]) / 3
    problem = FiniteTransport(joint, None, np.array([[0, 1], [0, 1], [1, 0]], dtype=float))
    found = rate_penalty(problem, [0.0, np.inf], [np.inf, 0.0])
    assert found.certified
    assert found.largest_single_rate == pytest.approx(np.log2(3) - 2 / 3, abs=1e-7)
    assert found.rate == pytest.approx(np.log2(3), abs=1e-7)
    assert found.lower == pytest.approx(2 / 3, abs=1e-7)
    assert found.upper == pytest.approx(2 / 3, abs=1e-7)


def test_representing_the_better_half_takes_a_bit():
    # Two of four outputs are exact for half of the source each; telling the halves apart takes one bit.
    joint = np.full((1, 4), 0.25)
    cost = np.array([[0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0]], dtype=float)
    either = FiniteTransport(joint, None, cost)
    assert rate_penalty(either, [0.0]).rate == pytest.approx(1)


def test_costs_below_zero_take_demands_below_zero():
    joint, cost = [[0.27, 0.04], [0.03, 0.66]], 1 - np.eye(2)
    shifted = rate_penalty(FiniteTransport(joint, None, cost - 1), [-0.9, -0.5])
    assert shifted.rate == pytest.approx(rate_penalty(FiniteTransport(joint, None, cost), [0.1, 0.5]).rate, abs=1e-7)


def test_the_penalty_is_bracketed_against_what_is_certain_of_single_rates():
    # More than 13 letters: single rates are local optima, with a gap.
    places, label = np.arange(16), (np.arange(16) < 3).astype(float)
    cost = np.abs(places[:, None] - np.array([2.0, 8, 13])) / 8
    problem = FiniteTransport(np.stack([label, 1 - label]) / 16, None, cost)
    single = problem.rate([0.3, 0.5], [0.5, 0.2])
    assert not single.certified.any()
    found = rate_penalty(problem, [0.3, 0.5], [0.5, 0.2])
    assert found.upper == pytest.approx(found.rate - (single.value - single.gap).max())
    assert found.lower == 0


def test_penalty_is_positive_for_targets_that_cross():
    joint = np.full((1, 3), 1 / 3)
    cost = np.array([[0.0, 1, 2], [1, 0, 1], [2, 1, 0]])
    problem = FiniteTransport(joint, [0.4, 0.2, 0.4], cost)
    demands = problem.distortion(np.array([0.3, 0.9])).value
    found = rate_penalty(problem, demands)
    assert found.certified
    assert found.largest_single_rate == pytest.approx(0.9, abs=1e-6)
    assert found.rate >= found.largest_single_rate - 1e-9


def test_infeasible_demands_are_named():
    found = rate_penalty(BernoulliTransport(0.3, 0.5), [0.4, 0.1])
    assert not found.feasible
    assert np.isnan(found.rate)
    assert found.reason.startswith("demand 2: distortion limit 0.1")


@pytest.mark.parametrize(
    "problem",
    [
        BernoulliTransport(0.3, 0.4),
        GaussianTransport(Normal(), Normal()),
        FiniteTransport([[0.3, 0.7]], [0.4, 0.6], 1 - np.eye(2)),
    ],
)
def test_no_demand_at_all_is_refused(problem):
    with pytest.raises(UsageError, match="needs at least one demand"):
        rate_penalty(problem, [])


def test_demands_on_a_vector_are_nested_and_know_no_label():
    problem = VectorGaussianTransport([0, 0], np.diag([1.0, 2]), [0.3, 0], np.eye(2))
    found = rate_penalty(problem, [1.5, 2.5, np.inf])
    assert found.rate == found.largest_single_rate == problem.rate(1.5).value > 0
    assert found.penalty == 0
    assert problem.distortion(found.rate).value == pytest.approx(1.5)
    assert "distortion limit 0 squared is below" in rate_penalty(problem, [2.0, 0.0]).reason
    for demand in ({"label_entropy": 1.0}, {"perception": 0.1}, {"divergence": "w2"}):
        with pytest.raises(UsageError, match="VectorGaussianTransport has no label and always the exact target"):
            rate_penalty(problem, 1.5, **demand)


def test_another_kind_of_problem_is_named():
    with pytest.raises(UsageError, match="problem must be one of the Transport classes"):
        rate_penalty("binary", 0.1)
