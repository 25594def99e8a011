"""Asymptotic trade-offs of finite alphabets: rate I(X;Y), queried at a target rate or a target distortion.

    exact target       entropic transport, a root in the multiplier          (certified by its dual)
    any output         Blahut-Arimoto, a root in the multiplier              (certified by Csiszar's bound)
    KL ball            tilted output laws, a root in the multiplier          (certified by its dual)

Section 5 of the theory page. For the balls with corners see `proximal`, for the label `bottleneck`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E, mutual_information, plogp
from crosscodec.theory.finite.entropic import Entropic, fixed_marginals, free_output, round_to_marginals
from crosscodec.theory.finite.problem import FiniteProblem, transport_plan
from crosscodec.theory.finite.tilting import ball_output, tilted

# The multiplier is looked for between these multiples of the cost's range.
_COLDEST, _HOTTEST, _HOTTEST_OF_ALL = 1e-7, 1e5, 1e8
# A limit counts as met when it is missed by no more than this (bits, or the cost's unit).
MET = 1e-12
# By how much of the cost's range a coupling at the coldest multiplier may miss, as its marginals do by rounding.
NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Solution:
    """The optimal coupling at a target, with the lower bound on the goal and the potentials that prove it.

    ``value`` is E d when a rate was asked for, I(X;Y) in bits when a distortion was. ``slope``: the multiplier.
    """

    coupling: Array
    value: float
    bound: float
    eps: float
    g: Array
    f: Array

    @property
    def gap(self) -> float:
        """How far the value may be from the optimum."""
        return max(0.0, self.value - self.bound)


def exact_target(cost: Array, p: Array, q: Array, goal: str, limit: float, f: Array | None = None) -> Solution | None:
    """Return the optimum with output law q at a rate limit (goal "distortion") or a distortion limit (goal "rate").

    Section 5, fixed marginals. None where no coupling has this distortion.
    """
    transport = transport_plan(p, q, cost)
    plan, least = transport.coupling, transport.value
    independent = np.outer(p, q)
    scale = max(float(cost.max() - cost.min()), 1e-300)
    if goal == "distortion":
        if limit <= 0:
            # Of independent letters the distortion is linear in the output law: the plane is the function itself.
            return _at_end(independent, float((independent * cost).sum()), cost, g=p @ cost)
        if mutual_information(plan) <= limit:
            return _at_end(plan, least, cost, transport.f, transport.g)
    elif limit >= float((independent * cost).sum()):
        return _at_end(independent, 0.0, cost)
    elif limit < least - MET * scale:
        return None

    def solve(eps: float, near: Entropic | None) -> Entropic:
        return fixed_marginals(cost, p, q, eps, None if near is None else near.f)

    found = _at_target(solve, cost, goal, limit, scale)
    return found if goal == "distortion" else _within_distortion(found, cost, plan, least, limit)


def any_output(cost: Array, p: Array, goal: str, limit: float) -> Solution | None:
    """Return the optimum over all output laws at a rate limit or a distortion limit.

    Section 5, the classical R(D). None where the distortion is below ``E min_y d(X, y)``.
    """
    scale = max(float(cost.max() - cost.min()), 1e-300)
    least = float(p @ cost.min(axis=1))
    constant = p @ cost
    best = int(constant.argmin())
    still = np.zeros_like(cost)
    still[:, best] = p
    if goal == "distortion" and limit <= 0:
        return _at_end(still, float(constant[best]), cost)
    if goal == "rate" and limit >= constant[best]:
        return _at_end(still, 0.0, cost)
    if goal == "rate" and limit < least - MET * scale:
        return None
    nearest = np.zeros_like(cost)
    nearest[np.arange(len(p)), cost.argmin(axis=1)] = p
    if goal == "distortion" and mutual_information(nearest) <= limit:
        return _at_end(nearest, least, cost)

    def solve(eps: float, near: Entropic | None) -> Entropic:
        return free_output(cost, p, eps, None if near is None else near.coupling.sum(axis=0))

    return _at_target(solve, cost, goal, limit, scale)


def divergence_ball(cost: Array, p: Array, target: Array, radius: float, goal: str, limit: float) -> Solution | None:
    """Return the optimum over the output laws within ``radius`` bits of KL from the target.

    Section 5, perception. None where the distortion is below that of optimal transport to any of these laws.
    """
    seen, nats = target > 0, radius / LOG2_E
    scale = float(cost.max() - cost.min()) or 1.0
    # Of independent letters the distortion is linear in the output law.
    constant = p @ cost
    cheapest = tilted(target[seen], nats, constant[seen], _COLDEST**2 * scale)
    law = np.zeros_like(target)
    law[seen] = cheapest.law
    independent = np.outer(p, law)
    if goal == "distortion":
        # No code needs more than H(X).
        limit = min(limit, float(plogp(p).sum()))
    if goal == "distortion" and limit <= 0:
        return replace(_at_end(independent, float(law @ constant), cost, g=constant), bound=cheapest.least)
    if goal == "rate" and limit >= float(law @ constant):
        return _at_end(independent, 0.0, cost)

    def solve(eps: float, near: Entropic | None) -> Entropic:
        return ball_output(cost, p, target, nats, eps, near)

    found = _at_target(solve, cost, goal, limit, scale)
    distance = float((found.coupling * cost).sum())
    reached = distance <= limit + NEAR * scale if goal == "rate" else mutual_information(found.coupling) >= limit - MET
    if reached:
        return found
    # Beyond the coldest multiplier lies optimal transport to the law that it leads to.
    law = found.coupling.sum(axis=0)
    nearest = round_to_marginals(transport_plan(p, law, cost).coupling, p, law)
    least = float((nearest * cost).sum())
    if goal == "distortion":
        better = least < distance and mutual_information(nearest) <= limit
        return replace(found, coupling=nearest, value=least) if better else found
    return None if limit < least - MET * scale else _within_distortion(found, cost, nearest, least, limit)


def _at_end(coupling: Array, value: float, cost: Array, f: Array | None = None, g: Array | None = None) -> Solution:
    f = np.zeros(cost.shape[0]) if f is None else f
    g = np.zeros(cost.shape[1]) if g is None else g
    return Solution(coupling, value, value, 0.0, g, f)


def _within_distortion(found: Solution, cost: Array, nearest: Array, least: float, limit: float) -> Solution:
    """The solution, mixed with the coupling of least distortion as far as the limit asks for it.

    At the coldest multiplier a distortion may still be missed by a little; between two couplings of the same marginals
    the distortion is linear and the information convex.
    """
    distance = float((found.coupling * cost).sum())
    if distance <= limit + MET:
        return found
    share = min(1.0, max(0.0, (limit - least) / (distance - least))) if distance > least else 0.0
    coupling = share * found.coupling + (1 - share) * nearest
    return replace(found, coupling=coupling, value=mutual_information(coupling))


def _at_target(
    solve: Callable[[float, Entropic | None], Entropic], cost: Array, goal: str, limit: float, scale: float
) -> Solution:
    """Return the solution at the multiplier whose rate (or distortion) is the limit: a root in its logarithm.

    Descend from hot to cold by factors of 4 (each start is the last answer), then close in by regula falsi.
    """
    hot, met = np.log(_HOTTEST * scale), MET
    if goal == "distortion":
        # Information falls with the square of the multiplier: a tiny rate needs a hotter one, as rounding allows.
        met = min(MET, 1e-3 * limit)
        hot = np.log(np.clip(1 / np.sqrt(limit), _HOTTEST, _HOTTEST_OF_ALL) * scale)
    proofs: list[Solution] = []

    def excess(found: Entropic) -> float:
        if goal == "distortion":
            return mutual_information(found.coupling) - limit
        return limit - float((found.coupling * cost).sum())

    def solved(eps: float, near: Entropic | None) -> Entropic:
        found = solve(eps, near)
        proofs.append(_certified(found, cost, goal, limit, eps))
        return found

    near = solved(float(np.exp(hot)), None)
    high, at_high = hot, excess(near)
    low, at_low, best = high, at_high, near
    while at_low < -met and low > np.log(_COLDEST * scale):
        high, at_high = low, at_low
        low = low - np.log(4.0)
        best = solved(float(np.exp(low)), best)
        at_low = excess(best)
    eps = float(np.exp(low))
    # Not where the limit is below what even the hottest multiplier leaves: then it is met up to rounding.
    if at_low > 0 and low < high:
        cold = goal == "rate"
        eps, best = _close_in(solved, excess, (low, high), (at_low, at_high), best, cold, met)
    # Every multiplier proves a bound, and the coldest, whose potentials are the least exact, not always the best one.
    proof = max(proofs, key=lambda one: one.bound)
    return replace(_certified(best, cost, goal, limit, eps), bound=proof.bound, eps=proof.eps, f=proof.f, g=proof.g)


def _close_in(
    solve: Callable[[float, Entropic | None], Entropic],
    excess: Callable[[Entropic], float],
    ends: tuple[float, float],
    values: tuple[float, float],
    start: Entropic,
    cold: bool,
    met: float,
) -> tuple[float, Entropic]:
    """Return the multiplier between the ends where the excess vanishes (Illinois method), from its feasible side.

    The feasible side is the hot one for a rate limit, the cold one for a distortion limit; ``met`` is the excess that
    counts as none.
    """
    low, high = ends
    at_low, at_high = values
    found, side = start, 0
    eps, best = (low, start) if cold else (high, solve(float(np.exp(high)), start))
    for _ in range(80):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < middle < high:
            middle = (low + high) / 2
        found = solve(float(np.exp(middle)), found)
        value = excess(found)
        if (value >= -met) if cold else (value <= met):
            eps, best = middle, found
        if value <= 0:
            high, at_high = middle, value
            at_low = at_low / 2 if side < 0 else at_low
            side = -1
        else:
            low, at_low = middle, value
            at_high = at_high / 2 if side > 0 else at_high
            side = 1
        if abs(value) <= met or high - low < 1e-14:
            break
    return float(np.exp(eps)), best


def _certified(found: Entropic, cost: Array, goal: str, limit: float, eps: float) -> Solution:
    """Return the solution with the bound that the dual proves at the limit itself."""
    distance = float((found.coupling * cost).sum())
    if goal == "distortion":
        bound = found.bound - eps * limit / LOG2_E
        return Solution(found.coupling, distance, bound, eps, found.g, found.f)
    bound = (found.bound - limit) / eps * LOG2_E
    return Solution(found.coupling, mutual_information(found.coupling), max(bound, 0.0), eps, found.g, found.f)


def reduced(problem: FiniteProblem) -> tuple[Array, Array]:
    """Return cost and source without the inputs of probability 0.

    They carry nothing and would divide by zero.
    """
    seen = problem.source > 0
    return problem.cost[seen], problem.source[seen]
