"""The checks of `crosscodec doctor`: each looks at one thing and says what it found."""

import os
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray
from PIL import features

from crosscodec import __version__
from crosscodec.cli.lazy import one_line
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.graph import thread_count
from crosscodec.codec.package import InstalledPackage, PackageCard, installed_packages, load_package
from crosscodec.errors import CrosscodecError
from crosscodec.extras import is_installed
from crosscodec.measure.distortion import psnr
from crosscodec.randomness import draw_bits, draw_normal

CORE = ("numpy", "scipy", "pillow", "constriction", "onnxruntime", "scikit-image", "tifffile", "typer", "jinja2")
EXTRAS = {
    "learn": ("torch", "onnx"),
    "evaluate": ("matplotlib", "plotly"),
    "camera": ("pillow_heif", "rawpy"),
    "cluster": ("dask",),
}
PICTURE_KINDS = {
    "JPEG": "jpg",
    "PNG": "zlib",
    "WebP": "webp",
    "AVIF": "avif",
    "JPEG 2000": "jpg_2000",
    "TIFF": "libtiff",
}


# The first two words of draw_bits(7, "doctor", 3, 2).
EXPECTED_BITS = (8509225041382936617, 1764456325657577078)


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report; `status` is "ok", "note" (works, worth knowing) or "fail"."""

    name: str
    status: str
    found: str


def all_checks() -> list[Check]:
    """Every check, in the order of the report."""
    found = installed_packages()
    return [
        check_python(),
        *(check_library(name) for name in CORE),
        *(check_extra(name) for name in EXTRAS),
        check_picture_kinds(),
        check_threads(),
        check_randomness(),
        check_any_package(found),
        *(check_package(package) for package in found),
    ]


def check_python() -> Check:
    """Python, the system and crosscodec itself."""
    where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, crosscodec {__version__}"
    return Check("python", "ok" if sys.version_info >= (3, 11) else "fail", where)


def check_library(name: str) -> Check:
    """Whether a library of the core installation is there, and its version."""
    try:
        return Check(name, "ok", version(name))
    except PackageNotFoundError:
        return Check(name, "fail", f"not installed; pip install {name}")


def check_extra(extra: str) -> Check:
    """Whether the libraries of an optional extra are there; their absence is no failure."""
    missing = [module for module in EXTRAS[extra] if not is_installed(module)]
    if missing:
        return Check(f"extra {extra}", "note", f"without {', '.join(missing)}; pip install 'crosscodec[{extra}]'")
    return Check(f"extra {extra}", "ok", ", ".join(f"{module} {version(module)}" for module in EXTRAS[extra]))


def check_picture_kinds() -> Check:
    """Which kinds of picture the installed Pillow reads and writes."""
    missing = [kind for kind, feature in PICTURE_KINDS.items() if not features.check(feature)]
    if missing:
        return Check("pictures", "note", f"this Pillow cannot read or write {', '.join(missing)}")
    return Check("pictures", "ok", ", ".join(PICTURE_KINDS))


def check_threads() -> Check:
    """Threads that networks use; spinning OpenMP threads slow a busy machine down by an order of magnitude."""
    try:
        threads = thread_count()
    except CrosscodecError as error:
        return Check("threads", "fail", one_line(error))
    settings = [f"{name}={os.environ[name]}" for name in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY") if name in os.environ]
    return Check("threads", "ok", ", ".join([f"{threads} for networks", *settings]))


def check_randomness() -> Check:
    """Whether the counter-based generator gives the numbers that it gives everywhere."""
    drawn = [int(word) for word in draw_bits(7, "doctor", 3, 2)]
    if drawn != list(EXPECTED_BITS):
        return Check(
            "randomness",
            "fail",
            f"the generator gives {drawn}, not {list(EXPECTED_BITS)}; dithered files cannot be decoded here",
        )
    return Check("randomness", "ok", "known answers match")


def check_any_package(found: list[InstalledPackage]) -> Check:
    """Whether there is any package at all."""
    if not found:
        return Check("packages", "fail", "none installed; name a folder of .xcm files in CROSSCODEC_PACKAGES")
    return Check("packages", "ok", f"{len(found)} installed")


def check_package(found: InstalledPackage) -> Check:
    """Whether a package is whole, and a small noisy picture comes back less noisy than it went in, whichever encoder
    writes it.
    """
    name = f"package {found.name}"
    try:
        package = load_package(found.path)  # compares every part with the SHA-256 in the card
        for anchor in package.card.qualities.anchors if package.card.qualities else ():
            package.entropy_at(anchor)  # tables that are else read when a file needs them
        clean = _test_picture(package.card)
        noisy = (clean / 255 + 25 / 255 * draw_normal(0, "doctor", 0, clean.shape)).astype(np.float32)
        files = [encode_pixels(noisy, package, force=True, encoder=encoder).data for encoder in package.encoders]
        restored = [decode_bytes(data, package) for data in files]
    except CrosscodecError as error:
        return Check(name, "fail", one_line(error))
    before, after = psnr((clean / 255).astype(np.float32), noisy), min(psnr(clean, r.pixels) for r in restored)
    result = f"whole; self-test {before:.1f} dB -> {after:.1f} dB in {max(map(len, files)):,} bytes"
    # A package for another task than noise may well leave noise in: that is worth a note and no failure.
    return Check(name, "ok" if after > before else "note", result)


def _test_picture(card: PackageCard) -> NDArray[np.uint8]:
    """Slopes in a size and kind that the package takes."""
    height, width = card.size or (96, 128)
    rows, columns = np.mgrid[0:height, 0:width]
    planes = [128 + 80 * np.sin((rows + 9 * channel) / 17) * np.cos(columns / 13) for channel in range(3)]
    picture = np.stack(planes, axis=2).astype(np.uint8)
    return picture if "rgb" in card.channels else picture[:, :, 0]
