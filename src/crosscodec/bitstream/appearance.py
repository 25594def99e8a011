"""What a coded file says of its pictures beside their symbols: on which scale of samples they are given back, in the
colours of which ICC profile, and with which EXIF data.

All of it is of the whole file and costs nothing where it is not there. docs/format.md, "Sample range", "Colour profile
and EXIF data".
"""

import zlib
from dataclasses import dataclass

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError

LARGEST_TEXT = 2**16  # bytes of a profile or of EXIF data as they are
_DEFLATED = -15  # zlib's name for the stream of RFC 1951 alone, without header and checksum


@dataclass(frozen=True)
class Appearance:
    """Samples on a range, or of 8 bits (None); the colours of an ICC profile (ISO 15076-1), or of sRGB (none: b"");
    EXIF data (CIPA DC-008) as a TIFF file, or none (b"").

    UsageError for more than 65,536 bytes of either.
    """

    sample_range: SampleRange | None = None
    profile: bytes = b""
    exif: bytes = b""

    def __post_init__(self) -> None:
        for text, what in ((self.profile, "a colour profile has"), (self.exif, "EXIF data have")):
            if len(text) > LARGEST_TEXT:
                raise UsageError(f"{what} up to {LARGEST_TEXT:,} bytes in a coded file, not {len(text):,}")


PLAIN = Appearance()


def deflated(text: bytes) -> bytes:
    """A profile or EXIF data as a coded file holds them (RFC 1951)."""
    packer = zlib.compressobj(9, wbits=_DEFLATED)
    return packer.compress(text) + packer.flush()


def text_fields(text: bytes) -> bytes:
    """The fields of the header for a profile or for EXIF data: length, and the bytes deflated.

    docs/format.md, "Colour profile and EXIF data". Raises UsageError where deflate makes too many of them.
    """
    packed = deflated(text)
    if len(packed) > LARGEST_TEXT:
        raise UsageError(f"a profile or EXIF data have up to {LARGEST_TEXT:,} bytes deflated, not {len(packed):,}")
    return varint(len(packed)) + packed


def read_text(reader: ByteReader, what: str) -> bytes:
    """The inverse of `text_fields`. Raises CorruptData, which says of what.

    docs/format.md, "Colour profile and EXIF data".
    """
    packed = reader.take(reader.varint(f"length of the {what}", LARGEST_TEXT))
    unpacker = zlib.decompressobj(wbits=_DEFLATED)
    try:
        text = unpacker.decompress(packed, LARGEST_TEXT + 1)
    except zlib.error as error:
        raise CorruptData(f"the {what} of the coded file: damaged ({error})") from None
    if not text or len(text) > LARGEST_TEXT or not unpacker.eof or unpacker.unused_data:
        raise CorruptData(f"the {what} of the coded file: not 1 to {LARGEST_TEXT:,} bytes, deflated")
    return text
