"""Evaluation on photographs: clean set × degradation ─► files by one process ─► pictures by another ─► scores.

    clean ─► degradation(seed, set, i) ─► *.npy ─► [encoder process] ─► *.xcd ─► [decoder process] ─► *.png
      │                                     │                             │ bytes on disk             │
      └─────────────────────────────────────┴──────► PSNR, SSIM, four rates, seconds ◄────────────────┘
                                                            └─► scores.tsv

Nothing is estimated: rates are those of files on disk, and the decoder has nothing but these files. Of a package with
several qualities each that is asked for goes this way, as a method of its own: one run gives a curve.
"""

import json
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec import __version__
from crosscodec.codec.package import AUTO, Package, load_package
from crosscodec.domains.degradation import Degradation
from crosscodec.domains.domain import Domain, Sample
from crosscodec.domains.photos import PhotoSet
from crosscodec.errors import OutputExists, UnsupportedData, UsageError
from crosscodec.evaluate.children import decode_in_child, encode_in_child
from crosscodec.evaluate.peers import PEERS, PeerResult, check_peers, run_peer
from crosscodec.evaluate.scores import FILE, Score, write_scores
from crosscodec.evaluate.worker import Read, Written
from crosscodec.files import write_atomically
from crosscodec.images.picture import flat_gray, to_uint8
from crosscodec.images.reading import read_picture
from crosscodec.images.writing import encode_picture
from crosscodec.measure.distortion import psnr, ssim
from crosscodec.measure.judges import Judges, load_judges
from crosscodec.measure.rate import RateLine

SETTINGS = "settings.json"
DEGRADED, CLEAN, RESTORED, CODED = "degraded", "clean", "restored", "coded"
_WORK = "work"
_SSIM_SIDE = 11  # pixels: SSIM's window does not fit into less

Pixels = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True)
class Evaluation:
    """Everything an evaluation depends on. `package` is a name or a path; `limit`: only the first pictures;
    `qualities`: those to encode at, by default the package's own.

    The run folder `out` receives scores.tsv, settings.json, coded/ and restored/; with `keep_pictures` also clean/,
    degraded/ (8 bits) and a folder of every peer, for looking at. Several qualities have folders q40, ... inside these.
    """

    photos: PhotoSet
    degradation: Degradation
    package: str
    out: Path
    seed: int = 0
    encoder: str = AUTO
    decoder: str = "fidelity"
    peers: tuple[str, ...] = ()
    limit: int | None = None
    keep_pictures: bool = False
    overwrite: bool = False
    qualities: tuple[int, ...] = ()
    data: Path | None = None  # whose metric-weights LPIPS and NIQE take; None: the folder that CROSSCODEC_DATA names

    @property
    def domain(self) -> Domain:
        """The samples: clean and degraded pictures by index."""
        return Domain(self.photos, self.degradation, self.seed)

    @property
    def count(self) -> int:
        """How many pictures are evaluated."""
        return len(self.photos) if self.limit is None else min(self.limit, len(self.photos))

    @property
    def steps(self) -> int:
        """How often `advance` is called by `evaluate_photos`."""
        return self.count * (1 + max(1, len(self.qualities)) * (2 + len(self.peers)))

    def folder(self, kind: str, quality: int | None) -> Path:
        """Where the files of a kind and quality are."""
        return self.out / kind / f"q{quality}" if len(self.qualities) > 1 else self.out / kind


def evaluate_photos(settings: Evaluation, advance: Callable[[], None] = lambda: None) -> list[Score]:
    """Measure a package on a set of photographs and write the run folder; the rows without the means.

    The encoder sees the degraded picture as float32, unclipped; peers see it with 8 bits. `advance` is called
    `settings.steps` times. Raises OutputExists when `out` holds a run already, unless `overwrite`, UsageError for
    qualities that the package does not have, and whatever coding raises.
    """
    check_peers(settings.peers, settings.degradation)
    if settings.count < 1:
        raise UsageError("an evaluation needs at least one picture")
    package = load_package(settings.package)
    package.encoders_of(settings.encoder)
    _require_qualities(settings.qualities, package)
    prepare_folder(settings.out, settings.overwrite)
    _write_settings(settings, package.sha256)
    work, judges = settings.out / _WORK, load_judges(settings.data)
    try:
        _write_degraded(settings, work, advance)
        asked: tuple[int | None, ...] = settings.qualities or (None,)
        passes = [_pass(settings, package.name, quality, work, advance) for quality in asked]
        seen = (_Seen(sample, judges) for sample in _samples(settings))
        scores = [score for one in seen for score in _picture_scores(settings, one, passes, advance)]
    finally:
        shutil.rmtree(work, ignore_errors=True)
    order = list(dict.fromkeys(score.method for score in scores))
    scores.sort(key=lambda score: order.index(score.method))  # stable: pictures stay in their order
    write_scores(settings.out / FILE, scores, settings.overwrite)
    return scores


def _require_qualities(qualities: tuple[int, ...], package: Package) -> None:
    for quality in qualities:
        package.quality_of(quality)
    if len(set(qualities)) < len(qualities):
        raise UsageError(f"each quality is measured once; asked for: {', '.join(map(str, qualities))}")


def prepare_folder(out: Path, overwrite: bool) -> None:
    """Make an empty run folder, or empty the one that is there when it may be overwritten and is a run of ours."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not overwrite:
            raise OutputExists(f"{out} exists and is not empty; choose another folder or --on-exist overwrite")
        if not out.is_dir() or not _is_run(out):
            raise OutputExists(
                f"{out} holds something that is no evaluation, and is not overwritten; choose another folder"
            )
        # Old coded files would be decoded and counted with the new ones.
        for name in (_WORK, CODED, RESTORED, CLEAN, DEGRADED, *PEERS):  # a user's own folders stay
            if (out / name).is_dir():
                shutil.rmtree(out / name)
    for name in (_WORK, CODED, RESTORED):
        (out / name).mkdir(parents=True, exist_ok=True)


def _is_run(folder: Path) -> bool:
    """Whether a folder holds an evaluation of ours: other programs have a settings.json, too."""
    try:
        record = json.loads((folder / SETTINGS).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and {"crosscodec", "set", "degradation", "seed"} <= record.keys()


def stem_of(index: int, name: str) -> str:
    """File name, without ending, of picture `index` in a run folder: unique, sortable, and free of folders."""
    return f"{index:04d}-{re.sub(r'[^A-Za-z0-9._-]+', '_', Path(name).with_suffix('').as_posix())}"


def _write_settings(settings: Evaluation, sha256: str) -> None:
    record = {
        "crosscodec": __version__,
        "set": settings.photos.name + (f":{settings.photos.split}" if settings.photos.split else ""),
        "pictures": settings.count,
        "degradation": settings.degradation.describe(),
        "seed": settings.seed,
        "stream": settings.domain.stream,
        "package": settings.package,
        "package_sha256": sha256,
        "encoder": settings.encoder,
        "decoder": settings.decoder,
        "qualities": list(settings.qualities),
        "peers": list(settings.peers),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in ("numpy", "onnxruntime", "pillow", "constriction")},
    }
    write_atomically(settings.out / SETTINGS, json.dumps(record, indent=1).encode(), overwrite=True)


def _samples(settings: Evaluation) -> Iterator[Sample]:
    return (settings.domain.sample(index) for index in range(settings.count))


def _write_degraded(settings: Evaluation, work: Path, advance: Callable[[], None]) -> None:
    for sample in _samples(settings):
        stem, degraded = stem_of(sample.index, sample.name), flat_gray(sample.degraded)
        write_atomically(work / f"{stem}.npy", encode_picture(degraded, "npy"))
        if settings.keep_pictures:
            _keep(settings.out / DEGRADED, stem, to_uint8(degraded))
            _keep(settings.out / CLEAN, stem, to_uint8(flat_gray(sample.clean)))
        advance()


@dataclass(frozen=True)
class _Pass:
    """The pictures once through both processes, at one quality; `method` is the name of its rows."""

    quality: int | None
    method: str
    written: dict[str, Written]
    read: dict[str, Read]


def _pass(settings: Evaluation, name: str, quality: int | None, work: Path, advance: Callable[[], None]) -> _Pass:
    coded, restored = settings.folder(CODED, quality), settings.folder(RESTORED, quality)
    for folder in (coded, restored):
        folder.mkdir(exist_ok=True)
    written = encode_in_child(settings.package, work, coded, advance, quality, settings.encoder)
    read = decode_in_child(settings.package, coded, restored, settings.decoder, advance)
    return _Pass(quality, name if quality is None else f"{name} q{quality}", written, read)


@dataclass(frozen=True)
class _Seen:
    """A sample under the eyes of those who judge what methods make of it; what they know of the clean one is kept."""

    sample: Sample
    judges: Judges

    @cached_property
    def clean(self) -> NDArray[np.uint8]:
        """The clean picture at 8 bits, as coded: gray without an axis of channels."""
        return to_uint8(flat_gray(self.sample.clean))

    @cached_property
    def _features(self) -> tuple[NDArray[np.float32], ...] | None:
        return self.judges.features(self.clean)

    def score(self, method: str, restored: NDArray[np.uint8]) -> Score:
        """A row with what compares with the clean picture at 8 bits, and PSNR to what the encoder saw."""
        height, width = restored.shape[:2]
        as_seen = restored.astype(np.float32) / np.float32(255)
        return Score(
            method,
            self.sample.name,
            height,
            width,
            psnr(self.clean, restored),
            _ssim(self.clean, restored),
            psnr(flat_gray(self.sample.degraded), as_seen),
            lpips=self.judges.distance(self._features, restored),
            niqe=self.judges.naturalness(restored),
        )

    def degraded_score(self) -> Score:
        """The row of the encoder's input itself: what there is to gain. Judges see it at 8 bits."""
        clean, degraded = self.sample.clean, self.sample.degraded
        judged = self.score("degraded", to_uint8(flat_gray(degraded)))
        return replace(judged, psnr=psnr(clean, degraded), ssim=_ssim(clean, degraded), psnr_to_degraded=None)


def _picture_scores(
    settings: Evaluation, seen: _Seen, passes: Sequence[_Pass], advance: Callable[[], None]
) -> Iterator[Score]:
    """For one picture the rows of the degraded input, of the package at each quality, and of the peers beside each."""
    yield seen.degraded_score()
    for found in passes:
        yield from _pass_scores(settings, seen, found, advance)


def _pass_scores(settings: Evaluation, seen: _Seen, found: _Pass, advance: Callable[[], None]) -> Iterator[Score]:
    """The row of the package at one quality, and those of the peers at its bytes."""
    stem = stem_of(seen.sample.index, seen.sample.name)
    restored = read_picture(settings.folder(RESTORED, found.quality) / f"{stem}.png").as_uint8()
    if restored.shape != seen.clean.shape:
        raise UnsupportedData(
            f"{seen.sample.name}: clean is {seen.clean.shape}, restored {restored.shape}: incomparable"
        )
    on_disk = (settings.folder(CODED, found.quality) / f"{stem}.xcd").stat().st_size
    yield _package_score(seen.score(found.method, restored), found.written[stem], found.read[stem], on_disk)
    for peer in settings.peers:
        result = run_peer(peer, flat_gray(seen.sample.degraded), settings.degradation, on_disk)
        method = f"{peer} q{found.quality}" if len(settings.qualities) > 1 else peer
        yield _peer_score(seen.score(method, result.pixels), result)
        if settings.keep_pictures:
            _keep(settings.folder(peer, found.quality), stem, result.pixels)
        advance()


def _package_score(score: Score, written: Written, read: Read, on_disk: int) -> Score:
    pixels = (score.height or 0) * (score.width or 0)
    rate = RateLine(None, written.model_bits, 8 * written.payload_bytes, 8 * on_disk, pixels)
    return replace(
        score,
        bound_bpp=rate.bound_bpp,
        model_bpp=rate.model_bpp,
        payload_bpp=rate.payload_bpp,
        file_bpp=rate.bpp,
        file_bytes=on_disk,
        encode_seconds=written.seconds,
        decode_seconds=read.seconds,
    )


def _peer_score(score: Score, result: PeerResult) -> Score:
    height, width = result.pixels.shape[:2]
    return replace(
        score,
        file_bpp=8 * len(result.data) / (height * width),
        file_bytes=len(result.data),
        encode_seconds=result.encode_seconds,
        decode_seconds=result.decode_seconds,
    )


def _ssim(reference: Pixels, other: Pixels) -> float | None:
    return ssim(reference, other) if min(reference.shape[:2]) >= _SSIM_SIDE else None


def _keep(folder: Path, stem: str, pixels: NDArray[np.uint8]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{stem}.png", encode_picture(pixels, "png"), overwrite=True)
