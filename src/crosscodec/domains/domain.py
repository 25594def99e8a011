"""A domain: clean pictures and a degradation, joined so that sample i is the same whoever asks and whenever.

photos ──clean(i)──► clean ──degradation.apply(seed, "degradation/<set>/<split>", i)──► degraded
   └──labels──► label                                     (clean, degraded, label) = Sample
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.degradation import Degradation
from crosscodec.domains.photos import PhotoSet


@dataclass(frozen=True)
class Sample:
    """One triple of a domain.

    `clean` and `degraded` are float32 (H, W, C) of the same shape; clean lies in 0..1, degraded may leave it. `label`
    is a class index or None. `index` is the place in the photo set.
    """

    clean: NDArray[np.float32]
    degraded: NDArray[np.float32]
    label: int | None
    name: str
    index: int


@dataclass(frozen=True)
class Domain:
    """A photo set seen through one degradation.

    Sample i depends on (seed, set name, split, i) and on the picture alone: never on the batch, the worker or earlier
    samples.
    """

    photos: PhotoSet
    degradation: Degradation
    seed: int = 0

    def __len__(self) -> int:
        return len(self.photos)

    def __iter__(self) -> Iterator[Sample]:
        return (self.sample(index) for index in range(len(self)))

    @property
    def stream(self) -> str:
        """Name of the random stream that all samples of this domain draw from, each at its own index."""
        return f"degradation/{self.photos.name}/{self.photos.split}"

    def sample(self, index: int) -> Sample:
        """The triple at `index` (0 <= index < len). IndexError outside; the errors of reading a picture pass
        through.
        """
        clean = self.photos.clean_float(index)
        degraded = self.degradation.apply(clean, self.seed, self.stream, index)
        return Sample(clean, degraded, self.photos.label(index), self.photos.names[index], index)
