"""Entropic transport into a KL ball of output laws: Newton steps on a smooth dual, which certifies every answer.

    max over f of  f @ p + least(g(f))        g(f)      the soft transform of f, as in `entropic`
                                              least(g)  min of g @ q over the laws q with KL(q || target) <= P

The least mean over a KL ball is ``max over lam of -lam log(target @ exp(-g / lam)) - lam P``, and the law that has it
is the target tilted by ``exp(-g / lam)`` (Gibbs, Donsker and Varadhan). So any f, with any price lam of the ball,
proves a lower bound (weak duality), whatever the alphabet; and the dual is concave and smooth, of |X| variables.
Section 5 of the theory page.
"""

from dataclasses import dataclass, replace

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E, mutual_information
from crosscodec.theory.finite.entropic import (
    FLATTEST,
    SHARES,
    Entropic,
    coupled,
    free_output,
    round_to_marginals,
    row_tolerance,
    soft_minimum,
)

# The least price of the ball, in units of the cost's range: what it leaves of the radius is then worth nothing.
CHEAPEST = 1e-12
# Prices fall by this factor from one stage to the next.
_CHEAPER = 0.25
_ROUNDS, _NEWTON_STEPS, _SWEEPS = 30, 8, 10
# What the dual may lose by rounding, in units of the cost's range.
_ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class Tilt:
    """The law of least mean in a KL ball, the price of its radius, and the least mean, a lower bound by the dual."""

    law: Array
    price: float
    least: float


def tilted(target: Array, radius: float, g: Array, cheapest: float) -> Tilt:
    """Return the law q of least ``g @ q`` with ``KL(q || target) <= radius`` nats, at a price of at least ``cheapest``.

    The target is positive; where the price is held at ``cheapest``, the law lies inside the ball. A root in the price:
    the divergence falls as the price rises, its square root nearly like the inverse.
    """
    low = float(g.min())
    height = g - low

    def at(slope: float) -> tuple[Array, float, float, float]:
        weights = target * np.exp(-np.minimum(height * slope, 700.0))
        total = float(weights.sum())
        law = weights / total
        mean = float(law @ height)
        return law, -slope * mean - float(np.log(total)), mean, total

    inside, outside = 0.0, 1.0 / cheapest
    law, divergence, mean, total = at(outside)
    slope = outside
    if divergence > radius:
        spread = float(target @ (height - target @ height) ** 2)
        slope = min(float(np.sqrt(2 * radius / max(spread, 1e-300))), outside / 2)
        for _ in range(100):
            law, divergence, mean, total = at(slope)
            inside, outside = (inside, slope) if divergence > radius else (slope, outside)
            if abs(divergence - radius) <= 1e-15 * max(radius, 1.0) or outside - inside <= 1e-15 * outside:
                break
            slope = _next_slope(slope, divergence, radius, float(law @ (height - mean) ** 2), inside, outside)
    price = 1.0 / slope
    return Tilt(law, price, low - price * (float(np.log(total)) + radius))


def _next_slope(
    slope: float, divergence: float, radius: float, variance: float, inside: float, outside: float
) -> float:
    """Return a Newton step on the square root of the divergence, whose derivative is ``slope * variance``, if it stays
    between the two; else their geometric middle.
    """
    root = float(np.sqrt(max(divergence, 0.0)))
    step = 2 * root * (root - float(np.sqrt(radius))) / max(slope * variance, 1e-300)
    if inside < slope - step < outside:
        return slope - step
    return float(np.sqrt(inside * outside)) if inside > 0 else outside / 16


@dataclass(frozen=True, eq=False)
class _State:
    """Where the ascent is: potentials, the tilt they ask for, the plan they make, the dual's height, the row error."""

    f: Array
    g: Array
    tilt: Tilt
    plan: Array
    height: float
    error: float


def ball_output(
    cost: Array, p: Array, target: Array, radius: float, eps: float, near: Entropic | None = None
) -> Entropic:
    """Return the coupling with source p and an output law in the KL ball (nats) that minimises ``E d + eps I(X;Y)``.

    Section 5, perception. p is positive; letters without target mass get none. Start from a neighbouring multiplier's
    answer when there is one.
    """
    seen = target > 0
    near_law = None if near is None else near.coupling.sum(axis=0)[seen]
    found = free_output(cost[:, seen], p, eps, near_law)
    law = found.coupling.sum(axis=0)
    some = law > 0
    # Where the ball does not bind, it is as if there were none.
    if float(law[some] @ np.log(law[some] / target[seen][some])) > radius:
        found = _Dual(cost[:, seen], p, target[seen], radius, eps).best(near)
    coupling = np.zeros_like(cost)
    coupling[:, seen] = found.coupling
    return replace(found, coupling=coupling, g=soft_minimum(cost - found.f[:, None], p[:, None], eps, axis=0))


class _Dual:
    """The concave dual at one multiplier, and its maximum."""

    def __init__(self, cost: Array, p: Array, target: Array, radius: float, eps: float) -> None:
        self.cost, self.p, self.target, self.radius, self.eps = cost, p, target, radius, eps
        self.range = float(cost.max() - cost.min()) or 1.0
        self.tolerance = row_tolerance(cost, eps)

    def best(self, near: Entropic | None) -> Entropic:
        """Return the maximum, from the neighbour's price of the ball on.

        A ball that hardly binds has a price far below eps, and a law that follows potentials by leaps: there the price
        falls in stages, each starting where the last one ended. Where this leads nowhere, `proximal` goes on.
        """
        f = np.zeros_like(self.p) if near is None else near.f
        cheapest = min(self.eps, self.range)
        if near is not None and near.price > 0:
            cheapest = min(cheapest, near.price)
        best, steps = None, 0
        while True:
            state, used = self._climbed(f, cheapest)
            steps += used
            coupling = round_to_marginals(state.plan, self.p, state.tilt.law)
            found = Entropic(coupling, state.f, state.g, state.height, steps, state.tilt.price)
            best = found if best is None else min(best, found, key=self._gap)
            binds = state.tilt.price > cheapest * (1 + 1e-7)
            if binds or self._gap(found) <= 1e-13 * self.range or cheapest < CHEAPEST * self.range:
                return best
            f, cheapest = state.f, cheapest * _CHEAPER

    def _gap(self, found: Entropic) -> float:
        value = float((found.coupling * self.cost).sum()) + self.eps * mutual_information(found.coupling) / LOG2_E
        return value - found.bound

    def _at(self, f: Array, cheapest: float) -> _State:
        g = soft_minimum(self.cost - f[:, None], self.p[:, None], self.eps, axis=0)
        tilt = tilted(self.target, self.radius, g, cheapest)
        plan = coupled(self.cost, self.p, tilt.law, f, g, self.eps)
        error = float(np.abs(self.p - plan.sum(axis=1)).sum())
        return _State(f, g, tilt, plan, float(f @ self.p) + tilt.least, error)

    def _climbed(self, f: Array, cheapest: float) -> tuple[_State, int]:
        """Return the maximum at this least price: Newton steps, and between them sweeps of Sinkhorn's algorithm."""
        state, steps = self._at(f, cheapest), 0
        for _ in range(_ROUNDS):
            before = state
            for _ in range(_NEWTON_STEPS):
                if state.error < self.tolerance:
                    return state, steps
                moved = self._newton(state, cheapest)
                steps += 1
                if moved is None:
                    break
                state = moved
            swept = self._at(self._swept(state), cheapest)
            state = swept if self._better(swept, state, 0.0) else state
            if state is before:
                break
        return state, steps

    def _better(self, new: _State, old: _State, rise: float) -> bool:
        """Whether the dual rose by enough, or stayed within rounding while the rows came nearer to p."""
        raised = new.height - old.height
        level = raised > -_ROUNDING * self.range and new.error < 0.9 * old.error
        return raised > max(rise, 0.1 * _ROUNDING * self.range) or level

    def _swept(self, state: _State) -> Array:
        """Return potentials after sweeps towards the rows p and the state's own output law."""
        f, g = state.f, state.g
        for _ in range(_SWEEPS):
            f = soft_minimum(self.cost - g, state.tilt.law, self.eps, axis=1)
            g = soft_minimum(self.cost - f[:, None], self.p[:, None], self.eps, axis=0)
        return f

    def _newton(self, state: _State, cheapest: float) -> _State | None:
        """Return the state after a damped Newton step; None where no part of it is better.

        To the curvature of fixed marginals comes that of the least mean: with P(x|y) = ``told`` and prices lam,
        ``told (diag q - q q' - w w' / var) told' / lam``, where ``w = q (g - mean)`` and the last term, the price's own
        answer, is there only where the ball binds.
        """
        q, lam = state.tilt.law, state.tilt.price
        lack = self.p - state.plan.sum(axis=1)
        told = state.plan / np.where(q > 0, q, 1.0)
        moved = told @ q
        curvature = (told * q) @ told.T - np.outer(moved, moved)
        away = state.g - q @ state.g
        variance = float(q @ away**2)
        if lam > cheapest * (1 + 1e-7) and variance > 0:
            leaning = told @ (q * away)
            curvature -= np.outer(leaning, leaning) / variance
        hessian = np.diag(self.p - lack) - state.plan @ told.T + self.eps / lam * curvature
        # Adding the constants' direction makes it regular; the gradient has none of it.
        curvatures, axes = np.linalg.eigh(hessian + 1.0 / len(self.p))
        direction = self.eps * axes @ (lack @ axes / np.maximum(curvatures, FLATTEST))
        direction *= min(1.0, self.range / max(float(np.abs(direction).max()), self.range))
        rise = float(lack @ direction)
        for share in SHARES:
            trial = self._at(state.f + share * direction, cheapest)
            if self._better(trial, state, 0.1 * share * rise):
                return trial
        return None
