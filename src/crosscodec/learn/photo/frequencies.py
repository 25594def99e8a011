"""Where a recipe that keeps more frequencies of the transform has the channels of the package that it starts from.

channels of the package:  luma │ blue │ red          of the recipe:  luma + │ blue + │ red +

What is new, behind the package's in each plane, begins as the mean of the highest that the package has there: shrunk,
scaled and quantised as coarsely as they. Begun as in a codec that starts from nothing, at the step of all others, they
cost more than all else: 256 and 96 frequencies, from a package of 192 and 48 and on drawings, were at 1.64 bits a pixel
and 30.8 dB after 214 steps of eight crops (quality 80, sigma 25), begun in this way at 1.00 and 31.3 dB after 163.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.codec.package import Package
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import ModelSettings

Array = NDArray[np.float32]
HIGHEST = 16  # frequencies of a plane, or all, whose mean a new one begins as
SHRINK, *LAST = BY_CHANNEL = ("shrink", "last.weight", "last.bias")  # of an analysis, one row for each channel


@dataclass(frozen=True)
class KeptFrequencies:
    """Frequencies of each plane (luma and two colour differences) in the package and in the recipe."""

    old: tuple[int, int, int]
    new: tuple[int, int, int]

    @classmethod
    def of(cls, package: Package, model: ModelSettings) -> "KeptFrequencies":
        """From the transform that the package's card tells of; without a word of it, of the recipe's.

        Raises UsageError when the package has more frequencies than the recipe: what was learnt of them would be lost.
        """
        card: dict[str, Any] = package.card.training.get("recipe", {}).get("model", {})
        luma, chroma = (int(card.get(name, getattr(model, name))) for name in ("luma", "chroma"))
        if luma > model.luma or chroma > model.chroma:
            raise UsageError(
                f"training.start: package {package.name} keeps {luma} frequencies of luma and {chroma} of each colour, "
                f"the recipe {model.luma} and {model.chroma}; give it as many as the package has, or more"
            )
        return cls((luma, chroma, chroma), (model.luma, model.chroma, model.chroma))

    def of_analysis(self, weights: dict[str, Array]) -> dict[str, Array]:
        """The weights of an analysis of the package with the recipe's channels. What its last layer adds to new ones
        begins at zero.
        """
        there = [name for name in BY_CHANNEL if name in weights and len(weights[name]) == sum(self.old)]
        silent = {name: self._spread(weights[name], fill=0.0) for name in there if name in LAST}
        return weights | silent | {name: self._spread(weights[name]) for name in there if name == SHRINK}

    def of_channels(self, numbers: Array) -> torch.Tensor:
        """The recipe's gains, dead zones or steps, or their logarithms (C,), of the package's (c,)."""
        return torch.from_numpy(self._spread(numbers))

    def _spread(self, rows: Array, fill: float | None = None) -> Array:
        """Rows of the recipe's channels; of new ones the mean of the highest old ones, or ``fill``."""
        parts: list[Array] = []
        for plane, old, new in zip(np.split(rows, np.cumsum(self.old)[:-1]), self.old, self.new, strict=True):
            mean = plane[-HIGHEST:].mean(axis=0, keepdims=True) if fill is None else np.full_like(plane[:1], fill)
            parts += [plane, mean.repeat(new - old, axis=0)]
        return np.concatenate(parts)
