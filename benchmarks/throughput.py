"""Megapixels a second of the codec beside what a user has otherwise, on the same cores in the same run.

    python benchmarks/throughput.py --data DIR [--pictures 6] [--bm3d 1] [--out results/throughput.tsv]

Kodak with noise of sigma 25, files in memory. crosscodec is timed warm, at its default quality, with one thread and
with all cores; JPEG 2000 and AVIF (by Pillow, at settings that give about as many bytes) code the noisy picture with
the threads that they take by themselves; BM3D, if it is installed, denoises `--bm3d` pictures and knows the sigma.
Medians over pictures.
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import named_photos
from crosscodec.evaluate.peercodecs import encode_setting
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.images.picture import to_uint8

COLUMNS = ("what", "threads", "pictures", "encode_mpixel_s", "decode_mpixel_s", "bpp")
SIGMA = 25
Floats = NDArray[np.float32]
Coder = Callable[[Floats], tuple[float, float, int]]  # seconds of encoding and of decoding, bytes


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """A function's result and the seconds it took."""
    began = time.perf_counter()
    return function(), time.perf_counter() - began


def row(
    what: str, threads: str, pictures: list[Floats], code: Callable[[Floats], tuple[float, float, int]]
) -> list[str]:
    """One row: medians of encode and decode speed, mean bits a pixel; 0 seconds or bytes are left empty."""
    speeds: tuple[list[float], list[float]] = ([], [])
    bits = pixels = 0
    for picture in pictures:
        area = picture.shape[0] * picture.shape[1]
        encode, decode, size = code(picture)
        for found, seconds in zip(speeds, (encode, decode), strict=True):
            found += [area / seconds / 1e6] if seconds else []
        bits, pixels = bits + 8 * size, pixels + area
    medians = [f"{statistics.median(found):.3g}" if found else "" for found in speeds]
    return [what, threads, str(len(pictures)), *medians, f"{bits / pixels:.3f}" if bits else ""]


def crosscodec(picture: Floats) -> tuple[float, float, int]:
    """Seconds of encoding and decoding, and bytes, of the shipped package."""
    package = load_package("photo-denoise")
    encoded, encode = timed(lambda: encode_pixels(picture, package))
    _, decode = timed(lambda: decode_bytes(encoded.data, package))
    return encode, decode, len(encoded.data)


def peer(codec: str, setting: float) -> Coder:
    """The same for a codec of the evaluation's peers at its own setting, given 8 bits."""

    def code(picture: Floats) -> tuple[float, float, int]:
        result = encode_setting(codec, to_uint8(picture), setting)
        return result.encode_seconds, result.decode_seconds, len(result.data)

    return code


def bm3d(picture: Floats) -> tuple[float, float, int]:
    """Seconds of denoising alone."""
    module = __import__("bm3d")
    _, seconds = timed(lambda: module.bm3d_rgb(picture, SIGMA / 255))
    return seconds, 0.0, 0


def main() -> None:
    """Print the table, and write it where --out says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=6)
    parser.add_argument("--bm3d", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    domain = Domain(named_photos("kodak", options.data), parse_degradation(f"noise:{SIGMA}"), 0)
    pictures = [domain.sample(index).degraded for index in range(options.pictures)]
    if options.ours:  # ONNX Runtime reads its threads once a process
        crosscodec(pictures[0])
        print("\t".join(row("crosscodec", os.environ["CROSSCODEC_THREADS"], pictures, crosscodec)))
        return
    rows = []
    for threads in sorted({1, os.cpu_count() or 1}):
        again = [sys.executable, __file__, "--ours", "--data", str(options.data), "--pictures", str(options.pictures)]
        environment = os.environ | {"CROSSCODEC_THREADS": str(threads)}
        done = subprocess.run(again, capture_output=True, text=True, check=True, env=environment)
        rows.append(done.stdout.strip().split("\t"))
    rows.append(row("JPEG 2000 of the noisy picture", "any", pictures, peer("jpeg2000", 0.6)))  # bits a pixel
    rows.append(row("AVIF of the noisy picture", "any", pictures, peer("avif", 40)))
    if importlib.util.find_spec("bm3d"):
        rows.append(row("BM3D alone, told the sigma", "any", pictures[: options.bm3d], bm3d))
    text = tsv_text([COLUMNS, *rows])
    sys.stdout.write(text)
    if options.out:
        write_atomically(options.out, text.encode(), overwrite=True)


if __name__ == "__main__":
    main()
