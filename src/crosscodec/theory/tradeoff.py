"""The record that every trade-off function returns.

    Tradeoff ─┬─ value      the optimum; NaN where the limits cannot be met
              ├─ feasible   can they be met
              ├─ binding    which limit is active, one of `LIMITS`
              ├─ reason     which limit cannot be met, and by how much ("" where all can)
              ├─ plan       the optimal mixture of maps, coupling or Gaussian; evaluating it gives the value back
              └─ gap, status, certified     what a numerical solver can vouch for

Texts are made when they are asked for: a million points of a closed form stay under a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from crosscodec.theory.arguments import Array, Mask

Plan = TypeVar("Plan")
Texts: TypeAlias = NDArray[np.object_]

LIMITS = ("none", "rate", "distortion", "classification", "perception", "transport")
CLOSED_FORM = "closed form"
# What is known of the least limit that can be met: it itself, the smallest that a search met, or what none goes below.
LEASTS = {"possible": "the least possible", "found": "the least found", "bound": "the lower bound"}
NONE, RATE, DISTORTION, CLASSIFICATION, PERCEPTION, TRANSPORT = range(6)


@dataclass(frozen=True, eq=False)
class Shortfall:
    """One limit that cannot be met: where, what was asked and what would be the least.

    Fields: ``limit`` names it ("rate", ...), ``find_least`` returns the smallest possible limit there (called when a
    text is asked for), ``unit`` its unit; ``known``: at each place one of `LEASTS`, "possible" where it is left out.
    """

    limit: str
    where: Mask
    asked: Array
    find_least: Callable[[], Array]
    unit: str
    known: Texts | None = None

    @cached_property
    def least(self) -> Array:
        """The smallest possible limit."""
        return self.find_least()

    def text(self, place: int) -> str:
        """Return the sentence for one flat position.

        For example "classification limit 0.41 bit is below the least possible 0.47 bit, by 0.06".
        """
        asked, least = float(self.asked.flat[place]), float(self.least.flat[place])
        known = "possible" if self.known is None else str(self.known.flat[place])
        return (
            f"{self.limit} limit {asked:.6g} {self.unit} is below {LEASTS[known]} {least:.6g} {self.unit}, "
            f"by {least - asked:.3g}"
        )


@dataclass(frozen=True, eq=False)
class Tradeoff(Generic[Plan]):
    """The answer of a trade-off function, for one point or for an array of points.

    Architecture, "failure is a named value with advice". Arrays in, arrays out; scalars in, scalars out.

    Units: ``value`` is in bits for rates and information, in the cost's unit for distortions.
    """

    value: float | Array
    feasible: bool | Mask
    plan: Plan
    codes: NDArray[np.int8]
    shortfalls: tuple[Shortfall, ...]
    gap: float | Array = 0.0
    status: str | Texts = CLOSED_FORM
    certified: bool | Mask = True

    @property
    def solved(self) -> bool:
        """Whether a numerical solver found it, so that gap, status and certified have something to tell."""
        return not (isinstance(self.status, str) and self.status == CLOSED_FORM)

    @property
    def binding(self) -> str | Texts:
        """The active limit, one of `LIMITS`; where infeasible, the limit that cannot be met."""
        words = np.array(LIMITS, dtype=object)[self.codes]
        return str(words) if self.codes.ndim == 0 else np.asarray(words)

    @property
    def reason(self) -> str | Texts:
        """Which limit cannot be met and by how much; empty where all can."""
        texts = np.full(self.codes.shape, "", dtype=object)
        for shortfall in self.shortfalls:
            for place in map(int, np.flatnonzero(shortfall.where)):
                before = texts.flat[place]
                texts.flat[place] = f"{before}; {shortfall.text(place)}" if before else shortfall.text(place)
        return str(texts[()]) if self.codes.ndim == 0 else texts


def answer(
    value: Array, feasible: Mask, plan: Plan, codes: NDArray[np.int8] | Array, shortfalls: tuple[Shortfall, ...]
) -> Tradeoff[Plan]:
    """Return the record of a closed form: exact, so with gap 0.

    The value becomes NaN where infeasible, and a float where the arguments were scalars.
    """
    shape = np.shape(value)
    masked = np.where(feasible, value, np.nan)
    words = np.asarray(codes, dtype=np.int8)
    # Most are in shape already, and numpy's broadcasting costs more than the test.
    fits = feasible if np.shape(feasible) == shape else np.broadcast_to(feasible, shape)
    return Tradeoff(
        value=masked if shape else float(masked),
        feasible=fits if shape else bool(feasible),
        plan=plan,
        codes=words if words.shape == shape else np.broadcast_to(words, shape),
        shortfalls=shortfalls,
    )
