"""Cross-domain lossy compression: a degraded picture in, one small file, a clean picture out.

    crosscodec.encode, .decode, .restore                         (crosscodec.api; loaded on first use)
    crosscodec.encode_stack, .decode_stack, .restore_stack       (the same for several pictures in one file)
    crosscodec.CrosscodecError                                   (base of all errors raised on purpose)

`import crosscodec` alone loads neither NumPy nor ONNX Runtime, so that the command line answers at once. What type
checkers see is in __init__.pyi.
"""

from typing import Any

from crosscodec.errors import CrosscodecError as CrosscodecError
from crosscodec.extras import load_module

__version__ = "0.1.0"

_STACKS = ("decode_stack", "encode_stack", "restore_stack")
_API = ("Encoded", "PictureWarning", "Restored", "decode", "encode", "restore", *_STACKS)
__all__ = [*_API, "CrosscodecError", "__version__"]


def __getattr__(name: str) -> Any:
    """The names of crosscodec.api, on first use (PEP 562)."""
    if name not in _API:
        raise AttributeError(f"module 'crosscodec' has no attribute {name!r}")
    return getattr(load_module("crosscodec.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
