"""A few labelled pictures in one file, every decoder's version of them, and what classifiers make of each: for looking.

    Samples ─► coded.xcd ─► decoders ─┬─► pictures/NAME.png   all pictures of a version in one row, 8 bits
                                      ├─► scores.tsv          a row for each version: degraded, decoders, clean
                                      └─► verdicts.tsv        a row for each version and picture

Written by one process and read by others, as every evaluation. `report.digits` makes a sheet and a page of the folder.
"""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec import __version__
from crosscodec.codec.package import Package, load_package
from crosscodec.domains.samples import Samples
from crosscodec.errors import OutputExists, UsageError
from crosscodec.evaluate.packs import CODED, PackCost, judge_outputs, read_pack, with_planes, write_pack
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.images.picture import flat_gray, to_uint8
from crosscodec.images.writing import encode_picture
from crosscodec.measure.distortion import mse

SCORES, VERDICTS, SETTINGS, PICTURES = "scores.tsv", "verdicts.tsv", "settings.json", "pictures"
DEGRADED, CLEAN = "degraded", "clean"
FROZEN = "clean"  # the judge that was trained on clean pictures

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DigitScore:
    """One version of the pictures; `right_*` count the pictures that the frozen classifier, or the head trained on
    this decoder's pictures, recognises. None where the package has no such judge.
    """

    version: str
    images: int
    mse_degraded: float
    mse_clean: float
    right_frozen: int | None
    right_head: int | None


@dataclass(frozen=True)
class DigitRun:
    """The rows of a run, and what its one file costs."""

    package: str
    cost: PackCost
    scores: tuple[DigitScore, ...]


@dataclass(frozen=True, eq=False)
class _Version:
    name: str
    pictures: Floats
    frozen: NDArray[np.int64] | None
    head: NDArray[np.int64] | None


def code_digits(
    samples: Samples,
    package_path: str | Path,
    out: Path,
    seed: int = 0,
    overwrite: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> DigitRun:
    """Code samples, paired and labelled, with every decoder of a package, and fill the folder `out`.

    `seed` is that of the dither. `advance` is called after encoding and after each decoder. UsageError: samples without
    clean pictures or labels, or a package without a picture size. OutputExists: `out` holds a run already, unless
    `overwrite`. Errors of coding pass through.
    """
    package = load_package(package_path)
    if samples.clean is None or not samples.paired or samples.labels is None:
        raise UsageError(f"samples {samples.name!r} need clean pictures and labels to be shown with verdicts")
    if package.card.size is None:
        raise UsageError(f"package {package.name} is for photos; digits need a package of small pictures")
    if (out / SETTINGS).exists() and not overwrite:
        raise OutputExists(f"{out} holds a run already; choose another folder or --on-exist overwrite")
    (out / PICTURES).mkdir(parents=True, exist_ok=True)
    cost = write_pack(samples.degraded, str(package_path), out, seed)
    advance()
    clean = with_planes(samples.clean, package.card.planes)
    seen = with_planes(samples.degraded, package.card.planes)
    scores, verdicts = [], []
    for version in _versions(package, str(package_path), out, seen, clean, advance):
        write_atomically(out / PICTURES / f"{version.name}.png", row_picture(version.pictures), overwrite=True)
        scores.append(_score(version, seen, clean, samples.labels))
        verdicts += _verdict_rows(version, package.card.classes, samples.labels)
    _write_tables(out, scores, verdicts)
    _write_settings(out, package, samples, seed, cost)
    return DigitRun(package.name, cost, tuple(scores))


def _versions(
    package: Package, path: str, out: Path, seen: Floats, clean: Floats, advance: Callable[[], None]
) -> Iterator[_Version]:
    yield _version(package, DEGRADED, seen)
    for name in package.decoders:
        yield _version(package, name, read_pack(path, out, name).pictures)
        advance()
    yield _version(package, CLEAN, clean)


def _version(package: Package, name: str, pictures: Floats) -> _Version:
    return _Version(name, pictures, _decisions(package, FROZEN, pictures), _decisions(package, f"on-{name}", pictures))


def _decisions(package: Package, judge: str, pictures: Floats) -> NDArray[np.int64] | None:
    if judge not in package.card.judges:
        return None
    return np.asarray(np.argmax(judge_outputs(package, judge, pictures), axis=1), np.int64)


def _score(version: _Version, seen: Floats, clean: Floats, labels: NDArray[np.int64]) -> DigitScore:
    return DigitScore(
        version.name,
        len(labels),
        mse(seen, version.pictures),
        mse(clean, version.pictures),
        _right(version.frozen, labels),
        _right(version.head, labels),
    )


def _right(decisions: NDArray[np.int64] | None, labels: NDArray[np.int64]) -> int | None:
    return None if decisions is None else int(np.count_nonzero(decisions == labels))


def _verdict_rows(version: _Version, classes: Sequence[str], labels: NDArray[np.int64]) -> list[list[str | int | None]]:
    """Rows of version, index, label, frozen, head, classes by their names."""
    frozen, head = (
        [None] * len(labels) if decisions is None else [classes[decision] for decision in decisions]
        for decisions in (version.frozen, version.head)
    )
    return [[version.name, index, classes[label], frozen[index], head[index]] for index, label in enumerate(labels)]


def row_picture(pictures: Floats) -> bytes:
    """A PNG with all pictures side by side."""
    count, height, width, planes = pictures.shape
    row = to_uint8(np.ascontiguousarray(pictures.transpose(1, 0, 2, 3)).reshape(height, count * width, planes))
    return encode_picture(flat_gray(row), "png")


def _write_tables(out: Path, scores: list[DigitScore], verdicts: list[list[str | int | None]]) -> None:
    names = [field.name for field in dataclasses.fields(DigitScore)]
    rows = [names, *([getattr(score, name) for name in names] for score in scores)]
    write_atomically(out / SCORES, tsv_text(rows).encode(), overwrite=True)
    heading = ["version", "index", "label", "frozen", "head"]
    write_atomically(out / VERDICTS, tsv_text([heading, *verdicts]).encode(), overwrite=True)


def _write_settings(out: Path, package: Package, samples: Samples, seed: int, cost: PackCost) -> None:
    """Last, so that a folder with settings holds a whole run."""
    count, height, width, channels = samples.degraded.shape
    record = {
        "crosscodec": __version__,
        "set": samples.name,
        "degradation": samples.degradation,
        "seed": seed,
        "package": package.name,
        "package_sha256": package.sha256,
        "coded": CODED,
        "images": count,
        "height": height,
        "width": width,
        "channels": channels,
        **dataclasses.asdict(cost),
    }
    write_atomically(out / SETTINGS, json.dumps(record, indent=1).encode(), overwrite=True)
