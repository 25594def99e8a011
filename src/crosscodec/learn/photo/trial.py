"""Trial of a finished package on pictures kept out of training: the numbers that its card shows."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec import Package, decode_bytes, encode_pixels
from crosscodec.codec.package import pack
from crosscodec.learn.photo.validation import LEVELS
from crosscodec.measure.distortion import psnr
from crosscodec.randomness import draw_normal

SIGMAS = (10.0, 25.0, 50.0)
PICTURES = 8
STREAM = "trial/held-out"


@dataclass(frozen=True)
class Trial:
    """Means over held-out pictures at one noise level and quality (None: the package has one alone);
    ``bits_per_pixel`` counts whole files.
    """

    pictures: int
    sigma: float
    quality: int | None
    noisy_psnr: float
    restored_psnr: float
    bits_per_pixel: float


def try_package(package: Package, pictures: tuple[NDArray[np.uint8], ...], seed: int) -> tuple[Trial, ...]:
    """Encode and decode at most eight held-out pictures (H,W,3) at three noise levels and qualities, unclipped noise of
    the run's seed.
    """
    chosen = pictures[:PICTURES]
    levels = LEVELS if package.card.qualities is not None else (None,)
    return tuple(_try_level(package, chosen, seed, sigma, q) for sigma in SIGMAS for q in levels if chosen)


def with_trials(package: Package, trials: tuple[Trial, ...]) -> bytes:
    """The bytes of the same package with the trials on its card."""
    rows: tuple[dict[str, Any], ...] = tuple(
        asdict(trial) | {"set": "held out of the training sets"} for trial in trials
    )
    return pack(replace(package.card, measured=rows), package.parts)


def _try_level(
    package: Package, pictures: tuple[NDArray[np.uint8], ...], seed: int, sigma: float, quality: int | None
) -> Trial:
    before, after, rates = [], [], []
    for index, pixels in enumerate(pictures):
        clean = pixels.astype(np.float32) / np.float32(255)
        noise = draw_normal(seed, STREAM, index, clean.shape) * (sigma / 255)
        degraded = (clean + noise).astype(np.float32)
        encoded = encode_pixels(degraded, package, quality=quality)
        before.append(psnr(clean, degraded))
        after.append(psnr(pixels, decode_bytes(encoded.data, package).pixels))
        rates.append(encoded.bits_per_pixel)
    means = [round(float(np.mean(values)), 4) for values in (before, after, rates)]
    return Trial(len(pictures), sigma, quality, *means)
