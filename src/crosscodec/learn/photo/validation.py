"""Validation on whole held-out pictures: model estimate of the rate, PSNR of the restored picture, by quality."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.learn.photo.blockdct import BLOCK
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
    pictures: tuple[NDArray[np.uint8], ...],
    seed: int,
    analyses: Mapping[str, Analysis] | None = None,
) -> tuple[Validation, ...]:
    """Rate and PSNR at sigma = 25 over at most eight held-out pictures, cut to whole blocks; rounded symbols,
    rounded pixels. A row for each of the encoders, by default the model's own, and each of three qualities; none
    without pictures.
    """
    rows: list[Validation] = []
    for encoder, analysis in (model.analyses if analyses is None else analyses).items():
        found = [_measured(model, analysis, pixels, seed, i) for i, pixels in enumerate(pictures[:PICTURES])]
        columns = zip(*found, strict=True)
        rows += [
            Validation(encoder, quality, *(float(np.mean(column)) for column in zip(*pairs, strict=True)))
            for quality, pairs in zip(LEVELS, columns, strict=bool(found))
        ]
    return tuple(rows)


def _measured(
    model: PhotoCodec, analysis: Analysis, pixels: NDArray[np.uint8], seed: int, index: int
) -> list[tuple[float, float]]:
    """Rate and PSNR of one picture at each quality."""
    height, width = (side // BLOCK * BLOCK for side in pixels.shape[:2])
    device = analysis.shrink.device
    clean = torch.from_numpy(pixels[:height, :width].transpose(2, 0, 1).astype(np.float32))[None] / 255
    draw = np.random.Generator(np.random.Philox(key=[seed, index]))
    noise = torch.from_numpy(draw.standard_normal(clean.shape, dtype=np.float32))
    coefficients = analysis((clean + noise * SIGMA / 255).to(device))
    found = []
    for quality in LEVELS:
        symbols = model.gains.latents(coefficients, quality).round()
        restored = model.restore(symbols, quality).clamp(0, 1).mul(255).round()
        rate = model.density(quality)(symbols).sum().item() / (height * width)
        error = (restored.cpu() - clean * 255).square().mean().item()
        found.append((rate, 10 * np.log10(255.0**2 / error)))
    return found
