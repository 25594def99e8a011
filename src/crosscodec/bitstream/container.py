"""The coded file (.xcd): one header for 1 … 65,536 pictures, and the payload of all their symbols.

    magic 8 │ version 1 │ header length │ flags, package, sizes, symbols, digest, payload length + CRC │ CRC 4 │ payload

Specified byte by byte in docs/format.md. Both CRCs and the total length are checked before a symbol is decoded; the
digest of the symbols is there for the caller, who checks it before synthesis.
"""

import zlib
from dataclasses import dataclass

from crosscodec.bitstream.appearance import PLAIN, Appearance, read_text, text_fields
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.bitstream.sizes import (
    LARGEST_SIDE,
    MOST_IMAGES,
    ImageHeader,
    read_runs,
    read_symbol_count,
    runs_of,
    size_fields,
    symbol_code,
)
from crosscodec.bitstream.varint import LARGEST, ByteReader, varint
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

__all__ = [
    "CodedFile",
    "CodedHeader",
    "Dither",
    "ImageHeader",
    "courtesy_name",
    "read_coded",
    "read_header",
    "write_coded",
]

MAGIC = b"\x89XCD\r\n\x1a\n"
MAJOR, MINOR = 1, 0
PIXEL_LIMIT = 2**28
LONGEST_NAME = 100  # bytes of UTF-8
# A symbol costs at least -log2(65535/65536) bit, so that a byte holds no more than 363,405.98 of them.
SYMBOLS_PER_BYTE = 363_406
_LONGEST_HEADER = 2**20  # more than 65,536 different pictures within any pixel limit below 2^56 need
_LARGEST_PAYLOAD = 2**48

_NAME, _QUALITY, _DITHER, _ONE, _RGB, _RANGE, _MORE = 0x01, 0x02, 0x0C, 0x10, 0x20, 0x40, 0x80
_PROFILE, _EXIF = 0x01, 0x02  # in the byte of further flags
_DITHER_SHIFT = 2


@dataclass(frozen=True)
class Dither:
    """How the encoder dithered: algorithm 1 is subtractive; the seed, below 2^64, is that of crosscodec.randomness."""

    algorithm: int
    seed: int


@dataclass(frozen=True)
class CodedHeader:
    """What the header of a coded file says; the payload starts `header_bytes` after the first byte."""

    package_id: bytes
    package_name: str
    quality: int
    images: tuple[ImageHeader, ...]
    dither: Dither | None
    symbol_count: int
    digest: int
    payload_bytes: int
    payload_crc: int
    header_bytes: int
    appearance: Appearance = PLAIN


@dataclass(frozen=True)
class CodedFile:
    """A coded file: which package made it, of which pictures, and the payload of their symbols.

    package_id: first 8 bytes of the package's SHA-256. package_name: "" when left out. quality: 0 to 100, and 0 for a
    package of one quality. digest: that of the symbols (digest.py). symbol_count: of all pictures and channels
    together. appearance: on which scale and in which colours decoded pictures are given back.
    """

    package_id: bytes
    package_name: str
    quality: int
    images: tuple[ImageHeader, ...]
    dither: Dither | None
    symbol_count: int
    digest: int
    payload: bytes
    appearance: Appearance = PLAIN


def courtesy_name(name: str, payload_bytes: int) -> str:
    """The package's name if it may be written, "" if it costs 1 % of the payload or more.

    docs/format.md, "Header": the identity alone finds the package; its name is a courtesy to people.
    """
    return name if 100 * (len(name.encode()) + 1) < payload_bytes else ""


def write_coded(coded: CodedFile) -> bytes:
    """The bytes of a coded file.

    docs/format.md, "Header". Raises UsageError for a field that the format cannot hold.
    """
    _require_writable(coded)
    flags = _flags(coded)
    look = coded.appearance
    further = _PROFILE * bool(look.profile) | _EXIF * bool(look.exif)
    parts = [bytes([flags, further] if further else [flags]), coded.package_id]
    if flags & _NAME:
        name = coded.package_name.encode()
        parts += [varint(len(name)), name]
    if flags & _QUALITY:
        parts.append(varint(coded.quality))
    if coded.dither is not None:
        parts.append(varint(coded.dither.seed))
    if look.sample_range is not None:
        parts.append(look.sample_range.fields())
    parts += [text_fields(text) for text in (look.profile, look.exif) if text]
    runs = runs_of(coded.images)
    parts += size_fields(runs)
    parts += [varint(symbol_code(coded.symbol_count, runs)), coded.digest.to_bytes(4, "little")]
    parts += [varint(len(coded.payload)), zlib.crc32(coded.payload).to_bytes(4, "little")]
    body = b"".join(parts)
    header = MAGIC + bytes([MAJOR << 4 | MINOR]) + varint(len(body)) + body
    return header + zlib.crc32(header).to_bytes(4, "little") + coded.payload


def read_coded(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> CodedFile:
    """The coded file in `data`, with header, length and payload checked; its symbols are not decoded yet.

    docs/format.md, "Reading". Raises what `read_header` raises, and CorruptData for a payload that is cut short,
    damaged or followed by other bytes.
    """
    header = read_header(data, pixel_limit)
    payload, announced = data[header.header_bytes :], header.payload_bytes
    if len(payload) != announced:
        what = "cut short" if len(payload) < announced else "followed by foreign bytes"
        raise CorruptData(f"the coded file is {what}: {len(payload)} bytes follow the header, not {announced}")
    if zlib.crc32(payload) != header.payload_crc:
        raise CorruptData("the payload of the coded file is damaged: its CRC-32 does not match")
    return CodedFile(
        header.package_id,
        header.package_name,
        header.quality,
        header.images,
        header.dither,
        header.symbol_count,
        header.digest,
        payload,
        header.appearance,
    )


def read_header(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> CodedHeader:
    """The header at the front of `data`, checked against its CRC and the limits; the payload may be absent.

    docs/format.md, "Reading". Raises UnsupportedData (no coded file, or of a later version), CorruptData (damaged), or
    ResourceLimit (more pixels than `pixel_limit`, or more pictures or symbols than this release takes).
    """
    _require_version(data)
    outer = ByteReader(data, "the coded file")
    outer.take(len(MAGIC) + 1)
    body = outer.take(outer.varint("length of the header", _LONGEST_HEADER))
    expected = zlib.crc32(data[: outer.position])
    if outer.uint32() != expected:
        raise CorruptData("the header of the coded file is damaged: its CRC-32 does not match")
    return _parse(ByteReader(body, "the header of the coded file"), outer.position, pixel_limit)


def _require_writable(coded: CodedFile) -> None:
    name = coded.package_name
    if len(coded.package_id) != 8:
        raise UsageError(f"a package is identified by 8 bytes, not {len(coded.package_id)}")
    if len(name.encode()) > LONGEST_NAME or not name.isprintable():
        raise UsageError(f"a package's name has up to {LONGEST_NAME} bytes, all printable: {name!r}")
    if not 1 <= len(coded.images) <= MOST_IMAGES:
        raise UsageError(f"a coded file holds 1 to {MOST_IMAGES} pictures, not {len(coded.images)}")
    for image in set(coded.images):
        if not (1 <= image.height <= LARGEST_SIDE and 1 <= image.width <= LARGEST_SIDE and image.channels in (1, 3)):
            raise UsageError(f"a picture has sides of 1 to 2^32 pixels and 1 or 3 channels: {image}")
    if not 0 <= coded.quality <= BEST_QUALITY or not 0 <= coded.digest < 2**32:
        raise UsageError(f"quality {coded.quality} exceeds {BEST_QUALITY} or digest {coded.digest} exceeds 32 bits")
    if coded.dither is not None and not (coded.dither.algorithm == 1 and 0 <= coded.dither.seed <= LARGEST):
        raise UsageError(f"dither is None, or algorithm 1 with a seed below 2^64: {coded.dither}")
    if not 0 <= coded.symbol_count <= SYMBOLS_PER_BYTE * len(coded.payload):
        raise UsageError(f"{coded.symbol_count} symbols do not fit in a payload of {len(coded.payload)} bytes")


def _flags(coded: CodedFile) -> int:
    flags = _NAME * bool(coded.package_name) | _QUALITY * bool(coded.quality)
    flags |= _RANGE * (coded.appearance.sample_range is not None)
    flags |= _MORE * bool(coded.appearance.profile or coded.appearance.exif)
    if coded.dither is not None:
        flags |= coded.dither.algorithm << _DITHER_SHIFT
    if len(coded.images) == 1:
        flags |= _ONE | _RGB * (coded.images[0].channels == 3)
    return flags


def _require_version(data: bytes) -> None:
    start = data[: len(MAGIC)]
    if start != MAGIC[: len(start)]:
        if start[:4] == MAGIC[:4]:
            raise CorruptData("the coded file was damaged on its way, as by a transfer that changes line ends")
        raise UnsupportedData("not a coded file of crosscodec (.xcd): it starts with other bytes")
    if len(data) <= len(MAGIC):
        raise CorruptData(f"the coded file is cut short: {len(data)} bytes are less than any header")
    major, minor = data[len(MAGIC)] >> 4, data[len(MAGIC)] & 15
    if major != MAJOR:
        advice = "update crosscodec" if major > MAJOR else "no such version was ever written"
        raise UnsupportedData(f"a coded file of version {major}.{minor}; this release reads {MAJOR}.x: {advice}")


def _parse(reader: ByteReader, header_bytes: int, pixel_limit: int) -> CodedHeader:
    flags = reader.take(1)[0]
    more = reader.take(1)[0] if flags & _MORE else 0
    algorithm = (flags & _DITHER) >> _DITHER_SHIFT
    if more & ~(_PROFILE | _EXIF) or algorithm > 1 or (flags & _RGB and not flags & _ONE):
        told = f"{flags:08b} {more:08b}" if flags & _MORE else f"{flags:08b}"
        raise UnsupportedData(f"the coded file uses features of a later version (flags {told}): update crosscodec")
    if flags & _MORE and not more:
        raise CorruptData("the header of the coded file spells out further flags, of which none is set")
    package_id = reader.take(8)
    name = _read_name(reader) if flags & _NAME else ""
    quality = reader.varint("quality", BEST_QUALITY) if flags & _QUALITY else 0
    if flags & _QUALITY and not quality:
        raise CorruptData("the header of the coded file spells out quality 0, which is written by leaving it out")
    dither = Dither(algorithm, reader.varint("seed")) if algorithm else None
    sample_range = SampleRange.read(reader) if flags & _RANGE else None
    profile = read_text(reader, "colour profile") if more & _PROFILE else b""
    exif = read_text(reader, "EXIF data") if more & _EXIF else b""
    runs = read_runs(reader, bool(flags & _ONE), bool(flags & _RGB), pixel_limit)
    symbol_count = read_symbol_count(reader, runs, pixel_limit)
    digest = reader.uint32()
    payload_bytes = reader.varint("length of the payload", _LARGEST_PAYLOAD)
    payload_crc = reader.uint32()
    if reader.remaining:
        raise CorruptData(f"the header of the coded file has {reader.remaining} bytes too many")
    if symbol_count > SYMBOLS_PER_BYTE * payload_bytes:
        raise CorruptData(f"the header claims {symbol_count} symbols, which do not fit in {payload_bytes} bytes")
    images = tuple(run.image for run in runs for _ in range(run.count))
    return CodedHeader(
        package_id,
        name,
        quality,
        images,
        dither,
        symbol_count,
        digest,
        payload_bytes,
        payload_crc,
        header_bytes,
        Appearance(sample_range, profile, exif),
    )


def _read_name(reader: ByteReader) -> str:
    raw = reader.take(reader.varint("length of the package's name", LONGEST_NAME))
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise CorruptData("the package's name in the coded file is not UTF-8") from None
    if not name or not name.isprintable():
        raise CorruptData("the package's name in the coded file is empty or not printable")
    return name
