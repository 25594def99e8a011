"""Training crops as a camera would have taken them: the model of domains/camera.py on batches, with chance in it.

    clean ─► enlarged, or not ─► light ─► mosaic ─► electrons ─► interpolation, plain to sharp ─► sRGB ─┐
    degraded ◄─ JPEG, or not ◄─ bytes ◄─ sharpened, or not ◄─ reduced ◄─ colours smoothed, or not ◄─────┘
    target ◄──────────────────────────── sharpened, or not ◄─ clean

Where the mosaic begins, the number of electrons at white, the gains of the white balance, how sharp the interpolation
is, what was done to the photo afterwards and how strong the JPEG is are drawn for each crop: a user's camera is
unknown. What a maker or an editor sharpened is meant to be sharp, so the target is sharpened alike; the noise that
became sharper with it is not.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from crosscodec.codec.pictures import LUMA
from crosscodec.domains.camera import PLAIN, READ_OUT, SHARP, through_jpeg

LARGEST = 2.0  # times the size of the crop: a photo that was reduced to it
REACH = 4  # pixels, of a Gaussian window


@dataclass(frozen=True)
class Shots:
    """How each of B crops was taken: arrays (B,), ``gains`` (B,2) of red and blue, ``first`` (B,2) row and column of
    the first red photosite.
    """

    electrons: NDArray[np.float32]
    gains: NDArray[np.float32]
    sharpness: NDArray[np.float32]  # of the interpolation, 0 plain .. 1
    jpeg: NDArray[np.int64]  # quality; 0: none
    first: NDArray[np.int64]
    enlarged: NDArray[np.float32]  # 1 .. LARGEST: size that the photo was taken at, and reduced from
    smoothed: NDArray[np.float32]  # sigma, pixels, of the window that took noise off the colours; 0: none
    sharpened: NDArray[np.float32]  # how much of the picture's difference to a smoothed one was added

    @classmethod
    def drawn(cls, draw: np.random.Generator, size: int, low: float, high: float, jpeg: float) -> "Shots":
        """Shots with ``low`` to ``high`` electrons at white, a share ``jpeg`` of them stored as JPEG. A third were
        taken larger, half had their colours smoothed, half were sharpened.
        """
        qualities = jpeg_qualities(draw, size)

        def some(share: float, none: float, least: float, most: float) -> NDArray[np.float32]:
            return np.where(draw.random(size) < share, draw.uniform(least, most, size), none).astype(np.float32)

        return cls(
            np.exp(draw.uniform(np.log(low), np.log(high), size)).astype(np.float32),
            draw.uniform((1.4, 1.3), (2.4, 2.2), (size, 2)).astype(np.float32),
            draw.random(size).astype(np.float32),
            np.where(draw.random(size) < jpeg, qualities, 0),
            draw.integers(0, 2, (size, 2)),
            some(1 / 3, 1.0, 1.0, LARGEST),
            some(1 / 2, 0.0, 0.5, 2.0),
            some(1 / 2, 0.0, 0.0, 1.0),
        )

    def at(self, places: NDArray[np.int64]) -> "Shots":
        """Those of some of the crops."""
        return Shots(*(values[places] for values in vars(self).values()))


def taken(clean: Tensor, shots: Shots, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Pictures (B,3,H,W) of bytes / 255 that a camera takes of clean ones, and what they should have been. Without
    ``generator`` there is no noise.
    """
    size = clean.shape[2:]
    photos = _photographed(clean, shots, generator)
    for place in np.flatnonzero(shots.enlarged > 1):
        larger = [round(side * float(shots.enlarged[place])) for side in size]
        scene = nn.functional.interpolate(clean[place : place + 1], larger, mode="bicubic").clamp(0, 1)
        photo = _photographed(scene, shots.at(np.array([place])), generator)
        photos[place] = nn.functional.interpolate(photo, size, mode="bicubic", antialias=True)[0]
    photos, target = (_sharpened(pictures, shots.sharpened) for pictures in (photos, clean))
    return through_jpegs((photos * 255).round(), shots.jpeg) / 255, target


def _photographed(clean: Tensor, shots: Shots, generator: torch.Generator | None) -> Tensor:
    """What the camera makes of its photosites, values of sRGB."""
    device, (count, _, height, width) = clean.device, clean.shape
    ones = np.ones((count, 1), np.float32)
    gains = _column(np.concatenate([shots.gains[:, :1], ones, shots.gains[:, 1:]], axis=1), clean)
    first = torch.from_numpy(shots.first).to(device).view(count, 2, 1, 1)
    red_row = torch.arange(height, device=device).view(1, 1, height, 1) % 2 == first[:, :1]
    red_column = torch.arange(width, device=device).view(1, 1, 1, width) % 2 == first[:, 1:]
    at_red, at_green, at_blue = red_row & red_column, red_row ^ red_column, ~red_row & ~red_column
    where = torch.cat([at_red, at_green, at_blue], dim=1)
    light = torch.where(clean <= 0.04045, clean / 12.92, ((clean.clamp_min(0) + 0.055) / 1.055) ** 2.4)
    raw = (light / gains * where).sum(dim=1, keepdim=True)
    if generator is not None:
        electrons = _column(shots.electrons, clean)
        noise = torch.randn(raw.shape, generator=generator, device=device)
        raw = raw + noise * (raw / electrons + (READ_OUT / electrons) ** 2).sqrt()
    raw = raw * (gains * where).sum(dim=1, keepdim=True)
    padded = nn.functional.pad(raw, (2, 2, 2, 2), mode="reflect")
    plain, sharp = (
        nn.functional.conv2d(padded, torch.tensor(kernels, dtype=torch.float32, device=device)[:, None] / 8)
        for kernels in (PLAIN, SHARP)
    )
    green, along, across, other = (plain + _column(shots.sharpness, clean) * (sharp - plain)).chunk(4, dim=1)
    red = torch.where(at_red, raw, torch.where(at_blue, other, torch.where(red_row, along, across)))
    blue = torch.where(at_blue, raw, torch.where(at_red, other, torch.where(red_row, across, along)))
    seen = torch.cat([red, torch.where(at_green, raw, green), blue], dim=1).clamp(0, 1)
    values = torch.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen.clamp_min(1e-6) ** (1 / 2.4) - 0.055)
    luma = (values * torch.tensor(LUMA, device=device).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return luma + _smooth(values - luma, shots.smoothed)


def _sharpened(pictures: Tensor, amounts: NDArray[np.float32]) -> Tensor:
    """Pictures and ``amounts`` of their difference to a smoothed one, within 0..1."""
    if not amounts.any():
        return pictures.clamp(0, 1)
    smooth = _smooth(pictures, np.ones_like(amounts))
    return (pictures + _column(amounts, pictures) * (pictures - smooth)).clamp(0, 1)


def _smooth(pictures: Tensor, sigmas: NDArray[np.float32]) -> Tensor:
    """Pictures (B,C,H,W) through Gaussian windows, each of its own sigma in pixels; 0: as they are."""
    if not sigmas.any():
        return pictures
    count, channels, height, width = pictures.shape
    sigma = _column(np.maximum(sigmas, 1e-3), pictures).view(count, 1)
    places = torch.arange(-REACH, REACH + 1, device=pictures.device)
    window = torch.exp(-0.5 * (places / sigma) ** 2)
    window = (window / window.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    planes = pictures.reshape(1, -1, height, width)
    padded = nn.functional.pad(planes, (REACH, REACH, REACH, REACH), mode="reflect")
    rows = nn.functional.conv2d(padded, window[:, None, None, :], groups=len(window))
    both = nn.functional.conv2d(rows, window[:, None, :, None], groups=len(window))
    return both.view(pictures.shape)


def jpeg_qualities(draw: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Of that many pictures (B,), those that cameras and people use; odd ones halve the resolution of colours."""
    return draw.integers(70, 99, size)


def through_jpegs(pixels: Tensor, qualities: NDArray[np.int64]) -> Tensor:
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


def _column(values: NDArray[np.float32], beside: Tensor) -> Tensor:
    """Numbers of each of B pictures, (B,) or (B,C), as (B,C,1,1) on the device of others."""
    return torch.from_numpy(values).to(beside.device).view(len(values), -1, 1, 1)
