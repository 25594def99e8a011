"""Asymptotic trade-offs with the output law inside a polyhedral perception ball: cutting planes in the output law.

Fixing the output law q leaves an entropic transport problem whose potential g proves ``D(R; q') >= const + g @ q'``
for every q'. The least of the largest plane over the ball is a lower bound (Kelley); the best q tried is the answer.
Section 5 of the theory page. Total variation and W1; the smooth ball, KL, has a dual of its own (`tilting`).
"""

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.finite.asymptotic import Solution, any_output, divergence_ball, exact_target, reduced
from crosscodec.theory.finite.ball import Ball, ball_rows
from crosscodec.theory.finite.entropic import fixed_marginals
from crosscodec.theory.finite.linear import solve_program
from crosscodec.theory.finite.problem import FiniteProblem

# Stop when the planes leave less than this times the cost's range (or this many bits).
PRECISION = 1e-8
MOST_PLANES = 150
# How far to go from the best law towards the one where the planes are lowest.
STEPS = (0.7, 0.1, 0.01)


def block_optimum(problem: FiniteProblem, cost: Array, ball: Ball, goal: str, limit: float) -> Solution | None:
    """Return the optimum of long blocks without a label, whatever is asked of the output law; None where there is none.

    Section 5: the exact target, any output, or a law in the ball.
    """
    if problem.target is None or np.isinf(ball.radius):
        return any_output(cost, problem.source, goal, limit)
    if ball.radius == 0:
        return exact_target(cost, problem.source, problem.target, goal, limit)
    if ball.divergence == "kl":
        return divergence_ball(cost, problem.source, problem.target, ball.radius, goal, limit)
    return inside_ball(problem, cost, ball, goal, limit)


def inside_ball(problem: FiniteProblem, cost: Array, ball: Ball, goal: str, limit: float) -> Solution | None:
    """Return the optimum over output laws in a "tv" or "w1" ball, at a rate limit or a distortion limit.

    Section 5, perception. ``cost`` is that of the reduced problem (inputs of positive probability).
    """
    _, p = reduced(problem)
    assert problem.target is not None
    q, nearest = nearest_law(problem, cost, p, ball)
    best = exact_target(cost, p, q, goal, limit)
    if best is None:
        return None
    # No rate comes nearer than optimal transport to the nearest law.
    planes, bound = [_plane(best, cost, p, goal, limit)], nearest if goal == "distortion" else 0.0
    scale = max(float(cost.max() - cost.min()), 1e-300) if goal == "distortion" else 1.0
    center = q
    for _ in range(MOST_PLANES):
        if best.value - bound <= PRECISION * scale:
            break
        lowest, floor = _lowest(problem, ball, planes)
        bound = max(bound, floor)
        for share in STEPS:
            q = center + share * (lowest - center)
            tried = exact_target(cost, p, q, goal, limit)
            if tried is not None:
                break
            # Too far away for the distortion limit, as all laws but one may be: the plane at the best multiplier.
            planes.append(_plane(_relaxed(cost, p, q, best.eps), cost, p, goal, limit))
        if tried is None:
            continue
        planes.append(_plane(tried, cost, p, goal, limit))
        if tried.value < best.value:
            best, center = tried, q
    return Solution(best.coupling, best.value, max(bound, 0.0), best.eps, best.g, best.f)


def _relaxed(cost: Array, p: Array, q: Array, eps: float) -> Solution:
    """Return the coupling that minimises ``E d + eps I``, whatever its distortion; its potentials bound every law's."""
    found = fixed_marginals(cost, p, q, eps)
    return Solution(found.coupling, found.bound, found.bound, eps, found.g, found.f)


def _plane(found: Solution, cost: Array, p: Array, goal: str, limit: float) -> tuple[Array, float]:
    """Return (slope, constant) of the minorant ``constant + slope @ q`` of the goal as a function of the output law."""
    constant = float(found.f @ p)
    if found.eps == 0:
        # An unregularised end: the potentials bound the distortion itself; as a bound on a rate, only 0 is left.
        return (found.g, constant) if goal == "distortion" else (np.zeros_like(found.g), 0.0)
    if goal == "distortion":
        return found.g, constant - found.eps * limit / LOG2_E
    return found.g / found.eps * LOG2_E, (constant - limit) / found.eps * LOG2_E


def _lowest(problem: FiniteProblem, ball: Ball, planes: list[tuple[Array, float]]) -> tuple[Array, float]:
    """Return the law in the ball where the largest plane is least, and its height."""
    n, rows = problem.outputs, ball_rows(problem, ball, [])
    count, extra = len(planes), rows.extra
    # Variables: q, the ball's own, and the height as a difference of two.
    slopes = np.array([slope for slope, _ in planes])
    above = np.hstack([slopes, np.zeros((count, extra)), -np.ones((count, 1)), np.ones((count, 1))])
    at_most = np.hstack([rows.at_most, rows.at_most_extra, np.zeros((len(rows.at_most_to), 2))])
    total = np.concatenate([np.ones(n), np.zeros(extra + 2)])
    equal = np.vstack([total, np.hstack([rows.equal, rows.equal_extra, np.zeros((len(rows.equal_to), 2))])])
    solved = solve_program(
        np.concatenate([np.zeros(n + extra), [1.0, -1.0]]),
        np.vstack([above, at_most]),
        np.concatenate([[-constant for _, constant in planes], rows.at_most_to]),
        equal,
        np.concatenate([[1.0], rows.equal_to]),
    )
    return solved.point[:n] / solved.point[:n].sum(), solved.value


def nearest_law(problem: FiniteProblem, cost: Array, p: Array, ball: Ball) -> tuple[Array, float]:
    """Return the law in a "tv" or "w1" ball that the source reaches at least transport cost, and this cost.

    Section 5: where even this law is too far for a distortion limit, every law is.
    """
    m, n = cost.shape
    rows = ball_rows(problem, ball, [])
    marginal = np.kron(np.ones(m), np.eye(n))
    at_most = np.hstack([rows.at_most @ marginal, rows.at_most_extra])
    sources = np.hstack([np.kron(np.eye(m), np.ones(n)), np.zeros((m, rows.extra))])
    equal = np.vstack([sources, np.hstack([rows.equal @ marginal, rows.equal_extra])])
    solved = solve_program(
        np.concatenate([cost.ravel(), np.zeros(rows.extra)]),
        at_most,
        rows.at_most_to,
        equal,
        np.concatenate([p, rows.equal_to]),
    )
    law = marginal @ solved.point[: m * n]
    return np.asarray(law / law.sum()), solved.value
