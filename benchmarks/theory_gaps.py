"""Largest gap of each closed form to an independent solver over 10,000 random draws: python benchmarks/theory_gaps.py

The solvers are those of the tests: vertex enumeration of the linear program over maps (binary), ternary search over the
output law (Gaussian). The rows of R(D,P) for Gaussians invert our own D and are a check of consistency only.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from crosscodec.theory import BernoulliTransport

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from theory.bernoulli import test_transport as binary
from theory.gaussian import test_transport as gaussian
from theory.oracles import binary_rows, information_of, optimum


def row(what: str, found: Any, truth: np.ndarray) -> None:
    """Print whether feasibility is identical, its share, and the largest gap where both are feasible."""
    same = np.array_equal(found.feasible, np.isfinite(truth))
    gap = np.abs(found.value - truth)[found.feasible].max()
    print(f"{what:36s} feasibility identical: {same}   feasible {found.feasible.mean():.3f}   largest gap {gap:.2e}")


def draws_of(fixture: Callable[..., Any]) -> tuple[np.ndarray, ...]:
    """The 10,000 random parameter sets of a test module."""
    return fixture._get_wrapped_function()()


def binary_gaps() -> None:
    """Bernoulli D(R,C), D(R,P,C), R(D,C), R(D,P,C) and MEC-B."""
    a, b, n, rate, label, perception = draws_of(binary.draws)
    rows, problem = binary_rows(a, n), BernoulliTransport(a, b, n)
    limits = [(rows.rate, rate), (rows.label, label)]

    def distortion(p: np.ndarray) -> np.ndarray:
        return (rows.distortion * p).sum(-1)

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


if __name__ == "__main__":
    binary_gaps()
    gaussian_gaps()
