"""CIFAR-10: ten kinds of things, 32 x 32, RGB; the official binary batches, or the first 4,000 in one .npz file.

    <data>/cifar10/[cifar-10-batches-bin/]data_batch_1.bin … _5.bin, test_batch.bin    50,000 + 10,000, official split
    <data>/cifar10/cifar10_train_first4000.npz                                         3,200 + 800, all of train

The official "python" batches are pickles. Reading a pickle runs what is inside, so that they are not read here.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.domains.labelledset import LabelledSet, set_folder
from crosscodec.domains.missing import require_files
from crosscodec.errors import CorruptData, InputMissing
from crosscodec.files import read_bytes

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_BATCHES = {"train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)), "test": ("test_batch.bin",)}
_RECORD = 1 + 3 * 32 * 32
_FIRST = "cifar10_train_first4000.npz"
_FIRST_TRAIN = 3200
_BINARY_SOURCE = (
    "get cifar-10-binary.tar.gz (md5 c32a1d4ab5d03f1284b67883e8d87530) from https://www.cs.toronto.edu/~kriz/cifar.html"
    " and unpack it there"
)
_FIRST_SOURCE = (
    "it holds images (4000, 32, 32, 3) and labels (4000,) of the first 4,000 training pictures, "
    "sha256 f21ba659b327871ec330654ccdc95e0da52b1b39c04c467a581440516466148c"
)


def cifar10(data: str | Path | None, split: str) -> LabelledSet:
    """CIFAR-10's split "train" or "test": uint8 (50000 or 10000, 32, 32, 3) from the binary batches.

    Krizhevsky, "Learning multiple layers of features from tiny images", 2009. Where there is no batch of either
    split, but the file of `cifar10_first4000`, that set is given instead, under its own name. InputMissing,
    with source and checksum; CorruptData when a batch is not a whole number of records.
    """
    folder = set_folder(data, "cifar10", _BINARY_SOURCE)
    inner = folder / "cifar-10-batches-bin"
    home = inner if inner.is_dir() else folder
    paths = tuple(home / name for name in _BATCHES[split])
    # Any batch of either split rules the small set out: its test pictures are training pictures of the official one.
    if not any((home / name).is_file() for names in _BATCHES.values() for name in names):
        if (folder / _FIRST).is_file():
            return cifar10_first4000(data, split)
        if any((place / "data_batch_1").is_file() for place in (folder, folder / "cifar-10-batches-py")):
            raise InputMissing(
                f"CIFAR-10: {folder} holds the python batches; they are pickles, which are never read here because "
                f"reading one runs what is inside. Take the binary version: {_BINARY_SOURCE}"
            )
    require_files("CIFAR-10", paths, _BINARY_SOURCE)
    batches = [_read_batch(path) for path in paths]
    images = np.concatenate([images for images, _ in batches])
    return LabelledSet("cifar10", split, images, np.concatenate([labels for _, labels in batches]), CLASSES)


def cifar10_first4000(data: str | Path | None, split: str) -> LabelledSet:
    """The first 4,000 training pictures of CIFAR-10: "train" is 0 .. 3199, "test" 3200 .. 3999 (no official test).

    Reads <data>/cifar10/cifar10_train_first4000.npz. InputMissing, with checksum; CorruptData when its arrays are
    other than uint8 (4000, 32, 32, 3) and 4,000 labels 0 .. 9.
    """
    path = set_folder(data, "cifar10", _FIRST_SOURCE) / _FIRST
    require_files("CIFAR-10, first 4,000", (path,), _FIRST_SOURCE)
    try:
        with np.load(path, allow_pickle=False) as content:
            images, labels = content["images"], content["labels"]
    except Exception as error:
        # On a damaged archive numpy lets the errors of zip, zlib and even the tokenizer of its header through.
        raise CorruptData(f"{path} is damaged or another file ({error}); {_FIRST_SOURCE}") from None
    right = images.dtype == np.uint8 and images.shape == (4000, 32, 32, 3) and labels.shape == (4000,)
    if not right or not np.isin(labels, np.arange(10)).all():
        raise CorruptData(f"{path}: {images.dtype} {images.shape} and labels {labels.shape}; {_FIRST_SOURCE}")
    part = slice(0, _FIRST_TRAIN) if split == "train" else slice(_FIRST_TRAIN, None)
    return LabelledSet("cifar10-first4000", split, images[part], labels[part].astype(np.int64), CLASSES)


def _read_batch(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    data = np.frombuffer(read_bytes(path), np.uint8)
    if not data.size or data.size % _RECORD:
        raise CorruptData(f"{path}: {data.size} bytes are not a whole number of records of {_RECORD} bytes")
    records = data.reshape(-1, _RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise CorruptData(f"{path}: a record has the label {labels.max()}; CIFAR-10 has 0 .. 9")
    # Planes red, green, blue of 32 rows each.
    return np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)), labels
