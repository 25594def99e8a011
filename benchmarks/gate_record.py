"""What a gate's measurement gives, and what several of them start from."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.package import SEARCH_VARIABLE
from crosscodec.domains.photos import builtin_photos, folder_photos
from crosscodec.images.picture import flat_gray

ROOT = Path(__file__).resolve().parent.parent
# Coded files of every version, and the packages that wrote them, found by their identity.
GOLDEN_FOLDER = ROOT / "tests" / "codec" / "golden"
GOLDEN = sorted(GOLDEN_FOLDER.glob("v*.xcd"))
os.environ[SEARCH_VARIABLE] = os.pathsep.join(filter(None, (os.environ.get(SEARCH_VARIABLE), str(GOLDEN_FOLDER))))


@dataclass(frozen=True)
class Measured:
    """What was measured, in words with numbers, and whether it keeps to the limit."""

    text: str
    passed: bool


def noisy_photos(quick: bool) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Photographs with noise of sigma 25: Kodak where CROSSCODEC_DATA has it, else the built-in; two when quick."""
    kodak = Path(os.environ.get("CROSSCODEC_DATA", "")) / "kodak"
    photos = folder_photos(kodak) if kodak.is_dir() and not quick else builtin_photos()
    for index in range(2 if quick else len(photos)):
        clean = photos.clean_float(index)
        clean = clean[:150, :210] if quick else clean
        noise = np.random.default_rng(index).normal(0, 25 / 255, clean.shape)
        noisy = (clean + noise).astype(np.float32)
        yield photos.names[index], flat_gray(noisy)


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `crosscodec` with these words in a process of its own."""
    start = [sys.executable, "-m", "crosscodec.cli.main", *words]
    return subprocess.run(start, capture_output=True, text=True, env=os.environ | environment, check=False)


def passing_tests(*nodes: str) -> Measured:
    """A gate that a test of the suite measures already: run it."""
    start = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *nodes]
    done = subprocess.run(start, capture_output=True, text=True, cwd=ROOT, check=False)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else f"pytest ended with {done.returncode}"
    return Measured(f"{', '.join(nodes)}: {last}", done.returncode == 0)
