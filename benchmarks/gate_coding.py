"""Gates of coding: other processes and threads, every size, golden files, rate, tiles."""

import hashlib
import subprocess
import sys
import tempfile
from os import environ
from pathlib import Path
from unittest.mock import patch

import numpy as np
from gate_record import GOLDEN, Measured, noisy_photos
from PIL import Image

from crosscodec.codec import Package, decode_bytes, encode_pixels, load_package, tiling, verify_bytes

ENCODE = """
import sys, numpy as np
from pathlib import Path
from crosscodec.codec import encode_pixels, load_package
package = load_package("photo-denoise")
for name in sys.argv[1:]:
    Path(name).with_suffix(".xcd").write_bytes(encode_pixels(np.load(name), package).data)
"""
DECODE = """
import sys, hashlib
from pathlib import Path
from crosscodec.codec.opening import open_coded
for name in sys.argv[1:]:
    opened = open_coded(Path(name).with_suffix(".xcd").read_bytes(), None)
    print(hashlib.sha256(opened.symbols.tobytes()).hexdigest())
"""


def processes(quick: bool) -> Measured:
    """Encode in one process with 1 and with 2 threads, decode in others: symbols and files must agree."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, picture in noisy_photos(quick):
            names.append(str(Path(folder) / f"{Path(name).stem}.npy"))
            np.save(names[-1], picture)
        files, symbols = [], []
        for threads in ("1", "2"):
            _child(ENCODE, names, threads)
            files.append([_digest(Path(name).with_suffix(".xcd")) for name in names])
            symbols += [_child(DECODE, names, other).split() for other in ("1", "2")]
    same = sum(len(set(row)) == 1 for row in zip(*symbols, strict=True))
    alike = sum(a == b for a, b in zip(*files, strict=True))
    text = f"{same} of {len(names)} pictures with equal symbols in 4 ways, {alike} with equal files"
    return Measured(text, same == len(names))


def _child(script: str, names: list[str], threads: str) -> str:
    start = [sys.executable, "-c", script, *names]
    done = subprocess.run(
        start, capture_output=True, text=True, check=True, env={**environ, "CROSSCODEC_THREADS": threads}
    )
    return done.stdout


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sizes(quick: bool) -> Measured:
    """Every size from 1 x 1 to 65 x 65 in gray and RGB, with the shipped package (quick: to 65 in steps of 16)."""
    package = load_package("photo-denoise")
    sides = range(1, 66, 16) if quick else range(1, 66)
    whole = np.random.default_rng(0).integers(0, 256, (65, 65, 3), dtype=np.uint8)
    tried = same = 0
    for height in sides:
        for width in sides:
            for picture in (whole[:height, :width], whole[:height, :width, 0]):
                tried += 1
                same += decode_bytes(encode_pixels(picture, package).data, package).pixels.shape == picture.shape
    return Measured(f"{same:,} of {tried:,} come back in their size", same == tried)


def golden(quick: bool) -> Measured:
    """Golden files: the digest of their symbols and their samples beside those of the day they were written."""
    worst = 0.0
    for path in GOLDEN:
        verify_bytes(path.read_bytes())
        restored, expected = decode_bytes(path.read_bytes()), np.asarray(Image.open(path.with_suffix(".png")))
        on = restored.sample_range
        scale = 1.0 if on is None else 255 / (on.high - on.low)
        worst = max(worst, scale * float(np.abs(restored.samples.astype(int) - expected.astype(int)).max()))
    return Measured(f"{len(GOLDEN)} files, symbols exact, largest difference {worst:g}/255", worst <= 1)


def rate(quick: bool) -> Measured:
    """How far the payload lies above the model estimate, in the unit of the limit."""
    package = load_package("photo-denoise")
    used = []
    for _, picture in noisy_photos(quick):
        encoded = encode_pixels(picture, package)
        used.append((8 * encoded.payload_bytes - encoded.model_bits) / (64 + encoded.model_bits / 1000))
    return Measured(f"{len(used)} pictures use at most {100 * max(used):.0f} % of what is allowed", max(used) <= 1)


def tiles(quick: bool) -> Measured:
    """Code a picture larger than any tile under tiles of several sizes (CORE patched)."""
    package = load_package("photo-denoise")
    picture = next(picture for _, picture in noisy_photos(True))
    picture = np.tile(picture, (2, 2, 1) if quick else (8, 6, 1))
    results = [_coded_under(core, picture, package) for core in ((64, 128, 2048) if quick else (64, 256, 1024, 2048))]
    files, pixels = {data for data, _ in results}, {digest for _, digest in results}
    text = f"{len(results)} tile sizes, {len(files)} different file, {len(pixels)} different picture"
    return Measured(text, len(files) == 1 and len(pixels) == 1)


def _coded_under(core: int, picture: np.ndarray, package: Package) -> tuple[bytes, str]:
    with patch.object(tiling, "CORE", core):
        data = encode_pixels(picture, package).data
        return data, hashlib.sha256(decode_bytes(data, package).pixels.tobytes()).hexdigest()
