"""Binary codes under limits on H(S|Y,U): what is missed, and the least that is possible of it."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport
from crosscodec.theory.bernoulli import seeing
from crosscodec.theory.tradeoff import LIMITS

from ..oracles import binary_rows, optimum


def test_least_label_entropy_agrees_with_the_linear_program():
    a, b, n, s_rate, radius = np.random.default_rng(0).uniform(0.01, 0.99, (5, 2_000))
    low, high = np.maximum(b - 0.3 * radius, 0), np.minimum(b + 0.3 * radius, 1)
    rows = binary_rows(a, n)
    moved = np.broadcast_to(np.array([1.0, 1, 0, 0]), (2_000, 4))
    room = [(rows.ones, high), (-rows.ones, -low), (moved, s_rate)]
    truth = optimum(lambda p: (rows.label * p).sum(-1), [], room)
    assert np.abs(seeing.least_label_entropy(a, low, high, n, s_rate) - truth).max() < 1e-9


def test_the_least_label_entropy_is_that_under_the_distortion_limit():
    problem = BernoulliTransport(0.3, 0.5, 0.1)
    # Without the distortion 0.469 bit are possible, but no code that close reaches them.
    missed = problem.rate(0.21, 0.3)
    (least,) = (float(s.least) for s in missed.shortfalls if s.where)
    assert missed.binding == "classification"
    assert least > 0.47
    assert problem.rate(0.21, least + 1e-9).feasible
    assert not problem.rate(0.21, least - 1e-6).feasible


def test_two_limits_that_no_code_meets_are_both_named():
    missed = BernoulliTransport(0.3, 0.5, 0.1).rate(0.1, 0.3)
    assert missed.binding == "classification"
    assert missed.reason == (
        "classification limit 0.3 bit is below the least possible 0.468996 bit, by 0.169; "
        "distortion limit 0.1 per symbol is below the least possible 0.2 per symbol, by 0.1"
    )


@pytest.mark.parametrize(
    ("s_rate", "t", "value", "word"),
    [
        (0.4, 0.4, 0.1, "rate"),
        (0.4, -0.4, 0.1, "rate"),
        (0.8, 0.6, 0.1, "transport"),
        (1.0, 0.2, 0.1, "classification"),
        (1.0, 0.6, 0.0, "none"),
    ],
)
def test_active_names_the_bound_that_is_met(s_rate, t, value, word):
    transport = (np.array(-0.5), np.array(0.6))
    assert LIMITS[int(seeing.active(transport, np.array(s_rate), np.array(t), np.array(value)))] == word
