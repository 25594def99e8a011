"""Validation on whole held-out pictures: model estimate of the rate, PSNR of the restored picture, by quality."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.learn.photo.blockdct import BLOCK
from crosscodec.learn.photo.model import PhotoCodec

SIGMA = 25.0  # of 255, unclipped: the level at which methods are compared
PICTURES = 8
LEVELS = (20, 50, 80)  # qualities


@dataclass(frozen=True)
class Validation:
    """Means over the held-out pictures at one quality."""

    quality: int
    bits_per_pixel: float
    psnr: float


def numbers(validations: Iterable[Validation]) -> dict[str, float]:
    """The means as rounded numbers for the log."""
    found: dict[str, float] = {}
    for v in validations:
        found[f"validation_bpp_q{v.quality}"] = round(v.bits_per_pixel, 4)
        found[f"validation_psnr_q{v.quality}"] = round(v.psnr, 3)
    return found


@torch.no_grad()
def validate(model: PhotoCodec, pictures: tuple[NDArray[np.uint8], ...], seed: int) -> tuple[Validation, ...]:
    """Rate and PSNR at sigma = 25 over at most eight held-out pictures, cut to whole blocks; rounded symbols,
    rounded pixels. A row for each of three qualities; none without pictures.
    """
    rows = [_measured(model, pixels, seed, index) for index, pixels in enumerate(pictures[:PICTURES])]
    columns = zip(*rows, strict=True)
    return tuple(
        Validation(quality, *(float(np.mean(column)) for column in zip(*found, strict=True)))
        for quality, found in zip(LEVELS, columns, strict=bool(rows))
    )


def _measured(model: PhotoCodec, pixels: NDArray[np.uint8], seed: int, index: int) -> list[tuple[float, float]]:
    """Rate and PSNR of one picture at each quality."""
    height, width = (side // BLOCK * BLOCK for side in pixels.shape[:2])
    clean = torch.from_numpy(pixels[:height, :width].transpose(2, 0, 1).astype(np.float32))[None] / 255
    draw = np.random.Generator(np.random.Philox(key=[seed, index]))
    noise = torch.from_numpy(draw.standard_normal(clean.shape, dtype=np.float32))
    coefficients = model.analysis(clean + noise * SIGMA / 255)
    found = []
    for quality in LEVELS:
        symbols = model.gains.latents(coefficients, quality).round()
        restored = model.restore(symbols, quality).clamp(0, 1).mul(255).round()
        rate = model.density(quality)(symbols).sum().item() / (height * width)
        found.append((rate, 10 * np.log10(255.0**2 / (restored - clean * 255).square().mean().item())))
    return found
