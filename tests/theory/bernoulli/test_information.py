"""Keeping most of the source: the ends of either sign, and what is missed where no end will do.

The values themselves are compared with enumeration in `test_transport`.
"""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport
from crosscodec.theory.bernoulli.information import DEPENDENCES, blind_ends, information, seeing_ends

DRAWS = 4_000


@pytest.mark.parametrize("view", ["y,u", "y"])
@pytest.mark.parametrize("dependence", DEPENDENCES)
def test_a_reason_wherever_infeasible_and_its_least_is_possible(view, dependence):
    generator = np.random.default_rng(2)
    a, b, rate, label = generator.uniform(0, 1, (4, DRAWS))
    problem = BernoulliTransport(a, b, generator.uniform(0, 0.5, DRAWS))
    ours = problem.information(rate, label, dependence, view)
    assert 0.1 < ours.feasible.mean() < 0.9
    assert ((ours.reason == "") == ours.feasible).all()
    missed, least = ~ours.feasible, ours.shortfalls[0].least
    assert (least > label)[missed].all()
    assert problem.information(rate, np.where(missed, least + 1e-9, label), dependence, view).feasible.all()
    below = np.maximum(np.where(missed, least - 1e-6, label), 0)
    assert not problem.information(rate, below, dependence, view).feasible[missed].any()


def test_a_sign_that_the_label_limit_rules_out_is_explained():
    # A rare source and a frequent output leave no room for so much of the label with a positive dependence.
    problem = BernoulliTransport(0.1, 0.8, 0.1)
    assert problem.information(label_entropy=0.5).feasible
    ours = problem.information(label_entropy=0.5, dependence="positive")
    assert not ours.feasible
    assert ours.binding == "classification"
    assert ours.reason.startswith("classification limit 0.5 bit is below the least possible 0.595644 bit")


def test_ends_keep_to_the_sign_and_the_function_to_the_ends():
    a, b, n, s_rate, label = (np.array(v) for v in (0.3, 0.4, 0.1, 0.5, 0.9))
    for find in (seeing_ends, blind_ends):
        assert not find(a, b, n, s_rate, label, "positive").has_low
        assert not find(a, b, n, s_rate, label, "negative").has_high
    best = information(a, b, n, s_rate, label, "best", "y,u")
    parts = [information(a, b, n, s_rate, label, sign, "y,u").value for sign in ("positive", "negative")]
    assert best.value == max(parts)
