"""PNG files of 16-bit colour, which Pillow reads in part and does not write (W3C PNG, sections 9 to 11)."""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _TRUECOLOUR, _PAETH, _PIXEL, _METRES = 16, 2, 4, 6, 1
_BAND = 256  # rows at a time, so that what filtering needs stays small


def deep_png(
    samples: NDArray[np.uint16],
    profile: bytes = b"",
    exif: bytes = b"",
    resolution: tuple[float, float] | None = None,
) -> bytes:
    """The file of a picture (H, W, 3) of whole samples 0 to 65535, with its ICC profile, EXIF data and resolution in
    pixels an inch: one IDAT chunk a band of rows, filter Paeth.
    """
    height, width = samples.shape[:2]
    packed = zlib.compressobj()
    bodies = [packed.compress(_filtered(samples, top)) for top in range(0, height, _BAND)] + [packed.flush()]
    head = struct.pack(">IIBBBBB", width, height, _DEPTH, _TRUECOLOUR, 0, 0, 0)
    beside = [(b"iCCP", b"profile\0\0" + zlib.compress(profile))] if profile else []
    if resolution:
        beside += [(b"pHYs", struct.pack(">IIB", *(round(side / 0.0254) for side in resolution), _METRES))]
    beside += [(b"eXIf", exif)] if exif else []
    chunks = [(b"IHDR", head), *beside, *((b"IDAT", body) for body in bodies if body), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(name, body) for name, body in chunks)


def _filtered(samples: NDArray[np.uint16], top: int) -> bytes:
    """A band of rows as bytes behind the number of the filter: each byte less the one that Paeth foretells of it."""
    before = max(top - 1, 0)
    rows = samples[before : top + _BAND].astype(">u2").reshape(-1, samples.shape[1] * 3).view(np.uint8).astype(np.int16)
    if top == 0:
        rows = np.concatenate([np.zeros_like(rows[:1]), rows])  # above the picture all is 0, and so is what lies left
    beside = np.concatenate([np.zeros_like(rows[:, :_PIXEL]), rows[:, :-_PIXEL]], axis=1)
    left, above, corner = beside[1:], rows[:-1], beside[:-1]
    to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)
    foretold = np.where(
        (to_left <= to_above) & (to_left <= to_corner), left, np.where(to_above <= to_corner, above, corner)
    )
    differences = (rows[1:] - foretold).astype(np.uint8)
    return np.concatenate([np.full((len(differences), 1), _PAETH, np.uint8), differences], axis=1).tobytes()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
