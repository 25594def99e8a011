"""What the first bytes of an image file say, before anything is decoded: its kind, size and depth.

Only what Pillow does not tell, or tells after it has allocated: the kind by content, the canvas of a WebP file, how
many bits a sample had before Pillow cut it to 8, the profile of a JPEG 2000 file, whether the end of the file is there
and the chunks of a PNG are whole.
"""

import zlib
from collections.abc import Iterator
from typing import Literal

Kind = Literal["png", "jpg", "webp", "tiff", "bmp", "jp2", "avif", "gif", "npy", "heic", "raw"]

PIXEL_KINDS = "PNG, JPEG, WebP, TIFF, BMP, JPEG 2000, AVIF, GIF and .npy"

_MAGICS: tuple[tuple[bytes, Kind], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"BM", "bmp"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x93NUMPY", "npy"),
    # Camera raw of Fujifilm, Panasonic, Olympus, Minolta and Sigma; that which is a TIFF file tiff.py knows.
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"IIU\0", "raw"),
    (b"IIRO", "raw"),
    (b"IIRS", "raw"),
    (b"MMOR", "raw"),
    (b"\0MRM", "raw"),
    (b"FOVb", "raw"),
)
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_CANON_RAW = b"crx "
# What people have besides, by what it begins with: (place, bytes, name).
_FOREIGN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"qoif", "QOI"),
    (0, b"\x00\x00\x01\x00", "icon"),
    (0, b"<svg", "SVG"),
)


def kind_of(data: bytes) -> Kind | None:
    """The kind of image that `data` begins like, by its magic bytes; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _kind_of_boxes(_brands(data))
    for magic, kind in _MAGICS:
        if data.startswith(magic):
            return kind
    return None


def _kind_of_boxes(brands: set[bytes]) -> Kind | None:
    if brands & _AVIF_BRANDS:
        return "avif"
    if brands & _HEIC_BRANDS:
        return "heic"
    return "raw" if _CANON_RAW in brands else None


def _brands(data: bytes) -> set[bytes]:
    """The brands of a file of boxes (ISO 14496-12, 4.3): the first box tells the major one and those besides."""
    size = int.from_bytes(data[:4], "big")
    return {data[8:12], *(data[place : place + 4] for place in range(16, min(size, 256), 4))}


def foreign_kind(data: bytes) -> str | None:
    """The name of a kind of picture that is not read, when `data` begins like one; None when it says nothing."""
    if data[4:8] == b"ftyp":
        return "video"
    if len(data) > 2 and data[:1] == b"P" and data[1:2] in b"1234567" and data[2:3].isspace():
        return "PNM (PBM, PGM, PPM)"
    return next((name for place, begins, name in _FOREIGN if data[place:].startswith(begins)), None)


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Of each chunk of a PNG file its name, and where its content begins and ends (W3C PNG, 5.3): the last may claim to
    end behind the file.
    """
    place = 8
    while place + 12 <= len(data):
        start = place + 8
        end = start + int.from_bytes(data[place : place + 4], "big")
        yield data[place + 4 : start], start, end
        place = end + 4


def damaged_chunk(data: bytes) -> str | None:
    """The name of the first chunk of a PNG file, among those that make its picture, whose checksum is wrong or whose
    length leaves the file; None when all are whole (W3C PNG, 5.3).

    Pillow does not look at the checksum of the chunks that hold the pixels.
    """
    rest = memoryview(data)
    for name, start, end in png_chunks(data):
        needed = name[:1].isupper() or name == b"tRNS"
        told = int.from_bytes(data[end : end + 4])
        if end + 4 > len(data) or (needed and zlib.crc32(rest[start - 4 : end]) != told):
            return name.decode("latin-1")
        if name == b"IEND":
            return None
    return "IEND"  # the chunks end elsewhere, so that one of their lengths is wrong


def webp_canvas(data: bytes) -> tuple[int, int] | None:
    """Width and height that a WebP header claims (RFC 9649, sections 2.5 to 2.7); None when the header is cut short.

    Needed because libwebp allocates the whole canvas when the file is opened.
    """
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and len(data) >= 30:
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def sample_bits(data: bytes, kind: Kind) -> int:
    """Bits a sample has in a PNG, JPEG 2000 or AVIF file; 8 for the kinds that never hold more or that Pillow tells
    about.

    PNG: IHDR (W3C PNG, 11.2.1). JPEG 2000: Ssiz of the first component (ISO 15444-1, A.5.1). AVIF: flags of the av1C
    box (AV1-ISOBMFF 2.3).
    """
    if kind == "png" and len(data) > 24:
        return data[24]
    if kind == "jp2":
        start = data.find(b"\xff\x4f\xff\x51")
        if start >= 0 and len(data) > start + 42:
            return (data[start + 42] & 0x7F) + 1
    if kind == "avif":
        start = data.find(b"av1C")
        if start >= 0 and len(data) > start + 6:
            flags = data[start + 6]
            return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    return 8


def jp2_profile(data: bytes) -> bytes | None:
    """The ICC profile in the colr box of a JPEG 2000 file (ISO 15444-1, I.5.3.3); None when there is none.

    Pillow says nothing of it. Methods 2 and 3 carry a profile, method 1 the number of a colour space.
    """
    box = data.find(b"colr", 0, max(0, data.find(b"jp2c")))
    if box < 4 or data[box + 4 : box + 5] not in (b"\x02", b"\x03"):
        return None
    return data[box + 7 : box - 4 + int.from_bytes(data[box - 4 : box], "big")]


def missing_end(data: bytes, kind: Kind) -> str | None:
    """What is missing at the end of a file cut short, where a decoder would still give a picture; None when nothing is.

    PNG: the IEND chunk. JPEG: the end-of-image marker. WebP: the bytes that the RIFF length promises.
    """
    if kind == "png" and b"IEND\xaeB`\x82" not in data:
        return "the IEND chunk"
    if kind == "jpg" and b"\xff\xd9" not in data:
        return "the end-of-image marker"
    if kind == "webp":
        promised = int.from_bytes(data[4:8], "little") + 8
        if len(data) < promised:
            return f"{promised - len(data)} of {promised} bytes"
    return None
