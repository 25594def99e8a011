"""The published merging heuristic: what it promises, and that our own codes keep at least as much."""

from itertools import combinations

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport, minimum_entropy_coupling
from crosscodec.theory.coupling.bottleneck import merged_coupling
from crosscodec.theory.entropy import entropy, mutual_information


def random_transport(seed, inputs, outputs):
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(inputs))[None]
    return FiniteTransport(joint, generator.dirichlet(np.ones(outputs)), np.zeros((inputs, outputs)))


def test_marginals_bottleneck_and_mixture():
    for seed in range(30):
        problem = random_transport(seed, 7, 5).problem
        for rate in (0.0, 0.4, 1.1, 1.9, 9.0):
            found = merged_coupling(problem.source, problem.target, rate)
            assert found.rate <= rate + 1e-9
            assert problem.source @ found.channel == pytest.approx(problem.target, abs=1e-12)
            joint = problem.source[:, None] * found.channel
            assert found.information == pytest.approx(mutual_information(joint), abs=1e-12)
            mixture = found.mixture(problem)
            assert np.abs(mixture.channel - found.channel).max() < 1e-12
            assert mixture.rate <= found.rate + 1e-12


def test_without_a_bottleneck_it_is_the_greedy_coupling():
    problem = random_transport(0, 6, 6).problem
    found = merged_coupling(problem.source, problem.target, np.inf)
    assert found.cells.tolist() == list(range(6))
    least = minimum_entropy_coupling(problem.source, problem.target, method="greedy").value
    spent = float(entropy(problem.source) + entropy(problem.target))
    assert found.information == pytest.approx(spent - least)


def test_the_first_merger_loses_least():
    source = np.array([0.4, 0.05, 0.3, 0.1, 0.15])
    losses = {
        pair: float(entropy(source) - entropy(np.append(np.delete(source, pair), source[list(pair)].sum())))
        for pair in combinations(range(5), 2)
    }
    assert min(losses, key=losses.__getitem__) == (1, 3)
    target = np.full(4, 0.25)
    found = merged_coupling(source, target, float(entropy(source)) - 1e-6)
    assert found.cells[1] == found.cells[3]
    assert len(set(found.cells.tolist())) == 4


def test_our_codes_keep_at_least_as_much():
    gains = []
    for seed in range(6):
        transport = random_transport(seed, 4, 3)
        problem = transport.problem
        for share in (0.25, 0.6):
            rate = share * float(entropy(problem.source))
            theirs = merged_coupling(problem.source, problem.target, rate).information
            gains.append(transport.information(rate).value - theirs)
    assert min(gains) > -1e-9
    assert max(gains) > 0.05
    assert np.mean(gains) > 0.02
