"""The record that every loader of small labelled pictures gives: one array of pictures, one of labels.

LabelledSet ─┬─ images  (N, H, W, C) uint8      photos() ──► PhotoSet ──► Domain ──► Sample
             ├─ labels  (N,) int64 or None      take(n) ──► the first n
             └─ classes names, by label
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.photos import PhotoSet, data_root
from crosscodec.errors import InputMissing, UsageError


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Small pictures of one size, all in memory, in the order of their source.

    `images` is uint8 (N, H, W, C), C = 1 or 3; `labels` int64 (N,) with values 0 .. len(classes) - 1, or None with
    empty `classes`. `name` and `split` name the set in random streams. UsageError when the parts do not fit together.
    """

    name: str
    split: str
    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or self.images.shape[3] not in (1, 3):
            raise UsageError(
                f"{self.full_name}: images are uint8 (N, H, W, 1|3), not {self.images.dtype} {self.images.shape}"
            )
        if self.labels is None:
            if self.classes:
                raise UsageError(f"{self.full_name}: {len(self.classes)} class names, but no labels")
            return
        if self.labels.dtype != np.int64 or self.labels.shape != (len(self.images),):
            raise UsageError(
                f"{self.full_name}: labels are int64 ({len(self.images)},), not {self.labels.dtype} {self.labels.shape}"
            )
        if self.labels.size and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise UsageError(
                f"{self.full_name}: labels {self.labels.min()} .. {self.labels.max()} outside the "
                f"{len(self.classes)} classes, which count from 0"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def full_name(self) -> str:
        """The name that `labelled_set` knows it by, such as "mnist:train"."""
        return f"{self.name}:{self.split}"

    def take(self, count: int) -> "LabelledSet":
        """The first `count` pictures, or all of them where there are fewer; UsageError below 1."""
        if count < 1:
            raise UsageError(f"{self.full_name}: {count} pictures cannot be taken; take 1 or more")
        labels = None if self.labels is None else self.labels[:count]
        return replace(self, images=self.images[:count], labels=labels)

    def photos(self) -> PhotoSet:
        """The same pictures as the rest of the house takes them, named "00000", "00001", …"""
        return PhotoSet(
            self.name,
            tuple(self.images),
            tuple(f"{index:05d}" for index in range(len(self))),
            self.split,
            None if self.labels is None else tuple(self.labels.tolist()),
        )


def set_folder(data: str | Path | None, name: str, source: str) -> Path:
    """Where the files of a set lie: the folder `name` inside `photos.data_root(data)`; it need not exist.

    InputMissing as in `data_root`, ended with where to get this very set.
    """
    try:
        return data_root(data) / name
    except InputMissing as error:
        raise InputMissing(f"{error}; the files of this set belong into {name}/ there: {source}") from None
