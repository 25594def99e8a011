"""One point of an asymptotic finite-alphabet trade-off: which solver, what is active, what certifies it.

Section 5 of the theory page.
"""

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.finite_asymptotic import Solution, any_output, exact_target
from crosscodec.theory.finite_bottleneck import label_entropy, label_floor, under_label_limit
from crosscodec.theory.finite_oneshot import Limits
from crosscodec.theory.finite_planes import inside_ball
from crosscodec.theory.finite_point import Missing, Point, infeasible
from crosscodec.theory.finite_problem import CouplingPlan, FiniteProblem, transport_cost

# Gaps below this are certificates of optimality (in bits, or relative to the cost's range).
CERTIFIED = 1e-6


def asymptotic(problem: FiniteProblem, limits: Limits) -> Point:
    """Return the least distortion or rate I(X;Y) at one point.

    Section 5; the label makes the problem non-convex, there the gap is to the problem without the label.
    """
    limit = limits.rate if limits.goal == "distortion" else limits.distortion
    constrained = np.isfinite(limits.label_entropy)
    floor = label_floor(problem, limits.rate)
    if constrained and limits.label_entropy < floor - 1e-9:
        return infeasible(Missing("classification", limits.label_entropy, floor, "bit"), "below H(S) - min(R, I(S;X))")

    def solve(cost: Array) -> Solution | None:
        return _without_label(problem, cost, limits, limit)

    free = solve(problem.cost)
    if free is None:
        return infeasible(Missing("distortion", limit, _least_distortion(problem, limits), "per symbol"), "infeasible")
    if not constrained or label_entropy(problem, free.coupling) <= limits.label_entropy + 1e-12:
        return _point(problem, limits, free, free.bound, "optimal", _active(problem, limits, free))
    changed = solve if limits.goal == "distortion" else _rate_solver(problem, limits)
    found, least = under_label_limit(problem, changed, limits.goal, limits.label_entropy)
    if found is None:
        missing = Missing("classification", limits.label_entropy, least, "bit")
        return infeasible(missing, "no coupling found; the least possible is an upper bound", certified=False)
    return _point(problem, limits, found, free.bound, "alternation", "classification")


def _without_label(problem: FiniteProblem, cost: Array, limits: Limits, limit: float) -> Solution | None:
    source, ball = problem.source, limits.ball
    if problem.target is None or np.isinf(ball.radius):
        return any_output(cost, source, limits.goal, limit)
    if ball.radius == 0:
        return exact_target(cost, source, problem.target, limits.goal, limit)
    return inside_ball(problem, cost, ball, limits.goal, limit)


class _rate_solver:  # noqa: N801
    """Placeholder replaced below."""


def _point(
    problem: FiniteProblem, limits: Limits, found: Solution, bound: float, status: str, active: str
) -> Point:
    plan = CouplingPlan(problem, found.coupling)
    value = plan.distortion if limits.goal == "distortion" else plan.rate
    gap = max(0.0, value - bound)
    scale = max(float(problem.cost.max() - problem.cost.min()), 1e-300) if limits.goal == "distortion" else 1.0
    certified = gap <= CERTIFIED * scale
    return Point(value, active, plan, gap, status if certified or status != "optimal" else "stopped early", certified)
