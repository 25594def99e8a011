"""One page about a photo evaluation: every picture degraded, by a peer at the same bytes, restored, and clean.

    runs/<id>/scores.tsv, settings.json, degraded/ jpeg2000/ restored/ clean/  ─►  one HTML file, pictures inside

The page needs no other file and no network; it is read at a desk and on a telephone, by day and by night.
"""

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.files import read_bytes
from crosscodec.report.tables import number, read_table

MEAN = "mean"
TEMPLATE = "photos.html"
# Titles of the columns by method; any other method that is no peer is the package itself.
_TITLES = {"degraded": "Degraded", "jpeg2000": "JPEG 2000 of the degraded picture", "bm3d-avif": "BM3D, then AVIF"}
_FOLDERS = {"degraded": "degraded", "jpeg2000": "jpeg2000", "bm3d-avif": "bm3d-avif"}
_QUALITY = 92  # of the WebP copies on the page


@dataclass(frozen=True)
class Shown:
    """One picture on the page: what it is, the picture as a data address, its numbers as text ("" for none)."""

    title: str
    source: str
    ours: bool
    psnr: str
    size: str
    bpp: str


@dataclass(frozen=True)
class Card:
    """One photograph of the page with all its versions, in the order degraded, peers, restored, clean."""

    name: str
    width: int
    height: int
    gain: str
    versions: tuple[Shown, ...]


@dataclass(frozen=True)
class MethodMean:
    """One row of the page's table of means."""

    title: str
    ours: bool
    psnr: str
    ssim: str
    bpp: str
    size: str
    seconds: str


def photo_page(run: Path) -> str:
    """The page about the run in a folder, as HTML that needs no other file.

    The run must have been made with its pictures kept. Raises InputMissing when scores or pictures are not there.
    """
    settings = _settings(run)
    records = read_table(run / "scores.tsv").records()
    package = next((r["method"] for r in records if r["method"] not in _TITLES), "")
    pictures = [r for r in records if r["picture"] != MEAN]
    names = list(dict.fromkeys(record["picture"] for record in pictures))
    cards = [_card(run, index, name, package, pictures) for index, name in enumerate(names)]
    means = [_mean(record, package) for record in records if record["picture"] == MEAN]
    environment = Environment(loader=PackageLoader("crosscodec.report"), autoescape=True, undefined=StrictUndefined)
    return environment.get_template(TEMPLATE).render(
        title=f"{package}: {settings['degradation']} on {settings['set']}",
        package=package,
        settings=settings,
        cards=cards,
        means=means,
        quality=_QUALITY,
    )


def picture_address(path: Path) -> str:
    """A picture file as a data address that a page can hold: WebP, nearly lossless to the eye."""
    if not path.is_file():
        raise InputMissing(f"{path} is not there; evaluate with --keep-pictures to make a page")
    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.save(buffer, "WEBP", quality=_QUALITY, method=2)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _settings(run: Path) -> dict[str, Any]:
    path = run / "settings.json"
    try:
        settings = json.loads(read_bytes(path))
    except ValueError as error:
        raise CorruptData(f"{path} is not JSON: {error}") from None
    if not isinstance(settings, dict) or not {"set", "degradation", "package_sha256"} <= settings.keys():
        raise CorruptData(f"{path} does not hold the settings of an evaluation")
    return settings


def _card(run: Path, index: int, name: str, package: str, records: list[dict[str, str]]) -> Card:
    mine = {record["method"]: record for record in records if record["picture"] == name}
    stem = _stem(run, index)
    peers = [method for method in mine if method not in ("degraded", package)]
    versions = [_shown(run, stem, method, mine[method], package) for method in ("degraded", *peers, package)]
    versions.append(Shown("Clean", picture_address(run / "clean" / f"{stem}.png"), False, "", "", ""))
    before, after = number(mine["degraded"]["psnr"]), number(mine[package]["psnr"])
    gain = "" if before is None or after is None else f"{after - before:+.2f} dB"
    return Card(name, int(mine[package]["width"]), int(mine[package]["height"]), gain, tuple(versions))


def _stem(run: Path, index: int) -> str:
    """The run numbers its files in the order of its rows; the rest of a file's name is for people."""
    found = sorted((run / "restored").glob(f"{index:04d}-*.png"))
    if len(found) != 1:
        raise InputMissing(f"{run / 'restored'} should hold one picture {index:04d}-*.png and holds {len(found)}")
    return found[0].stem


def _shown(run: Path, stem: str, method: str, record: dict[str, str], package: str) -> Shown:
    ours = method == package
    source = picture_address(run / ("restored" if ours else _FOLDERS[method]) / f"{stem}.png")
    return Shown(
        _title(method),
        source,
        ours,
        _text(record["psnr"], 2),
        _bytes(record["file_bytes"]),
        _text(record["file_bpp"], 3),
    )


def _mean(record: dict[str, str], package: str) -> MethodMean:
    times = [number(record["encode_seconds"]), number(record["decode_seconds"])]
    seconds = "" if None in times else f"{sum(time for time in times if time is not None):.2f}"
    return MethodMean(
        title=_title(record["method"]),
        ours=record["method"] == package,
        psnr=_text(record["psnr"], 2),
        ssim=_text(record["ssim"], 3),
        bpp=_text(record["file_bpp"], 3),
        size=_bytes(record["file_bytes"]),
        seconds=seconds,
    )


def _title(method: str) -> str:
    return _TITLES.get(method, f"Restored by {method}")


def _text(cell: str, digits: int) -> str:
    value = number(cell)
    return "" if value is None else f"{value:.{digits}f}"


def _bytes(cell: str) -> str:
    value = number(cell)
    return "" if value is None else f"{value:,.0f}"
