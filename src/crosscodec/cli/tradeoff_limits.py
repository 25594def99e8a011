"""The limits of `crosscodec tradeoff`: text such as "0:1:101", "0.1,0.4" or "inf" becomes a grid of numbers."""

from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError

Array: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """The limits of one call, broadcast to a grid of the (at most two) that vary."""

    names: tuple[str, ...]
    limits: dict[str, Array]
    shape: tuple[int, ...]

    def axis(self, name: str) -> Array:
        """The values of a limit that varies, as they were written."""
        place = self.names.index(name)
        along: Array = np.moveaxis(self.limits[name], place, 0).reshape(self.shape[place], -1)[:, 0]
        return along


# What each quantity is limited by.
LIMITS = {
    "distortion": ("rate", "label_entropy", "perception"),
    "rate": ("distortion", "label_entropy", "perception"),
    "information": ("rate", "label_entropy"),
    "universal": ("distortion", "label_entropy", "perception"),
}


def option(name: str) -> str:
    """How a parameter is written on the command line."""
    return "--" + name.replace("_", "-")


def grid_for(quantity: str, **texts: str) -> Grid:
    """Return the grid of the limits that the quantity takes, out of limits given as text by name.

    UsageError: a text that is no limit, or more than two limits that vary.
    """
    return grid_of(**{name: texts[name] for name in LIMITS[quantity]})


def grid_of(**texts: str) -> Grid:
    """Return the grid of these limits, given as text by name.

    UsageError: a text that is no limit, or more than two limits that vary.
    """
    values = {name: parse_limits(name, text) for name, text in texts.items()}
    varying = tuple(name for name, array in values.items() if array.size > 1)
    if len(varying) > 2:
        raise UsageError(f"at most two limits may vary, here {', '.join(varying)} do")
    shape = tuple(values[name].size for name in varying)
    mesh = np.meshgrid(*(values[name] for name in varying), indexing="ij")
    spread = dict(zip(varying, mesh, strict=True))
    limits = {name: spread.get(name, np.full(shape, array[0])) for name, array in values.items()}
    return Grid(varying, limits, shape)


def parse_limits(name: str, text: str) -> Array:
    """Return the limits that a text means: "0:1:101" (from, to, points), "0.1,0.4", "0.5" or "inf".

    UsageError: anything else, and what would be right.
    """
    try:
        if ":" in text:
            start, end, points = text.split(":")
            count, low, high = int(points), float(start), float(end)
            if count < 1 or not isfinite(low) or not isfinite(high):
                raise ValueError
            return np.linspace(low, high, count)
        found = np.array([float(part) for part in text.split(",")])
        if np.isnan(found).any():
            raise ValueError
        return found
    except ValueError:
        raise UsageError(
            f"{option(name)} {text!r}: write a number, a list 0.1,0.4 or a range from:to:points between numbers"
        ) from None
