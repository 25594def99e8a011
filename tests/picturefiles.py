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


def taken(camera: str = "Camera 1") -> Image.Exif:
    """EXIF data of a photo that lies on its side: camera, date, exposure, place, and notes of the maker."""
    exif = Image.Exif()
    exif[272], exif[274] = camera, 6
    exif.get_ifd(0x8769).update({36867: "2026:11:27 22:33:00", 33434: (1, 60), 37500: bytes(3000)})
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5)})
    return exif
