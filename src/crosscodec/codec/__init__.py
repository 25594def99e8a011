"""The run-time: load a package, encode, decode. Needs ONNX Runtime, never torch.

Names are loaded on first use (PEP 562): what only asks which packages there are needs no network. Type checkers read
__init__.pyi.
"""

from typing import Any

from crosscodec.extras import load_module

_ROOM = {
    "archive": ("QUALITIES", "contexts_part", "tables_part"),
    "arrays": ("decode_arrays", "encode_arrays"),
    "card": ("DitherCard", "PackageCard", "QualityCard"),
    "decoding": ("Restored", "Verified", "decode_bytes", "decode_many", "verify_bytes"),
    "encoding": ("Encoded", "encode_many", "encode_pixels"),
    "package": ("InstalledPackage", "Package", "installed_packages", "load_package"),
    "qualities": ("Qualities", "QualityLevel"),
    "ratecontrol": ("RateChoice", "encode_at"),
}
_HOME = {name: module for module, names in _ROOM.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """A public name, from the module where it lives."""
    if name not in _HOME:
        raise AttributeError(f"module 'crosscodec.codec' has no attribute {name!r}")
    return getattr(load_module(f"crosscodec.codec.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
