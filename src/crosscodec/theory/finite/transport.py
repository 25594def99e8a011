"""Trade-offs of finite alphabets, by solvers that certify their answers.

    FiniteTransport ─┬─ one-shot, rate H(Y|U)       linear programs over maps          oneshot, program
                     └─ asymptotic, rate I(X;Y)     entropic transport and its duals   asymptotic, proximal

Sections 1, 5 and 8 of the theory page. Each point of an array of limits is solved on its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import (
    Array,
    choice,
    distance,
    distribution,
    finite,
    joint_distribution,
    nonnegative,
    numbers,
    same_shape,
)
from crosscodec.theory.finite.asymptotic_point import asymptotic
from crosscodec.theory.finite.ball import DIVERGENCES, Ball
from crosscodec.theory.finite.information import most_information
from crosscodec.theory.finite.oneshot import Limits, one_shot
from crosscodec.theory.finite.point import Point, gather
from crosscodec.theory.finite.problem import FiniteProblem
from crosscodec.theory.finite.program import MapSolver
from crosscodec.theory.finite.unit import UnitCost
from crosscodec.theory.tradeoff import Tradeoff

SETTINGS = ("one-shot", "asymptotic")
LABEL_VIEWS = ("y,u", "y")


@dataclass(frozen=True, eq=False)
class FiniteTransport:
    """The problem of sending X to Y over finite alphabets, with a label S.

    Section 1. ``joint`` P(s, x) of shape (|S|, |X|); ``target`` P(y) of shape (|Y|,) or None for any output law;
    ``cost`` d(x, y) of shape (|X|, |Y|), of either sign; ``output_distance`` (|Y|, |Y|) for W1 perception, by default
    |y - y'|. Gaps are in the unit of the value; a distortion is certified when its gap is below 1e-7 (one-shot) or 1e-6
    (asymptotic) of the range of the costs.
    """

    joint: ArrayLike
    target: ArrayLike | None
    cost: ArrayLike
    output_distance: ArrayLike | None = None
    problem: FiniteProblem = field(init=False, repr=False)
    unit: UnitCost = field(init=False, repr=False)
    _solver: list[MapSolver] = field(init=False, repr=False, default_factory=list)

    def __post_init__(self) -> None:
        """Check laws and costs against each other."""
        joint, cost = joint_distribution("joint", self.joint), finite("cost", self.cost)
        if cost.ndim != 2 or cost.shape[0] != joint.shape[1]:
            raise UsageError(
                f"cost must have shape ({joint.shape[1]}, |Y|) to fit joint {joint.shape}, got {cost.shape}"
            )
        target = None if self.target is None else distribution("target", self.target)
        outputs = cost.shape[1]
        if target is not None and target.size != outputs:
            raise UsageError(f"target must have {outputs} entries to fit cost {cost.shape}, got {target.size}")
        places = np.arange(outputs, dtype=np.float64)
        apart = np.abs(places[:, None] - places)
        if self.output_distance is not None:
            apart = distance("output_distance", self.output_distance, outputs)
        # Inputs of probability 0 carry nothing and would divide by zero.
        seen = joint.sum(axis=0) > 0
        object.__setattr__(self, "problem", FiniteProblem(joint[:, seen], cost[seen], target, apart))
        object.__setattr__(self, "unit", UnitCost(self.problem))

    def distortion(
        self,
        rate: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "tv",
        setting: str = "one-shot",
        label_given: str = "y,u",
    ) -> Tradeoff[object]:
        """Return the least ``E d(X, Y)`` under a rate, a label and a perception limit.

        Sections 1 and 5. Rate in bits: H(Y|U) ("one-shot") or I(X;Y) ("asymptotic"). label_given: "y,u" or "y"; the
        asymptotic setting needs no U, there both mean H(S|Y). Perception: probability, bits ("kl") or distance ("w1").
        """
        return self._solve("distortion", rate, np.inf, label_entropy, perception, divergence, setting, label_given)

    def rate(
        self,
        distortion: ArrayLike = np.inf,
        label_entropy: ArrayLike = np.inf,
        perception: ArrayLike = 0.0,
        divergence: str = "tv",
        setting: str = "one-shot",
        label_given: str = "y,u",
    ) -> Tradeoff[object]:
        """Return the least rate in bits under a distortion, a label and a perception limit.

        Sections 1 and 5; arguments as for `distortion`.
        """
        return self._solve("rate", np.inf, distortion, label_entropy, perception, divergence, setting, label_given)

    def information(self, rate: ArrayLike = np.inf, label_entropy: ArrayLike = np.inf) -> Tradeoff[object]:
        """Return the largest ``I(X;Y)`` in bits of a one-shot code with ``H(Y|U) <= rate`` and the exact target.

        Section 8, minimum entropy coupling with a bottleneck; label_entropy limits H(S|Y,U).
        """

        def solve(values: tuple[float, ...]) -> Point:
            r, c = values
            limits = Limits("distortion", r, np.inf, c, Ball("tv", 0.0))
            return self.unit.point(most_information(self._maps(), limits), "information")

        limits = {"rate": nonnegative("rate", rate), "label_entropy": nonnegative("label_entropy", label_entropy)}
        return _each(limits, solve)

    def _solve(
        self,
        goal: str,
        rate: ArrayLike,
        distortion: ArrayLike,
        label_entropy: ArrayLike,
        perception: ArrayLike,
        divergence: str,
        setting: str,
        label_given: str,
    ) -> Tradeoff[object]:
        choice("divergence", divergence, DIVERGENCES)
        choice("setting", setting, SETTINGS)
        choice("label_given", label_given, LABEL_VIEWS)

        def solve(values: tuple[float, ...]) -> Point:
            r, d, c, p = values
            limits = self.unit.limits(Limits(goal, r, d, c, Ball(divergence, p)))
            if setting == "asymptotic":
                return self.unit.point(asymptotic(self.unit.problem, limits), goal)
            return self.unit.point(one_shot(self._maps(), limits, label_given), goal)

        named = {
            "rate": nonnegative("rate", rate),
            # Where costs may be negative, so may be what is asked of their mean.
            "distortion": (nonnegative if self.unit.least >= 0 else numbers)("distortion", distortion),
            "label_entropy": nonnegative("label_entropy", label_entropy),
            "perception": nonnegative("perception", perception),
        }
        if self.problem.target is None and (np.isfinite(named["perception"]) & (named["perception"] > 0)).any():
            raise UsageError("perception is a distance from the target, and this problem has none")
        return _each(named, solve)

    def _maps(self) -> MapSolver:
        """Return the solver over maps, made once: its columns serve every point."""
        if not self._solver:
            self._solver.append(MapSolver(self.unit.problem))
        return self._solver[0]


def _each(limits: dict[str, Array], solve: Callable[[tuple[float, ...]], Point]) -> Tradeoff[object]:
    arrays = same_shape(**limits)
    points = [solve(tuple(float(a.flat[i]) for a in arrays)) for i in range(arrays[0].size)]
    return gather(points, arrays[0].shape)
