"""What one encoder costs that serves many demands: R(Theta), and the penalty over the dearest single demand.

R(Theta)   least rate of one representation, each demand with a decoder of its own
A(Theta)   R(Theta) - sup over single demands           0 for Gaussian and binary problems (section 6)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import numbers, same_shape
from crosscodec.theory.bernoulli.transport import BernoulliTransport
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.oneshot import Limits
from crosscodec.theory.finite.transport import FiniteTransport
from crosscodec.theory.finite.universal import universal_rate
from crosscodec.theory.gaussian.transport import GaussianTransport
from crosscodec.theory.gaussian.vector import VectorGaussianTransport
from crosscodec.theory.tradeoff import Tradeoff


@dataclass(frozen=True)
class RatePenalty:
    """R(Theta) and A(Theta) in bits, the latter between ``lower`` and ``upper``; NaN where a demand is infeasible."""

    rate: float
    largest_single_rate: float
    lower: float
    upper: float
    feasible: bool
    reason: str

    @property
    def penalty(self) -> float:
        """A(Theta) in bits: the upper end of its bracket."""
        return self.upper

    @property
    def certified(self) -> bool:
        """Whether the bracket is closed (to 1e-7 bit)."""
        return bool(self.upper - self.lower <= 1e-7)


def rate_penalty(
    problem: BernoulliTransport | GaussianTransport | VectorGaussianTransport | FiniteTransport,
    distortion: ArrayLike,
    label_entropy: ArrayLike = np.inf,
    perception: ArrayLike = 0.0,
    divergence: str | None = None,
) -> RatePenalty:
    """Return R(Theta) and A(Theta) for the demands ``(D, C, P)``, given as arrays that broadcast.

    Section 6. Gaussian: the jointly Gaussian representation at the largest single rate serves all. Binary, one-shot:
    the map mass of the dearest demand serves all. Vector Gaussian: demands are distortions alone, so the nearest is the
    dearest. Finite, one-shot: a linear program over partitions of the source, KL balls between two polytopes.

    UsageError (a ValueError): no demand at all, another kind of problem, or a limit that the problem does not know.
    """
    if not isinstance(problem, BernoulliTransport | GaussianTransport | VectorGaussianTransport | FiniteTransport):
        raise UsageError(f"problem must be one of the Transport classes of crosscodec.theory, not {problem!r}")
    name = divergence or ("w2" if isinstance(problem, GaussianTransport) else "tv")
    arrays = same_shape(
        distortion=numbers("distortion", distortion),
        label_entropy=numbers("label_entropy", label_entropy),
        perception=numbers("perception", perception),
    )
    d, c, p = (np.atleast_1d(a).ravel() for a in arrays)
    if d.size == 0:
        raise UsageError("rate_penalty needs at least one demand, but the limits broadcast to an empty array")
    if isinstance(problem, VectorGaussianTransport):
        if divergence is not None or (p != 0).any() or (c < np.inf).any():
            raise UsageError(
                "VectorGaussianTransport has no label and always the exact target: "
                "demand distortions alone (label_entropy=inf, perception=0, divergence=None)"
            )
        single: Tradeoff[Any] = problem.rate(d)
    else:
        single = problem.rate(d, c, p, name)
    feasible = np.asarray(single.feasible)
    if not feasible.all():
        reasons = np.asarray(single.reason, dtype=object)
        place = int(np.argmin(feasible))
        return RatePenalty(np.nan, np.nan, np.nan, np.nan, False, f"demand {place + 1}: {reasons[place]}")
    largest = float(np.max(single.value))
    if not isinstance(problem, FiniteTransport):
        return RatePenalty(largest, largest, 0.0, 0.0, True, "")
    demands = [
        Limits("rate", np.inf, float(near), float(told), Ball(name, float(radius)))
        for near, told, radius in zip(d, c, p, strict=True)
    ]
    plans = list(np.asarray(single.plan, dtype=object))
    unit = problem.unit
    limits = [unit.limits(demand) for demand in demands]
    # A single rate that is not certified may be too high, and the penalty over it too low.
    surely = float(np.max(np.asarray(single.value) - np.asarray(single.gap)))
    shared = universal_rate(unit.problem, limits, plans, surely)
    dearest = largest
    if shared.bound > largest and name == "kl":
        # Output laws of single codes leave KL balls by a little, where they cost less: bracketed within the balls.
        alone = [universal_rate(unit.problem, [limit], [plan]) for limit, plan in zip(limits, plans, strict=True)]
        dearest = max(rate.value for rate in alone)
        surely = max(surely, *(rate.bound for rate in alone))
    upper = max(0.0, shared.value - surely)
    lower = min(upper, max(0.0, shared.bound - dearest))
    return RatePenalty(max(shared.value, largest), largest, lower, upper, True, "")
