"""The program over partitions: one demand gives the single rate, more demands never less, plans alone bound it."""

import numpy as np
import pytest

from crosscodec.theory import FiniteTransport, rate_penalty
from crosscodec.theory.finite import universal


def random_transport(seed):
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(8)).reshape(2, 4)
    return FiniteTransport(joint, generator.dirichlet(np.ones(3)), generator.uniform(size=(4, 3)))


def test_one_demand_is_the_single_rate():
    for seed in range(4):
        problem = random_transport(seed)
        limit = problem.distortion(0.4).value
        assert rate_penalty(problem, [limit]).rate == pytest.approx(0.4, abs=1e-6)


def test_more_demands_never_cost_less_and_the_restricted_program_bounds_from_above(monkeypatch):
    for seed in range(4):
        problem = random_transport(seed)
        perception = np.array([0.0, 0.1])
        limits = problem.distortion(np.array([0.4, 0.3]), perception=perception).value
        exact = rate_penalty(problem, limits, perception=perception)
        assert exact.certified
        assert exact.rate >= 0.4 - 1e-6
        monkeypatch.setattr(universal, "LARGEST_EXACT", 0)
        loose = rate_penalty(problem, limits, perception=perception)
        monkeypatch.undo()
        assert loose.rate >= exact.rate - 1e-8
        assert loose.lower == 0


def test_partitions_are_counted_by_bell():
    assert [len(list(universal._partitions(n))) for n in (1, 2, 3, 4, 5)] == [1, 2, 5, 15, 52]


def test_curved_balls_are_refused():
    with pytest.raises(ValueError, match="takes 'tv' or 'w1' perception"):
        rate_penalty(random_transport(0), [0.9], perception=0.1, divergence="kl")
