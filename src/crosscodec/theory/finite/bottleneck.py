"""Asymptotic trade-offs with a limit on H(S|Y): alternation, and an honest ``certified=False``.

H(S|Y) is concave in the channel, so the problem is not convex (it contains the information bottleneck). For a fixed
posterior w(s|y) the cross entropy ``E -log2 w(S|Y)`` is linear, lies above H(S|Y) and touches it: the cost
``d + gamma c_w`` gives a problem of `asymptotic`; gamma is a root, then w is updated, and so on. Section 5.
"""

from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import conditional_entropy, mutual_information, plogp
from crosscodec.theory.finite.asymptotic import Solution
from crosscodec.theory.finite.oneshot import label_tangent
from crosscodec.theory.finite.problem import FiniteProblem

ROUNDS = 25
# A label limit counts as met when it is missed by no more bits: couplings are as exact as that.
MET = 1e-9
# Where to look further while no coupling meets the limit.
STARTS = 6
_STRENGTHS = np.geomspace(1e-3, 1e4, 15)


def under_label_limit(
    problem: FiniteProblem, solve: Callable[[Array], Solution | None], limit: float
) -> tuple[Solution | None, float]:
    """Return the coupling of least distortion found with H(S|Y) <= limit, and the least H(S|Y) seen.

    Section 5. ``solve(cost)`` minimises this cost without the label; value and bound of what it returns belong to the
    changed cost, so the caller takes the value from the coupling and the bound from the problem without the label.
    """
    free = solve(problem.cost)
    if free is None:
        return None, np.inf
    best, least = None, label_entropy(problem, free.coupling)
    if least <= limit + MET:
        return free, least
    scale = max(float(problem.cost.max() - problem.cost.min()), 1e-300)
    starts = [free.coupling, problem.source[:, None] * np.eye(*problem.cost.shape)]
    for number, start in enumerate(chain(starts, _telling(problem))):
        if number >= len(starts) and best is not None:
            break
        coupling = start
        for _ in range(ROUNDS):
            found, seen = _one_round(problem, solve, coupling, limit, scale)
            least = min(least, seen)
            if found is None:
                break
            if best is not None and _distortion(problem, found) > _distortion(problem, best) - 1e-9:
                break
            best, coupling = found, found.coupling
    return best, least


def _telling(problem: FiniteProblem) -> Iterator[Array]:
    """Couplings whose output names the likeliest label, by one assignment of labels to outputs or another."""
    generator = np.random.default_rng(0)
    labels, outputs = len(problem.joint), problem.outputs
    for _ in range(STARTS):
        names = np.resize(generator.permutation(outputs), labels)
        yield problem.source[:, None] * np.eye(outputs)[names[problem.joint.argmax(axis=0)]]


def _one_round(
    problem: FiniteProblem, solve: Callable[[Array], Solution | None], coupling: Array, limit: float, scale: float
) -> tuple[Solution | None, float]:
    """Return the least strength of the label cost that meets the limit, by bisection in its logarithm."""
    channel = coupling / np.maximum(coupling.sum(axis=1, keepdims=True), 1e-300)
    extra = label_tangent(problem, channel).table / problem.source[:, None]
    best, least = None, np.inf
    low, high = np.nan, np.nan
    for strength in _STRENGTHS * scale:
        found = solve(problem.cost + strength * extra)
        if found is None:
            return None, least
        seen = label_entropy(problem, found.coupling)
        least = min(least, seen)
        if seen <= limit + MET:
            best, high = found, float(strength)
            break
        low = float(strength)
    if best is None or np.isnan(low):
        return best, least
    for _ in range(12):
        middle = float(np.sqrt(low * high))
        found = solve(problem.cost + middle * extra)
        if found is not None and label_entropy(problem, found.coupling) <= limit + MET:
            best, high = found, middle
        else:
            low = middle
    return best, least


def _distortion(problem: FiniteProblem, found: Solution) -> float:
    return float((found.coupling * problem.cost).sum())


def label_entropy(problem: FiniteProblem, coupling: Array) -> float:
    """Return H(S|Y) in bits of a coupling (|X|, |Y|).

    Section 1; S - X - Y.
    """
    return conditional_entropy((problem.joint / problem.source) @ coupling)


def label_floor(problem: FiniteProblem, rate: float) -> float:
    """Return a lower bound on H(S|Y) at this rate: ``H(S) - min(R, I(S;X))``, in bits.

    Data processing; what lies below it is certainly infeasible.
    """
    h = float(plogp(problem.joint.sum(axis=1)).sum())
    return h - min(rate, mutual_information(problem.joint))
