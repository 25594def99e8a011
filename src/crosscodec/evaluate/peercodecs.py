"""Codecs that everybody has: at a setting, which gives a point of a curve, or the best that fits into some bytes.

                                              setting                      ┌─► encode_setting
    jpeg2000   9/7 wavelet, bare codestream   bits a pixel      ┐          │
    avif       4:2:0, speed 6                 quality 0 … 100   ├  pixels ─┤
    webp       4:2:0, lossy, method 4         quality 0 … 100   │          │
    jxl        full colour (XYB), effort 7    distance          ┘          └─► encode_within

All but JPEG XL come with Pillow; that one needs imagecodecs. Efforts are the defaults of the libraries. AVIF with full
colour has the same curve within 0.05 dB below 1.3 bits a pixel (kodim01 denoised), and is no codec of its own here.
Decoding starts from the bytes that are counted.
"""

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crosscodec.errors import UsageError
from crosscodec.extras import load_module

JPEG2000, AVIF, WEBP, JXL = "jpeg2000", "avif", "webp", "jxl"
CODECS = (JPEG2000, AVIF, WEBP, JXL)
_DISTANCES = 0.05, 25.0  # of JPEG XL: nearly lossless, and the largest that its encoder takes

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class CodecResult:
    """The decoded picture (uint8, the shape of the input), the bytes of its file, and wall-clock seconds of each way.

    Seconds are those of one encoding: settings found by search are no part of a codec's time.
    """

    pixels: Pixels
    data: bytes
    encode_seconds: float
    decode_seconds: float


def check_codec(codec: str) -> None:
    """Raise UsageError for a codec that is unknown or whose library is not installed."""
    if codec not in CODECS:
        raise UsageError(f"codec {codec!r} is unknown; choose from {', '.join(CODECS)}")
    if codec == JXL:
        load_module("imagecodecs")


def encode_setting(codec: str, pixels: Pixels, setting: float) -> CodecResult:
    """A picture (H, W) or (H, W, 3) coded and decoded at the codec's own setting; UsageError outside its range."""
    check_codec(codec)
    allowed = {
        JPEG2000: 0 < setting < 1000,
        JXL: _DISTANCES[0] <= setting <= _DISTANCES[1],
    }
    if not allowed.get(codec, setting in range(101)):
        raise UsageError(f"{setting:g} is no setting of {codec}: see the list in {__name__}")
    return _decoded(codec, *_encoded(codec, pixels, setting), gray=pixels.ndim == 2)


def encode_within(codec: str, pixels: Pixels, limit: int) -> CodecResult:
    """The best of a codec in at most `limit` bytes, found by a short search.

    Where even the smallest file that the search meets is larger than the limit that one is returned: the byte count
    says so.
    """
    check_codec(codec)
    attempts = _jpeg2000_attempts(pixels, limit) if codec == JPEG2000 else _bisection(codec, pixels, limit)
    fitting, smallest = None, None
    for data, seconds in attempts:
        if len(data) <= limit and (fitting is None or len(data) > len(fitting[0])):
            fitting = data, seconds
        if smallest is None or len(data) < len(smallest[0]):
            smallest = data, seconds
    chosen = fitting or smallest
    assert chosen is not None, "a search tries at least one setting"
    return _decoded(codec, *chosen, gray=pixels.ndim == 2)


def _jpeg2000_attempts(pixels: Pixels, limit: int, searches: int = 6) -> Iterator[tuple[bytes, float]]:
    """Its own rate control comes within a percent; what is asked for is then corrected."""
    positions, asked = pixels.shape[0] * pixels.shape[1], float(limit)
    for _ in range(searches):
        data, seconds = _encoded(JPEG2000, pixels, 8 * asked / positions)
        yield data, seconds
        if limit * 0.995 <= len(data) <= limit:
            return
        asked = max(1.0, asked * (0.999 * limit / len(data)))


def _bisection(codec: str, pixels: Pixels, limit: int) -> Iterator[tuple[bytes, float]]:
    """Halve the range of the setting until a step of quality, or a hundredth of JPEG XL's distance, is left."""
    low, high = 0, 620 if codec == JXL else 100
    while low <= high:
        middle = (low + high) // 2
        # Whole steps from the worst distance to the best, each a hundredth smaller than the one before.
        setting = max(_DISTANCES[0], _DISTANCES[1] * 0.99**middle) if codec == JXL else middle
        data, seconds = _encoded(codec, pixels, setting)
        yield data, seconds
        low, high = (middle + 1, high) if len(data) <= limit else (low, middle - 1)


def _encoded(codec: str, pixels: Pixels, setting: float) -> tuple[bytes, float]:
    """The bytes of a file, and the seconds that they took."""
    started = time.perf_counter()
    match codec:
        case "jpeg2000":
            ratio = max(1.0, pixels.nbytes * 8 / (setting * pixels.shape[0] * pixels.shape[1]))
            # Without a colour transform, which Pillow leaves out unless asked, it loses some 5 dB of a clean picture.
            colour = {"mct": 1} if pixels.ndim == 3 else {}
            data = _saved(pixels, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True,
                          no_jp2=True, **colour)  # fmt: skip
        case "avif":
            data = _saved(pixels, "AVIF", quality=int(setting))
        case "webp":
            data = _saved(pixels, "WEBP", quality=int(setting))
        case _:
            library = load_module("imagecodecs")
            # Effort 7 is that of libjxl itself, and imagecodecs' is another.
            data = bytes(library.jpegxl_encode(pixels, distance=float(setting), effort=7, lossless=False))
    return data, time.perf_counter() - started


def _saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def _decoded(codec: str, data: bytes, encode_seconds: float, gray: bool) -> CodecResult:
    started = time.perf_counter()
    if codec == JXL:
        pixels = np.asarray(load_module("imagecodecs").jpegxl_decode(data))
    else:
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("L") if gray else image)  # WebP has no gray
    return CodecResult(pixels, data, encode_seconds, time.perf_counter() - started)
