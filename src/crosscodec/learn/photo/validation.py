"""Validation on whole held-out pictures: model estimate of the rate, PSNR of the restored picture."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.learn.photo.blockdct import BLOCK
from crosscodec.learn.photo.model import PhotoCodec

SIGMA = 25.0  # of 255, unclipped: the level at which methods are compared
PICTURES = 8


@dataclass(frozen=True)
class Validation:
    """Means over the held-out pictures."""

    bits_per_pixel: float
    psnr: float

    def numbers(self) -> dict[str, float]:
        """The means as rounded numbers for the log."""
        return {"validation_bpp": round(self.bits_per_pixel, 4), "validation_psnr": round(self.psnr, 3)}


@torch.no_grad()
def validate(model: PhotoCodec, pictures: tuple[NDArray[np.uint8], ...], seed: int) -> Validation:
    """Rate and PSNR at sigma = 25 over at most eight held-out pictures, cut to whole blocks; rounded symbols,
    rounded pixels.
    """
    rates, psnrs = [], []
    for index, pixels in enumerate(pictures[:PICTURES]):
        height, width = (side // BLOCK * BLOCK for side in pixels.shape[:2])
        clean = torch.from_numpy(pixels[:height, :width].transpose(2, 0, 1).astype(np.float32))[None] / 255
        draw = np.random.Generator(np.random.Philox(key=[seed, index]))
        noise = torch.from_numpy(draw.standard_normal(clean.shape, dtype=np.float32))
        symbols = model.analysis(clean + noise * SIGMA / 255).round()
        restored = model.synthesis(symbols).clamp(0, 1).mul(255).round()
        rates.append(model.density(symbols).sum().item() / (height * width))
        psnrs.append(10 * np.log10(255.0**2 / (restored - clean * 255).square().mean().item()))
    if not rates:
        return Validation(float("nan"), float("nan"))
    return Validation(float(np.mean(rates)), float(np.mean(psnrs)))
