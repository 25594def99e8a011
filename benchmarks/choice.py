"""What `auto` costs: the file of the encoder that it takes beside that of the best one, for pictures of many kinds.

    python benchmarks/choice.py --data DIR [--package NAME|FILE] [--jobs 2] [--out results/choice.tsv]

Kodak as cameras take it, with white noise, clean, and as JPEG files, and the nineteen pictures of `subjects.py`, clean
and as JPEG. A file costs what training makes small: bits a pixel + lambda x squared error at the quality. For each kind
a row: how often each encoder was taken, how often the best one, and by how much files cost more than those of the best,
with auto and with each encoder if it were always taken.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from subjects import write_pictures

from crosscodec.cli.output import table_text
from crosscodec.codec.package import AUTO, load_package
from crosscodec.codec.pictures import Pixels
from crosscodec.domains.camera import through_jpeg
from crosscodec.domains.degradation import parse_degradation
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import PhotoSet, folder_photos, kodak
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.images.picture import flat_gray, to_uint8
from crosscodec.learn.choice.costs import costs_of

RESULTS = Path(__file__).resolve().parent.parent / "results"
QUALITY, SEED = 60, 0
Floats = NDArray[np.float64]
CLEAN = "none"
KODAK, OTHERS = "kodak", "subjects"


@dataclass(frozen=True)
class Kind:
    """A set of pictures and what befalls them: a degradation, then JPEG of a quality; 0: none."""

    photos: str
    degradation: str
    jpeg: int = 0

    @property
    def title(self) -> str:
        """As the table has it."""
        told = [] if self.jpeg and self.degradation == CLEAN else [self.degradation.replace(CLEAN, "clean")]
        return ", ".join([self.photos, *told, *([f"JPEG {self.jpeg}"] if self.jpeg else [])])


CAMERAS = [f"camera:{n}" for n in (50, 150, 600, 3000, 20000)] + [f"camera:{n},90" for n in (150, 600, 3000, 20000)]
WHITE = [f"noise:{sigma}" for sigma in (2, 5, 10, 15, 25, 50)] + ["noise:25,clip", "poisson:30"]
KINDS = (
    *(Kind(KODAK, text) for text in (*CAMERAS, *WHITE, CLEAN)),
    *(Kind(KODAK, CLEAN, quality) for quality in (95, 90, 85, 75)),
    *(Kind(KODAK, "noise:10", quality) for quality in (90, 75)),
    *(Kind(OTHERS, CLEAN, quality) for quality in (0, 95, 85, 75)),
)


@dataclass(frozen=True)
class Found:
    """Of one picture: the encoder that auto takes, by its place, and logarithms of what each one's file costs (K,)."""

    taken: int
    costs: Floats

    @property
    def excess(self) -> Floats:
        """By how many percent each file costs more than the best one."""
        excess: Floats = 100 * np.expm1(self.costs - self.costs.min())
        return excess


@dataclass(frozen=True)
class Bench:
    """What is measured, and where the sets lie."""

    package: str
    data: Path
    subjects: Path  # folder of the pictures of `subjects.py`; made where it is not there

    def photos(self, name: str) -> PhotoSet:
        """A set of clean pictures by the name that kinds have for it."""
        return kodak(self.data) if name == KODAK else folder_photos(self.subjects)

    def found(self, kind: Kind, index: int) -> Found:
        """What one picture's files cost."""
        package = _loaded(self.package)
        pixels, clean = degraded(kind, self.photos(kind.photos), index)
        among = package.card.automatic
        taken = among.index(package.encoder_for(pixels, AUTO))
        return Found(taken, np.array(list(costs_of(package, among, pixels, clean, QUALITY))))


_loaded = cache(load_package)


def degraded(kind: Kind, photos: PhotoSet, index: int) -> tuple[Pixels, Floats]:
    """A picture of a kind as the encoder gets it, (H,W) or (H,W,3), and the clean one, 0..255."""
    sample = Domain(photos, parse_degradation(kind.degradation), SEED).sample(index)
    pixels: Pixels = sample.degraded
    if kind.jpeg:
        pixels = through_jpeg(to_uint8(pixels), kind.jpeg)
    elif not kind.degradation.startswith(("noise", "poisson")):  # whose floats may leave 0..1
        pixels = to_uint8(pixels)
    clean = 255 * sample.clean.astype(np.float64)
    return flat_gray(pixels), flat_gray(clean)


def line(kind: Kind, among: tuple[str, ...], found: list[Found]) -> tuple[str | int | float, ...]:
    """What the table says of a kind."""
    excess, taken = np.array([each.excess for each in found]), np.array([each.taken for each in found])
    right = int((excess.argmin(axis=1) == taken).sum())
    chosen = (int((taken == place).sum()) for place in range(len(among)))
    auto = float(excess[np.arange(len(taken)), taken].mean())
    return kind.title, len(taken), *chosen, right, auto, *map(float, excess.mean(axis=0))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--package", default="photo-denoise")
    parser.add_argument("--subjects", type=Path, default=Path("runs/subjects/pictures"))
    parser.add_argument("--pictures", type=int, help="the first so many of each set; all unless told")
    parser.add_argument("--jobs", type=int, default=2, help="pictures at a time, one thread each")
    parser.add_argument("--out", type=Path, default=RESULTS / "choice.tsv")
    chosen = parser.parse_args()
    write_pictures(chosen.subjects)
    os.environ["CROSSCODEC_THREADS"] = "1"
    bench = Bench(chosen.package, chosen.data, chosen.subjects)
    among = load_package(chosen.package).card.automatic
    rows = []
    with ProcessPoolExecutor(chosen.jobs) as pool:
        for kind in KINDS:
            indices = range(len(bench.photos(kind.photos)))[: chosen.pictures]
            found = list(pool.map(bench.found, [kind] * len(indices), indices))
            rows.append(line(kind, among, found))
            print(rows[-1], flush=True)
    columns = ("kind", "pictures", *(f"{name}_taken" for name in among), "best_taken", "auto_percent")
    columns += tuple(f"{name}_percent" for name in among)
    texts = [[f"{value:.2f}" if isinstance(value, float) else str(value) for value in row] for row in rows]
    print(table_text(columns, texts))
    write_atomically(chosen.out, tsv_text([columns, *texts]).encode(), overwrite=True)


if __name__ == "__main__":
    main()
