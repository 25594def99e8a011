"""Minimum entropy coupling with a bottleneck: vertices, tangents and bounds."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport, minimum_entropy_coupling
from crosscodec.theory.finite import information


def random_transport(seed, inputs, outputs):
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(inputs))[None]
    return FiniteTransport(joint, generator.dirichlet(np.ones(outputs)), np.zeros((inputs, outputs)))


def test_without_a_bottleneck_it_is_minimum_entropy_coupling():
    for seed in range(5):
        problem = random_transport(seed, 3, 2)
        p, q = problem.problem.source, problem.problem.target
        least = minimum_entropy_coupling(p, q).value
        h = sum(float(-(x * np.log2(x)).sum()) for x in (p, q))
        ours = problem.information()
        assert ours.certified
        assert ours.value == pytest.approx(h - least, abs=1e-9)


def test_without_a_bottleneck_tangents_are_certified_by_the_exact_coupling():
    for seed in range(4):
        found = random_transport(seed, 4, 4).information()
        assert found.status == "tangents"
        assert found.certified


def test_tangents_find_what_all_vertices_find(monkeypatch):
    same = 0
    for seed in range(8):
        problem = random_transport(seed, 3, 2)
        exact = problem.information(0.5)
        monkeypatch.setattr(information, "LARGEST_ENUMERATION", 0)
        climbed = random_transport(seed, 3, 2).information(0.5)
        monkeypatch.undo()
        assert exact.certified
        assert climbed.value <= exact.value + 1e-9
        assert climbed.value + climbed.gap >= exact.value - 1e-9
        same += climbed.value > exact.value - 1e-7
    assert same >= 7


def test_information_grows_with_the_rate_and_never_exceeds_it():
    problem = random_transport(3, 4, 3)
    rates = np.linspace(0, 2, 6)
    ours = problem.information(rates)
    assert (np.diff(ours.value) >= -1e-9).all()
    assert (ours.value <= rates + 1e-9).all()
    for plan, rate in zip(ours.plan, rates, strict=True):
        assert plan.rate <= rate + 1e-8
        assert plan.output == pytest.approx(problem.problem.target, abs=1e-9)
