"""Validation on whole held-out pictures: model estimate of the rate, PSNR of the restored picture, by quality.

Of pairs that were recorded it is their own noise, of other pictures white noise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.learn.photo.blockdct import BLOCK
from crosscodec.learn.photo.data import KeptApart
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis

SIGMA = 25.0  # of 255, unclipped: the level at which methods are compared
PICTURES = 8
LEVELS = (20, 50, 80)  # qualities


@dataclass(frozen=True)
class Validation:
    """Means over the held-out pictures at one quality, as one of the encoders writes them."""

    encoder: str
    quality: int
    bits_per_pixel: float
    psnr: float


def numbers(validations: Iterable[Validation]) -> dict[str, float]:
    """The means as rounded numbers for the log; the default encoder is not named there."""
    found: dict[str, float] = {}
    for v in validations:
        where = f"q{v.quality}" if v.encoder == DEFAULT_ENCODER else f"q{v.quality}_{v.encoder}"
        found[f"validation_bpp_{where}"] = round(v.bits_per_pixel, 4)
        found[f"validation_psnr_{where}"] = round(v.psnr, 3)
    return found


@torch.no_grad()
def validate(
    model: PhotoCodec,
    pictures: Sequence[KeptApart],
    seed: int,
    analyses: Mapping[str, Analysis] | None = None,
) -> tuple[Validation, ...]:
    """Rate and PSNR, at sigma = 25 or of what was recorded, over at most eight held-out pictures, cut to whole blocks;
    rounded symbols, rounded pixels. A row for each of the encoders, by default the model's own, and each of three
    qualities; none without pictures.
    """
    rows: list[Validation] = []
    for encoder, analysis in (model.analyses if analyses is None else analyses).items():
        found = [_measured(model, analysis, kept, seed, i) for i, kept in enumerate(pictures[:PICTURES])]
        columns = zip(*found, strict=True)
        rows += [
            Validation(encoder, quality, *(float(np.mean(column)) for column in zip(*pairs, strict=True)))
            for quality, pairs in zip(LEVELS, columns, strict=bool(found))
        ]
    return tuple(rows)


def _measured(
    model: PhotoCodec, analysis: Analysis, kept: KeptApart, seed: int, index: int
) -> list[tuple[float, float]]:
    """Rate and PSNR of one picture at each quality."""
    height, width = (side // BLOCK * BLOCK for side in kept.clean.shape[:2])
    device = analysis.shrink.device
    clean = _planes(kept.clean.astype(np.float32), height, width) / 255
    if kept.recorded is None:
        draw = np.random.Generator(np.random.Philox(key=[seed, index]))
        noise = torch.from_numpy(draw.standard_normal(clean.shape, dtype=np.float32))
        degraded = clean + noise * SIGMA / 255
    else:
        degraded = _planes(kept.recorded, height, width)
    coefficients = analysis(degraded.to(device))
    found = []
    for quality in LEVELS:
        symbols = model.gains.latents(coefficients, quality).round()
        restored = model.restore(symbols, quality).clamp(0, 1).mul(255).round()
        rate = model.density(quality)(symbols).sum().item() / (height * width)
        error = (restored.cpu() - clean * 255).square().mean().item()
        found.append((rate, 10 * np.log10(255.0**2 / error)))
    return found


def _planes(pixels: NDArray[np.float32], height: int, width: int) -> torch.Tensor:
    """Planes (1,3,height,width) of the upper left part of a picture (H,W) or (H,W,3)."""
    part = pixels[:height, :width]
    colours = part.transpose(2, 0, 1) if part.ndim == 3 else np.broadcast_to(part, (3, *part.shape))
    return torch.from_numpy(np.ascontiguousarray(colours))[None]
