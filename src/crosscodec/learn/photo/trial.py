"""Trial of a finished package on pictures kept out of training: the numbers that its card shows."""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec import Encoded, Package, decode_bytes, encode_pixels
from crosscodec.codec.encoding import encode_coefficients, picture_latents
from crosscodec.codec.package import pack
from crosscodec.learn.photo.validation import LEVELS
from crosscodec.measure.distortion import psnr
from crosscodec.measure.judges import Judges, load_judges
from crosscodec.randomness import draw_normal

SIGMAS = (10.0, 25.0, 50.0)
PICTURES = 8
STREAM = "trial/held-out"


@dataclass(frozen=True)
class Trial:
    """Means over held-out pictures at one noise level and quality (None: the package has one alone), of files that one
    encoder wrote and one decoder read; ``bits_per_pixel`` counts whole files. ``lpips`` is that of the network alex,
    None without its weights. Rows on cards of earlier releases name no encoder: it was the default one.
    """

    pictures: int
    sigma: float
    quality: int | None
    noisy_psnr: float
    restored_psnr: float
    bits_per_pixel: float
    encoder: str
    decoder: str
    lpips: float | None


def try_package(
    package: Package,
    pictures: tuple[NDArray[np.uint8], ...],
    seed: int,
    decoder: str = "fidelity",
    data: Path | None = None,
    encoders: tuple[str, ...] = (),
) -> tuple[Trial, ...]:
    """Encode with each encoder (default all) and decode at most eight held-out pictures (H,W,3) at three noise levels
    and qualities, unclipped noise of the run's seed. ``data`` holds the weights of LPIPS.
    """
    chosen = pictures[:PICTURES]
    levels = LEVELS if package.card.qualities is not None else (None,)
    bench = _Bench(package, chosen, seed, decoder, load_judges(data))
    points = product(encoders or package.encoders, SIGMAS, levels) if chosen else ()
    return tuple(bench.row(*point) for point in points)


def with_trials(package: Package, trials: tuple[Trial, ...]) -> bytes:
    """The bytes of the same package with the trials on its card, after what is there."""
    rows: tuple[dict[str, Any], ...] = tuple(
        asdict(trial) | {"set": "held out of the training sets"} for trial in trials
    )
    return pack(replace(package.card, measured=(*package.card.measured, *rows)), package.parts)


@dataclass(frozen=True)
class _Bench:
    package: Package
    pictures: tuple[NDArray[np.uint8], ...]
    seed: int
    decoder: str
    judges: Judges

    @cached_property
    def _features(self) -> list[tuple[NDArray[np.float32], ...] | None]:
        """What LPIPS sees of each clean picture: the same at all levels and qualities."""
        return [self.judges.features(pixels) for pixels in self.pictures]

    def row(self, encoder: str, sigma: float, quality: int | None) -> Trial:
        """The means of one encoder at one noise level and quality."""
        found = [self._picture(index, encoder, sigma, quality) for index in range(len(self.pictures))]
        before, after, rate = (round(float(np.mean([row[k] for row in found])), 4) for k in range(3))
        seen = [row[3] for row in found if row[3] is not None]
        distance = round(float(np.mean(seen)), 4) if len(seen) == len(found) else None
        return Trial(len(found), sigma, quality, before, after, rate, encoder, self.decoder, distance)

    def _picture(
        self, index: int, encoder: str, sigma: float, quality: int | None
    ) -> tuple[float, float, float, float | None]:
        """PSNR before and after, bits a pixel, LPIPS."""
        pixels, degraded = self.pictures[index], self._degraded(index, sigma)
        encoded = self._encoded(index, encoder, sigma, quality)
        restored = decode_bytes(encoded.data, self.package, decoder=self.decoder).pixels
        distance = self.judges.distance(self._features[index], restored)
        return psnr(clean_of(pixels), degraded), psnr(pixels, restored), encoded.bits_per_pixel, distance

    def _degraded(self, index: int, sigma: float) -> NDArray[np.float32]:
        clean = clean_of(self.pictures[index])
        noise = draw_normal(self.seed, STREAM, index, clean.shape) * (sigma / 255)
        return (clean + noise).astype(np.float32)

    def _encoded(self, index: int, encoder: str, sigma: float, quality: int | None) -> Encoded:
        level = None if quality is None else self.package.level(quality)
        if level is None:
            return encode_pixels(self._degraded(index, sigma), self.package, encoder=encoder)
        # The network runs once for all qualities of a picture.
        if self._latents.get("of") != (encoder, sigma):
            self._latents.clear()
            self._latents["of"] = (encoder, sigma)
        if index not in self._latents:
            self._latents[index] = picture_latents(self._degraded(index, sigma), self.package, encoder=encoder)
        return encode_coefficients([self._latents[index]], (self.pictures[index].shape,), self.package, level)

    @cached_property
    def _latents(self) -> dict[Any, Any]:
        """Of the encoder and noise level that were asked for last ("of"), the latents of each picture."""
        return {}


def clean_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture on the scale 0..1."""
    return pixels.astype(np.float32) / np.float32(255)
