"""Quantisation of every quality from 0 to 100 between one analysis and one synthesis.

    coefficients ─► x gain ─► nearer to zero by dead ─► latents ─round─► symbols ─► x step ─► coefficients ┐
                                                                                   level = quality / 100 ──┴─► synthesis

Gain, dead zone and step are free numbers of each channel at a few anchors (the gain units of Cui et al. 2021); between
two anchors the logarithms of gain and step, and the dead zone, are interpolated, as the run-time does
(codec.qualities). The entropy tables are those of the nearest anchor.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.codec.qualities import Place, Qualities, place_of
from crosscodec.learn.photo.settings import ModelSettings, ObjectiveSettings

REFERENCE = 0.018  # the lambda that ModelSettings.step is meant for


def lambda_of(quality: float, settings: ObjectiveSettings) -> float:
    """Weight of the squared error at a quality: geometric between those of quality 0 and 100."""
    low, high = math.log(settings.lambda_lowest), math.log(settings.lambda_highest)
    return math.exp(low + (high - low) * quality / BEST_QUALITY)


class Gains(nn.Module):
    """Gain, dead zone and step of each anchor and channel, each (A,C,1,1)."""

    def __init__(self, model: ModelSettings, objective: ObjectiveSettings) -> None:
        super().__init__()
        self.anchors = objective.anchors
        size = (len(self.anchors), model.luma + 2 * model.chroma, 1, 1)
        steps = [model.step * math.sqrt(REFERENCE / lambda_of(q, objective)) / 255 for q in self.anchors]
        log_step = torch.tensor(steps).log().view(-1, 1, 1, 1).expand(size)
        self.log_gain = nn.Parameter(-log_step.clone())
        self.log_step = nn.Parameter(log_step.clone())
        # Softplus keeps the dead zone positive, and its gradient alive at zero.
        self.raw_dead = nn.Parameter(torch.full(size, math.log(math.expm1(model.dead))))

    def latents(self, coefficients: Tensor, quality: int) -> Tensor:
        """Latents (B,C,h,w) of a quality; rounding them gives the symbols."""
        place = place_of(quality, self.anchors)
        scaled = coefficients * self._between(self.log_gain, place).exp()
        dead = self._between(nn.functional.softplus(self.raw_dead), place)
        latents: Tensor = scaled - torch.maximum(torch.minimum(scaled, dead), -dead)
        return latents

    def dequantised(self, symbols: Tensor, quality: int) -> Tensor:
        """What the synthesis is given (B,C+1,h,w): coefficients of symbols, and the level."""
        step = self._between(self.log_step, place_of(quality, self.anchors)).exp()
        level = symbols.new_full((len(symbols), 1, *symbols.shape[2:]), quality / BEST_QUALITY)
        return torch.cat([symbols * step, level], 1)

    @torch.no_grad()
    def exported(self) -> Qualities:
        """The anchors' numbers as the package holds them."""
        arrays = (self.log_gain.exp(), nn.functional.softplus(self.raw_dead), self.log_step.exp())
        gain, dead, step = (a.flatten(1).double().numpy().astype(np.float32) for a in arrays)
        return Qualities(self.anchors, gain, dead, step)

    def _between(self, values: Tensor, place: Place) -> Tensor:
        return torch.lerp(values[place.below], values[place.above], place.share)
