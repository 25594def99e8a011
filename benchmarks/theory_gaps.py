"""Largest gap of each closed form to an independent solver over 10,000 random draws: python benchmarks/theory_gaps.py

The solvers are those of the tests: vertex enumeration of the linear program over maps (binary), ternary search over the
output law (Gaussian). The rows of R(D,P) for Gaussians invert our own D and are a check of consistency only.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from crosscodec.theory import BernoulliTransport, VectorGaussianTransport
from crosscodec.theory.bernoulli.asymptotic import bernoulli_asymptotic_rate

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from theory.bernoulli import test_blind as unaware
from theory.bernoulli import test_transport as binary
from theory.gaussian import test_transport as gaussian
from theory.oracles import binary_rows, h, information_of, label_entropy_of, optimum


def row(what: str, found: Any, truth: np.ndarray) -> None:
    """Print whether feasibility is identical, its share, and the largest gap where both are feasible."""
    same = np.array_equal(found.feasible, np.isfinite(truth))
    gap = np.abs(found.value - truth)[found.feasible].max()
    print(f"{what:36s} feasibility identical: {same}   feasible {found.feasible.mean():.3f}   largest gap {gap:.2e}")


def draws_of(fixture: Any) -> tuple[np.ndarray, ...]:
    """The 10,000 random parameter sets of a test module, by its pytest fixture."""
    drawn: tuple[np.ndarray, ...] = fixture._get_wrapped_function()()
    return drawn


def binary_gaps() -> None:
    """Bernoulli D(R,C), D(R,P,C), R(D,C), R(D,P,C) and MEC-B."""
    a, b, n, rate, label, perception = draws_of(binary.draws)
    rows, problem = binary_rows(a, n), BernoulliTransport(a, b, n)
    limits = [(rows.rate, rate), (rows.label, label)]

    def distortion(p: np.ndarray) -> np.ndarray:
        return np.asarray((rows.distortion * p).sum(-1))

    row("Bernoulli D(R,C)", problem.distortion(rate, label), optimum(distortion, [(rows.ones, b)], limits))
    for divergence in ("tv", "kl"):
        low, high = binary.ball(b, perception, divergence)
        truth = optimum(distortion, [], [*limits, (rows.ones, high), (-rows.ones, -low)])
        row(f"Bernoulli D(R,P,C), {divergence}", problem.distortion(rate, label, perception, divergence), truth)
    demand = np.where(np.isinf(rate), rate, 0.7 * rate)
    asked = [(rows.distortion, demand), (rows.label, label)]
    cost = optimum(lambda p: (rows.rate * p).sum(-1), [(rows.ones, b)], asked)
    row("Bernoulli R(D,C)", problem.rate(demand, label), cost)
    ball = [(rows.ones, b + perception), (-rows.ones, perception - b)]
    cost = optimum(lambda p: (rows.rate * p).sum(-1), [], [*asked, *ball])
    row("Bernoulli R(D,P,C), tv", problem.rate(demand, label, perception), cost)
    kept = optimum(lambda p: information_of(p, a, b), [(rows.ones, b)], limits, largest=True)
    kept = np.where(np.isfinite(kept), np.maximum(kept, 0), kept)
    row("Bernoulli MEC-B I(R,C)", problem.information(rate, label), kept)


def gaussian_gaps() -> None:
    """Gaussian D(R,P) for both divergences, and the inverse of each."""
    mean, std, target_mean, target_std, rate, perception, _ = draws_of(gaussian.draws)
    problem = gaussian.transport(mean, std, target_mean, target_std)
    for divergence in ("w2", "kl"):
        found = problem.distortion(rate, perception=perception, divergence=divergence)
        truth = gaussian.searched(mean, std, target_mean, target_std, rate, perception, divergence)
        row(f"Gaussian D(R,P), {divergence}", found, truth)
        back = problem.rate(found.value, perception=perception, divergence=divergence)
        row(f"Gaussian R(D,P), {divergence}, inverse of D", back, rate)


def unaware_gaps() -> None:
    """Bernoulli D(R,C) with H(S|Y), a classifier that does not see U, against bisection on its definition."""
    a, b, n, rate, label = draws_of(unaware.draws)
    low, high = unaware.frechet(a, b)
    mass = np.minimum(1, rate / h(a))
    low, high = np.maximum(low, -mass), np.minimum(high, mass)

    def good(t: np.ndarray) -> np.ndarray:
        return np.asarray(label_entropy_of(a, n, *unaware.channel(a, b, t)) <= label)

    t = np.where(good(high), high, unaware.bisect(low, np.zeros_like(low), good))
    truth = np.where(good(high) | good(low), a + b - 2 * a * b - 2 * a * (1 - a) * t, np.nan)
    row("Bernoulli D(R,C), H(S|Y)", BernoulliTransport(a, b, n).distortion(rate, label, label_given="y"), truth)


def asymptotic_gaps() -> None:
    """Asymptotic binary R(D,C) against bisection of Mrs. Gerber's lemma."""
    generator = np.random.default_rng(1)
    a, d = generator.uniform(0, 1, (2, 10_000))
    n, c = generator.uniform(0, 0.45, 10_000), generator.uniform(0, 1, 10_000)
    low = unaware.bisect(np.zeros_like(c), np.full_like(c, 0.5), lambda x: h(x * (1 - n) + (1 - x) * n) <= c)
    truth = np.where(c >= h(n), np.maximum(h(a) - h(np.minimum(np.minimum(d, low), 0.5)), 0), np.nan)
    row("Bernoulli R(D,C), asymptotic", bernoulli_asymptotic_rate(a, d, c, n), truth)


def vector_gaps() -> None:
    """Vector Gaussian D(R) at 500 x 20 points against a search over the split of the rate."""
    generator = np.random.default_rng(1)
    worst = 0.0
    for _ in range(500):
        s, t = np.exp(generator.normal(0, 1, (2, 2)))
        rate = generator.exponential(1.5, 20)
        found = VectorGaussianTransport(np.zeros(2), np.diag(s**2), np.zeros(2), np.diag(t**2)).distortion(rate)
        low, high = np.zeros(20), rate.copy()
        for _ in range(100):
            third = (high - low) / 3
            better = split_cost(s * t, low + third, rate) <= split_cost(s * t, high - third, rate)
            low, high = np.where(better, low, low + third), np.where(better, high - third, high)
        truth = (s**2 + t**2).sum() + split_cost(s * t, (low + high) / 2, rate)
        worst = max(worst, float(np.abs(found.value - truth).max()))
    print(f"{'Vector Gaussian D(R), 500 x 20 points':36s} always feasible   largest gap {worst:.2e}")


def split_cost(weights: np.ndarray, first: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Return minus twice the correlation that two components keep when the first gets this share of the rate."""
    rho = np.sqrt(1 - 4.0**-first), np.sqrt(np.maximum(1 - 4.0 ** (first - rate), 0))
    return np.asarray(-2 * (weights[0] * rho[0] + weights[1] * rho[1]))


if __name__ == "__main__":
    binary_gaps()
    unaware_gaps()
    asymptotic_gaps()
    gaussian_gaps()
    vector_gaps()
