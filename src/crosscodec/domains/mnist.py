"""MNIST: 60,000 + 10,000 handwritten digits of 28 x 28, gray, in four IDX files."""

from pathlib import Path

import numpy as np

from crosscodec.domains.idx import read_idx
from crosscodec.domains.labelledset import LabelledSet, set_folder
from crosscodec.domains.missing import require_files
from crosscodec.errors import CorruptData

_DIGITS = tuple("0123456789")

_PREFIXES = {"train": "train", "test": "t10k"}
# Of the unpacked files: the packed ones differ between mirrors by their time stamps.
_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
_SOURCE = (
    "get them from http://yann.lecun.com/exdb/mnist/ or a mirror, packed (.gz) or not; md5 of the unpacked files: "
)
_SOURCE += ", ".join(f"{name} {digest}" for name, digest in _MD5.items())


def mnist(data: str | Path | None, split: str) -> LabelledSet:
    """MNIST's split "train" or "test": uint8 (60000 or 10000, 28, 28, 1), labels the digits.

    Reads <data>/mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte, with or without .gz. InputMissing, with source and
    checksums; CorruptData when pictures and labels do not fit together; else as in `read_idx`.
    """
    folder, prefix = set_folder(data, "mnist", _SOURCE), _PREFIXES[split]
    paths = [_packed_or_not(folder / f"{prefix}-{part}-ubyte") for part in ("images-idx3", "labels-idx1")]
    require_files("MNIST", paths, _SOURCE)
    images, labels = (read_idx(path) for path in paths)
    if images.ndim != 3 or labels.shape != images.shape[:1] or labels.max(initial=0) > 9:
        raise CorruptData(
            f"{paths[0]} and {paths[1]} are not MNIST: needs (N, H, W) pictures and N labels 0 .. 9, "
            f"has {images.shape} and {labels.shape}, largest label {labels.max(initial=0)}"
        )
    return LabelledSet("mnist", split, images[..., None], labels.astype(np.int64), _DIGITS)


def _packed_or_not(path: Path) -> Path:
    # The packed file is the one to name when neither is there: it is what can be downloaded.
    return path if path.is_file() else path.with_name(path.name + ".gz")
