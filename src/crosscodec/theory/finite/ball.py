"""The ball of output laws that a perception limit allows, as rows of a linear program.

exact marginal   q = target                      tv   q - target = u - v,  sum (u + v) / 2 <= P
w1   q = target moved by a plan of cost <= P     kl   tangents of KL(q || target) <= P, cut by cut (Kelley)
                                                      or, from inside, mixtures of laws that lie in the ball
"""

from dataclasses import dataclass

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.finite.linear import PRIMAL, solve_program
from crosscodec.theory.finite.problem import FiniteProblem, output_divergence

DIVERGENCES = ("tv", "kl", "w1")


@dataclass(frozen=True)
class Ball:
    """A perception limit: ``div(P_Y, target) <= radius``.

    Section 1. Probability for "tv", bits for "kl", the output distance for "w1"; infinite: no limit.
    """

    divergence: str
    radius: float


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows on the output law q (|Y| columns) and on ``extra`` auxiliary variables >= 0."""

    extra: int
    at_most: Array
    at_most_extra: Array
    at_most_to: Array
    equal: Array
    equal_extra: Array
    equal_to: Array


def ball_rows(problem: FiniteProblem, ball: Ball, cuts: list[tuple[Array, float]]) -> Rows:
    """Return the rows of the ball, with the tangent cuts found so far.

    Section 1. The last row of an exact marginal is implied by the others and left out.
    """
    n, target = problem.outputs, problem.target
    none = np.zeros((0, n))
    if target is None or np.isinf(ball.radius):
        return Rows(0, none, np.zeros((0, 0)), np.zeros(0), none, np.zeros((0, 0)), np.zeros(0))
    if ball.radius == 0:
        return Rows(0, none, np.zeros((0, 0)), np.zeros(0), np.eye(n)[:-1], np.zeros((n - 1, 0)), target[:-1])
    if ball.divergence == "tv":
        moved = np.hstack([-np.eye(n), np.eye(n)])
        half = np.full((1, 2 * n), 0.5)
        return Rows(2 * n, np.zeros((1, n)), half, np.array([ball.radius]), np.eye(n), moved, target)
    if ball.divergence == "w1":
        leave, arrive = np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))
        equal = np.vstack([np.eye(n), np.zeros((n, n))])
        extra = np.vstack([-arrive, leave])
        moved_cost = problem.distance.reshape(1, -1)
        to = np.concatenate([np.zeros(n), target])
        return Rows(n * n, np.zeros((1, n)), moved_cost, np.array([ball.radius]), equal, extra, to)
    gradients = np.array([gradient for gradient, _ in cuts]).reshape(len(cuts), n)
    sides = np.array([side for _, side in cuts])
    forbidden = np.eye(n)[target == 0]
    count = len(forbidden)
    return Rows(0, gradients, np.zeros((len(cuts), 0)), sides, forbidden, np.zeros((count, 0)), np.zeros(count))


def mixture_rows(laws: Array) -> Rows:
    """Return the rows of the laws that are mixtures of these, shape (k, |Y|).

    Section 1: a polytope inside any ball that has them all.
    """
    k, n = laws.shape
    return Rows(k, np.zeros((0, n)), np.zeros((0, k)), np.zeros(0), np.eye(n), -laws.T, np.zeros(n))


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


def cheapest_law(problem: FiniteProblem, means: Array, ball: Ball) -> tuple[Array, float]:
    """Return the law in a "tv" or "w1" ball of least ``means @ law``, and this mean.

    Section 5: of independent letters the distortion is linear in the output law.
    """
    return nearest_law(problem, means[None, :], np.ones(1), ball)


def curved(problem: FiniteProblem, ball: Ball) -> bool:
    """Whether the ball needs tangents: KL around a target, at a radius that is neither 0 nor infinite.

    Section 1.
    """
    return ball.divergence == "kl" and problem.target is not None and 0 < ball.radius < np.inf


def excess_divergence(problem: FiniteProblem, ball: Ball, output: Array) -> float:
    """Return by how many bits the output law leaves a KL ball; 0 for balls that are linear anyway.

    Section 1, the only ball that needs cuts.
    """
    if not curved(problem, ball) or problem.target is None:
        return 0.0
    return output_divergence(problem, _allowed(problem.target, output), "kl") - ball.radius


def left(problem: FiniteProblem, ball: Ball, output: Array) -> bool:
    """Whether the output law leaves a KL ball by more than linear programs can tell from its surface.

    Relative to the radius: where a small ball is left by little, the optimum moves by much.
    """
    return excess_divergence(problem, ball, output) > max(2 * PRIMAL, 1e-9 * min(ball.radius, 1.0))


def divergence_cut(problem: FiniteProblem, ball: Ball, output: Array) -> tuple[Array, float]:
    """Return the tangent row (gradient, right side) where the segment from the target to the output leaves the ball.

    Kelley's cutting plane; valid everywhere because KL is convex in its first argument.
    """
    assert problem.target is not None
    target = problem.target
    law = last_inside(problem, ball, output)
    with np.errstate(divide="ignore", invalid="ignore"):
        gradient = np.where(law > 0, np.log2(law / target) + LOG2_E, 0.0)
    value = output_divergence(problem, law, "kl")
    return gradient, ball.radius - value + float(gradient @ law)


def last_inside(problem: FiniteProblem, ball: Ball, output: Array) -> Array:
    """Return the last law in a KL ball on the way from the target to the output: the output itself if it is inside.

    Section 1.
    """
    assert problem.target is not None
    output = _allowed(problem.target, output)
    if output_divergence(problem, output, "kl") <= ball.radius:
        return output
    inside, outside = 0.0, 1.0
    for _ in range(60):
        middle = (inside + outside) / 2
        law = problem.target + middle * (output - problem.target)
        if output_divergence(problem, law, "kl") > ball.radius:
            outside = middle
        else:
            inside = middle
    return np.asarray(problem.target + inside * (output - problem.target))


def _allowed(target: Array, output: Array) -> Array:
    """Return the output law without the rounding dust where the target has nothing."""
    clean = np.where(target > 0, np.maximum(output, 0), 0.0)
    return np.asarray(clean / clean.sum())
