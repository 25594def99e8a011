"""The limits of `crosscodec tradeoff`: text such as "0:1:101", "0.1,0.4" or "inf" becomes a grid of numbers."""

from dataclasses import dataclass
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


def grid_for(quantity: str, rate: str, distortion: str, label_entropy: str, perception: str) -> Grid:
    """Return the grid of the limits that the quantity takes, each given as text.

    UsageError: another quantity than distortion or rate, or more than two limits that vary.
    """
    if quantity == "distortion":
        return grid_of(rate=rate, label_entropy=label_entropy, perception=perception)
    if quantity == "rate":
        return grid_of(distortion=distortion, label_entropy=label_entropy, perception=perception)
    raise UsageError(f"--quantity must be distortion, rate or (discrete sources) information, not {quantity!r}")


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
            count = int(points)
            if count < 1:
                raise ValueError
            return np.linspace(float(start), float(end), count)
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        option = "--" + name.replace("_", "-")
        raise UsageError(f"{option} {text!r}: write a number, a list 0.1,0.4 or a range from:to:points") from None
