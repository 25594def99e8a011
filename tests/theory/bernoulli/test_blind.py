"""The classifier without U: against bisection on the definition of H(S|Y), 10,000 random parameter sets."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport
from crosscodec.theory.bernoulli import blind

from ..oracles import h, label_entropy_of

DRAWS = 10_000
BITS = 1e-9


@pytest.fixture(scope="module")
def draws():
    generator = np.random.default_rng(7)
    a, b = generator.uniform(0.01, 0.99, (2, DRAWS))
    # Towards n = 1/2 the label says nothing and the root in t loses its digits, for any method.
    n = generator.uniform(0, 0.45, DRAWS)
    rate, share = generator.uniform(0, 1, (2, DRAWS))
    mixed = a * (1 - n) + (1 - a) * n
    label = h(n) + share * (h(mixed) - h(n))
    return a, b, n, rate, label


def channel(a, b, t):
    return np.clip(b + (1 - a) * t, 0, 1), np.clip(b - a * t, 0, 1)


def frechet(a, b):
    """P(X=1, Y=1) lies between max(0, a+b-1) and min(a, b); t is its centred, scaled version."""
    return (np.maximum(0, a + b - 1) - a * b) / (a * (1 - a)), (np.minimum(a, b) - a * b) / (a * (1 - a))


def bisect(inside, outside, good):
    """Return the point between `inside` (good) and `outside` (not) where goodness ends."""
    for _ in range(100):
        middle = (inside + outside) / 2
        fine = good(middle)
        inside, outside = np.where(fine, middle, inside), np.where(fine, outside, middle)
    return inside


def test_distortion_agrees_with_bisection(draws):
    a, b, n, rate, label = draws
    low, high = frechet(a, b)
    mass = np.minimum(1, rate / h(a))
    low, high = np.maximum(low, -mass), np.minimum(high, mass)

    def good(t):
        return label_entropy_of(a, n, *channel(a, b, t)) <= label

    t = np.where(good(high), high, bisect(low, np.zeros_like(low), good))
    feasible = good(high) | good(low)
    truth = a + b - 2 * a * b - 2 * a * (1 - a) * t
    ours = BernoulliTransport(a, b, n).distortion(rate, label, label_given="y")
    assert np.array_equal(ours.feasible, feasible)
    assert 0.1 < feasible.mean() < 0.9
    assert np.abs(ours.value - truth)[feasible].max() <= BITS
    assert (ours.plan.label_entropy_without_randomness - label)[feasible].max() < BITS
    assert (ours.plan.rate - rate)[feasible].max() < BITS
    assert np.abs(ours.plan.distortion - ours.value)[feasible].max() < BITS


def test_rate_agrees_with_bisection(draws):
    a, b, n, distortion, label = draws
    distortion = 0.8 * distortion
    low, high = frechet(a, b)
    needed = (a + b - 2 * a * b - distortion) / (2 * a * (1 - a))
    low = np.maximum(low, needed)

    def good(t):
        return label_entropy_of(a, n, *channel(a, b, t)) <= label

    start = np.minimum(np.maximum(0, low), high)
    up, down = bisect(high, start, good), bisect(low, np.minimum(0, start), good)
    up, down = np.where(good(high), up, np.inf), np.where(good(low), down, np.inf)
    t = np.where(good(start), np.abs(start), np.minimum(np.abs(up), np.abs(down)))
    feasible = np.isfinite(t) & (low <= high)
    ours = BernoulliTransport(a, b, n).rate(distortion, label, label_given="y")
    assert np.array_equal(ours.feasible, feasible)
    assert np.abs(ours.value - h(a) * t)[feasible].max() <= BITS
    assert (ours.plan.label_entropy_without_randomness - label)[feasible].max() < BITS
    assert (ours.plan.distortion - distortion)[feasible].max() < BITS


def test_information_takes_the_better_end(draws):
    a, b, n, rate, label = draws
    problem = BernoulliTransport(a, b, n)
    ours = problem.information(rate, label, label_given="y")
    free = problem.information(rate)
    parts = [problem.information(rate, label, side, label_given="y").value for side in ("positive", "negative")]
    assert np.array_equal(ours.value, np.fmax(*parts), equal_nan=True)
    assert (ours.value <= free.value + BITS)[ours.feasible].all()
    assert (ours.plan.label_entropy_without_randomness - label)[ours.feasible].max() < BITS


def test_not_seeing_the_randomness_never_helps(draws):
    a, b, n, rate, label = draws
    problem = BernoulliTransport(a, b, n)
    seeing, blind = problem.distortion(rate, label), problem.distortion(rate, label, label_given="y")
    assert not (blind.feasible & ~seeing.feasible).any()
    assert (blind.value >= seeing.value - BITS)[blind.feasible].all()
    assert (problem.least_label_entropy(rate, "y") >= problem.least_label_entropy(rate) - BITS).all()


def test_the_two_readings_of_the_theory_page():
    problem = BernoulliTransport(0.5, 0.5, 0.1)
    assert problem.least_label_entropy(0.5) == pytest.approx(0.7345, abs=5e-5)
    assert problem.least_label_entropy(0.5, "y") == pytest.approx(0.8813, abs=5e-5)
    just_below = problem.distortion(0.5, 0.88, label_given="y")
    assert not just_below.feasible
    assert "below the least possible 0.881291 bit" in just_below.reason


def test_limits_that_can_each_be_met_but_not_together_are_explained():
    problem = BernoulliTransport(0.17, 0.75, 0.08)
    assert problem.rate(0.86, label_given="y").feasible
    assert problem.rate(label_entropy=0.6, label_given="y").feasible
    ours = problem.rate(0.86, 0.6, label_given="y")
    assert not ours.feasible
    assert ours.binding == "distortion"
    assert ours.reason == (
        "distortion limit 0.86 per symbol is below the least possible 0.881509 per symbol, by 0.0215"
    )
    assert problem.rate(0.8816, 0.6, label_given="y").feasible


def test_the_least_label_entropy_counts_the_marginals_of_the_ball():
    problem = BernoulliTransport(0.3, 0.5, 0.1)
    ours = problem.distortion(1, 0.3, 0.2, label_given="y")
    # The marginal 0.3 is inside: a copy of the source, which leaves h(0.1).
    assert "below the least possible 0.468996 bit" in ours.reason
    assert problem.distortion(1, 0.469, 0.2, label_given="y").feasible


def test_the_least_distortion_counts_the_marginals_of_the_ball():
    problem = BernoulliTransport(0.3, 0.6, 0.1)
    ours = problem.rate(0.15, 0.9, 0.1, label_given="y")
    assert ours.reason.startswith("distortion limit 0.15 per symbol is below the least possible 0.2 per symbol")
    assert problem.rate(0.2, 0.9, 0.1, label_given="y").feasible


def test_least_label_entropy_in_a_ball_is_the_least_over_a_sweep():
    a, b, n, s_rate, radius = np.random.default_rng(5).uniform(0.01, 0.99, (5, 200))
    n, radius = n / 2, radius / 3
    low, high = np.maximum(b - radius, 0), np.minimum(b + radius, 1)
    least = blind.least_label_entropy(a, low, high, n, s_rate)
    sweep = low + np.linspace(0, 1, 501)[:, None] * (high - low)
    swept = BernoulliTransport(a, sweep, n).least_label_entropy(s_rate * h(a), "y").min(axis=0)
    assert (least <= swept + 1e-12).all()
    assert (least >= swept - 0.02).all()


def test_a_limit_of_infinity_does_not_bind():
    free = BernoulliTransport(0.8, 0.3, 0.1).distortion(np.inf, np.inf, 1.0, label_given="y")
    assert free.binding == "none"
    assert free.value == 0
    assert BernoulliTransport(0.34, 0.5, 0).rate(0.4, np.inf, 0.1, label_given="y").binding == "distortion"


def test_without_a_label_limit_both_views_are_one(draws):
    a, b, n, rate, _ = (x[:2_000] for x in draws)
    problem = BernoulliTransport(a, b, n)
    for perception in (0.0, 0.1):
        for ask in (problem.distortion, problem.rate):
            seeing, unaware = (ask(rate, np.inf, perception, label_given=view) for view in ("y,u", "y"))
            assert np.abs(seeing.value - unaware.value)[seeing.feasible].max() < 1e-12
            assert (seeing.binding == unaware.binding).all()
            assert (seeing.reason == unaware.reason).all()


def test_many_optima_without_the_label_limit_leave_it_slack():
    # At a = 1/2 every marginal is as good; the label limit picks one of them and costs nothing.
    problem = BernoulliTransport(0.5, 0.4, 0.05)
    free = problem.distortion(0.5, np.inf, 0.15, label_given="y")
    limit = float(free.plan.label_entropy_without_randomness) - 1e-3
    picked = problem.distortion(0.5, limit, 0.15, label_given="y")
    assert picked.value == pytest.approx(free.value, abs=1e-12)
    assert picked.plan.label_entropy_without_randomness <= limit + 1e-9
    assert picked.binding == free.binding == "rate"
    assert problem.rate(free.value, limit, 0.15, label_given="y").binding == "distortion"
