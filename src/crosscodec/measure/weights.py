"""Numbers that a learned measure needs and that are not ours to ship: looked for in a data folder, never downloaded.

<data>/metric-weights/ ─► lpips_alex_v0.1.npz, lpips_squeeze_v0.1.npz, niqe_pris_params.npz
"""

import os
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, InputMissing

FOLDER = "metric-weights"
_VARIABLE = "CROSSCODEC_DATA"

Arrays = dict[str, NDArray[np.float32] | NDArray[np.float64]]


def weights_path(name: str, data: str | Path | None = None) -> Path:
    """Where a file of weights lies: in `metric-weights` of the folder `data`, or of that named by CROSSCODEC_DATA.

    InputMissing when neither is given; whether the file is there is found out by `read_weights`.
    """
    root = data if data is not None else os.environ.get(_VARIABLE) or None
    if root is None:
        raise InputMissing(
            f"no data folder for {name}: give its path, or set {_VARIABLE} to the folder that holds {FOLDER}/"
        )
    return Path(root) / FOLDER / name


def read_weights(path: str | Path, source: str) -> Arrays:
    """All arrays of an .npz of floats, by name; `source` says where to get the file and ends the message without it.

    Raises InputMissing, or CorruptData for a file that is no such archive.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise InputMissing(f"{path} does not exist; {source}") from None
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, TypeError) as error:
        # TypeError: of an .npy NumPy makes an array, which cannot be closed.
        raise CorruptData(f"{path} is not an .npz archive of plain arrays: {error}") from None
    for name, array in arrays.items():
        if array.dtype.kind != "f" or not np.isfinite(array).all():
            raise CorruptData(f"{path}: {name} must hold finite floats, and is {array.dtype} {array.shape}")
    return arrays
