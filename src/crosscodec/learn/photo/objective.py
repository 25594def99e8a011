"""The training objective of a plain cross-domain codec: ``bits + lambda * squared error to the clean picture``.

Each step trains one quality. Its loss is divided by the square root of its lambda, so that steps of high qualities,
whose squared error weighs a hundred times more, do not drown those of low ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis
from crosscodec.learn.photo.quality import REFERENCE


@dataclass(frozen=True)
class Losses:
    """Scalars of one batch: the total that is minimised and its parts."""

    total: Tensor
    bits_per_pixel: Tensor
    squared_error: Tensor  # mean over pixels and channels, in units of (1/255)^2
    sightings: Tensor | None = None  # of what was priced, for the density to follow; None where nothing was

    def numbers(self) -> dict[str, float]:
        """The parts as plain rounded numbers for the log."""
        return {
            "loss": round(self.total.item(), 5),
            "bpp": round(self.bits_per_pixel.item(), 5),
            "squared_error": round(self.squared_error.item(), 3),
        }


def round_through(latents: Tensor) -> Tensor:
    """Rounded latents whose gradient is that of the identity (straight-through estimator)."""
    return latents + (latents.round() - latents).detach()


def denoising_losses(analyses: Sequence[Analysis], degraded: Tensor, clean: Tensor) -> Losses:
    """Losses of the pyramids of analyses as plain denoisers, before there is anything to code: no rate."""
    residuals = torch.stack([analysis.net(degraded - 0.5)[0] for analysis in analyses])
    error = (degraded + residuals - clean).square().mean() * 255.0**2
    return Losses(REFERENCE * error, error.new_zeros(()), error)


def codec_losses(
    model: PhotoCodec, coefficients: Tensor, clean: Tensor, quality: int, lambda_distortion: float
) -> Losses:
    """Losses of what analyses made of one batch, coefficients (A*B,C,h,w), beside its clean pictures (B,3,H,W) in
    0..1: rate and error of rounded symbols, as the file will hold them, averaged over the A analyses.
    """
    latents = model.gains.latents(coefficients, quality)
    restored = model.restore(round_through(latents), quality)
    pixels = restored.shape[0] * restored.shape[2] * restored.shape[3]
    bits, sightings = model.density(quality).price(latents)
    rate = bits.sum() / pixels
    error = (restored.reshape(-1, *clean.shape) - clean).square().mean() * 255.0**2
    balance = math.sqrt(REFERENCE / lambda_distortion)
    return Losses(balance * (rate + lambda_distortion * error), rate, error, sightings)
