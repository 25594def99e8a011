"""What a photo evaluation left in its folder, as cards: each photograph in all its versions, with its numbers as text.

    runs/<id>/scores.tsv, settings.json      ─► MethodMean for each method, Card for each photograph
    degraded/ jpeg2000/ restored/ clean/     ─► Shown: one version, the path of its picture, its numbers

Of a run with several qualities each is a method ("photo-denoise q20", "jpeg2000 q20") with pictures in a folder of its
own (restored/q20); their means, put in order, are a Curve. Only text and paths are gathered here; pages and strips read
the pictures.
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.files import read_bytes
from crosscodec.report.tables import number, read_table

MEAN = "mean"
DEGRADED = "degraded"
# Long and short title by method; a method that is not named here is the package itself. Every peer's folder has its
# name.
_CODECS = {"jpeg2000": "JPEG 2000", "avif": "AVIF", "webp": "WebP", "jxl": "JPEG XL"}
_DENOISERS = {"bm3d": "BM3D", "nlm": "Non-local means"}
TITLES = (
    {DEGRADED: ("Degraded", "degraded")}
    | {name: (f"{codec} of the degraded picture", codec) for name, codec in _CODECS.items()}
    | {
        f"{first}-{name}": (f"{denoiser}, then {codec}", f"{denoiser}, {codec}")
        for first, denoiser in _DENOISERS.items()
        for name, codec in _CODECS.items()
    }
)


@dataclass(frozen=True)
class Shown:
    """One version of a photograph: titles, file of the picture, whether it is ours, its numbers ("" for none).

    `quality` is told only where a run has several.
    """

    title: str
    short: str
    path: Path
    ours: bool = False
    psnr: str = ""
    size: str = ""
    bpp: str = ""
    quality: int | None = None


@dataclass(frozen=True)
class Card:
    """One photograph in all versions, in the order degraded, peers, restored, clean; `gain` is in dB, with sign.

    Of several qualities each has its restored picture, then its peers, and `gain` is that of the worst and of the best.
    """

    name: str
    width: int
    height: int
    gain: str
    versions: tuple[Shown, ...]

    @property
    def columns(self) -> tuple[tuple[Shown, ...], ...]:
        """The versions as they stand side by side: those of one quality are one column."""
        return tuple(
            column
            for quality, group in itertools.groupby(self.versions, key=lambda shown: shown.quality)
            for column in ([(shown,) for shown in group] if quality is None else [tuple(group)])
        )


@dataclass(frozen=True)
class MethodMean:
    """The means of one method over all photographs, as text."""

    title: str
    ours: bool
    psnr: str
    ssim: str
    lpips: str
    bpp: str
    size: str
    seconds: str


@dataclass(frozen=True)
class CurvePoint:
    """What one quality costs in bits a pixel, and its PSNR in dB: means over the pictures."""

    quality: int
    bpp: float
    psnr: float


@dataclass(frozen=True)
class Curve:
    """Rate and PSNR of one method over the qualities of a run, lowest quality first."""

    title: str
    ours: bool
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class PhotoRun:
    """A finished photo evaluation: its settings, the name of its package, means and cards.

    `curves` is empty unless the run has several qualities.
    """

    settings: dict[str, Any]
    package: str
    means: tuple[MethodMean, ...]
    cards: tuple[Card, ...]
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True)
class _Method:
    """A method's name in its two parts; `quality` is None where a run has one quality or the method has none."""

    base: str
    quality: int | None

    @classmethod
    def of(cls, name: str, qualities: Sequence[int]) -> "_Method":
        """The parts of the name in a row."""
        for quality in qualities:
            if name.endswith(f" q{quality}"):
                return cls(name.removesuffix(f" q{quality}"), quality)
        return cls(name, None)

    @property
    def ours(self) -> bool:
        """Whether it is the package, and not the degraded picture or a peer."""
        return self.base not in TITLES

    @property
    def folder(self) -> str:
        """Where its pictures are in the folder of the run."""
        base = "restored" if self.ours else self.base
        return base if self.quality is None else f"{base}/q{self.quality}"

    @property
    def title(self) -> str:
        """For a table or a caption that has room."""
        return TITLES.get(self.base, (f"Restored by {self.base}", ""))[0] + self._at

    @property
    def short(self) -> str:
        """For a narrow caption."""
        return TITLES.get(self.base, ("", "restored"))[1] + self._at

    @property
    def _at(self) -> str:
        return "" if self.quality is None else f", quality {self.quality}"


def read_photo_run(run: Path) -> PhotoRun:
    """Everything that the folder of a photo evaluation says.

    The run must have kept its pictures. Raises InputMissing when scores or pictures are not there, CorruptData when
    they are damaged.
    """
    settings = _settings(run)
    records = read_table(run / "scores.tsv").records()
    methods = {record["method"]: _Method.of(record["method"], _qualities(settings)) for record in records}
    ours = [method for method in methods.values() if method.ours]
    if not ours:
        raise CorruptData(f"{run / 'scores.tsv'} has no row of a package")
    pictures = [record for record in records if record["picture"] != MEAN]
    means = [record for record in records if record["picture"] == MEAN]
    names = list(dict.fromkeys(record["picture"] for record in pictures))
    return PhotoRun(
        settings=settings,
        package=ours[0].base,
        means=tuple(_mean(record, methods[record["method"]]) for record in means),
        cards=tuple(_card(run, index, name, methods, pictures) for index, name in enumerate(names)),
        curves=_curves(means, methods),
    )


def _qualities(settings: dict[str, Any]) -> list[int]:
    """The qualities that name methods and folders: none where the run has only one."""
    found = settings.get("qualities", [])
    return found if isinstance(found, list) and len(found) > 1 else []


def _settings(run: Path) -> dict[str, Any]:
    path = run / "settings.json"
    try:
        settings = json.loads(read_bytes(path))
    except ValueError as error:
        raise CorruptData(f"{path} is not JSON: {error}") from None
    if not isinstance(settings, dict) or not {"set", "degradation", "package_sha256", "seed"} <= settings.keys():
        raise CorruptData(f"{path} does not hold the settings of an evaluation")
    return settings


def _card(run: Path, index: int, name: str, methods: dict[str, _Method], records: list[dict[str, str]]) -> Card:
    mine = {record["method"]: record for record in records if record["picture"] == name}
    packages = [method for method, parts in methods.items() if parts.ours]
    if not {DEGRADED, *packages} <= mine.keys():
        raise CorruptData(f"{run / 'scores.tsv'}: {name} needs a row of {DEGRADED} and one of {', '.join(packages)}")
    stem = _stem(run / methods[packages[0]].folder, index)
    versions = [_shown(run, stem, mine[method], methods[method]) for method in _in_order(mine, methods)]
    versions.append(Shown("Clean", "clean", _picture(run / "clean" / f"{stem}.png")))
    size = mine[packages[0]]
    gain = _gain(mine[DEGRADED], [mine[method] for method in packages])
    return Card(name, int(size["width"]), int(size["height"]), gain, tuple(versions))


def _in_order(names: Iterable[str], methods: dict[str, _Method]) -> list[str]:
    """Degraded, peers, restored; of several qualities one after the other, each its restored picture before peers."""
    several = any(method.quality is not None for method in methods.values())

    def place(name: str) -> tuple[int, int]:
        parts = methods[name]
        return (-1 if parts.quality is None else parts.quality, parts.ours != several)

    return [DEGRADED, *sorted((name for name in names if name != DEGRADED), key=place)]


def _gain(before: dict[str, str], after: Sequence[dict[str, str]]) -> str:
    """What PSNR gains in dB, with sign; of several qualities the least and the most."""
    start = number(before["psnr"])
    found = [number(record["psnr"]) for record in after]
    gains = [value - start for value in found if value is not None and start is not None]
    if not gains:
        return ""
    low, high = f"{min(gains):+.2f}", f"{max(gains):+.2f}"
    return f"{high} dB" if len(gains) == 1 else f"{low} to {high} dB"


def _stem(restored: Path, index: int) -> str:
    """The run numbers its files in the order of its rows; the rest of a file's name is for people."""
    found = sorted(restored.glob(f"{index:04d}-*.png"))
    if len(found) != 1:
        raise InputMissing(f"{restored} should hold one picture {index:04d}-*.png and holds {len(found)}")
    return found[0].stem


def _shown(run: Path, stem: str, record: dict[str, str], method: _Method) -> Shown:
    return Shown(
        title=method.title,
        short=method.short,
        path=_picture(run / method.folder / f"{stem}.png"),
        ours=method.ours,
        psnr=_text(record["psnr"], 2),
        size=_text(record["file_bytes"], 0),
        bpp=_text(record["file_bpp"], 3),
        quality=method.quality,
    )


def _picture(path: Path) -> Path:
    if not path.is_file():
        raise InputMissing(f"{path} is not there; evaluate with --keep-pictures to have it shown")
    return path


def _mean(record: dict[str, str], method: _Method) -> MethodMean:
    encode, decode = number(record["encode_seconds"]), number(record["decode_seconds"])
    return MethodMean(
        title=method.title,
        ours=method.ours,
        psnr=_text(record["psnr"], 2),
        ssim=_text(record["ssim"], 3),
        lpips=_text(record.get("lpips", ""), 3),
        bpp=_text(record["file_bpp"], 3),
        size=_text(record["file_bytes"], 0),
        seconds="" if encode is None or decode is None else f"{encode + decode:.2f}",
    )


def _curves(means: Sequence[dict[str, str]], methods: dict[str, _Method]) -> tuple[Curve, ...]:
    """A curve for each method that has several qualities, in the order of the table."""
    found: dict[str, list[CurvePoint]] = {}
    for record in means:
        method, bpp, psnr = methods[record["method"]], number(record["file_bpp"]), number(record["psnr"])
        if method.quality is not None and bpp is not None and psnr is not None:
            found.setdefault(method.base, []).append(CurvePoint(method.quality, bpp, psnr))
    return tuple(
        Curve(_Method(base, None).title, _Method(base, None).ours, tuple(sorted(points, key=lambda p: p.quality)))
        for base, points in found.items()
    )


def _text(cell: str, digits: int) -> str:
    value = number(cell)
    return "" if value is None else f"{value:,.{digits}f}"
