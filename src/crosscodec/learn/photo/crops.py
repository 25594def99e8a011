"""Training crops: which pixels, turned how, with which noise, as a function of (seed, step) alone.

    pictures ─(NumPy, the CPU)─► crops: bytes, and what befalls each ─(torch, any device)─► batch: degraded, clean
    pairs ────(NumPy, the CPU)─► crops of both, as they were recorded ──────────────────────────────┘

A resumed run therefore sees the batches that the uninterrupted one would have seen, without a saved sampler state. On a
GPU the noise is drawn there, and is another than the CPU's. Which pictures there are: data.py.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from crosscodec.images.picture import Picture
from crosscodec.learn.photo.camera import Shots, jpeg_qualities, taken, through_jpegs
from crosscodec.learn.photo.settings import DataSettings

Pixels = NDArray[np.uint8]
Samples = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Pictures (B,3,H,W) in 0..1: degraded and clean."""

    degraded: Tensor
    clean: Tensor


@dataclass(frozen=True)
class Pair:
    """A picture as it was recorded and the clean one beside it, (H,W,C) both, C being 1 or 3: bytes, or floats in 0..1
    where a file has more of them.
    """

    degraded: Samples
    clean: Samples


@dataclass(frozen=True)
class RecordedCrops:
    """Crops that stand at ``places`` (R,) of a batch as they were recorded: floats (R,H,W,3) in 0..1."""

    places: NDArray[np.int64]
    degraded: NDArray[np.float32]
    clean: NDArray[np.float32]


@dataclass(frozen=True)
class Crops:
    """Crops of clean pictures, bytes (B,H,W,3), and what befalls each: (B,) arrays, and the seed of the noise. Those
    that are ``camera`` are taken by a camera as ``shots`` say, those that are ``recorded`` stay as they are, the others
    get Gaussian noise.
    """

    pixels: Pixels
    gray: NDArray[np.bool_]
    sigma: NDArray[np.float32]  # in units of the picture, 0..1
    stored: NDArray[np.bool_]
    seed: int
    camera: NDArray[np.bool_]
    shots: Shots
    jpeg: NDArray[np.int64]  # quality of the file that holds a stored crop which no camera took; 0: no JPEG
    recorded: RecordedCrops | None = None

    def batch(self, device: torch.device) -> Batch:
        """The crops on a device, degraded there."""
        clean = torch.from_numpy(self.pixels).to(device).permute(0, 3, 1, 2).float().contiguous() / 255
        generator = torch.Generator(device).manual_seed(self.seed)
        noise = torch.randn(clean.shape, generator=generator, device=device)
        gray, stored = (torch.from_numpy(flags).to(device)[:, None, None, None] for flags in (self.gray, self.stored))
        luma = torch.tensor([0.299, 0.587, 0.114], device=device).view(1, 3, 1, 1)
        clean = torch.where(gray, (clean * luma).sum(dim=1, keepdim=True), clean)
        noise = torch.where(gray, noise[:, :1], noise)
        degraded = clean + torch.from_numpy(self.sigma).to(device)[:, None, None, None] * noise
        degraded = torch.where(stored, (degraded.clamp(0, 1) * 255).round() / 255, degraded)
        places = np.flatnonzero(self.jpeg * self.stored)
        if places.size:
            degraded[places] = through_jpegs((degraded[places] * 255).round(), self.jpeg[places]) / 255
        # A camera for gray pictures has one value a photosite and interpolates none; they keep their white noise.
        places = np.flatnonzero(self.camera & ~self.gray)
        if places.size:
            photos, targets = taken(clean[places], self.shots.at(places), generator)
            degraded[places], clean[places] = photos, targets
        if self.recorded is not None:
            for into, crops in ((degraded, self.recorded.degraded), (clean, self.recorded.clean)):
                into[self.recorded.places] = torch.from_numpy(crops).to(device).permute(0, 3, 1, 2)
        return Batch(degraded, clean)


@dataclass(frozen=True)
class CropSource:
    """Pictures in memory at several scales, and pairs at their own, from which crops are drawn with chance proportional
    to their number of pixels; the share ``settings.recorded`` of pairs, where there are any.
    """

    pictures: tuple[Pixels, ...]
    chances: NDArray[np.float64]
    settings: DataSettings
    pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, pictures: Sequence[Pixels], settings: DataSettings, pairs: Sequence[Pair] = ()) -> "CropSource":
        """The source of such pictures and pairs, all at least as large as a crop."""
        return cls(tuple(pictures), _by_area(pictures), settings, tuple(pairs))

    def batch(self, seed: int, step: int, size: int) -> Batch:
        """The training batch of one step, on the CPU."""
        return self.crops(seed, step, size).batch(torch.device("cpu"))

    def crops(self, seed: int, step: int, size: int) -> Crops:
        """The crops of one step's batch."""
        draw = np.random.Generator(np.random.Philox(key=[seed, step]))
        pixels = np.stack([self._crop(draw) for _ in range(size)])
        low, high = self.settings.noise_low / 255, self.settings.noise_high / 255
        gray = draw.random(size) < self.settings.gray
        sigma = draw.uniform(low, high, size).astype(np.float32)
        stored = draw.random(size) < self.settings.stored
        noise = int(draw.integers(2**63))
        camera = draw.random(size) < self.settings.camera
        shots = Shots.drawn(draw, size, self.settings.electrons_low, self.settings.electrons_high, self.settings.jpeg)
        dirty = draw.random(size) >= self.settings.clean
        jpeg = np.zeros(size, np.int64)
        if self.settings.stored_jpeg:  # else nothing is drawn, and runs from before it see the crops that they saw
            chosen = draw.random(size) < self.settings.stored_jpeg
            jpeg = np.where(chosen, jpeg_qualities(draw, size), 0)
        crops = Crops(pixels, gray, sigma * dirty, stored | ~dirty, noise, camera & dirty, shots, jpeg)
        return self._with_recorded(crops, draw) if self.pairs else crops

    def simulated(self) -> "CropSource":
        """The same pictures, with Gaussian noise alone."""
        return replace(self, settings=replace(self.settings, camera=0.0, stored_jpeg=0.0), pairs=())

    @cached_property
    def _pair_chances(self) -> NDArray[np.float64]:
        return _by_area([pair.clean for pair in self.pairs])

    def _with_recorded(self, crops: Crops, draw: np.random.Generator) -> Crops:
        """The crops, a share of them replaced by crops of pairs."""
        chosen = draw.random(len(crops.gray)) < self.settings.recorded
        if not chosen.any():
            return crops
        degraded, clean, in_bytes = [], [], np.zeros(len(chosen), np.bool_)
        for place in np.flatnonzero(chosen):
            pair = self.pairs[int(draw.choice(len(self.pairs), p=self._pair_chances))]
            window = _window(draw, pair.clean, self.settings.crop)
            degraded.append(_in_colours(window(pair.degraded)))
            clean.append(_in_colours(window(pair.clean)))
            in_bytes[place] = pair.degraded.dtype == np.uint8
        return replace(
            crops,
            gray=crops.gray & ~chosen,
            sigma=crops.sigma * ~chosen,
            stored=np.where(chosen, in_bytes, crops.stored),
            camera=crops.camera & ~chosen,
            recorded=RecordedCrops(np.flatnonzero(chosen), np.stack(degraded), np.stack(clean)),
        )

    def _crop(self, draw: np.random.Generator) -> Pixels:
        pixels = self.pictures[int(draw.choice(len(self.pictures), p=self.chances))]
        return _window(draw, pixels, self.settings.crop)(pixels)


def _by_area(pictures: Sequence[Samples]) -> NDArray[np.float64]:
    areas = np.array([pixels.shape[0] * pixels.shape[1] for pixels in pictures], dtype=np.float64)
    chances: NDArray[np.float64] = areas / areas.sum()
    return chances


def _in_colours(pixels: NDArray[Any]) -> NDArray[np.float32]:
    """Floats (H,W,3) in 0..1 of samples (H,W,1) or (H,W,3)."""
    return np.broadcast_to(Picture(pixels).as_float(), (*pixels.shape[:2], 3))


def _window(draw: np.random.Generator, pixels: Samples, side: int) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Where to cut a square, and how to turn it: of all pictures of such a size alike."""
    top = int(draw.integers(pixels.shape[0] - side + 1))
    left = int(draw.integers(pixels.shape[1] - side + 1))
    turns = int(draw.integers(4))
    mirrored = draw.random() < 0.5

    def cut(pixels: NDArray[Any]) -> NDArray[Any]:
        crop = np.rot90(pixels[top : top + side, left : left + side], turns)
        return crop[:, ::-1] if mirrored else crop

    return cut


class CropsAhead:
    """The crops of a source, step after step: those of the next step are cut while this one's are trained on."""

    def __init__(self, source: CropSource, seed: int, size: int) -> None:
        self._source, self._seed, self._size = source, seed, size
        self._thread = ThreadPoolExecutor(1)
        self._next: tuple[int, Future[Crops]] | None = None

    def at(self, step: int) -> Crops:
        """The crops of a step, as the source gives them; quickly, if the step before was the last one asked for."""
        if self._next is None or self._next[0] != step:
            self._next = self._cut(step)
        found = self._next[1].result()
        self._next = self._cut(step + 1)
        return found

    def _cut(self, step: int) -> tuple[int, Future[Crops]]:
        return step, self._thread.submit(self._source.crops, self._seed, step, self._size)
