from crosscodec.codec.archive import QUALITIES as QUALITIES
from crosscodec.codec.archive import contexts_part as contexts_part
from crosscodec.codec.archive import tables_part as tables_part
from crosscodec.codec.arrays import decode_arrays as decode_arrays
from crosscodec.codec.arrays import encode_arrays as encode_arrays
from crosscodec.codec.card import DitherCard as DitherCard
from crosscodec.codec.card import PackageCard as PackageCard
from crosscodec.codec.card import QualityCard as QualityCard
from crosscodec.codec.decoding import Restored as Restored
from crosscodec.codec.decoding import Verified as Verified
from crosscodec.codec.decoding import decode_bytes as decode_bytes
from crosscodec.codec.decoding import decode_many as decode_many
from crosscodec.codec.decoding import verify_bytes as verify_bytes
from crosscodec.codec.encoding import Encoded as Encoded
from crosscodec.codec.encoding import encode_many as encode_many
from crosscodec.codec.encoding import encode_pixels as encode_pixels
from crosscodec.codec.package import InstalledPackage as InstalledPackage
from crosscodec.codec.package import Package as Package
from crosscodec.codec.package import installed_packages as installed_packages
from crosscodec.codec.package import load_package as load_package
from crosscodec.codec.qualities import Qualities as Qualities
from crosscodec.codec.qualities import QualityLevel as QualityLevel
from crosscodec.codec.ratecontrol import RateChoice as RateChoice
from crosscodec.codec.ratecontrol import encode_at as encode_at

__all__ = [
    "QUALITIES",
    "DitherCard",
    "Encoded",
    "InstalledPackage",
    "Package",
    "PackageCard",
    "Qualities",
    "QualityCard",
    "QualityLevel",
    "RateChoice",
    "Restored",
    "Verified",
    "contexts_part",
    "decode_arrays",
    "decode_bytes",
    "decode_many",
    "encode_arrays",
    "encode_at",
    "encode_many",
    "encode_pixels",
    "installed_packages",
    "load_package",
    "tables_part",
    "verify_bytes",
]
