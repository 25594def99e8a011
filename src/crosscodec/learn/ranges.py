"""What the value of a setting may be, told where the setting is declared, and checked before a run begins.

    steps: Count = 3000                                        a whole number, 1 or more
    gray: Share = 0.08                                         0 to 1
    network: Literal["conv", "dense"] = "conv"                 one of these words
    widths: Annotated[tuple[Count, ...], Sizes(3)] = (…)       a list of three

``checked`` follows such an annotation: the type first, then each rule beside it, then the elements of a list.
"""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, get_args, get_origin

from crosscodec.errors import UsageError


class Rule(Protocol):
    """What an annotation says beside the type."""

    def refusal(self, value: Any) -> str | None:
        """What the value must be, where it is not."""
        ...


@dataclass(frozen=True)
class Between:
    """Numbers from ``low`` to ``high``; ``above`` and ``below`` leave the end itself out."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False

    def refusal(self, value: float) -> str | None:
        """As Rule says."""
        inside = self.low < value if self.above else self.low <= value
        inside = inside and (value < self.high if self.below else value <= self.high)
        return None if inside else self._range

    @property
    def _range(self) -> str:
        if not self.above and not self.below and self.high < math.inf:
            return f"{self.low:.10g} to {self.high:.10g}"
        least = f"more than {self.low:g}" if self.above else f"{self.low:g} or more"
        most = f"less than {self.high:g}" if self.below else f"at most {self.high:g}"
        return least if self.high == math.inf else f"{least} and {most}"


@dataclass(frozen=True)
class Multiple:
    """Multiples of ``of``."""

    of: int

    def refusal(self, value: int) -> str | None:
        """As Rule says."""
        return None if value % self.of == 0 else f"a multiple of {self.of}"


class Sizes:
    """Lists with one of these numbers of elements."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes

    def refusal(self, value: tuple[Any, ...]) -> str | None:
        """As Rule says."""
        wanted = " or ".join("no values" if size == 0 else f"{size} values" for size in self.sizes)
        return None if len(value) in self.sizes else f"a list of {wanted}"


class Filled:
    """Lists with at least one element, texts with at least one character."""

    def refusal(self, value: tuple[Any, ...] | str) -> str | None:
        """As Rule says."""
        return None if value else "given, and not empty"


class Name:
    """Words that name a file, and that a command line takes without quotes."""

    def refusal(self, value: str) -> str | None:
        """As Rule says."""
        fits = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value)
        return None if fits else "1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit"


Whole = Annotated[int, Between(0)]
Seed = Annotated[int, Between(0, 2**31 - 1)]  # what every generator takes, also where others are derived of it
Count = Annotated[int, Between(1)]
# Of a process: the largest machines have fewer cores, and where threads cannot be had the process is killed.
Threads = Annotated[int, Between(0, 256)]
Processes = Annotated[int, Between(1, 256)]
Weight = Annotated[float, Between(0)]
Positive = Annotated[float, Between(0, above=True)]
Share = Annotated[float, Between(0, 1)]
Decay = Annotated[float, Between(0, 1, below=True)]  # of a running average: at 1 it would stay where it began


def checked(key: str, value: Any, kind: Any) -> Any:
    """The value as its annotation ``kind`` has it: whole numbers become floats where a float is meant, lists tuples.

    Raises UsageError that names the key, what would be right and what was given.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        found = checked(key, value, arguments[0])
        for rule in arguments[1:]:
            if wanted := rule.refusal(found):
                raise UsageError(f"{key} must be {wanted}, not {value!r}")
        return found
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(f"{key} must be a list, not {value!r}")
        return tuple(checked(f"{key}[{place}]", element, arguments[0]) for place, element in enumerate(value))
    if origin is Literal:
        if value not in arguments or type(value) is not str:
            raise UsageError(f"{key} must be one of {', '.join(arguments)}, not {value!r}")
        return value
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise UsageError(f"{key} must be of type {kind.__name__}, not {value!r}")
    if kind is float and not math.isfinite(value):
        raise UsageError(f"{key} must be a finite number, not {value!r}")
    return value
