"""What a photo evaluation left in its folder, as cards: each photograph in all its versions, with its numbers as text.

    runs/<id>/scores.tsv, settings.json      ─► MethodMean for each method, Card for each photograph
    degraded/ jpeg2000/ restored/ clean/     ─► Shown: one version, the path of its picture, its numbers

Only text and paths are gathered here; pages and strips read the pictures.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.files import read_bytes
from crosscodec.report.tables import number, read_table

MEAN = "mean"
DEGRADED = "degraded"
# Long and short title by method; a method that is not named here is the package itself. Every method's folder has its
# name.
_TITLES = {
    DEGRADED: ("Degraded", "degraded"),
    "jpeg2000": ("JPEG 2000 of the degraded picture", "JPEG 2000"),
    "bm3d-avif": ("BM3D, then AVIF", "BM3D, AVIF"),
}


@dataclass(frozen=True)
class Shown:
    """One version of a photograph: titles, file of the picture, whether it is ours, its numbers ("" for none)."""

    title: str
    short: str
    path: Path
    ours: bool = False
    psnr: str = ""
    size: str = ""
    bpp: str = ""


@dataclass(frozen=True)
class Card:
    """One photograph in all versions, in the order degraded, peers, restored, clean; `gain` is in dB, with sign."""

    name: str
    width: int
    height: int
    gain: str
    versions: tuple[Shown, ...]


@dataclass(frozen=True)
class MethodMean:
    """The means of one method over all photographs, as text."""

    title: str
    ours: bool
    psnr: str
    ssim: str
    bpp: str
    size: str
    seconds: str


@dataclass(frozen=True)
class PhotoRun:
    """A finished photo evaluation: its settings, the name of its package, means and cards."""

    settings: dict[str, Any]
    package: str
    means: tuple[MethodMean, ...]
    cards: tuple[Card, ...]


def read_photo_run(run: Path) -> PhotoRun:
    """Everything that the folder of a photo evaluation says.

    The run must have kept its pictures. Raises InputMissing when scores or pictures are not there, CorruptData when
    they are damaged.
    """
    settings = _settings(run)
    records = read_table(run / "scores.tsv").records()
    package = next((record["method"] for record in records if record["method"] not in _TITLES), "")
    if not package:
        raise CorruptData(f"{run / 'scores.tsv'} has no row of a package")
    pictures = [record for record in records if record["picture"] != MEAN]
    names = list(dict.fromkeys(record["picture"] for record in pictures))
    return PhotoRun(
        settings=settings,
        package=package,
        means=tuple(_mean(record, package) for record in records if record["picture"] == MEAN),
        cards=tuple(_card(run, index, name, package, pictures) for index, name in enumerate(names)),
    )


def _settings(run: Path) -> dict[str, Any]:
    path = run / "settings.json"
    try:
        settings = json.loads(read_bytes(path))
    except ValueError as error:
        raise CorruptData(f"{path} is not JSON: {error}") from None
    if not isinstance(settings, dict) or not {"set", "degradation", "package_sha256", "seed"} <= settings.keys():
        raise CorruptData(f"{path} does not hold the settings of an evaluation")
    return settings


def _card(run: Path, index: int, name: str, package: str, records: list[dict[str, str]]) -> Card:
    mine = {record["method"]: record for record in records if record["picture"] == name}
    if not {DEGRADED, package} <= mine.keys():
        raise CorruptData(f"{run / 'scores.tsv'}: {name} needs a row of {DEGRADED} and one of {package}")
    stem = _stem(run, index)
    peers = [method for method in mine if method not in (DEGRADED, package)]
    versions = [_shown(run, stem, mine[method], package) for method in (DEGRADED, *peers, package)]
    versions.append(Shown("Clean", "clean", _picture(run / "clean" / f"{stem}.png")))
    before, after = number(mine[DEGRADED]["psnr"]), number(mine[package]["psnr"])
    gain = "" if before is None or after is None else f"{after - before:+.2f} dB"
    return Card(name, int(mine[package]["width"]), int(mine[package]["height"]), gain, tuple(versions))


def _stem(run: Path, index: int) -> str:
    """The run numbers its files in the order of its rows; the rest of a file's name is for people."""
    found = sorted((run / "restored").glob(f"{index:04d}-*.png"))
    if len(found) != 1:
        raise InputMissing(f"{run / 'restored'} should hold one picture {index:04d}-*.png and holds {len(found)}")
    return found[0].stem


def _shown(run: Path, stem: str, record: dict[str, str], package: str) -> Shown:
    method = record["method"]
    title, short = _title(method)
    return Shown(
        title=title,
        short=short,
        path=_picture(run / ("restored" if method == package else method) / f"{stem}.png"),
        ours=method == package,
        psnr=_text(record["psnr"], 2),
        size=_text(record["file_bytes"], 0),
        bpp=_text(record["file_bpp"], 3),
    )


def _picture(path: Path) -> Path:
    if not path.is_file():
        raise InputMissing(f"{path} is not there; evaluate with --keep-pictures to have it shown")
    return path


def _mean(record: dict[str, str], package: str) -> MethodMean:
    encode, decode = number(record["encode_seconds"]), number(record["decode_seconds"])
    return MethodMean(
        title=_title(record["method"])[0],
        ours=record["method"] == package,
        psnr=_text(record["psnr"], 2),
        ssim=_text(record["ssim"], 3),
        bpp=_text(record["file_bpp"], 3),
        size=_text(record["file_bytes"], 0),
        seconds="" if encode is None or decode is None else f"{encode + decode:.2f}",
    )


def _title(method: str) -> tuple[str, str]:
    return _TITLES.get(method, (f"Restored by {method}", "restored"))


def _text(cell: str, digits: int) -> str:
    value = number(cell)
    return "" if value is None else f"{value:,.{digits}f}"
