"""Means over pictures and delta rates from the rows of the photo benchmark.

rows of one sigma ─► Mean of each method and setting, over the same pictures ─► photo-25.tsv
                └──► curves of bits a pixel over quality, beside the anchor's ─► photo-25-bdrate.tsv
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from photo_plan import FIDELITY, PLAIN, Bench, loaded, our_networks
from photo_rows import Row

from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.errors import UsageError
from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically
from crosscodec.measure.bdrate import BdRate, Curve, bd_rate, curve, front

NUMBERS = ("bpp", "file_bytes", "psnr", "ssim", "lpips", "niqe")
SECONDS = ("denoise_seconds", "encode_seconds", "decode_seconds", "cpu_seconds")
# NIQE is not among them: it asks how natural a picture looks, not whether it is the picture.
MEASURES = {"psnr": 1, "ssim": 1, "lpips": -1}


@dataclass(frozen=True)
class Mean:
    """One method at one setting: means over pictures by column, None where a picture lacks the number."""

    method: str
    setting: str
    package: str
    pictures: int
    values: dict[str, float | None]


@dataclass(frozen=True)
class Delta:
    """How many more bytes than the anchor a method needs for equal quality by one measure, or why that is unknown.

    `used` of `points` settings lie on the front: the others cost more and are no better.
    """

    method: str
    measure: str
    used: int
    points: int
    rate: BdRate | None
    problem: str = ""


@dataclass(frozen=True)
class Report:
    """What is known at one sigma; `incomplete` are methods and settings without all pictures, which are left out."""

    sigma: float
    pictures: tuple[str, ...]
    anchor: str
    means: tuple[Mean, ...]
    deltas: tuple[Delta, ...]
    incomplete: tuple[str, ...]
    rows: tuple[Row, ...]
    ours: str

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that have a curve, ours first."""
        return tuple(dict.fromkeys(mean.method for mean in self.means if mean.method not in PLAIN))

    def of(self, method: str) -> list[Mean]:
        """The means of a method, by rising rate."""
        return sorted((mean for mean in self.means if mean.method == method), key=lambda m: m.values["bpp"] or 0.0)


def report_rows(rows: Iterable[Row], bench: Bench, sigma: float, pictures: Sequence[str], anchor: str) -> Report:
    """Means and delta rates over these pictures, of the package that is named now and of all peers."""
    package = loaded(bench.package)
    kept = [row for row in rows if row.sigma == sigma and row.seed == bench.seed and row.picture in pictures]
    kept = [row for row in kept if row.package in ("", package.sha256[:16])]
    # Of a picture that two runs measured at the same time one row counts.
    groups: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in kept:
        groups.setdefault((row.method, row.setting, row.package), {})[row.picture] = row
    whole = {key: of for key, of in groups.items() if of.keys() == set(pictures)}
    means = [_mean(key, tuple(of.values())) for key, of in whole.items()]
    means.sort(key=lambda mean: (*_place(mean.method, package.name), mean.values["bpp"] or 0.0))
    names = dict.fromkeys(mean.method for mean in means if mean.method not in PLAIN and mean.method != anchor)
    deltas = [_delta(means, name, anchor, measure) for name in names for measure in MEASURES]
    incomplete = tuple(" ".join(key[:2]) for key in groups if key not in whole)
    return Report(sigma, tuple(pictures), anchor, tuple(means), tuple(deltas), incomplete, tuple(kept), package.name)


def write_tables(report: Report, folder: Path) -> list[Path]:
    """Write both tables of a report; their paths."""
    head = ("method", "setting", "pictures", *NUMBERS, *SECONDS, "package")
    lines = [
        (m.method, m.setting, m.pictures, *(m.values[name] for name in (*NUMBERS, *SECONDS)), m.package)
        for m in report.means
    ]
    deltas: list[tuple[str | int | float | None, ...]] = [
        ("method", "measure", "bd_rate_percent", "from", "to", "share_of_both", "points_used", "points", "problem")
    ]
    for delta in report.deltas:
        found, sign = delta.rate, MEASURES[delta.measure]
        numbers = (None,) * 4 if found is None else (found.percent, sign * found.low, sign * found.high, found.share)
        deltas.append((delta.method, delta.measure, *numbers, delta.used, delta.points, delta.problem))
    files = {f"photo-{report.sigma:g}.tsv": [head, *lines], f"photo-{report.sigma:g}-bdrate.tsv": deltas}
    for name, table in files.items():
        write_atomically(folder / name, tsv_text(table).encode(), overwrite=True)
    return [folder / name for name in files]


def _place(method: str, ours: str) -> tuple[bool, bool, str, bool, str]:
    """What methods are put in order by: ours, the default encoder and its first decoder in front, plain ones, peers."""
    networks = our_networks(ours, method)
    if networks is None:
        return True, method not in PLAIN, method, False, ""
    encoder, decoder = networks
    return False, encoder != DEFAULT_ENCODER, encoder, decoder != FIDELITY, decoder


def _mean(key: tuple[str, str, str], rows: Sequence[Row]) -> Mean:
    method, setting, package = key
    values: dict[str, float | None] = {}
    for name in (*NUMBERS, *SECONDS):
        found = [getattr(row, name) for row in rows]
        values[name] = None if None in found else math.fsum(found) / len(found)
    return Mean(method, setting, package, len(rows), values)


def _delta(means: Sequence[Mean], method: str, anchor: str, measure: str) -> Delta:
    points = sum(mean.method == method for mean in means)
    used = 0
    try:
        mine, used = _curve(means, method, measure)
        theirs, _ = _curve(means, anchor, measure)
        return Delta(method, measure, used, points, bd_rate(theirs, mine))
    except UsageError as error:
        return Delta(method, measure, used, points, None, str(error))


def _curve(means: Sequence[Mean], method: str, measure: str) -> tuple[Curve, int]:
    """The front of a method's means, quality rising, and how many points it has."""
    sign = MEASURES[measure]
    mine = [mean.values for mean in means if mean.method == method]
    points = [(v["bpp"], sign * v[measure]) for v in mine if v["bpp"] is not None and v[measure] is not None]  # type: ignore[operator]
    rates, qualities = [rate for rate, _ in points], [quality for _, quality in points]
    best = front(rates, qualities)
    return curve([rates[place] for place in best], [qualities[place] for place in best]), len(best)
