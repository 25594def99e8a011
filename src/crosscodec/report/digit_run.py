"""What a run over a few labelled pictures left in its folder: every version of every picture, and the verdicts on it.

    runs/<id>/settings.json, scores.tsv, verdicts.tsv  ─► DigitRun
    pictures/NAME.png (all pictures in one row)        ─► Version.pictures, Version.verdicts

Sheets and pages draw what stands here and read nothing else.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.files import read_bytes
from crosscodec.report.tables import number, read_table

_TITLES = {"degraded": "degraded, what the encoder saw", "clean": "clean, never seen"}
_NEEDED = {"package", "package_sha256", "set", "degradation", "seed", "images", "height", "width", "channels"}
_COSTS = {"file_bytes", "bits_model", "bits_payload", "bits_file"}


@dataclass(frozen=True)
class Verdict:
    """Which class the frozen classifier and the head name, "" where there is none, and whether they are right."""

    frozen: str
    head: str
    frozen_right: bool
    head_right: bool


@dataclass(frozen=True, eq=False)
class Version:
    """One version of all pictures, with its numbers as text ("" for none) and a verdict on each."""

    name: str
    title: str
    ours: bool
    mse_clean: str
    mse_degraded: str
    right_frozen: str
    right_head: str
    pictures: tuple[Image.Image, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, eq=False)
class DigitRun:
    """A finished run: its settings, the labels by name, and the versions in the order degraded, decoders, clean."""

    settings: dict[str, Any]
    labels: tuple[str, ...]
    versions: tuple[Version, ...]


def read_digit_run(run: Path) -> DigitRun:
    """Everything that the folder of such a run says.

    Raises InputMissing when a table or a picture is not there, CorruptData when one is damaged.
    """
    settings = _settings(run)
    scores = read_table(run / "scores.tsv").records()
    verdicts = read_table(run / "verdicts.tsv").records()
    try:
        rows = {score["version"]: [v for v in verdicts if v["version"] == score["version"]] for score in scores}
        versions = tuple(_version(run, settings, score, rows[score["version"]]) for score in scores)
        labels = tuple(verdict["label"] for verdict in rows[scores[0]["version"]])
    except (KeyError, IndexError) as error:
        raise CorruptData(f"{run} does not hold the tables of a run over labelled pictures: {error}") from None
    return DigitRun(settings, labels, versions)


def _settings(run: Path) -> dict[str, Any]:
    path = run / "settings.json"
    try:
        settings = json.loads(read_bytes(path))
    except ValueError as error:
        raise CorruptData(f"{path} is not JSON: {error}") from None
    if not isinstance(settings, dict) or not settings.keys() >= _NEEDED | _COSTS:
        raise CorruptData(f"{path} does not hold the settings of a run over labelled pictures")
    return settings


def _version(run: Path, settings: dict[str, Any], score: dict[str, str], rows: list[dict[str, str]]) -> Version:
    name, count = score["version"], settings["images"]
    if len(rows) != count:
        raise CorruptData(f"{run / 'verdicts.tsv'} has {len(rows)} rows of {name}, the settings say {count}")
    return Version(
        name=name,
        title=_TITLES.get(name, f"decoder {name}"),
        ours=name not in _TITLES,
        mse_clean=_text(score["mse_clean"], 4),
        mse_degraded=_text(score["mse_degraded"], 4),
        right_frozen=score["right_frozen"],
        right_head=score["right_head"],
        pictures=_pictures(run / "pictures" / f"{name}.png", settings),
        verdicts=tuple(_verdict(row) for row in rows),
    )


def _verdict(row: dict[str, str]) -> Verdict:
    label = row["label"]
    return Verdict(row["frozen"], row["head"], row["frozen"] == label, row["head"] == label)


def _pictures(path: Path, settings: dict[str, Any]) -> tuple[Image.Image, ...]:
    """The pictures of a version, cut out of their row."""
    count, height, width = settings["images"], settings["height"], settings["width"]
    if not path.is_file():
        raise InputMissing(f"{path} is not there; the run has to be made again")
    with Image.open(path) as row:
        if row.size != (count * width, height):
            raise CorruptData(f"{path} has {row.size[0]} x {row.size[1]} pixels, {count} pictures need {count * width}")
        return tuple(row.crop((index * width, 0, (index + 1) * width, height)) for index in range(count))


def _text(cell: str, digits: int) -> str:
    value = number(cell)
    return "" if value is None else f"{value:.{digits}f}"
