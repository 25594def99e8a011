"""Asymptotic trade-offs with the output law inside a ball: proximal Newton steps on a concave dual.

    max over f, theta of  f @ p + least(g(f, theta)) - theta * limit        least: over the ball, as in `moving`
                                                                            and, for KL, in `tilted_ball`

    a rate limit         minimise    E d + theta I      theta = eps, the multiplier of the rate
    a distortion limit   minimise    theta E d + I      theta = 1 / eps, the multiplier of the distortion

g is the soft transform of f, as in `entropic`. Any f, theta and price of the ball prove a lower bound (weak duality).
A path of multipliers leads to where the limit is met; from there Newton steps move potentials and multiplier together,
and between them the plan within the ball becomes its own reference. Section 5 of the theory page.

KL balls have a smooth dual of their own (`tilting`), which is at its best at the ends; these steps take over where it
leaves a gap, as it does where a ball only just binds.
"""

from dataclasses import dataclass, replace

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E, mutual_information, plogp
from crosscodec.theory.finite.asymptotic import MET, Solution, any_output, divergence_ball, exact_target, reduced
from crosscodec.theory.finite.ball import Ball, cheapest_law, nearest_law
from crosscodec.theory.finite.entropic import FLATTEST, SHARES, coupled, round_to_marginals, soft_minimum
from crosscodec.theory.finite.moving import Move, MovingBall
from crosscodec.theory.finite.problem import FiniteProblem, transport_plan
from crosscodec.theory.finite.tilted_ball import TiltedBall

# Stop at this gap (bits, or the cost's range), or when so many steps have not halved it.
PRECISION, PATIENCE, MOST_STEPS = 1e-11, 8, 60
# Multipliers of the rate, in units of the cost's range.
_COLDEST, _HOTTEST = 1e-7, 1e8
# Weights of the proximal term, in units of the smaller multiplier: on the path, at least, at most; and how they fall.
_PATH, _LIGHTEST, _HEAVIEST, _LIGHTER = 0.3, 1e-10, 10.0, 0.25
_NEWTON_STEPS = 15
# The path's steps: the factor of the multiplier at best, and where the search is given up.
_STRIDE, _SHORTEST = 4.0, 1.05
# Row errors of potentials that are as good as none on the path, and between proximal steps.
_NEAR_ROWS, _ROWS = 1e-7, 1e-8
_SWEEPS, _NOTHING = 20, 1e-200
# What the smooth dual of a KL ball may leave (bits, or of the cost's range).
_CLOSED = 1e-9


def block_optimum(problem: FiniteProblem, cost: Array, ball: Ball, goal: str, limit: float) -> Solution | None:
    """Return the optimum of long blocks without a label, whatever is asked of the output law; None where there is none.

    Section 5: the exact target, any output, or a law in the ball.
    """
    if problem.target is None or np.isinf(ball.radius):
        return any_output(cost, problem.source, goal, limit)
    if ball.radius == 0:
        return exact_target(cost, problem.source, problem.target, goal, limit)
    if ball.divergence == "kl":
        return inside_divergence_ball(cost, problem.source, problem.target, ball.radius, goal, limit)
    return inside_ball(problem, cost, ball, goal, limit)


def inside_ball(problem: FiniteProblem, cost: Array, ball: Ball, goal: str, limit: float) -> Solution | None:
    """Return the optimum over output laws in a "tv" or "w1" ball, at a rate limit or a distortion limit.

    Section 5, perception. ``cost`` is that of the reduced problem (inputs of positive probability).
    """
    _, p = reduced(problem)
    unit, unit_limit = _in_units(cost, goal, limit)
    found = _unit_optimum(problem, unit, p, ball, goal, unit_limit)
    return None if found is None else _from_units(found, cost, goal)


def inside_divergence_ball(
    cost: Array, p: Array, target: Array, radius: float, goal: str, limit: float
) -> Solution | None:
    """Return the optimum over the output laws within ``radius`` bits of KL, at a rate limit or a distortion limit.

    Section 5, perception: of two solvers the better coupling and the better bound. p is positive.
    """
    found = divergence_ball(cost, p, target, radius, goal, limit)
    scale = 1.0 if goal == "rate" else float(cost.max() - cost.min()) or 1.0
    if found is None or found.gap <= _CLOSED * scale:
        return found
    seen, (unit, unit_limit) = target > 0, _in_units(cost, goal, limit)
    if goal == "distortion":
        # No code needs more than H(X).
        unit_limit = min(unit_limit, float(plogp(p).sum()))
    dual = _Dual(unit[:, seen], p, TiltedBall(target[seen], radius), goal, unit_limit)
    inside = _from_units(_ascended(dual, found.coupling[:, seen]), cost, goal)
    if inside.value < found.value:
        coupling = np.zeros_like(cost)
        coupling[:, seen] = inside.coupling
        found = replace(found, coupling=coupling, value=inside.value)
    if inside.bound > found.bound:
        g = soft_minimum(cost - inside.f[:, None], p[:, None], inside.eps, axis=0)
        found = replace(found, bound=inside.bound, eps=inside.eps, f=inside.f, g=g)
    return found


def _in_units(cost: Array, goal: str, limit: float) -> tuple[Array, float]:
    """Return costs between 0 and 1, and the limit with them if it is one of the distortion."""
    low, scale = float(cost.min()), float(cost.max() - cost.min()) or 1.0
    return (cost - low) / scale, (limit - low) / scale if goal == "rate" else limit


def _from_units(found: Solution, cost: Array, goal: str) -> Solution:
    """Return the solution in the units of the cost: potentials and multiplier, and what is a distortion."""
    low, scale = float(cost.min()), float(cost.max() - cost.min()) or 1.0
    found = replace(found, eps=scale * found.eps, g=scale * found.g, f=low + scale * found.f)
    if goal == "rate":
        return found
    return replace(found, value=low + scale * found.value, bound=low + scale * found.bound)


def _unit_optimum(
    problem: FiniteProblem, cost: Array, p: Array, ball: Ball, goal: str, limit: float
) -> Solution | None:
    """Return the optimum for costs between 0 and 1: a linear program at the ends, the dual between them."""
    law, nearest = nearest_law(problem, cost, p, ball)
    plan = transport_plan(p, law, cost)
    closest = round_to_marginals(plan.coupling, p, law)
    law, least = cheapest_law(problem, p @ cost, ball)
    still = np.outer(p, law)
    none = np.zeros_like(p), np.zeros_like(law)
    if goal == "distortion":
        if limit <= 0:
            # Of independent letters the distortion is linear in the output law.
            return Solution(still, float((still * cost).sum()), least, 0.0, p @ cost, none[0])
        if mutual_information(closest) <= limit:
            return Solution(closest, float((closest * cost).sum()), nearest, 0.0, plan.g, plan.f)
    elif limit >= float((still * cost).sum()):
        return Solution(still, 0.0, 0.0, 0.0, none[1], none[0])
    elif limit < plan.value - MET:
        return None
    dual = _Dual(cost, p, MovingBall(problem, ball), goal, limit)
    found = _ascended(dual, still if goal == "distortion" else closest)
    floor = nearest if goal == "distortion" else 0.0
    return Solution(found.coupling, found.value, max(found.bound, floor), found.eps, found.g, found.f)


def _ascended(dual: "_Dual", anchor: Array) -> Solution:
    """Return the best coupling and bound of proximal steps; the anchor is a coupling that the limit allows.

    The weight falls as long as Newton steps reach the maximum, and rises where they do not.
    """
    state = tried = proof = dual.path()
    weight, lighter = _PATH, _LIGHTER
    best, bound, lowest, stalled = (anchor, dual.value(anchor)), -np.inf, np.inf, 0
    for _ in range(MOST_STEPS):
        coupling = dual.coupling(tried)
        for allowed in (anchor, best[0]):
            mixed = dual.mixed(coupling, allowed)
            best = min(best, (mixed, dual.value(mixed)), key=lambda one: one[1])
        height = dual.proven(tried)
        if height > bound:
            proof, bound = tried, height
        gap = best[1] - bound
        stalled = 0 if gap < 0.5 * lowest else stalled + 1
        lowest = gap if stalled == 0 else lowest
        if gap <= PRECISION or stalled >= PATIENCE:
            break
        if tried.row_error <= _ROWS or stalled >= 3:
            state, weight = tried, lighter * weight
        else:
            weight, lighter = min(8 * weight, _HEAVIEST), 0.5
        tried = dual.climbed(state, state.theta, weight, state.move.plan, free=True)
    eps, potential = dual.eps(proof.theta), 1.0 if dual.by_rate else 1 / proof.theta
    return Solution(best[0], best[1], bound, eps, potential * proof.g, potential * proof.f)


@dataclass(frozen=True, eq=False)
class _State:
    """Where the ascent is: potentials and multiplier, the move in the ball and the coupling that they ask for, the
    dual's height, and its derivatives ``lack`` by f and ``slope`` by theta.
    """

    f: Array
    theta: float
    g: Array
    move: Move
    plan: Array
    height: float
    lack: Array
    slope: float

    @property
    def row_error(self) -> float:
        return float(np.abs(self.lack).sum())

    @property
    def told(self) -> Array:
        """P(x|y)."""
        return np.asarray(self.plan / np.where(self.move.law > 0, self.move.law, 1.0))


class _Dual:
    """The concave dual at one limit, and its ascent."""

    def __init__(self, cost: Array, p: Array, ball: MovingBall | TiltedBall, goal: str, limit: float) -> None:
        self.cost, self.p, self.ball, self.limit = cost, p, ball, limit
        self.by_rate = goal == "distortion"
        self.met = min(MET, 1e-3 * limit) if self.by_rate else MET

    def eps(self, theta: float) -> float:
        """The multiplier of the rate where that of the distortion is 1."""
        return theta if self.by_rate else 1 / theta

    def value(self, coupling: Array) -> float:
        """What is minimised: distortion, or bits."""
        return float((coupling * self.cost).sum()) if self.by_rate else mutual_information(coupling)

    def mixed(self, coupling: Array, allowed: Array) -> Array:
        """Return the coupling, mixed with one that the limit allows as far as it must be: what is limited is convex."""
        limited = mutual_information if self.by_rate else lambda one: float((one * self.cost).sum())
        here, there = limited(coupling), limited(allowed)
        if here <= self.limit + self.met:
            return coupling
        share = min(1.0, max(0.0, (here - self.limit) / (here - there))) if here > there else 1.0
        return (1 - share) * coupling + share * allowed

    def coupling(self, state: _State) -> Array:
        """Return the state's plan with the marginals made exact.

        By sweeps first, which keep its zeros: the distortion of what is spread over all letters would count next to
        the least distortion.
        """
        plan, law = state.plan, self.ball.inside(state.move)
        for _ in range(_SWEEPS):
            plan = plan * _ratio(self.p, plan.sum(axis=1))[:, None]
            plan = plan * _ratio(law, plan.sum(axis=0))
        return round_to_marginals(plan, self.p, law)

    def proven(self, state: _State) -> float:
        """Return the lower bound that the state proves, without the proximal term."""
        height = float(state.f @ self.p) + state.move.least
        if self.by_rate:
            return height - state.theta * self.limit / LOG2_E
        return max(0.0, (height - state.theta * self.limit) * LOG2_E)

    def path(self) -> _State:
        """Return a state near where the limit is met: multipliers from 1 on, until the slope changes its sign.

        Steps are shorter where Newton steps do not reach the maximum. Of the last two states the higher one.
        """
        start, blind = np.zeros_like(self.p), self.ball.anywhere()
        state = self.climbed(self._at(start, 1.0, _PATH, blind, 0.0), 1.0, _PATH, blind, free=False)
        # The dual is concave: a slope above 0 asks for a larger multiplier.
        upwards, stride, before = state.slope > 0, _STRIDE, state
        while (state.slope > 0) == upwards:
            theta = state.theta * (stride if upwards else 1 / stride)
            if not _COLDEST <= self.eps(theta) <= _HOTTEST:
                break
            moved = self.climbed(state, theta, _PATH, state.move.plan, free=False)
            if moved.row_error < _NEAR_ROWS:
                before, state, stride = state, moved, min(_STRIDE, stride**1.5)
            elif stride < _SHORTEST:
                break
            else:
                stride = float(np.sqrt(stride))
        return max(before, state, key=lambda one: one.height)

    def climbed(self, state: _State, theta: float, weight: float, reference: Array, free: bool) -> _State:
        """Return the maximum at a multiplier, or (free) over all, for a reference plan in the ball, from a state.

        ``weight`` is that of the proximal term, in units of the smaller of the two multipliers.
        """
        weight = max(weight * min(theta, 1.0), _LIGHTEST)
        # In the second form all is in units of 1 / theta.
        grown = 1.0 if self.by_rate else theta / state.theta
        state = self._at(grown * state.f, theta, weight, reference, grown * state.move.price)
        for _ in range(_NEWTON_STEPS):
            # At the coldest multiplier potentials are rounded too much to go on.
            moving = free and not (self.eps(state.theta) <= _COLDEST and (state.slope > 0) != self.by_rate)
            if self._error(state, moving) < max(1e-13, 1e-16 / min(self.eps(state.theta), 1.0)):
                break
            moved = self._newton(state, weight, reference, moving)
            if moved is None:
                break
            state = moved
        return state

    def _forms(self, theta: float) -> tuple[float, float]:
        """The multipliers of distortion and information."""
        return (1.0, theta) if self.by_rate else (theta, 1.0)

    def _error(self, state: _State, moving: bool) -> float:
        return state.row_error + (abs(state.slope) if moving else 0.0)

    def _at(self, f: Array, theta: float, weight: float, reference: Array, price: float) -> _State:
        of_cost, of_information = self._forms(theta)
        g = soft_minimum(of_cost * self.cost - f[:, None], self.p[:, None], of_information, axis=0)
        move = self.ball.least(g, weight, reference, price)
        plan = coupled(of_cost * self.cost, self.p, move.law, f, g, of_information)
        if self.by_rate:
            limit, spent = self.limit / LOG2_E, float((plan * (f[:, None] + g - self.cost)).sum()) / theta
        else:
            limit, spent = self.limit, float((plan * self.cost).sum())
        height = float(f @ self.p) + move.height - theta * limit
        return _State(f, theta, g, move, plan, height, self.p - plan.sum(axis=1), spent - limit)

    def _newton(self, state: _State, weight: float, reference: Array, moving: bool) -> _State | None:
        """Return the state after a damped Newton step; None where no part of it is better.

        The dual is a sum of soft transforms, ``q @ g``, under the smoothed least mean. Its curvature (times the
        multiplier of information) is that of the transforms, covariances under P(x|y) of the indicators of x and of
        ``what`` theta multiplies, and that of the least mean along their derivatives, -``told`` and -``mean``.
        """
        n, (of_cost, of_information) = len(self.p), self._forms(state.theta)
        told, bend = state.told, of_information * state.move.curvature
        curvature = np.zeros((n + 1, n + 1))
        # Adding the constants' direction makes it regular; the gradient has none of it.
        fixed = np.diag(self.p - state.lack) - state.plan @ told.T
        curvature[:n, :n] = fixed + told @ bend @ told.T + 1.0 / n
        curvature[n, n], length, gradient = 1.0, 0.0, np.append(state.lack, 0.0)
        if moving:
            information = (state.f[:, None] + state.g - self.cost) / of_information
            what = -information if self.by_rate else -self.cost
            mean = (told * what).sum(axis=0)
            away = what - mean
            cross = (state.plan * away).sum(axis=1) + told @ (bend @ mean)
            own = float((state.plan * away**2).sum() + mean @ bend @ mean)
            length = min(own**-0.5 if own > 0 else 1.0, 1e3 * state.theta)
            curvature[:n, n] = curvature[n, :n] = length * cross
            curvature[n, n] = max(length**2 * own, FLATTEST)
            gradient[n] = length * state.slope
        curvatures, axes = np.linalg.eigh(curvature)
        direction = of_information * axes @ (gradient @ axes / np.maximum(curvatures, FLATTEST))
        # Potentials move by no more than the range of costs, the multiplier by less than itself.
        furthest = max(float(np.abs(direction[:n]).max()) / of_cost, length * abs(direction[n]) / (0.75 * state.theta))
        direction /= max(1.0, furthest)
        rise, rounding = float(gradient @ direction), 1e-15 * of_cost
        for share in SHARES:
            f, theta = state.f + share * direction[:n], state.theta + share * length * direction[n]
            trial = self._at(f, theta, weight, reference, state.move.price)
            raised = trial.height - state.height
            level = raised > -10 * rounding and self._error(trial, moving) < 0.9 * self._error(state, moving)
            if raised > max(0.1 * share * rise, rounding) or level:
                return trial
        return None


def _ratio(wanted: Array, found: Array) -> Array:
    """Return how much is missing as a factor; 0 where there is as good as nothing to scale."""
    return np.asarray(np.where(found > _NOTHING, wanted / np.maximum(found, _NOTHING), 0.0))
