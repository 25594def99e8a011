"""One-shot trade-offs of finite alphabets with common randomness: rate H(Y|U), linear programs over maps.

Section 1. The classifier that sees U gives linear rows; the one that does not (H(S|Y)) gives a concave one, met by
tangents from above: every step is feasible and no worse than the one before, the bound is that of the linear problem.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import plogp
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.point import Missing, Point, infeasible
from crosscodec.theory.finite.problem import (
    FiniteProblem,
    Functional,
    MapMixture,
    distortion_functional,
    label_functional,
    rate_functional,
)
from crosscodec.theory.finite.program import TIGHT, CodeAnswer, CodeProgram, MapSolver
from crosscodec.theory.finite.proximal import block_optimum

# Gaps below this are certificates of optimality (in bits, or of the range of the costs).
CERTIFIED = 1e-7
# Where to look further while no code meets a limit on H(S|Y).
STARTS = 16
NOT_FOUND = "no code found; the least possible is an upper bound"
# The smallest posterior a tangent uses; any positive one gives a valid bound.
_FLOOR = 1e-9


@dataclass(frozen=True)
class Limits:
    """The limits of one point; infinite where there is none. ``goal`` names what is minimised."""

    goal: str
    rate: float
    distortion: float
    label_entropy: float
    ball: Ball


def one_shot(solver: MapSolver, limits: Limits, label_given: str) -> Point:
    """Return the least distortion or rate at one point.

    Section 1; label_given "y,u" limits H(S|Y,U) (certified), "y" limits H(S|Y) (feasible, with an honest gap).
    """
    answer = solver.solve(program(solver.problem, limits))
    if not answer.feasible and limits.goal == "rate":
        # At the very least distortion two programs must agree to the last bit: meet it by what a certificate allows.
        limits = _at_least_distortion(solver, limits)
        answer = solver.solve(program(solver.problem, limits))
    if not answer.feasible:
        return _explain(solver, limits, answer.proven, label_given)
    if answer.value - answer.bound > CERTIFIED:
        answer = replace(answer, bound=max(answer.bound, _block_bound(solver.problem, limits)))
    status = "optimal" if answer.value - answer.bound <= CERTIFIED else "local pricing"
    if label_given == "y" and np.isfinite(limits.label_entropy):
        return _without_randomness(solver, limits, answer)
    # Neither a rate nor a distortion in units of the cost is below 0.
    gap = max(0.0, answer.value - max(answer.bound, 0.0))
    return Point(max(answer.value, 0.0), active(solver, limits, answer), answer.plan, gap, status, gap <= CERTIFIED)


def _block_bound(problem: FiniteProblem, limits: Limits) -> float:
    """Return what no code of long blocks beats either: ``I(X;Y) <= H(Y|U)``, so they do at least as well.

    Section 5, without the label; tighter than pricing that drops the entropies of a map.
    """
    limit = limits.rate if limits.goal == "distortion" else limits.distortion
    found = block_optimum(problem, problem.cost, limits.ball, limits.goal, limit)
    return -np.inf if found is None else found.bound


def _at_least_distortion(solver: MapSolver, limits: Limits) -> Limits:
    """The limits, that of the distortion at the least possible one if it is below it by no more than `CERTIFIED`."""
    if not np.isfinite(limits.distortion):
        return limits
    alone = Limits("distortion", np.inf, np.inf, np.inf, limits.ball)
    least = solver.solve(program(solver.problem, alone)).value
    near = least - CERTIFIED <= limits.distortion <= least + CERTIFIED
    return replace(limits, distortion=least + CERTIFIED) if near else limits


def program(problem: FiniteProblem, limits: Limits, *more: tuple[Functional, float]) -> CodeProgram:
    """Return the program of a point: its goal, its limits (not its own goal's) and its ball.

    Section 1.
    """
    goals = {"distortion": distortion_functional(problem), "rate": rate_functional(problem)}
    rows = (
        (goals["rate"], limits.rate if limits.goal != "rate" else np.inf),
        (goals["distortion"], limits.distortion if limits.goal != "distortion" else np.inf),
        (label_functional(problem), limits.label_entropy),
        *more,
    )
    objective = goals[limits.goal] if limits.goal in goals else label_functional(problem)
    return CodeProgram(objective, rows, limits.ball)


def active(solver: MapSolver, limits: Limits, answer: CodeAnswer) -> str:
    """Return the limit with a positive price: perception, classification, the rate (or distortion), else transport.

    Section 1; prices are the slopes of the trade-off.
    """
    rate_price, distortion_price, label_price = answer.prices[:3]
    if limits.ball.radius > 0 and np.isfinite(limits.ball.radius) and answer.ball_price > TIGHT:
        return "perception"
    for price, name in ((label_price, "classification"), (rate_price, "rate"), (distortion_price, "distortion")):
        if price > TIGHT:
            return name
    cheapest = float((solver.problem.source * solver.problem.cost.min(axis=1)).sum())
    bound_by_target = limits.goal == "distortion" and answer.value > cheapest + TIGHT
    return "transport" if bound_by_target and solver.problem.target is not None else "none"


def _explain(solver: MapSolver, limits: Limits, proven: bool, label_given: str) -> Point:
    """Return the infeasible point with the limit that is to blame and its least possible value."""
    problem, free = solver.problem, np.inf
    proven = proven or limits.label_entropy < conditional_label_floor(problem) - TIGHT
    status = "infeasible" if proven else NOT_FOUND
    known = "possible" if solver.exact else "found"
    if limits.goal == "rate" and np.isfinite(limits.distortion):
        alone = solver.solve(program(problem, Limits("distortion", free, free, free, limits.ball)))
        if alone.value > limits.distortion or not np.isfinite(limits.label_entropy):
            missing = Missing("distortion", limits.distortion, alone.value, "per symbol", known)
            return infeasible(missing, status, proven)
    rows = Limits("label", limits.rate, limits.distortion, free, limits.ball)
    least = solver.solve(program(problem, rows)).value
    if solver.exact and label_given == "y":
        # H(S|Y,U) <= H(S|Y): what is possible of the one is a bound on the other.
        known = "bound"
    return infeasible(Missing("classification", limits.label_entropy, least, "bit", known), status, proven)


def label_tangent(problem: FiniteProblem, channel: Array) -> Functional:
    """Return the cross entropy of S under the channel's posterior: touches H(S|Y) there, lies above it elsewhere.

    Concavity of the conditional entropy in the channel; bits.
    """
    table = problem.joint @ channel
    mass = table.sum(axis=0)
    prior = problem.joint.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        posterior = np.where(mass > 0, table / mass, prior)
    posterior = np.maximum(posterior, _FLOOR)
    posterior = posterior / posterior.sum(axis=0)
    return Functional(-(problem.joint.T @ np.log2(posterior)))


def _without_randomness(solver: MapSolver, limits: Limits, relaxed: CodeAnswer) -> Point:
    """Return a point with H(S|Y) <= C: tangents first lower H(S|Y) to the limit, then the goal under it."""
    problem = solver.problem
    open_limits = Limits(limits.goal, limits.rate, limits.distortion, np.inf, limits.ball)
    starts = [relaxed.plan, solver.solve(program(problem, open_limits)).plan]
    best: MapMixture | None = None
    least = np.inf
    for number, start in enumerate(chain(starts, _elsewhere(solver, open_limits))):
        if number >= len(starts) and best is not None:
            break
        plan = _lower_label_entropy(solver, limits, start)
        least = min(least, plan.label_entropy_without_randomness)
        if plan.label_entropy_without_randomness <= limits.label_entropy + TIGHT:
            plan = _improve(solver, limits, plan)
            if best is None or _goal(plan, limits) < _goal(best, limits):
                best = plan
    if best is None:
        missing = Missing("classification", limits.label_entropy, least, "bit", "found")
        return infeasible(missing, NOT_FOUND, certified=False)
    value = _goal(best, limits)
    gap = max(0.0, value - max(relaxed.bound, 0.0))
    status = "optimal" if gap <= CERTIFIED else "tangents"
    return Point(value, active(solver, limits, relaxed), best, gap, status, gap <= CERTIFIED)


def _elsewhere(solver: MapSolver, limits: Limits) -> Iterator[MapMixture]:
    """Codes within limits without a label, one here and one there: H(S|Y) is concave, each has another minimum near."""
    generator = np.random.default_rng(0)
    template = program(solver.problem, limits)
    for _ in range(STARTS):
        cost = Functional(generator.normal(size=solver.problem.cost.shape) * solver.problem.source[:, None])
        found = solver.solve(CodeProgram(cost, template.limits, template.ball)).plan
        if found is not None:
            yield found


def _goal(plan: MapMixture, limits: Limits) -> float:
    return plan.rate if limits.goal == "rate" else plan.distortion


def _lower_label_entropy(solver: MapSolver, limits: Limits, start: MapMixture | None) -> MapMixture:
    assert start is not None
    plan = start
    rows = Limits("label", limits.rate, limits.distortion, np.inf, limits.ball)
    for _ in range(40):
        before = plan.label_entropy_without_randomness
        if before <= limits.label_entropy:
            break
        template = program(solver.problem, rows)
        tangent = label_tangent(solver.problem, plan.channel)
        found = solver.solve(CodeProgram(tangent, template.limits, template.ball))
        if found.plan is None or found.plan.label_entropy_without_randomness > before - 1e-10:
            break
        plan = found.plan
    return plan


def _improve(solver: MapSolver, limits: Limits, plan: MapMixture) -> MapMixture:
    """Minimise the goal under the tangent of H(S|Y), again and again."""
    rows = Limits(limits.goal, limits.rate, limits.distortion, np.inf, limits.ball)
    for _ in range(40):
        tangent = label_tangent(solver.problem, plan.channel)
        found = solver.solve(program(solver.problem, rows, (tangent, limits.label_entropy)))
        if found.plan is None or _goal(found.plan, limits) > _goal(plan, limits) - 1e-11:
            break
        plan = found.plan
    return plan


def conditional_label_floor(problem: FiniteProblem) -> float:
    """Return H(S|X) in bits: no output can tell more about the label than the input.

    Data processing.
    """
    return float(plogp(problem.joint).sum() - plogp(problem.source).sum())
