"""Against other people's solvers, where they are installed: dit (rate-distortion) and POT (entropic transport)."""

import numpy as np
import pytest

from crosscodec.theory.finite.entropic import fixed_marginals, free_output
from crosscodec.theory.finite.problem import transport_cost


def test_free_output_is_not_worse_than_dit():
    peer = pytest.importorskip("dit.rate_distortion.blahut_arimoto")
    p = np.random.default_rng(0).dirichlet(np.ones(8))
    places = np.linspace(0, 1, 8)
    cost = (places[:, None] - places) ** 2
    beta = 5.0
    # dit weighs bits by 2 ** (-beta d); in nats that is a multiplier of 1 / (beta ln 2).
    found = free_output(cost, p, 1 / (beta * np.log(2)))
    result, _ = peer.blahut_arimoto(p, beta, lambda x, y: cost, restarts=3)
    theirs = result.distortion + result.rate / beta
    assert found.bound <= theirs + 1e-9
    # It stops after 100 steps or when the distortion stands still: near, not at, the optimum.
    assert theirs - found.bound < 2e-3


def test_fixed_marginals_agree_with_pot():
    ot = pytest.importorskip("ot")
    p, q = np.random.default_rng(1).dirichlet(np.ones(12), 2)
    cost = (np.linspace(0, 1, 12)[:, None] - np.linspace(0, 1, 12)) ** 2
    ours = fixed_marginals(cost, p, q, 0.05).coupling
    theirs = ot.bregman.sinkhorn_log(p, q, cost, 0.05, numItermax=20_000, stopThr=1e-13)
    assert np.abs(ours - theirs).max() < 1e-10
    assert transport_cost(p, q, cost) == pytest.approx(ot.emd2(p, q, cost), abs=1e-10)
