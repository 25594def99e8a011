"""Evaluation on small labelled sets: samples ─► one file by one process ─► pictures by others ─► a row a decoder.

    Samples.degraded ─► [encoder process] ─► coded.xcd ─► [decoder process] ─► restored ─┬─► MSE to degraded, to clean
                                    bits on disk │               (each decoder)          ├─► judges: accuracy, H(S|Y)
    reference (clean pictures) ──────────────────┼───────────────────────────────────────┴─► perception, sharpness
                                                 └─► scores.tsv

Bits are those of files, and a decoder has nothing but the file. The judges come with the package: "clean" was trained
on clean pictures and never saw the codec, "on-NAME" was trained on what decoder NAME makes.
"""

import json
import os
import platform
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec import __version__
from crosscodec.codec.package import Package, load_package
from crosscodec.domains.samples import Samples
from crosscodec.errors import UsageError
from crosscodec.evaluate.labelled_scores import LabelledScore, add_labelled, require_new
from crosscodec.evaluate.packs import PackCost, RestoredPack, judge_outputs, read_pack, with_planes, write_pack
from crosscodec.files import write_atomically
from crosscodec.measure.classification import accuracy, cross_entropy_bits
from crosscodec.measure.distortion import mse
from crosscodec.measure.perception import frechet_distance, sharpness, sliced_wasserstein

FILE = "scores.tsv"
SETTINGS = "settings.json"
FROZEN, FEATURES = "clean", "clean-features"

Floats = NDArray[np.float32]


def evaluate_labelled(
    samples: Samples,
    package_path: str | Path,
    out: Path,
    reference: Floats | None = None,
    seed: int = 0,
    decoders: Sequence[str] | None = None,
    limit: int | None = None,
    *,
    method: str | None = None,
    keep_restored: bool = False,
    overwrite: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> list[LabelledScore]:
    """Measure decoders (default all) of a package on samples (default all); the rows, one for each decoder.

    They are added to scores.tsv in the folder `out`, and the coded file and the settings lie in a folder of the run
    there. `reference`: clean pictures, float32 (M, H, W, C), for the perception measures. `seed`: that of the dither,
    and the seed of the row. `method` names the row, by default with the name of the package. `advance` is called after
    encoding and after each decoder. UsageError: a package without a picture size, an unknown decoder, no picture.
    OutputExists: rows that are there already, unless `overwrite`. Errors of coding pass through.
    """
    package = load_package(package_path)
    chosen = tuple(package.decoders if decoders is None else decoders)
    seen = samples if limit is None else samples.first(limit)
    _require_suitable(package, chosen, seen)
    seen = with_labels_of(package, seen)
    row = LabelledScore(task_name(samples), method or package.name, seed, "", len(seen))
    table, folder = out / FILE, out / run_name(row)
    if not overwrite:
        require_new(table, [(row.task, row.method, row.seed, name) for name in chosen])
    folder.mkdir(parents=True, exist_ok=True)
    _write_settings(folder, row, package, samples)
    cost = write_pack(seen.degraded, str(package_path), folder, seed)
    advance()
    judge = _Scorer(package, seen, None if reference is None else _Reference.of(package, reference))
    scores = []
    for name in chosen:
        scores.append(judge.score(row, name, cost, read_pack(str(package_path), folder, name, keep_restored)))
        advance()
    add_labelled(table, scores, overwrite)
    return scores


def task_name(samples: Samples) -> str:
    """What the rows call the samples: the set and its degradation, for example "mnist:test down:4,alias"."""
    return " ".join(filter(None, (samples.name, samples.degradation)))


def run_name(score: LabelledScore) -> str:
    """The folder of a run inside its table's folder, without characters that file systems dislike."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", f"{score.task}-{score.method}-seed{score.seed}")


def with_labels_of(package: Package, samples: Samples) -> Samples:
    """The samples with their labels counted as the package's judges count classes, which are known by name.

    UsageError for a class that no judge has heard of: its answers would mean nothing.
    """
    known = package.card.classes
    if samples.labels is None or not package.card.judges or samples.classes == known:
        return samples
    strange = [name for name in samples.classes if name not in known]
    if strange:
        raise UsageError(
            f"{samples.name} has the classes {_some(samples.classes)}; the judges of package {package.name} know "
            f"{_some(known)}, and nothing of {_some(strange)}"
        )
    places = np.array([known.index(name) for name in samples.classes], np.int64)
    return replace(samples, labels=places[samples.labels], classes=known)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


@dataclass(frozen=True, eq=False)
class _Reference:
    """The clean pictures of the perception measures, what is computed of them once."""

    pictures: Floats
    features: NDArray[np.float64] | None
    sharpness: float

    @classmethod
    def of(cls, package: Package, pictures: Floats) -> "_Reference":
        ready = with_planes(pictures, package.card.planes)
        return cls(ready, _features(package, ready), sharpness(ready))


@dataclass(frozen=True, eq=False)
class _Scorer:
    """Turns what decoders made of the samples into rows."""

    package: Package
    samples: Samples
    reference: _Reference | None

    def score(self, row: LabelledScore, decoder: str, cost: PackCost, restored: RestoredPack) -> LabelledScore:
        pictures, samples = restored.pictures, self.samples
        planes = self.package.card.planes
        clean = samples.clean if samples.paired else None
        frozen, head = self._verdict(FROZEN, pictures), self._verdict(f"on-{decoder}", pictures)
        distance = self._distance(pictures)
        return LabelledScore(
            row.task,
            row.method,
            row.seed,
            decoder,
            len(pictures),
            bits_model=cost.bits_model,
            bits_payload=cost.bits_payload,
            bits_file=cost.bits_file,
            mse_degraded=mse(with_planes(samples.degraded, planes), pictures),
            mse_clean=None if clean is None else mse(with_planes(clean, planes), pictures),
            accuracy_frozen=frozen.accuracy,
            entropy_frozen=frozen.entropy,
            accuracy_head=head.accuracy,
            entropy_head=head.entropy,
            sliced_wasserstein=distance.sliced_wasserstein,
            frechet=distance.frechet,
            sharpness=sharpness(pictures),
            sharpness_clean=None if self.reference is None else self.reference.sharpness,
            seconds_encode=cost.seconds,
            seconds_decode=restored.seconds,
        )

    def _verdict(self, judge: str, pictures: Floats) -> "_Verdict":
        if self.samples.labels is None or judge not in self.package.card.judges:
            return _Verdict(None, None)
        logits = judge_outputs(self.package, judge, pictures)
        return _Verdict(accuracy(logits, self.samples.labels), cross_entropy_bits(logits, self.samples.labels))

    def _distance(self, pictures: Floats) -> "_Distance":
        if self.reference is None:
            return _Distance(None, None)
        features, clean = _features(self.package, pictures), self.reference.features
        frechet = None if features is None or clean is None else frechet_distance(features, clean)
        return _Distance(sliced_wasserstein(pictures, self.reference.pictures), frechet)


@dataclass(frozen=True)
class _Verdict:
    accuracy: float | None
    entropy: float | None


@dataclass(frozen=True)
class _Distance:
    sliced_wasserstein: float | None
    frechet: float | None


def _features(package: Package, pictures: Floats) -> NDArray[np.float64] | None:
    """Features for the Fréchet distance: of "clean-features", else the logits of "clean"; None without either."""
    judge = next((name for name in (FEATURES, FROZEN) if name in package.card.judges), None)
    if judge is None or len(pictures) < 2:  # one picture has no covariance
        return None
    return judge_outputs(package, judge, pictures)


def _require_suitable(package: Package, decoders: Sequence[str], samples: Samples) -> None:
    if package.card.size is None:
        raise UsageError(f"package {package.name} is for pictures of any size; this needs one of small pictures")
    if len(samples) < 1 or not decoders:
        raise UsageError("an evaluation needs at least one picture and one decoder")
    for name in decoders:
        package.decoder(name)  # the error that names those there are, before any work


def _write_settings(folder: Path, row: LabelledScore, package: Package, samples: Samples) -> None:
    record = {
        "crosscodec": __version__,
        "task": row.task,
        "pictures": row.images,
        "set": samples.name,
        "degradation": samples.degradation,
        "seed": row.seed,
        "package": package.name,
        "package_sha256": package.sha256,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("numpy", "onnxruntime", "constriction")},
    }
    write_atomically(folder / SETTINGS, json.dumps(record, indent=1).encode(), overwrite=True)
