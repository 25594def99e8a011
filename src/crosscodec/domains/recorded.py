"""Pairs of photographs that were taken, not simulated: noisy ones as they came, and the clean ones beside them.

noisy/a.jpg, noisy/b/c.png ─┐ one name below both folders: a pair     photo_pairs ─► clean PhotoSet, Recorded
clean/a.png, clean/b/c.png ─┘                                         Domain(clean, Recorded).sample(i) = the pair i
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.folders import pair_order
from crosscodec.domains.photos import PhotoSet, folder_photos
from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture

Pictures = NDArray[np.float32]


@dataclass(frozen=True)
class Recorded:
    """The degradation that happened outside: picture i of ``degraded`` is what became of clean picture i."""

    degraded: PhotoSet

    def apply(self, clean: Pictures, seed: int, stream: str, index: int) -> Pictures:
        """Degraded picture `index`, float32 (H, W, C) of the shape of `clean`; gray fills every channel.

        UsageError that names it when its size is another, or when it has colours and the clean one has none.
        """
        return Picture(self.picture(index, clean)).as_float()

    def picture(self, index: int, clean: Pictures | NDArray[np.uint8]) -> Pictures | NDArray[np.uint8]:
        """The same with the samples of its file, bytes as bytes. Errors as in `apply`."""
        pixels = self.degraded.picture(index).pixels
        found: NDArray[Any] = np.stack([pixels] * clean.shape[2], axis=2) if pixels.ndim == 2 else pixels
        if found.shape != clean.shape:
            raise UsageError(
                f"{self.degraded.name}/{self.degraded.names[index]} is {_size(pixels)}, the clean picture beside it "
                f"{_size(clean)}: a pair is of one size, and both in colour or gray"
            )
        return found

    def describe(self) -> str:
        """Where the pictures came from: nothing that `parse_degradation` could do again."""
        return f"as recorded in {self.degraded.name}"


def photo_pairs(degraded: str | Path, clean: str | Path) -> tuple[PhotoSet, Recorded]:
    """The pictures in and below two folders that have one name, without its ending: clean ones, and what became of
    them. Nothing is read yet.

    InputMissing: no such folder, or no picture in it. UsageError that names the first picture without a pair.
    """
    noisy, good = folder_photos(degraded, recursive=True), folder_photos(clean, recursive=True)
    first, second = pair_order(Path(degraded), noisy.names, Path(clean), good.names)
    return good.at(second), Recorded(noisy.at(first))


def _size(pixels: Pictures | NDArray[np.uint8]) -> str:
    return f"{pixels.shape[0]} x {pixels.shape[1]} {'in colour' if pixels.shape[2:] == (3,) else 'gray'}"
