"""Balls of output laws that the target's mass reaches by a plan of bounded cost: W1 balls, and TV as W1 under 0/1.

    least(g)  min of g @ q over the laws q = sum over z of t_z C(.|z)  with  sum over z, y of t_z C(y|z) d(z, y) <= P
            = max over lam >= 0 of  sum over z of t_z min over y of (g_y + lam d(z, y))  -  lam P

The least mean has corners. With ``weight`` times KL(C || reference) added to what the plan C pays it is smooth, and
the soft minimum that it then has is the minimum itself once the reference is the optimal plan: proximal steps, each
with the last plan for its reference, are exact at any weight (exponential method of multipliers, Tseng and Bertsekas
1993). Section 5 of the theory page; `tilting` has the same for KL.
"""

from dataclasses import dataclass

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.problem import FiniteProblem

# The least share of a letter's mass in a reference: what has left may come back.
_FLOOR = 1e-12
_ROUNDS = 100
# By how much of the radius a plan may miss it, as rounding does.
_MISSED = 1e-14


@dataclass(frozen=True, eq=False)
class Move:
    """The plan of least smoothed cost, the law that it makes of the target, and the price of the radius.

    ``height``: the smoothed least mean; ``least``: the bound that the price proves on the least mean itself;
    ``curvature``: minus the second derivative of the height by g, (|Y|, |Y|).
    """

    law: Array
    plan: Array
    price: float
    height: float
    least: float
    curvature: Array


class MovingBall:
    """The laws of a "tv" or "w1" ball, by plans C(y|z) from the letters z that the target has."""

    def __init__(self, problem: FiniteProblem, ball: Ball) -> None:
        """Distances are scaled to at most 1, and the radius with them."""
        assert problem.target is not None
        n, seen = problem.outputs, problem.target > 0
        distance = 1.0 - np.eye(n) if ball.divergence == "tv" else problem.distance
        reach = float(distance.max()) or 1.0
        self.target, self.mass = problem.target, problem.target[seen]
        self.distance, self.radius = distance[seen] / reach, ball.radius / reach

    def anywhere(self) -> Array:
        """Return the plan that knows nothing: the reference to begin with."""
        return np.full_like(self.distance, 1.0 / self.distance.shape[1])

    def inside(self, move: Move) -> Array:
        """Return the law of a move, of which as much is undone as rounding led beyond the radius."""
        used = float(self.mass @ (move.plan * self.distance).sum(axis=1))
        undone = max(0.0, 1.0 - self.radius / used) if used > 0 else 0.0
        return np.asarray(move.law + undone * (self.target - move.law))

    def least(self, g: Array, weight: float, reference: Array, near: float) -> Move:
        """Return the plan of least ``g @ q`` plus weighted divergence from the reference; ``near``: a price to try.

        A root in the price, which 0 is where the radius suffices: Newton steps on the logarithm of the plan's cost.
        """
        logs = np.log(np.maximum(reference, _FLOOR))
        base = logs - g / weight

        def at(price: float) -> tuple[Array, Array, Array]:
            exponents = base - price / weight * self.distance
            top = exponents.max(axis=1, keepdims=True)
            plan = np.exp(exponents - top)
            total = plan.sum(axis=1, keepdims=True)
            plan /= total
            return plan, (plan * self.distance).sum(axis=1), (top + np.log(total))[:, 0]

        price, low, high = 0.0, 0.0, np.inf
        plan, costs, logsums = at(price)
        if float(self.mass @ costs) > self.radius:
            price = near or weight
            for _ in range(_ROUNDS):
                plan, costs, logsums = at(price)
                used = float(self.mass @ costs)
                if abs(used - self.radius) <= _MISSED * self.radius:
                    break
                low, high = (price, high) if used > self.radius else (low, price)
                spread = float(self.mass @ ((plan * self.distance**2).sum(axis=1) - costs**2))
                step = np.inf if used > self.radius else -np.inf
                if min(used, spread) > 1e-300:
                    step = used * np.log(used / self.radius) * weight / spread
                if abs(step) <= 4e-16 * price:
                    break
                price = _between(price + step, price, low, high)
        law = self.mass @ plan
        curvature = np.diag(law) - (plan * self.mass[:, None]).T @ plan
        away = self.distance - costs[:, None]
        spread = float(self.mass @ (plan * away**2).sum(axis=1))
        if price > 0 and spread > 1e-300:
            # The price's own answer.
            leaning = self.mass @ (plan * away)
            curvature -= np.outer(leaning, leaning) / spread
        paid = price * self.radius
        height = -weight * float(self.mass @ logsums) - paid
        least = float(self.mass @ (g + price * self.distance).min(axis=1)) - paid
        return Move(law, plan, price, height, least, curvature / weight)


def _between(newton: float, price: float, low: float, high: float) -> float:
    """Return the Newton step's end if it is not too far; else the middle, or well beyond the price."""
    if np.isinf(high):
        return newton if low < newton < 16 * price else 16 * price
    return newton if low < newton < high else (low + high) / 2
