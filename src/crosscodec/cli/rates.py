"""What commands say of an encoded file: the rate line for people and facts for --json."""

import dataclasses
from collections.abc import Sequence

from crosscodec.cli.output import bytes_text
from crosscodec.codec.encoding import Encoded
from crosscodec.codec.package import DEFAULT_ENCODER, Package
from crosscodec.images.profiles import profile_name
from crosscodec.measure.rate import RateLine


def rate_line(encoded: Encoded) -> RateLine:
    """The four rates of a coded file; no bound is known for photographs."""
    return RateLine(None, encoded.model_bits, 8 * encoded.payload_bytes, 8 * len(encoded.data), encoded.pixels)


def rate_text(encoded: Encoded) -> str:
    """The rate line for people; of a package of several qualities also the quality, and the size that was asked for."""
    line = f"{bytes_text(len(encoded.data))}, {rate_line(encoded).describe()}{_encoder_text(encoded)}"
    line += "" if encoded.sample_range is None else f", range {encoded.sample_range.describe()}"
    line += f", profile {profile_name(encoded.appearance.profile)}" if encoded.appearance.profile else ""
    if encoded.quality is None:
        return line
    target = "" if encoded.target_bytes is None else f", the highest within {bytes_text(encoded.target_bytes)}"
    return f"{line}, quality {encoded.quality}{target}"


def _encoder_text(encoded: Encoded) -> str:
    """Which encoders other than the default one were at work."""
    further = sorted(set(encoded.encoders) - {DEFAULT_ENCODER})
    return f", encoder {' and '.join(further)}" if further else ""


def encoded_facts(encoded: Encoded, package: Package) -> dict[str, object]:
    """Size of the first picture, package, encoder, quality, bytes asked for and reached, and rates of a coded file."""
    rate = rate_line(encoded)
    return size_facts(encoded.shapes[0]) | {
        "package": package.name,
        "package_sha256": package.sha256,
        "encoder": encoded.encoders[0],
        "quality": encoded.quality,
        "target_bytes": encoded.target_bytes,
        "sample_range": None if encoded.sample_range is None else dataclasses.asdict(encoded.sample_range),
        "profile": profile_name(encoded.appearance.profile) if encoded.appearance.profile else None,
        "exif_bytes": len(encoded.appearance.exif),
        "file_bytes": len(encoded.data),
        "payload_bytes": encoded.payload_bytes,
        "container_bytes": encoded.container_bytes,
        "bpp": round(rate.bpp, 6),
        "payload_bpp": round(rate.payload_bpp, 6),
        "model_bpp": round(rate.model_bpp, 6),
        "bound_bpp": rate.bound_bpp,
    }


def stack_facts(encoded: Encoded, package: Package, numbers: Sequence[int]) -> dict[str, object]:
    """The same of the pages of one input: of several also how many there are, their numbers there, and encoders."""
    if len(encoded.shapes) == 1:
        return encoded_facts(encoded, package)
    of_each = {"images": len(encoded.shapes), "pages": list(numbers), "encoders": list(encoded.encoders)}
    return encoded_facts(encoded, package) | of_each


def pack_facts(encoded: Encoded, package: Package, names: Sequence[str]) -> dict[str, object]:
    """The same of a pack, with bits a picture, names and encoders, which the file does not keep; sizes are
    `encoded_facts` of its first picture.
    """
    count = len(encoded.shapes)
    bits = {
        "file_bits_per_picture": round(8 * len(encoded.data) / count, 4),
        "payload_bits_per_picture": round(8 * encoded.payload_bytes / count, 4),
        "model_bits_per_picture": round(encoded.model_bits / count, 4),
    }
    of_each = {"names": list(names), "encoders": list(encoded.encoders)}
    return encoded_facts(encoded, package) | {"images": count} | bits | of_each


def size_facts(shape: tuple[int, ...]) -> dict[str, object]:
    """Height, width and channels of a picture of that shape."""
    return {"height": shape[0], "width": shape[1], "channels": 1 if len(shape) == 2 else shape[2]}
