"""The table of a simulation: for each quantity what theory says, what was measured, and whether the two agree.

|measured - theory| <= 3 standard errors (+ allowance)     ok
below a bound of theory by more                            beats the bound: a bug in one of the two, never a success
else                                                       misses the plan
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

TRUSTED = 3.0  # standard errors
OK, BEATS, MISSES = "ok", "beats the bound", "misses the plan"
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Row:
    """One quantity. It keeps the plan from ``least`` to ``most``; where theory is a ``bound``, less is impossible."""

    quantity: str
    theory: float
    measured: float
    standard_error: float
    least: float
    most: float
    bound: bool

    @property
    def difference(self) -> float:
        """Measured less theory."""
        return self.measured - self.theory

    @property
    def verdict(self) -> str:
        """`OK`, `BEATS` or `MISSES`."""
        if self.least <= self.measured <= self.most:
            return OK
        return BEATS if self.bound and self.measured < self.least else MISSES

    @property
    def sentence(self) -> str:
        """What is wrong, for people."""
        apart = f"{self.measured:.6g} against {self.theory:.6g}"
        if self.standard_error > 0:
            apart += f", {abs(self.difference) / self.standard_error:.1f} standard errors"
        edge = f"at most {self.most:.6g}" if self.measured > self.most else f"at least {self.least:.6g}"
        return f"{self.quantity} {self.verdict}: {apart} ({edge} is allowed)"


def plan_row(
    quantity: str, theory: float, measured: float, error: float, bound: bool = False, allowance: float = 0.0
) -> Row:
    """A row that must agree with the plan to 3 standard errors, above it with an allowance."""
    room = TRUSTED * error + _ROUNDING * (1 + abs(theory))
    return Row(quantity, theory, measured, error, theory - room, theory + room + allowance, bound)


def bound_row(quantity: str, theory: float, measured: float, error: float, most: float = math.inf) -> Row:
    """A row that may not lie below a bound of theory by more than 3 standard errors, nor above ``most``."""
    room = TRUSTED * error + _ROUNDING * (1 + abs(theory))
    return Row(quantity, theory, measured, error, theory - room, most, True)


def limit_row(quantity: str, limit: float, measured: float, error: float) -> Row:
    """A row that may not lie above a limit by more than 3 standard errors."""
    room = TRUSTED * error + _ROUNDING * (1 + abs(limit))
    return Row(quantity, limit, measured, error, -math.inf, limit + room, False)


@dataclass(frozen=True, eq=False)
class Report:
    """What a simulation found: rows to compare, and facts about the file and the processes."""

    title: str
    rows: tuple[Row, ...]
    facts: Mapping[str, float]

    @property
    def complaints(self) -> tuple[str, ...]:
        """A sentence for each row that does not keep the plan."""
        return tuple(row.sentence for row in self.rows if row.verdict != OK)

    def row(self, quantity: str) -> Row:
        """The row whose quantity starts with these words."""
        return next(row for row in self.rows if row.quantity.startswith(quantity))
