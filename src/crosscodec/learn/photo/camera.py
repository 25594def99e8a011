"""Training crops as a camera would have taken them: the model of domains/camera.py on batches, with chance in it.

    clean ─► light ─► mosaic ─► electrons ─► interpolation, plain to sharp ─► sRGB, bytes ─► JPEG, or not ─► degraded

The number of electrons at white, the gains of the white balance, how sharp the interpolation is and how strong the JPEG
are drawn for each crop: a user's camera is unknown.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from crosscodec.domains.camera import PLAIN, READ_OUT, SHARP, sites, through_jpeg


@dataclass(frozen=True)
class Shots:
    """How each of B crops was taken: arrays (B,), ``gains`` (B,2) of red and blue; ``jpeg`` 0: none."""

    electrons: NDArray[np.float32]
    gains: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    jpeg: NDArray[np.int64]

    @classmethod
    def drawn(cls, draw: np.random.Generator, size: int, low: float, high: float, jpeg: float) -> "Shots":
        """Shots with ``low`` to ``high`` electrons at white, a share ``jpeg`` of them stored as JPEG."""
        qualities = draw.integers(70, 99, size)
        return cls(
            np.exp(draw.uniform(np.log(low), np.log(high), size)).astype(np.float32),
            draw.uniform((1.4, 1.3), (2.4, 2.2), (size, 2)).astype(np.float32),
            draw.random(size).astype(np.float32),
            np.where(draw.random(size) < jpeg, qualities, 0),
        )


def taken(clean: Tensor, noise: Tensor, shots: Shots) -> Tensor:
    """Pictures (B,3,H,W) of bytes / 255 that a camera takes of clean ones; ``noise`` (B,1,H,W) is standard normal."""
    device, (height, width) = clean.device, clean.shape[2:]

    def column(values: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(values).to(device).view(len(values), -1, 1, 1)

    ones = np.ones((len(shots.gains), 1), np.float32)
    gains = column(np.concatenate([shots.gains[:, :1], ones, shots.gains[:, 1:]], axis=1))
    where = torch.from_numpy(sites(height, width)).to(device)
    light = torch.where(clean <= 0.04045, clean / 12.92, ((clean.clamp_min(0) + 0.055) / 1.055) ** 2.4)
    raw = (light / gains * where).sum(dim=1, keepdim=True)
    electrons = column(shots.electrons)
    raw = raw + noise * (raw / electrons + (READ_OUT / electrons) ** 2).sqrt()
    raw = raw * (gains * where).sum(dim=1, keepdim=True)
    padded = nn.functional.pad(raw, (2, 2, 2, 2), mode="reflect")
    plain, sharp = (
        nn.functional.conv2d(padded, torch.tensor(kernels, dtype=torch.float32, device=device)[:, None] / 8)
        for kernels in (PLAIN, SHARP)
    )
    green, along, across, other = (plain + column(shots.sharpness) * (sharp - plain)).chunk(4, dim=1)
    red_row = (torch.arange(height, device=device) % 2 == 0).view(1, 1, height, 1)
    at_red, at_green, at_blue = where[None].chunk(3, dim=1)
    red = torch.where(at_red, raw, torch.where(at_blue, other, torch.where(red_row, along, across)))
    blue = torch.where(at_blue, raw, torch.where(at_red, other, torch.where(red_row, across, along)))
    seen = torch.cat([red, torch.where(at_green, raw, green), blue], dim=1).clamp(0, 1)
    values = torch.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen.clamp_min(1e-6) ** (1 / 2.4) - 0.055)
    return _stored((values * 255).round(), shots.jpeg) / 255


def _stored(pixels: Tensor, qualities: NDArray[np.int64]) -> Tensor:
    """Pictures of whole numbers 0..255, after JPEG of a quality each; 0: as they are."""
    through = np.flatnonzero(qualities).tolist()
    if not through:
        return pixels
    pictures = pixels[through].permute(0, 2, 3, 1).byte().cpu().numpy()
    kept = pixels.clone()
    for place, picture in zip(through, pictures, strict=True):
        restored = through_jpeg(picture, int(qualities[place]), halved=bool(qualities[place] % 2)).astype(np.float32)
        kept[place] = torch.from_numpy(restored).permute(2, 0, 1).to(pixels.device)
    return kept
