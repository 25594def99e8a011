"""The ImageNet sample as small pictures: one photograph of each of 1,000 classes, 64 x 64, RGB."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.fitting import fit
from crosscodec.domains.labelledset import LabelledSet, set_folder
from crosscodec.domains.photos import IMAGENET_SOURCE, PhotoSet, imagenet_sample

SIDE = 64

_FOLD = 10


def imagenet64(data: str | Path | None, split: str) -> LabelledSet:
    """The ImageNet sample at 64 x 64, split "train" or "test": uint8 (900 or 100, 64, 64, 3), centred part, Lanczos.

    Every tenth picture, 9, 19, 29, …, is "test". A label is the usual class index 0 .. 999; as each class has one
    picture, no class of "test" occurs in "train": measure a classifier trained on all of ImageNet with it, not one
    trained here. Errors as in `photos.imagenet_sample`.
    """
    folder = set_folder(data, "imagenet-sample", IMAGENET_SOURCE)
    photos = imagenet_sample(folder.parent)
    kept = [index for index in range(len(photos)) if (index % _FOLD == _FOLD - 1) == (split == "test")]
    images = np.stack([_small(photos, index) for index in kept]) if kept else np.zeros((0, SIDE, SIDE, 3), np.uint8)
    return LabelledSet("imagenet-sample", split, images, np.array(kept, np.int64), _class_names(folder / "labels.csv"))


def _small(photos: PhotoSet, index: int) -> NDArray[np.uint8]:
    pixels = photos.clean(index)
    colours = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    return fit(colours, (SIDE, SIDE)).astype(np.uint8, copy=False)


def _class_names(table: Path) -> tuple[str, ...]:
    with table.open(encoding="utf-8", newline="") as lines:
        return tuple(row.get("class_name") or row["file"] for row in csv.DictReader(lines))
