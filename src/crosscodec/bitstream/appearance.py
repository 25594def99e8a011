"""How decoded pictures are given back: on which scale of samples, and in the colours of which ICC profile.

Both are of the whole file and cost nothing where they are not there. docs/format.md, "Sample range", "Colour profile".
"""

import zlib
from dataclasses import dataclass

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError

LARGEST_PROFILE = 2**16  # bytes of a profile as it is
_DEFLATED = -15  # zlib's name for the stream of RFC 1951 alone, without header and checksum


@dataclass(frozen=True)
class Appearance:
    """Samples on a range, or of 8 bits (None); the colours of an ICC profile (ISO 15076-1), or of sRGB (none: b"").

    UsageError for a profile of more than 65,536 bytes.
    """

    sample_range: SampleRange | None = None
    profile: bytes = b""

    def __post_init__(self) -> None:
        if len(self.profile) > LARGEST_PROFILE:
            raise UsageError(
                f"a colour profile in a coded file has up to {LARGEST_PROFILE:,} bytes, not {len(self.profile):,}"
            )


PLAIN = Appearance()


def deflated(profile: bytes) -> bytes:
    """The profile as a coded file holds it (RFC 1951)."""
    packer = zlib.compressobj(9, wbits=_DEFLATED)
    return packer.compress(profile) + packer.flush()


def profile_fields(profile: bytes) -> bytes:
    """The fields of the header: length, and the profile deflated.

    docs/format.md, "Colour profile".
    """
    packed = deflated(profile)
    return varint(len(packed)) + packed


def read_profile(reader: ByteReader) -> bytes:
    """The inverse of `profile_fields`. Raises CorruptData.

    docs/format.md, "Colour profile".
    """
    packed = reader.take(reader.varint("length of the colour profile", LARGEST_PROFILE))
    unpacker = zlib.decompressobj(wbits=_DEFLATED)
    try:
        profile = unpacker.decompress(packed, LARGEST_PROFILE + 1)
    except zlib.error as error:
        raise CorruptData(f"the colour profile in the coded file is damaged: {error}") from None
    if not profile or len(profile) > LARGEST_PROFILE or not unpacker.eof or unpacker.unused_data:
        raise CorruptData(f"the colour profile in the coded file is no deflated text of 1 to {LARGEST_PROFILE} bytes")
    return profile
