"""What the files of a package's encoders cost, crop by crop: the examples that a choice is learnt from.

degraded crop ─┬─► grain (18,)
               └─► each encoder ─► file ─► first decoder ─► log (bits a pixel + lambda x squared error) (K,)
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.grain import NUMBERS, grain
from crosscodec.codec.package import Package
from crosscodec.codec.pictures import Pixels
from crosscodec.files import write_atomically
from crosscodec.learn.photo.crops import CropSource
from crosscodec.learn.photo.loop import quality_of
from crosscodec.learn.photo.quality import lambda_of
from crosscodec.learn.photo.start import recipe_of

SAVED_EVERY = 50  # crops


@dataclass(frozen=True)
class Costs:
    """Numbers of N crops: ``grains`` (N,18), and ``costs`` (N,K), natural logarithms, of K encoders."""

    grains: NDArray[np.float32]
    costs: NDArray[np.float32]

    @property
    def excess(self) -> NDArray[np.float32]:
        """By how much each encoder is worse than the best one, (N,K), 0 or more."""
        excess: NDArray[np.float32] = self.costs - self.costs.min(axis=1, keepdims=True)
        return excess


def measured_costs(
    package: Package, among: tuple[str, ...], source: CropSource, seed: int, count: int, kept: Path
) -> Costs:
    """The costs of the first ``count`` crops of a source; of those that the file ``kept`` holds, from there. It is
    brought up to date every few crops.
    """
    rows: NDArray[np.float32] = np.load(kept) if kept.is_file() else np.empty((0, NUMBERS + len(among)), np.float32)
    for first in range(len(rows), count, SAVED_EVERY):
        more = [_row(package, among, source, seed, step) for step in range(first, min(first + SAVED_EVERY, count))]
        rows = np.concatenate([rows, more]).astype(np.float32)
        write_atomically(kept, _npy(rows), overwrite=True)
    return Costs(rows[:count, :NUMBERS], rows[:count, NUMBERS:])


def _row(package: Package, among: tuple[str, ...], source: CropSource, seed: int, step: int) -> NDArray[np.float64]:
    crops = source.crops(seed, step, 1)
    batch = crops.batch(torch.device("cpu"))
    degraded, clean = (picture[0].permute(1, 2, 0).numpy() for picture in (batch.degraded, batch.clean))
    # What was stored or photographed is bytes; other noise may leave 0..1. (No camera takes gray crops.)
    in_bytes = crops.stored[0] or (crops.camera[0] and not crops.gray[0])
    pixels: Pixels = np.rint(255 * degraded).astype(np.uint8) if in_bytes else np.ascontiguousarray(degraded)
    costs = costs_of(package, among, pixels, 255 * clean, quality_of(step, seed))
    return np.concatenate([grain(pixels), list(costs)])


def costs_of(
    package: Package, among: tuple[str, ...], pixels: Pixels, clean: NDArray[np.floating], quality: int
) -> Iterator[float]:
    """The logarithm of bits a pixel + lambda x squared error, with the package's lambda of that quality, of the file
    that each encoder makes of a picture whose ``clean`` samples lie in 0..255.
    """
    weight = lambda_of(quality, recipe_of(package).objective)
    for encoder in among:
        coded = encode_pixels(pixels, package, quality=quality, encoder=encoder)
        error = float(np.square(decode_bytes(coded.data, package).pixels - clean).mean())
        yield float(np.log(coded.bits_per_pixel + weight * error))


def _npy(rows: NDArray[np.float32]) -> bytes:
    with io.BytesIO() as buffer:
        np.save(buffer, rows)
        return buffer.getvalue()
