"""A problem in units of its own cost: what the solvers see, and the way back.

    cost d, distance  ─►  (d - least) / range, distance / largest  ─►  solvers  ─►  least + range * value

The tolerances of linear programs are absolute. In these units a distortion lies in [0, 1] whatever it is measured in,
so that an answer is as good, and a certificate means the same, for costs of 1e-10 and of 1e10; and costs below zero are
nothing special.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.oneshot import Limits
from crosscodec.theory.finite.point import Point
from crosscodec.theory.finite.problem import FiniteProblem


@dataclass(frozen=True, eq=False)
class UnitCost:
    """The problem ``original`` with costs from 0 to 1 and output distances up to 1.

    Section 1: every distortion is ``least + range`` times its own, all else is the same.
    """

    original: FiniteProblem

    @property
    def least(self) -> float:
        """The smallest cost."""
        return float(self.original.cost.min())

    @cached_property
    def range(self) -> float:
        """The difference of the largest cost and the smallest; 1 where all are the same."""
        return float(self.original.cost.max() - self.original.cost.min()) or 1.0

    @cached_property
    def reach(self) -> float:
        """The largest output distance; 1 where all are 0."""
        return float(self.original.distance.max()) or 1.0

    @cached_property
    def problem(self) -> FiniteProblem:
        """What the solvers see."""
        cost = (self.original.cost - self.least) / self.range
        return replace(self.original, cost=cost, distance=self.original.distance / self.reach)

    def limits(self, limits: Limits) -> Limits:
        """Limits in these units."""
        ball = limits.ball
        if ball.divergence == "w1":
            ball = Ball(ball.divergence, ball.radius / self.reach)
        return replace(limits, distortion=(limits.distortion - self.least) / self.range, ball=ball)

    def point(self, point: Point, goal: str) -> Point:
        """An answer in the units of the original problem; ``goal`` names what its value is."""
        missing = point.missing
        if missing is not None and missing.limit == "distortion":
            missing = replace(missing, asked=self._back(missing.asked), least=self._back(missing.least))
        plan = None if point.plan is None else replace(point.plan, problem=self.original)
        if goal != "distortion":
            return replace(point, plan=plan, missing=missing)
        return replace(point, value=self._back(point.value), gap=point.gap * self.range, plan=plan, missing=missing)

    def _back(self, distortion: float) -> float:
        return self.least + self.range * distortion
