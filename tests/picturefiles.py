"""Picture files made by hand or by Pillow, for tests of whatever reads pictures."""

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from crosscodec.images.picture import Picture

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), dtype=np.uint8)
GRAY = RGB[..., 0].copy()
DEEP = np.random.default_rng(1).integers(0, 65536, (6, 9), dtype=np.uint16)
PLAIN_TIFF = {258: (3, 8), 262: (3, 1), 277: (3, 1)}


def saved(image: Image.Image | NDArray[np.generic], format: str = "PNG", **options: object) -> bytes:
    sink = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(sink, format, **options)
    return sink.getvalue()


def png(width: int, height: int, depth: int, colour: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG file by hand, for depths that Pillow does not write."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_code_points(primaries: int, curve: int) -> bytes:
    """A PNG of `RGB` whose chunk cICP names these colours."""
    body = b"cICP" + bytes((primaries, curve, 0, 1))
    data = saved(RGB, "PNG")
    place = data.index(b"IDAT") - 4
    return data[:place] + struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body)) + data[place:]


def deep_png(samples: NDArray[np.generic], colour: int, extra: bytes = b"") -> bytes:
    """A PNG of 16-bit samples (H, W, C), in the colour type 2 (RGB), 4 (gray and alpha) or 6 (RGB and alpha)."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return png(samples.shape[1], samples.shape[0], 16, colour, rows, extra)


def tiff(tags: dict[int, tuple[int, int]], samples: bytes, width: int = 9, height: int = 6) -> bytes:
    """An uncompressed TIFF by hand: short (3) and long (4) tags of one number each, then the samples."""
    known = {256: (4, width), 257: (4, height), 259: (3, 1), 278: (4, height), 279: (4, len(samples)), **tags}
    known[273] = (4, 8 + 2 + 12 * (len(known) + 1) + 4)
    entries = b"".join(
        struct.pack("<HHI", tag, kind, 1) + struct.pack("<I", value) for tag, (kind, value) in sorted(known.items())
    )
    return b"II*\0" + struct.pack("<IH", 8, len(known)) + entries + bytes(4) + samples


def same(picture: Picture, pixels: NDArray[np.generic]) -> bool:
    return picture.pixels.dtype == pixels.dtype and np.array_equal(picture.pixels, pixels)


def wide_profile(space: bytes = b"RGB ") -> bytes:
    """An ICC profile by the name "Wide built-in", with the red of Display P3; `space` is what it is for."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for old, new in ((b"sRGB", b"Wide"), ("sRGB".encode("utf-16-be"), "Wide".encode("utf-16-be"))):
        profile = profile.replace(old, new)
    entry = profile.index(b"rXYZ")
    place = int.from_bytes(profile[entry + 4 : entry + 8], "big")
    profile[place + 8 : place + 12] = struct.pack(">i", round(0.5151 * 2**16))
    profile[16:20], profile[24:36], profile[84:100] = space, bytes(12), bytes(16)  # neither the time nor a digest
    return bytes(profile)


def inks_profile(name: str = "Four inks") -> bytes:
    """An ICC profile (version 2) of a press: each of sixteen mixtures of inks in full looks like RGB_OF_INKS says, and
    between them colours go in straight lines of Lab.
    """
    rgb = Image.fromarray(np.array([RGB_OF_INKS], np.uint8))
    srgb, lab = (ImageCms.ImageCmsProfile(ImageCms.createProfile(space)) for space in ("sRGB", "LAB"))
    seen = ImageCms.profileToProfile(rgb, srgb, lab, outputMode="LAB")
    assert seen is not None
    line = bytes(range(256))
    # lut8Type: inputs, outputs, points along each ink, a matrix that does nothing, curves, table, curves.
    head = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + struct.pack(">9i", *(65536 * (k % 4 == 0) for k in range(9)))
    # Lab of profiles has its middle at 128, that of Pillow at 0.
    table = (np.asarray(seen).astype(int) + np.array([0, 128, 128])) % 256
    tags = {
        b"A2B0": head + 4 * line + table.astype(np.uint8).tobytes() + 3 * line,
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name.encode() + bytes(80),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
        b"cprt": b"text" + bytes(4) + b"none\0",
    }
    contents, entries, place = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        entries += tag + struct.pack(">II", place + len(contents), len(content))
        contents += content
    size = place + len(contents)
    head = struct.pack(">I", size) + bytes(4) + bytes.fromhex("02400000") + b"prtrCMYKLab " + bytes(12) + b"acsp"
    head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + contents


# What paper looks like with none or all of cyan, magenta, yellow and black, black changing first.
RGB_OF_INKS = [
    (255, 255, 255), (35, 31, 32), (255, 241, 0), (28, 26, 0), (228, 0, 127), (40, 0, 20), (230, 0, 18), (38, 0, 0),
    (0, 160, 233), (0, 20, 35), (0, 153, 68), (0, 22, 10), (29, 32, 136), (5, 0, 20), (50, 45, 40), (0, 0, 0),
]  # fmt: skip


def taken(camera: str = "Camera 1") -> Image.Exif:
    """EXIF data of a photo that lies on its side: camera, date, exposure, place, and notes of the maker."""
    exif = Image.Exif()
    exif[272], exif[274] = camera, 6
    exif.get_ifd(0x8769).update({36867: "2026:11:27 22:33:00", 33434: (1, 60), 37500: bytes(3000)})
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5)})
    return exif
