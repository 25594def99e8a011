"""Where a recipe that keeps more frequencies of the transform has the channels of the package that it starts from.

channels of the package:  luma │ blue │ red          of the recipe:  luma + │ blue + │ red +

What is new, behind the package's in each plane, begins as it does in a codec that starts from nothing: shrunk by
nothing, at the same step as all others.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from crosscodec.codec.package import Package
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import ModelSettings

Array = NDArray[np.float32]
BY_CHANNEL = ("shrink", "last.weight", "last.bias")  # weights of an analysis, one row for each channel


@dataclass(frozen=True)
class KeptFrequencies:
    """``places``: of each channel of the package the place among the recipe's."""

    places: NDArray[np.intp]

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
        planes = ((0, luma), (model.luma, chroma), (model.luma + model.chroma, chroma))
        return cls(np.concatenate([first + np.arange(count) for first, count in planes]))

    def of_analysis(self, weights: dict[str, Array], analysis: nn.Module) -> dict[str, Array]:
        """The weights of an analysis of the package with the recipe's channels, new ones as ``analysis`` has them."""
        made = dict(analysis.named_parameters())
        return weights | {name: self._among(weights[name], made[name]) for name in BY_CHANNEL if name in weights}

    @torch.no_grad()
    def put(self, numbers: torch.Tensor, into: torch.Tensor) -> None:
        """Set the package's channels of numbers (C,1,1), in place, to what it has of them (c,)."""
        into[torch.from_numpy(self.places), 0, 0] = numbers.to(into)

    def _among(self, rows: Array, made: torch.Tensor) -> Array:
        if len(rows) != len(self.places) or rows.shape[1:] != made.shape[1:]:
            return rows  # is refused, with both shapes, where it is taken over
        whole: Array = made.detach().cpu().numpy().copy()
        whole[self.places] = rows
        return whole
