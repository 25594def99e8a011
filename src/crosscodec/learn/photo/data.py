"""Training crops: which pixels, turned how, with which noise, as a function of (seed, step) alone.

A resumed run therefore sees the batches that the uninterrupted one would have seen, without a saved sampler state.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from crosscodec.domains.photos import PhotoSet, photo_set
from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import DataSettings

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """Pictures (B,3,H,W) in 0..1: degraded and clean."""

    degraded: Tensor
    clean: Tensor


@dataclass(frozen=True)
class CropSource:
    """Pictures in memory at several scales, from which crops are drawn with chance proportional to their number of
    pixels.
    """

    pictures: tuple[Pixels, ...]
    chances: NDArray[np.float64]
    settings: DataSettings

    def batch(self, seed: int, step: int, size: int) -> Batch:
        """The training batch of one step."""
        # Training noise need only repeat on the machine that resumes, so NumPy's own fast normal sampler serves here.
        draw = np.random.Generator(np.random.Philox(key=[seed, step]))
        pairs = [self._pair(draw) for _ in range(size)]
        return Batch(
            torch.from_numpy(np.stack([p[0] for p in pairs])), torch.from_numpy(np.stack([p[1] for p in pairs]))
        )

    def _pair(self, draw: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        pixels = self.pictures[int(draw.choice(len(self.pictures), p=self.chances))]
        side = self.settings.crop
        top = int(draw.integers(pixels.shape[0] - side + 1))
        left = int(draw.integers(pixels.shape[1] - side + 1))
        crop = np.rot90(pixels[top : top + side, left : left + side], int(draw.integers(4)))
        if draw.random() < 0.5:
            crop = crop[:, ::-1]
        clean = np.ascontiguousarray(crop.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)
        gray = draw.random() < self.settings.gray
        if gray:
            luma = np.array([0.299, 0.587, 0.114], np.float32)
            clean = np.repeat(np.tensordot(luma, clean, axes=1)[None], 3, axis=0)
        return self._degraded(clean, gray, draw), clean

    def _degraded(self, clean: NDArray[np.float32], gray: bool, draw: np.random.Generator) -> NDArray[np.float32]:
        sigma = np.float32(draw.uniform(self.settings.noise_low, self.settings.noise_high) / 255)
        noise = draw.standard_normal((1 if gray else 3, *clean.shape[1:]), dtype=np.float32)
        degraded = clean + sigma * noise
        if draw.random() < self.settings.stored:
            degraded = np.round(np.clip(degraded, 0, 1) * np.float32(255)) / np.float32(255)
        return degraded


@dataclass(frozen=True)
class TrainingPictures:
    """Crops to train on and whole pictures kept apart for validation."""

    training: CropSource
    held_out: tuple[Pixels, ...]


def load_training_pictures(settings: DataSettings, root: Path | None) -> TrainingPictures:
    """Read the sets that the settings name; every ``held_out``-th picture goes to validation.

    Raises InputMissing (from the domain's loader) when a set is absent, UsageError when a crop is larger than every
    picture.
    """
    kept: list[Pixels] = []
    held: list[Pixels] = []
    for name in settings.sets:
        photos = photo_set(name, root)
        for i in range(len(photos)):
            if settings.held_out and i % settings.held_out == settings.held_out - 1:
                held.append(rgb(photos, i))
            else:
                kept.extend(scaled_copies(rgb(photos, i), settings))
    if not kept:
        raise UsageError(f"no picture of {', '.join(settings.sets)} is as large as data.crop = {settings.crop}")
    areas = np.array([p.shape[0] * p.shape[1] for p in kept], dtype=np.float64)
    return TrainingPictures(CropSource(tuple(kept), areas / areas.sum(), settings), tuple(held))


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
