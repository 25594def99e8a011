"""The classifier without U: against bisection on the definition of H(S|Y), 10,000 random parameter sets."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport

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
