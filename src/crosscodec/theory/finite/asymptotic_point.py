"""One point of an asymptotic finite-alphabet trade-off: which solver, what is active, what certifies it.

Section 5 of the theory page.
"""

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import mutual_information, plogp
from crosscodec.theory.finite.asymptotic import Solution
from crosscodec.theory.finite.bottleneck import MET, label_entropy, label_floor, under_label_limit
from crosscodec.theory.finite.oneshot import Limits
from crosscodec.theory.finite.point import Missing, Point, infeasible
from crosscodec.theory.finite.problem import CouplingPlan, FiniteProblem, output_divergence, transport_cost
from crosscodec.theory.finite.proximal import block_optimum

# Gaps below this are certificates of optimality (in bits, or relative to the cost's range).
CERTIFIED = 1e-6
RATE_PRECISION = 1e-4


def asymptotic(problem: FiniteProblem, limits: Limits) -> Point:
    """Return the least distortion or rate I(X;Y) at one point.

    Section 5; the label makes the problem non-convex, there the gap is to the problem without the label.
    """
    limit = limits.rate if limits.goal == "distortion" else limits.distortion
    constrained = np.isfinite(limits.label_entropy)
    floor = label_floor(problem, limits.rate)
    if constrained and limits.label_entropy < floor - MET:
        missing = Missing("classification", limits.label_entropy, floor, "bit", "bound")
        return infeasible(missing, "below H(S) - min(R, I(S;X))")

    def solve(cost: Array) -> Solution | None:
        return block_optimum(problem, cost, limits.ball, limits.goal, limit)

    free = solve(problem.cost)
    if free is None:
        return infeasible(Missing("distortion", limit, _least_distortion(problem, limits), "per symbol"), "infeasible")
    if not constrained or label_entropy(problem, free.coupling) <= limits.label_entropy + MET:
        return _point(problem, limits, free, free.bound, "optimal", _active(problem, limits, free))
    if limits.goal == "rate":
        found, missing = _rate_under_label(problem, limits, free)
    else:
        found, least = under_label_limit(problem, solve, limits.label_entropy)
        missing = _unclear(limits, least)
    if found is None:
        return infeasible(missing, "no coupling found; the least possible is an upper bound", certified=False)
    bound = free.bound
    if limits.goal == "rate":
        # Data processing: what Y tells of S it tells of X, so the rate is at least H(S) - C.
        bound = max(bound, label_floor(problem, 0.0) - limits.label_entropy)
    return _point(problem, limits, found, bound, "alternation", "classification")


def _unclear(limits: Limits, least: float) -> Missing:
    return Missing("classification", limits.label_entropy, least, "bit", "found")


def _rate_under_label(problem: FiniteProblem, limits: Limits, free: Solution) -> tuple[Solution | None, Missing]:
    """Return the least rate found at which the distortion and the label limit can both be met, by bisection; and which
    of the two was missed where none was found.
    """
    most = float(plogp(problem.source).sum())
    found, least = _at_rate(problem, limits, most)
    if found is None:
        return None, _unclear(limits, least)
    distance = float((found.coupling * problem.cost).sum())
    missing = Missing("distortion", limits.distortion, distance, "per symbol", "found")
    if distance > limits.distortion:
        return None, missing
    low, high = free.value, mutual_information(found.coupling)
    while high - low > RATE_PRECISION:
        middle = (low + high) / 2
        trial, _ = _at_rate(problem, limits, middle)
        if trial is None or float((trial.coupling * problem.cost).sum()) > limits.distortion:
            low = middle
        else:
            found, high = trial, min(middle, mutual_information(trial.coupling))
    return found, missing


def _at_rate(problem: FiniteProblem, limits: Limits, rate: float) -> tuple[Solution | None, float]:
    """Return the coupling of this rate within the label limit whose distortion is the least found, or None; and the
    least label entropy seen.
    """

    def solve(cost: Array) -> Solution | None:
        return block_optimum(problem, cost, limits.ball, "distortion", rate)

    return under_label_limit(problem, solve, limits.label_entropy)


def _least_distortion(problem: FiniteProblem, limits: Limits) -> float:
    """Return the least distortion of any rate: that of optimal transport to the nearest law in the ball."""
    if problem.target is None or np.isinf(limits.ball.radius):
        return float((problem.source * problem.cost.min(axis=1)).sum())
    law = problem.target
    if limits.ball.radius > 0:
        far = block_optimum(problem, problem.cost, limits.ball, "distortion", np.inf)
        assert far is not None
        law = far.coupling.sum(axis=0)
    return transport_cost(problem.source, law, problem.cost)


def _active(problem: FiniteProblem, limits: Limits, free: Solution) -> str:
    """Return which limit is met with equality: perception, then the rate (or distortion), then transport."""
    plan = CouplingPlan(problem, free.coupling)
    if limits.goal == "rate" and free.value <= 1e-12:
        return "none"
    if problem.target is not None and 0 < limits.ball.radius < np.inf:
        used = output_divergence(problem, plan.output, limits.ball.divergence)
        if used >= limits.ball.radius * (1 - 1e-4):
            return "perception"
    if limits.goal == "rate":
        return "distortion"
    if plan.rate >= limits.rate - 1e-9:
        return "rate"
    cheapest = float((problem.source * problem.cost.min(axis=1)).sum())
    return "transport" if problem.target is not None and free.value > cheapest + 1e-12 else "none"


def _point(problem: FiniteProblem, limits: Limits, found: Solution, bound: float, status: str, active: str) -> Point:
    plan = CouplingPlan(problem, found.coupling)
    value = plan.distortion if limits.goal == "distortion" else plan.rate
    gap = max(0.0, value - bound)
    scale = max(float(problem.cost.max() - problem.cost.min()), 1e-300) if limits.goal == "distortion" else 1.0
    certified = gap <= CERTIFIED * scale
    return Point(value, active, plan, gap, status if certified or status != "optimal" else "stopped early", certified)
