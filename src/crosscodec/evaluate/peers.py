"""What a user would do without us, at the same number of bytes: the peers of a comparison.

    jpeg2000     degraded picture, 8 bits ─► JPEG 2000 at our file's size
    bm3d-avif    degraded picture ─► BM3D with the true sigma ─► AVIF at our file's size

BM3D is told the noise level and uses no learning; its licence allows non-commercial use only, so it is never installed
with us.
"""

import io
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.domains.degradation import Degradation, GaussianNoise
from crosscodec.errors import UsageError
from crosscodec.extras import load_module
from crosscodec.imagefile import to_uint8

JPEG2000 = "jpeg2000"
BM3D_AVIF = "bm3d-avif"
PEERS = (JPEG2000, BM3D_AVIF)


@dataclass(frozen=True)
class PeerResult:
    """A peer's picture (uint8, the shape of the input), the bytes of its file, and its seconds."""

    pixels: NDArray[np.uint8]
    data: bytes
    encode_seconds: float
    decode_seconds: float


def check_peers(names: tuple[str, ...], degradation: Degradation) -> None:
    """Raise UsageError, before hours of work, for a peer that is unknown, not installed, or made for another task."""
    for name in names:
        if name not in PEERS:
            raise UsageError(f"peer {name!r} is unknown; choose from {', '.join(PEERS)}")
    if BM3D_AVIF in names:
        load_module("bm3d")
        _sigma(degradation)


def run_peer(name: str, degraded: NDArray[np.float32], degradation: Degradation, limit: int) -> PeerResult:
    """One peer's result for a degraded picture, float32 (H, W) or (H, W, 3), in at most `limit` bytes where it can."""
    if name == JPEG2000:
        return jpeg2000(to_uint8(degraded), limit)
    return bm3d_avif(degraded, _sigma(degradation), limit)


def jpeg2000(pixels: NDArray[np.uint8], limit: int, searches: int = 6) -> PeerResult:
    """JPEG 2000 (9/7 wavelet, bare codestream) of at most `limit` bytes, the largest that a short search finds.

    Its own rate control comes within a percent; the search then corrects what it asks for. Where even the smallest
    file is larger than the limit that one is returned: the byte count says so.
    """
    asked, best = float(limit), b""
    for _ in range(searches):
        started = time.perf_counter()
        data = _save(pixels, "JPEG2000", quality_mode="rates", quality_layers=[max(1.0, pixels.size / asked)],
                     irreversible=True, no_jp2=True)  # fmt: skip
        seconds = (
            time.perf_counter() - started
        )  # of one encoding: settings found by search are no part of a codec's time
        if len(best) < len(data) <= limit:
            best = data
        if limit * 0.995 <= len(data) <= limit:
            break
        asked = max(1.0, asked * (0.999 * limit / len(data)))
    return _decoded(best or data, seconds)


def bm3d_avif(degraded: NDArray[np.float32], sigma: float, limit: int) -> PeerResult:
    """BM3D with the true noise level, then AVIF at the highest quality that fits into `limit` bytes."""
    bm3d = load_module("bm3d")
    started = time.perf_counter()
    denoise = bm3d.bm3d if degraded.ndim == 2 else bm3d.bm3d_rgb
    denoised = to_uint8(np.asarray(denoise(degraded, sigma / 255.0), np.float32).reshape(degraded.shape))
    seconds = time.perf_counter() - started
    low, high, best = 0, 100, b""
    while low <= high:
        quality = (low + high) // 2
        encoding = time.perf_counter()
        data = _save(denoised, "AVIF", quality=quality)
        last = time.perf_counter() - encoding
        if len(data) <= limit:
            low, best = quality + 1, data
        else:
            high = quality - 1
    return _decoded(best or data, seconds + last)


def _sigma(degradation: Degradation) -> float:
    if not isinstance(degradation, GaussianNoise):
        raise UsageError(f"peer {BM3D_AVIF} is made for Gaussian noise (noise:25), not for {degradation.describe()}")
    return degradation.sigma


def _save(pixels: NDArray[np.uint8], kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def _decoded(data: bytes, encode_seconds: float) -> PeerResult:
    started = time.perf_counter()
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image)
    return PeerResult(pixels, data, encode_seconds, time.perf_counter() - started)
