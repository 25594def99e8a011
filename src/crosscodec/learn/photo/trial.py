"""Trial of a finished package on pictures kept out of training: the numbers that its card shows.

kept apart ─┬─ clean alone ─► noise at three levels ─┐
└─ pairs ───────► as recorded ───────────┴─► each encoder, each quality ─► file ─► decoder ─► Trial
"""

from collections.abc import Sequence
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
from crosscodec.learn.photo.data import KeptApart
from crosscodec.learn.photo.validation import LEVELS
from crosscodec.measure.distortion import psnr
from crosscodec.measure.judges import Judges, load_judges
from crosscodec.randomness import draw_normal

SIGMAS = (10.0, 25.0, 50.0)
PICTURES = 8
STREAM = "trial/held-out"
SIMULATED = "held out of the training sets"
RECORDED = "held out of the recorded pairs"


@dataclass(frozen=True)
class Trial:
    """Means over held-out pictures at one noise level (None: that of pairs, as they were recorded) and quality (None:
    the package has one alone), of files that one encoder wrote and one decoder read; ``bits_per_pixel`` counts whole
    files. ``lpips`` is that of the network alex, None without its weights. Rows on cards of earlier releases name no
    encoder: it was the default one.
    """

    pictures: int
    sigma: float | None
    quality: int | None
    noisy_psnr: float
    restored_psnr: float
    bits_per_pixel: float
    encoder: str
    decoder: str
    lpips: float | None

    @property
    def set(self) -> str:
        """What the pictures were held out of."""
        return RECORDED if self.sigma is None else SIMULATED


def try_package(
    package: Package,
    pictures: Sequence[KeptApart],
    seed: int,
    decoder: str = "fidelity",
    data: Path | None = None,
    encoders: tuple[str, ...] = (),
) -> tuple[Trial, ...]:
    """Encode with each encoder (default all) and decode at most eight held-out pairs and eight other held-out pictures,
    these at three noise levels, unclipped noise of the run's seed; at three qualities. ``data`` holds the weights of
    LPIPS.
    """
    levels = LEVELS if package.card.qualities is not None else (None,)
    judges, trials = load_judges(data), []
    for recorded, sigmas in ((True, (None,)), (False, SIGMAS)):
        chosen = tuple(kept for kept in pictures if (kept.recorded is not None) is recorded)[:PICTURES]
        bench = _Bench(package, chosen, seed, decoder, judges)
        points = product(encoders or package.encoders, sigmas, levels) if chosen else ()
        trials += [bench.row(*point) for point in points]
    return tuple(trials)


def with_trials(package: Package, trials: tuple[Trial, ...]) -> bytes:
    """The bytes of the same package with the trials on its card, after what is there."""
    rows: tuple[dict[str, Any], ...] = tuple(asdict(trial) | {"set": trial.set} for trial in trials)
    return pack(replace(package.card, measured=(*package.card.measured, *rows)), package.parts)


@dataclass(frozen=True)
class _Bench:
    package: Package
    pictures: tuple[KeptApart, ...]
    seed: int
    decoder: str
    judges: Judges

    @cached_property
    def _features(self) -> list[tuple[NDArray[np.float32], ...] | None]:
        """What LPIPS sees of each clean picture: the same at all levels and qualities."""
        return [self.judges.features(kept.clean) for kept in self.pictures]

    def row(self, encoder: str, sigma: float | None, quality: int | None) -> Trial:
        """The means of one encoder at one noise level and quality."""
        found = [self._picture(index, encoder, sigma, quality) for index in range(len(self.pictures))]
        before, after, rate = (round(float(np.mean([row[k] for row in found])), 4) for k in range(3))
        seen = [row[3] for row in found if row[3] is not None]
        distance = round(float(np.mean(seen)), 4) if len(seen) == len(found) else None
        return Trial(len(found), sigma, quality, before, after, rate, encoder, self.decoder, distance)

    def _picture(
        self, index: int, encoder: str, sigma: float | None, quality: int | None
    ) -> tuple[float, float, float, float | None]:
        """PSNR before and after, bits a pixel, LPIPS."""
        pixels, degraded = self.pictures[index].clean, self._degraded(index, sigma)
        encoded = self._encoded(index, encoder, sigma, quality)
        restored = decode_bytes(encoded.data, self.package, decoder=self.decoder).pixels
        distance = self.judges.distance(self._features[index], restored)
        return psnr(clean_of(pixels), degraded), psnr(pixels, restored), encoded.bits_per_pixel, distance

    def _degraded(self, index: int, sigma: float | None) -> NDArray[np.float32]:
        kept = self.pictures[index]
        if sigma is None:
            assert kept.recorded is not None, "other pictures have a noise level"
            return kept.recorded
        clean = clean_of(kept.clean)
        noise = draw_normal(self.seed, STREAM, index, clean.shape) * (sigma / 255)
        return (clean + noise).astype(np.float32)

    def _encoded(self, index: int, encoder: str, sigma: float | None, quality: int | None) -> Encoded:
        level = None if quality is None else self.package.level(quality)
        if level is None:
            return encode_pixels(self._degraded(index, sigma), self.package, encoder=encoder)
        # The network runs once for all qualities of a picture.
        if self._latents.get("of") != (encoder, sigma):
            self._latents.clear()
            self._latents["of"] = (encoder, sigma)
        if index not in self._latents:
            self._latents[index] = picture_latents(self._degraded(index, sigma), self.package, encoder=encoder)
        return encode_coefficients([self._latents[index]], (self.pictures[index].clean.shape,), self.package, level)

    @cached_property
    def _latents(self) -> dict[Any, Any]:
        """Of the encoder and noise level that were asked for last ("of"), the latents of each picture."""
        return {}


def clean_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture on the scale 0..1."""
    return pixels.astype(np.float32) / np.float32(255)
