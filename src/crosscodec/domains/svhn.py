"""SVHN, format 2: house numbers cropped to 32 x 32, RGB, in two MATLAB files."""

from pathlib import Path

import numpy as np

from crosscodec.domains.labelledset import LabelledSet, set_folder
from crosscodec.domains.matfile import read_mat
from crosscodec.domains.missing import require_files
from crosscodec.errors import CorruptData

_DIGITS = tuple("0123456789")
_SOURCE = (
    "get train_32x32.mat (md5 e26dedcc434d2e4c54c9b2d4a06d8373) and test_32x32.mat "
    "(md5 eb5a983be6a315427106f1b164d9cef3) from http://ufldl.stanford.edu/housenumbers/"
)


def svhn(data: str | Path | None, split: str) -> LabelledSet:
    """SVHN's split "train" or "test": uint8 (73257 or 26032, 32, 32, 3), labels the digits, 0 for zero.

    Netzer et al., "Reading digits in natural images with unsupervised feature learning", 2011. Reads
    <data>/svhn/<split>_32x32.mat with X (32, 32, 3, N) and y (N, 1), where the file says 10 for zero. InputMissing,
    with source and checksums; CorruptData: damaged or not of these shapes; else as in `read_mat`.
    """
    path = set_folder(data, "svhn", _SOURCE) / f"{split}_32x32.mat"
    require_files("SVHN", (path,), _SOURCE)
    arrays = read_mat(path)
    if not {"X", "y"} <= arrays.keys():
        raise CorruptData(f"{path} needs the variables X and y, it has {', '.join(sorted(arrays)) or 'none'}")
    pixels, digits = arrays["X"], arrays["y"].ravel(order="F")
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[2:] != (3, digits.size):
        raise CorruptData(
            f"{path}: X is uint8 (H, W, 3, N) with N labels y, not {pixels.dtype} {pixels.shape} with {digits.size}"
        )
    if not np.isin(digits, np.arange(11)).all():
        raise CorruptData(f"{path}: labels y are 1 .. 9, and 10 for zero, not {digits.min()} .. {digits.max()}")
    images = np.ascontiguousarray(np.moveaxis(pixels, 3, 0))
    return LabelledSet("svhn", split, images, digits.astype(np.int64) % 10, _DIGITS)
