"""One-shot points: laws of the trade-off, tangents of H(S|Y)."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport
from crosscodec.theory.finite.oneshot import conditional_label_floor, label_tangent

from .test_program import random_problem


def test_curves_are_monotone_and_convex_in_every_limit():
    problem = random_problem(5, 2, 4, 3)
    finite = FiniteTransport(problem.joint, problem.target, problem.cost)
    for options in (
        {"rate": np.linspace(0, 1.5, 13)},
        {"rate": 0.5, "perception": np.linspace(0, 0.4, 9)},
        {"rate": 0.5, "perception": np.linspace(0, 0.4, 7), "divergence": "kl"},
        {"rate": 1.0, "label_entropy": np.linspace(0.9, 1, 9)},
    ):
        curve = finite.distortion(**options)
        values = curve.value[curve.feasible]
        assert (np.diff(values) <= 1e-8).all()
        assert (np.diff(values, 2) >= -1e-7).all()


def test_tangent_touches_and_lies_above():
    problem = random_problem(6, 3, 4, 3)
    generator = np.random.default_rng(0)
    here = generator.dirichlet(np.ones(3), 4)
    tangent = label_tangent(problem, here)

    def truth(channel):
        table = problem.joint @ channel
        return -(table * np.log2(table / table.sum(axis=0))).sum()

    assert (tangent.table * here).sum() == pytest.approx(truth(here))
    for _ in range(50):
        other = generator.dirichlet(np.ones(3), 4)
        assert (tangent.table * other).sum() >= truth(other) - 1e-12


def test_a_label_below_its_floor_is_infeasible():
    problem = random_problem(7, 3, 4, 3)
    floor = conditional_label_floor(problem)
    finite = FiniteTransport(problem.joint, None, problem.cost)
    assert not finite.distortion(5.0, floor - 1e-6).feasible
    least = -(problem.joint * np.log2(problem.joint / problem.source)).sum()
    assert floor == pytest.approx(least)


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_a_large_alphabet_keeps_its_labels_apart(seed):
    # The map from x to its label has H(S|Y) = 0 and exactly the target: feasible, whatever local pricing finds first.
    generator = np.random.default_rng(seed)
    label = np.r_[0:5, generator.integers(0, 5, 9)]
    joint = np.zeros((5, 14))
    joint[label, np.arange(14)] = generator.dirichlet(np.full(14, 2.0))
    found = FiniteTransport(joint, joint.sum(axis=1), generator.random((14, 5))).distortion(label_entropy=0.001)
    assert found.feasible
    assert found.plan.label_entropy <= 0.001 + 1e-9
    assert found.value - found.gap >= 0


def test_a_large_alphabet_is_not_called_infeasible_without_a_proof():
    generator = np.random.default_rng(0)
    joint = generator.dirichlet(np.ones(28)).reshape(2, 14)
    finite = FiniteTransport(joint, None, generator.random((14, 3)))
    floor = conditional_label_floor(finite.problem)
    sure = finite.distortion(0.3, floor - 0.01)
    assert (sure.feasible, sure.certified) == (False, True)
    unsure = finite.distortion(0.3, floor + 0.01)
    assert (unsure.feasible, unsure.certified) == (False, False)
    assert "least found" in unsure.reason
    assert np.isinf(unsure.gap)


def test_the_optimum_of_one_program_is_feasible_in_the_other():
    generator = np.random.default_rng(11)
    for _ in range(25):
        problem = random_problem(int(generator.integers(1000)), 2, 3, 3)
        finite = FiniteTransport(problem.joint, problem.target, problem.cost)
        for divergence, radius in (("tv", 0.0), ("kl", 1e-6), ("kl", 0.03), ("w1", 0.1)):
            how = {"perception": radius, "divergence": divergence}
            least = finite.distortion(**how)
            back = finite.rate(least.value, **how)
            assert back.feasible, back.reason
            assert back.value <= least.plan.rate + 1e-5
    finite = FiniteTransport(
        [[1.0]], [0.0008182475274702034, 0.04573598447719431, 0.9534457679953354], [[0.0, 1.0, 4.0]]
    )
    least = finite.distortion(perception=1e-6, divergence="kl")
    assert finite.rate(least.value, perception=1e-6, divergence="kl").value == pytest.approx(0, abs=1e-9)


def test_a_blind_classifier_is_looked_for_elsewhere():
    a, b, n = 0.5744104397200964, 0.3145309646577059, 0.055646130112247894
    joint = np.array([[(1 - a) * (1 - n), a * n], [(1 - a) * n, a * (1 - n)]])
    found = FiniteTransport(joint, [1 - b, b], 1 - np.eye(2)).rate(label_entropy=0.7385275914585077, label_given="y")
    assert found.value == pytest.approx(0.5945062265796149, abs=1e-6)


def test_large_alphabets_are_bounded_by_what_long_blocks_do():
    # 64 letters are too many for exact pricing, whose bound forgets the entropies of a map.
    places, outputs = np.linspace(0, 1, 64), np.linspace(0, 1, 4)
    finite = FiniteTransport(np.full((1, 64), 1 / 64), [0.4, 0.3, 0.2, 0.1], np.abs(places[:, None] - outputs))
    for options in ({}, {"perception": 0.1}, {"perception": 0.1, "divergence": "w1"}):
        ours, blocks = (finite.distortion(1.0, setting=s, **options) for s in ("one-shot", "asymptotic"))
        assert not ours.certified
        assert ours.gap == pytest.approx(ours.value - blocks.value, abs=1e-6)
    # Independent letters gain nothing from blocks.
    assert finite.distortion(0.0).certified
    assert finite.rate(0.2).gap == pytest.approx(
        finite.rate(0.2).value - finite.rate(0.2, setting="asymptotic").value, abs=1e-6
    )
