"""Labelled sets of small pictures by name: found on this machine or built from what is there, never downloaded.

    digits             8 x 8 gray      inside the scikit-learn wheel
    mnist              28 x 28 gray    ┐
    mnist-m            32 x 32 RGB     │
    svhn               32 x 32 RGB     ├─ data: --data DIR or the environment variable CROSSCODEC_DATA
    cifar10            32 x 32 RGB     │
    cifar10-first4000  32 x 32 RGB     │
    imagenet-sample    64 x 64 RGB     ┘

Each has the splits :train and :test. Sources, files and checksums: docs/domains.md.
"""

from collections.abc import Callable
from pathlib import Path

from crosscodec.domains.cifar import cifar10, cifar10_first4000
from crosscodec.domains.digits import digits
from crosscodec.domains.imagenet import imagenet64
from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.mnist import mnist
from crosscodec.domains.mnistm import mnist_m
from crosscodec.domains.svhn import svhn
from crosscodec.errors import UsageError

__all__ = ["LABELLED_NAMES", "LabelledSet", "labelled_set"]

_LOADERS: dict[str, Callable[[str | Path | None, str], LabelledSet]] = {
    "digits": digits,
    "mnist": mnist,
    "mnist-m": mnist_m,
    "svhn": svhn,
    "cifar10": cifar10,
    "cifar10-first4000": cifar10_first4000,
    "imagenet-sample": imagenet64,
}

LABELLED_NAMES = tuple(f"{name}:{split}" for name in _LOADERS for split in ("train", "test"))


def labelled_set(name: str, data: str | Path | None = None) -> LabelledSet:
    """The labelled set of a name, one of LABELLED_NAMES.

    `data` as in `photos.data_root`. UsageError that lists the names for any other. InputMissing that says which files
    are looked for, where to get them and what their checksums are.
    """
    if name not in LABELLED_NAMES:
        raise UsageError(f"labelled set {name!r} is not known; choose one of {', '.join(LABELLED_NAMES)}")
    family, _, split = name.partition(":")
    return _LOADERS[family](data, split)
