"""The built-in labelled set: 1,797 handwritten digits of 8 x 8 that come with scikit-learn."""

import gzip
import importlib.util
import zlib
from pathlib import Path

import numpy as np

from crosscodec.domains.labelledset import LabelledSet
from crosscodec.domains.missing import require_files
from crosscodec.errors import CorruptData, InputMissing

_FOLD = 6


def digits(data: str | Path | None, split: str) -> LabelledSet:
    """scikit-learn's digits, split "train" or "test": uint8 (1498 or 299, 8, 8, 1), labels the digits.

    Alpaydin and Kaynak, "Optical recognition of handwritten digits", UCI, 1998 (the test part). Every sixth picture,
    5, 11, 17, …, is "test". The file's levels 0 .. 16 become 0 .. 255, rounded to the nearest, ties to even. Read from
    the installed package, which is not imported; `data` is not looked at. InputMissing when it is not installed;
    CorruptData when its file is another one.
    """
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise InputMissing("the digits come with scikit-learn, which is not installed: pip install scikit-learn")
    path = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    require_files("digits", (path,), "it comes with scikit-learn: pip install --force-reinstall scikit-learn")
    try:
        with gzip.open(path, "rt", encoding="ascii") as source:
            table = np.array([[float(level) for level in line.split(",")] for line in source], ndmin=2)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise CorruptData(f"{path} is damaged: {error}") from None
    right = table.shape[1] == 65 and (table == np.rint(table)).all() and table.min() >= 0
    if not right or table[:, :64].max() > 16 or table[:, 64].max() > 9:
        raise CorruptData(f"{path} needs lines of 64 levels 0 .. 16 and a digit 0 .. 9, comma-separated")
    images = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    kept = (np.arange(len(table)) % _FOLD == _FOLD - 1) == (split == "test")
    return LabelledSet("digits", split, images[kept], table[kept, 64].astype(np.int64), tuple("0123456789"))
