"""The one place where a module is imported late.

House rule: imports stand at the top of a file. Two things cannot: a command line that must print its help without
loading what its commands need, and a library that belongs to an optional extra. Both go through `load_module`, so that
a reader who looks for hidden imports has one line to look at, and a missing extra is always reported in the same
words.
"""

import importlib
import importlib.util
from types import ModuleType

from crosscodec.errors import UsageError

# Import name -> what to install. A module that is not listed here is no extra: its absence is a broken installation.
_INSTALLS = {
    "torch": "pip install 'crosscodec[learn]'",
    "accelerate": "pip install 'crosscodec[learn]'",
    "safetensors": "pip install 'crosscodec[learn]'",
    "onnx": "pip install 'crosscodec[learn]'",
    "onnxscript": "pip install 'crosscodec[learn]'",
    "sklearn": "pip install 'crosscodec[learn]'",
    "matplotlib": "pip install 'crosscodec[evaluate]'",
    "plotly": "pip install 'crosscodec[evaluate]'",
    "dask": "pip install 'crosscodec[cluster]'",
    "distributed": "pip install 'crosscodec[cluster]'",
    "pillow_heif": "pip install 'crosscodec[camera]'",
    "rawpy": "pip install 'crosscodec[camera]'",
    "imagecodecs": "pip install imagecodecs",
    "bm3d": "pip install bm3d (its licence allows non-commercial use only)",
}


def load_module(name: str) -> ModuleType:
    """The module of that name, imported now.

    Raises UsageError with the command to type when an optional extra that it needs is absent; any other ImportError
    passes through.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _INSTALLS:
            raise
        raise UsageError(f"this needs {missing}, which is not installed; {_INSTALLS[missing]}") from None


def is_installed(name: str) -> bool:
    """Whether a top-level module can be found, without importing it."""
    return importlib.util.find_spec(name) is not None
