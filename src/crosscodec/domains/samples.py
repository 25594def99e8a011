"""What a codec of small pictures trains on or is measured on: arrays of degraded and clean pictures, and labels.

labelled_set(name) ──► LabelledSet ──degrade(set, degradation, seed)──► Samples   paired
two folders ──────────────────────────folder_samples──────────────────► Samples   paired or not (folders.py)
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.bulk import degrade_all
from crosscodec.domains.degradation import Degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.labelled import labelled_set
from crosscodec.domains.labelledset import LabelledSet
from crosscodec.errors import UsageError


@dataclass(frozen=True, eq=False)
class Samples:
    """Degraded pictures with what is known beside them.

    `degraded` is float32 (N, H, W, C) on the scale 0..1, unclipped. `clean` has the same shape where `paired`, else
    (M, H, W, C) or None. `labels` int64 (N,) are those of the degraded pictures, `classes` their names. `degradation`
    is the text of `describe()`, or "" where the pictures came degraded. UsageError when the parts do not fit together.
    """

    name: str
    degraded: NDArray[np.float32]
    clean: NDArray[np.float32] | None
    paired: bool
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]
    degradation: str

    def __post_init__(self) -> None:
        shape = self.degraded.shape
        if len(shape) != 4:
            raise UsageError(f"samples {self.name!r}: degraded pictures are (N, H, W, C), not {shape}")
        if self.paired and (self.clean is None or self.clean.shape != shape):
            other = "none" if self.clean is None else f"{self.clean.shape}"
            raise UsageError(f"samples {self.name!r}: pairs need clean pictures of shape {shape}, not {other}")
        if self.clean is not None and self.clean.shape[1:] != shape[1:]:
            raise UsageError(
                f"samples {self.name!r}: degraded pictures are {shape[1:]}, clean ones {self.clean.shape[1:]}"
            )
        if self.labels is not None and self.labels.shape != shape[:1]:
            raise UsageError(f"samples {self.name!r}: {shape[0]} pictures, but labels of shape {self.labels.shape}")

    def __len__(self) -> int:
        return len(self.degraded)

    def at(self, chosen: NDArray[Any] | slice, unpaired: NDArray[Any] | None = None) -> "Samples":
        """The samples at these indices, in this slice or where a mask says so; `unpaired` likewise of clean pictures
        that are not paired, by default all of them.
        """
        clean_chosen = chosen if self.paired else unpaired
        return replace(
            self,
            degraded=self.degraded[chosen],
            clean=self.clean if self.clean is None or clean_chosen is None else self.clean[clean_chosen],
            labels=None if self.labels is None else self.labels[chosen],
        )

    def first(self, count: int) -> "Samples":
        """The first `count` samples; clean pictures that are not paired stay all."""
        return self.at(slice(count))

    def spread(self, count: int) -> "Samples":
        """So many samples from all over, in their order, as those of one class lie together in a folder."""
        return self.at(np.linspace(0, len(self) - 1, min(count, len(self))).round().astype(np.intp))

    def unlabelled(self) -> "Samples":
        """The same pictures, and nothing known of their classes."""
        return replace(self, labels=None, classes=())


def load_samples(
    name: str, degradation: Degradation, seed: int, data: str | Path | None = None, limit: int | None = None
) -> Samples:
    """The first `limit` pictures (default all) of a labelled set, degraded: paired Samples.

    Sample i equals Domain(labelled_set(name, data).photos(), degradation, seed).sample(i) to the bit. Errors as in
    `labelled_set`; UsageError for a limit below 1.
    """
    chosen = labelled_set(name, data)
    return degraded_samples(chosen if limit is None else chosen.take(limit), degradation, seed)


def degraded_samples(clean_set: LabelledSet, degradation: Degradation, seed: int) -> Samples:
    """A labelled set seen through one degradation: paired Samples, equal to the bit to those of `Domain`."""
    # As `Picture.as_float` does it: a division by float32(255).
    clean = clean_set.images.astype(np.float32, order="C")
    clean /= np.float32(255)
    stream = Domain(clean_set.photos(), degradation, seed).stream
    degraded = degrade_all(degradation, clean, seed, stream)
    return Samples(
        clean_set.full_name, degraded, clean, True, clean_set.labels, clean_set.classes, degradation.describe()
    )
