"""The largest I(X;Y) that a one-shot code of limited rate keeps: minimum entropy coupling with a bottleneck.

Section 8. I(X;Y) is convex in the code, so a vertex of the polytope of codes is optimal: all vertices are tried while
they are few; beyond, tangents climb from several starts, those of the published heuristic and a coupling of least
entropy among them (so that neither is better), and the bound is the largest H(Y|U) that the limits allow, or the most
that any coupling of both laws keeps.
"""

from itertools import combinations
from math import comb

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.coupling.bottleneck import BottleneckCoupling, merged_couplings
from crosscodec.theory.coupling.minimum import minimum_entropy_coupling
from crosscodec.theory.entropy import plogp
from crosscodec.theory.finite.ball import ball_rows
from crosscodec.theory.finite.oneshot import Limits, active, program
from crosscodec.theory.finite.point import Missing, Point, infeasible
from crosscodec.theory.finite.problem import FiniteProblem, Functional, MapMixture, map_outputs
from crosscodec.theory.finite.program import TIGHT, CodeProgram, MapSolver

LARGEST_ENUMERATION = 60_000
_FLOOR = 1e-12


def most_information(solver: MapSolver, limits: Limits) -> Point:
    """Return the code of largest I(X;Y) in bits under a rate, a label and an exact target.

    Section 8, MEC with a bottleneck; certified when all vertices were tried or the bound is met.
    """
    problem = solver.problem
    template = program(problem, limits)
    most_rate = Functional(np.zeros_like(problem.cost), entropy=-1.0)
    outer = solver.solve(CodeProgram(most_rate, template.limits, template.ball))
    if not outer.feasible or outer.plan is None:
        label = Limits("label", limits.rate, np.inf, np.inf, limits.ball)
        least = solver.solve(program(problem, label)).value
        return infeasible(Missing("classification", limits.label_entropy, least, "bit"), "infeasible")
    exact = _best_vertex(solver, template)
    if exact is not None:
        name = active(solver, limits, outer)
        return Point(exact.information, name, exact, 0.0, "all vertices", True)
    known, most = _known(problem, limits.rate)
    plan = _climb(solver, template, [outer.plan, *_within_limits(problem, template, known)])
    gap = max(0.0, min(-outer.bound, most) - plan.information)
    return Point(plan.information, active(solver, limits, outer), plan, gap, "tangents", gap <= 1e-7)


def _known(problem: FiniteProblem, rate: float) -> tuple[list[BottleneckCoupling], float]:
    """Return couplings to start from, and an upper bound on I(X;Y) whatever the code.

    Section 8: the published heuristic's at this rate, and one of least joint entropy, which bounds I(X;Y) by
    ``H(X) + H(Y) - H(X, Y)``. Without a target there are none, and the bound is H(X).
    """
    source, target = problem.source, problem.target
    most = float(plogp(source).sum())
    if target is None:
        return [], most
    least = minimum_entropy_coupling(source, target)
    whole = BottleneckCoupling(source, np.arange(source.size), least.plan.table)
    kept = most + float(plogp(target).sum()) - float(least.value) + float(least.gap)
    return [*merged_couplings(source, target, rate), whole], min(most, kept)


def _best_vertex(solver: MapSolver, template: CodeProgram) -> MapMixture | None:
    """Return the best vertex, or None where there are too many to try."""
    if not solver.complete or template.ball.radius > 0:
        return None
    problem, maps = solver.problem, solver.maps
    rows = ball_rows(problem, template.ball, [])
    if rows.extra:
        return None
    limited = [(f, limit) for f, limit in template.limits if np.isfinite(limit)]
    k, slack = len(maps), len(limited)
    height = 1 + len(rows.equal_to) + slack
    if comb(k + slack, height) > LARGEST_ENUMERATION:
        return None
    matrix = np.zeros((height, k + slack))
    matrix[0, :k] = 1
    matrix[1 : 1 + len(rows.equal_to), :k] = rows.equal @ map_outputs(problem, maps).T
    for place, (functional, _) in enumerate(limited):
        matrix[1 + len(rows.equal_to) + place, :k] = functional.of(problem, maps)
        matrix[1 + len(rows.equal_to) + place, k + place] = 1
    side = np.concatenate([[1.0], rows.equal_to, [limit for _, limit in limited]])
    best, value = None, -np.inf
    for point in _vertices(matrix, side):
        weights = point[:k] / point[:k].sum()
        used = weights > 1e-13
        mixture = MapMixture(problem, maps[used], weights[used])
        if mixture.information > value:
            best, value = mixture, mixture.information
    return best


def _vertices(matrix: Array, side: Array) -> list[Array]:
    """Return the basic feasible solutions of ``matrix @ x = side, x >= 0``."""
    height, width = matrix.shape
    chosen = np.array(list(combinations(range(width), height)))
    bases = matrix[:, chosen].transpose(1, 0, 2)
    regular = np.abs(np.linalg.det(bases)) > 1e-11
    chosen, bases = chosen[regular], bases[regular]
    solved = np.linalg.solve(bases, np.broadcast_to(side[:, None], (len(bases), height, 1)))[..., 0]
    good = (solved >= -1e-11).all(axis=1)
    points = np.zeros((int(good.sum()), width))
    np.put_along_axis(points, chosen[good], np.maximum(solved[good], 0), axis=1)
    return list(np.unique(points.round(14), axis=0))


def _within_limits(
    problem: FiniteProblem, template: CodeProgram, couplings: list[BottleneckCoupling]
) -> list[MapMixture]:
    """Return the codes of these couplings that keep to all limits (the heuristic knows nothing of the label)."""
    found = []
    for coupling in couplings:
        plan = coupling.mixture(problem)
        used = [(float(f.of(problem, plan.maps) @ plan.weights), limit) for f, limit in template.limits]
        if all(value <= limit + TIGHT for value, limit in used):
            found.append(plan)
    return found


def _climb(solver: MapSolver, template: CodeProgram, starts: list[MapMixture]) -> MapMixture:
    """Return the best local maximum from several starts: maximise the tangent of I(X;Y), move there, repeat."""
    problem = solver.problem
    generator = np.random.default_rng(0)
    starts = list(starts)
    for _ in range(8):
        cost = Functional(generator.normal(size=problem.cost.shape) * problem.source[:, None])
        found = solver.solve(CodeProgram(cost, template.limits, template.ball))
        if found.plan is not None:
            starts.append(found.plan)
    best = starts[0]
    for start in starts:
        plan = start
        for _ in range(30):
            found = solver.solve(CodeProgram(_tangent(problem, plan), template.limits, template.ball))
            if found.plan is None or found.plan.information <= plan.information + 1e-11:
                break
            plan = found.plan
        best = plan if plan.information > best.information else best
    return best


def _tangent(problem: FiniteProblem, plan: MapMixture) -> Functional:
    """Return minus the linear minorant of I(X;Y) at the plan's channel."""
    channel = np.maximum(plan.channel, _FLOOR)
    output = problem.source @ channel
    return Functional(-problem.source[:, None] * np.log2(channel / output))
