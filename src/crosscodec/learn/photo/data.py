"""Training crops: which pixels, turned how, with which noise, as a function of (seed, step) alone.

    pictures ─(NumPy, the CPU)─► crops: bytes, and what befalls each ─(torch, any device)─► batch: degraded, clean

A resumed run therefore sees the batches that the uninterrupted one would have seen, without a saved sampler state. On a
GPU the noise is drawn there, and is another than the CPU's.
"""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from crosscodec.codec.package import Package
from crosscodec.domains.photos import PhotoSet, photo_set
from crosscodec.errors import UsageError
from crosscodec.learn.heldout import held_out
from crosscodec.learn.photo.camera import Shots, taken
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.settled import settle_data

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """Pictures (B,3,H,W) in 0..1: degraded and clean."""

    degraded: Tensor
    clean: Tensor


@dataclass(frozen=True)
class Crops:
    """Crops of clean pictures, bytes (B,H,W,3), and what befalls each: (B,) arrays, and the seed of the noise. Those
    that are ``camera`` are taken by a camera as ``shots`` say, the others get Gaussian noise.
    """

    pixels: Pixels
    gray: NDArray[np.bool_]
    sigma: NDArray[np.float32]  # in units of the picture, 0..1
    stored: NDArray[np.bool_]
    seed: int
    camera: NDArray[np.bool_]
    shots: Shots

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
        # A camera for gray pictures has one value a photosite and interpolates none; they keep their white noise.
        places = np.flatnonzero(self.camera & ~self.gray)
        if places.size:
            photos, targets = taken(clean[places], self.shots.at(places), generator)
            degraded[places], clean[places] = photos, targets
        return Batch(degraded, clean)


@dataclass(frozen=True)
class CropSource:
    """Pictures in memory at several scales, from which crops are drawn with chance proportional to their number of
    pixels.
    """

    pictures: tuple[Pixels, ...]
    chances: NDArray[np.float64]
    settings: DataSettings

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
        return Crops(pixels, gray, sigma * dirty, stored | ~dirty, noise, camera & dirty, shots)

    def without_camera(self) -> "CropSource":
        """The same pictures, with Gaussian noise alone."""
        return replace(self, settings=replace(self.settings, camera=0.0))

    def _crop(self, draw: np.random.Generator) -> Pixels:
        pixels = self.pictures[int(draw.choice(len(self.pictures), p=self.chances))]
        side = self.settings.crop
        top = int(draw.integers(pixels.shape[0] - side + 1))
        left = int(draw.integers(pixels.shape[1] - side + 1))
        crop = np.rot90(pixels[top : top + side, left : left + side], int(draw.integers(4)))
        return crop[:, ::-1] if draw.random() < 0.5 else crop


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


@dataclass(frozen=True)
class TrainingPictures:
    """Crops to train on and whole pictures kept apart for validation; ``hashes``: SHA-256 of all pictures of a set."""

    training: CropSource
    held_out: tuple[Pixels, ...]
    hashes: dict[str, str]


def run_pictures(
    settings: DataSettings, root: Path | None, out: Path, package: Package | None = None
) -> TrainingPictures:
    """The pictures of a run in the folder ``out``, which receives their hashes in ``data.json``, and that of the
    ``package`` for which the run trains something.

    Raises as ``load_training_pictures`` does, and UsageError when ``out`` holds a run on other pictures, or for
    another package of that name.
    """
    pictures = load_training_pictures(settings, root)
    settled = {} if package is None else {f"package {package.name}": package.sha256}
    settle_data(out, pictures.hashes | settled)
    return pictures


def load_training_pictures(settings: DataSettings, root: Path | None) -> TrainingPictures:
    """Read the sets that the settings name; every ``held_out``-th picture of each, of fewer the last, goes to
    validation.

    Raises InputMissing (from the domain's loader) when a set is absent, UsageError when a crop is larger than every
    picture.
    """
    kept: list[Pixels] = []
    held: list[Pixels] = []
    hashes: dict[str, str] = {}
    for name in settings.sets:
        photos, seen = photo_set(name, root), hashlib.sha256()
        for i, apart in enumerate(held_out(len(photos), settings.held_out)):
            pixels = rgb(photos, i)
            seen.update(f"{pixels.shape}".encode() + pixels.tobytes())
            if apart:
                held.append(pixels)
            else:
                kept.extend(scaled_copies(pixels, settings))
        hashes[name] = seen.hexdigest()
    if not kept:
        raise UsageError(f"no picture of {', '.join(settings.sets)} is as large as data.crop = {settings.crop}")
    areas = np.array([p.shape[0] * p.shape[1] for p in kept], dtype=np.float64)
    return TrainingPictures(CropSource(tuple(kept), areas / areas.sum(), settings), tuple(held), hashes)


def rgb(photos: PhotoSet, index: int) -> Pixels:
    """One picture of a set as (H,W,3) bytes; gray ones are repeated."""
    pixels = photos.clean(index)
    return np.repeat(pixels[:, :, None], 3, axis=2) if pixels.ndim == 2 else pixels


def scaled_copies(pixels: Pixels, settings: DataSettings) -> list[Pixels]:
    """Lanczos-reduced copies that still hold a crop."""
    copies = []
    for scale in settings.scales:
        height, width = round(pixels.shape[0] * scale), round(pixels.shape[1] * scale)
        if min(height, width) >= settings.crop:
            picture = Image.fromarray(pixels)
            resized = picture if scale == 1.0 else picture.resize((width, height), Image.Resampling.LANCZOS)
            copies.append(np.asarray(resized))
    return copies
