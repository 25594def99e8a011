"""Families of curves: series of one panel whose names differ in one number, the value of a second limit.

"P = 0"  "P = 0.1"  "P = 0.4"  ...        one family, label "P"; together the curves are a surface over (x, P)
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Fewer curves are read one by one; as a surface they would say less.
LEAST = 4
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Family:
    """The series named `before` + number + `after`; `levels` maps their names to the numbers, least number first."""

    before: str
    after: str
    levels: dict[str, float]

    @property
    def label(self) -> str:
        """What the number is, as the title of an axis: "P = 0.1 bit" and the like give "P, bit"."""
        left = re.sub(r"[\s=<>≤≥:(\[]+$", "", self.before)
        right = re.sub(r"^[\s,;:)\]]+", "", self.after).rstrip(")]")
        return ", ".join(filter(None, (left, right))) or "second limit"

    @property
    def title(self) -> str:
        """All its names in one: "P = 0 … 0.4"."""
        numbers = list(self.levels.values())
        return f"{self.before}{numbers[0]:g} … {numbers[-1]:g}{self.after}"


def find_families(names: Sequence[str]) -> list[Family]:
    """The families among some names, largest first; a name belongs to one of them at most.

    Where a name has several numbers, the one whose change gives the larger family is the limit.
    """
    found: dict[tuple[str, str], dict[str, float]] = {}
    for name in dict.fromkeys(names):
        for match in _NUMBER.finditer(name):
            around = (name[: match.start()], name[match.end() :])
            found.setdefault(around, {})[name] = float(match.group().replace("−", "-"))
    families: list[Family] = []
    taken: set[str] = set()
    for (before, after), levels in sorted(found.items(), key=lambda item: (-len(item[1]), item[0])):
        free = {name: level for name, level in levels.items() if name not in taken}
        if len(set(free.values())) == len(free) >= LEAST:
            families.append(Family(before, after, dict(sorted(free.items(), key=lambda item: item[1]))))
            taken |= free.keys()
    return families


def own_bound(series: str, bounds: Iterable[str]) -> str | None:
    """The bound that a series belongs to: the one of its name, or else the longest that its name ends with."""
    fits = [bound for bound in bounds if series == bound or series.endswith(f", {bound}")]
    return max(fits, key=len, default=None)
