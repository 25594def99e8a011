"""The run-time: load a package, encode, decode. Needs ONNX Runtime, never torch."""

from crosscodec.codec.coding import (
    Encoded,
    Restored,
    Verified,
    decode_bytes,
    decode_many,
    encode_many,
    encode_pixels,
    verify_bytes,
)
from crosscodec.codec.package import InstalledPackage, Package, PackageCard, installed_packages, load_package

__all__ = [
    "Encoded",
    "InstalledPackage",
    "Package",
    "PackageCard",
    "Restored",
    "Verified",
    "decode_bytes",
    "decode_many",
    "encode_many",
    "encode_pixels",
    "installed_packages",
    "load_package",
    "verify_bytes",
]
