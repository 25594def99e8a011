"""A figure as plain files: what `crosscodec repro` writes, and what plots and the report read.

    KEY.tsv    panel  series  kind  x  y  low  high  seeds  bits_model  bits_payload  bits_file     one row a point
    KEY.json   title, paper, the axes of each panel, galleries, claims with verdicts, how it was made
    KEY.svg    drawn from these two

Nothing here knows how a number came about; `kind` says what sort of number it is.
"""

import csv
import dataclasses
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes, write_atomically
from crosscodec.report.tables import number, read_table

# What sort of number a point is, in the order in which legends name them.
KINDS = {
    "bound": "theory: no code does better",
    "printed": "the formula as the paper prints it",
    "measured": "measured by real files, here",
    "quoted": "quoted from the paper, not measured here",
}
COLUMNS = ("panel", "series", "kind", "x", "y", "low", "high", "seeds", "bits_model", "bits_payload", "bits_file")


@dataclass(frozen=True)
class Point:
    """One point: `y` over `x` in a panel, None where no code exists; `low` and `high` bound a confidence interval.

    `bits_*` of measured points are the rates of the model's estimate, of payload and of whole files, in the unit of the
    panel's rate.
    """

    panel: str
    series: str
    kind: str
    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    seeds: int | None = None
    bits_model: float | None = None
    bits_payload: float | None = None
    bits_file: float | None = None


@dataclass(frozen=True)
class Panel:
    """The axes of one panel, by its name in the points."""

    name: str
    x: str
    y: str


@dataclass(frozen=True)
class Claim:
    """Something that a paper says of the figure, and whether the points bear it out, with the numbers that decide.

    `holds` is None where these points cannot decide.
    """

    text: str
    holds: bool | None
    numbers: str


@dataclass(frozen=True)
class Strip:
    """One version of some pictures, side by side in one PNG beside the figure: title, file name, note (bytes, ...)."""

    title: str
    file: str
    note: str = ""


@dataclass(frozen=True)
class FigureData:
    """Everything that a figure's files say. `made` holds scale, seeds, command, seconds, date and the like, as text."""

    key: str
    title: str
    paper: str
    panels: tuple[Panel, ...]
    points: tuple[Point, ...]
    claims: tuple[Claim, ...] = ()
    gallery: tuple[Strip, ...] = ()
    made: dict[str, str] = field(default_factory=dict)

    def select(self, panel: str, series: str | None = None, kind: str | None = None) -> list[Point]:
        """The points of a panel, or of one series or kind in it, in the order of the table."""
        return [
            point
            for point in self.points
            if point.panel == panel and series in (None, point.series) and kind in (None, point.kind)
        ]


def write_figure(folder: Path, figure: FigureData) -> None:
    """Write KEY.tsv and KEY.json into a folder, made if need be, replacing older ones. Each is written whole."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(point, column)) for column in COLUMNS] for point in figure.points)
    write_atomically(folder / f"{figure.key}.tsv", buffer.getvalue().encode(), overwrite=True)
    record = {name.name: getattr(figure, name.name) for name in dataclasses.fields(figure) if name.name != "points"}
    text = json.dumps(record, default=dataclasses.asdict, indent=2, ensure_ascii=False) + "\n"
    write_atomically(folder / f"{figure.key}.json", text.encode(), overwrite=True)


def read_figure(path: Path) -> FigureData:
    """The figure whose KEY.json is at `path`, with the KEY.tsv beside it.

    Raises InputMissing; CorruptData where a file is not of this form.
    """
    table = read_table(path.with_suffix(".tsv"))
    if table.columns != COLUMNS:
        raise CorruptData(f"{path.with_suffix('.tsv')} has not the columns of a figure: {', '.join(COLUMNS)}")
    try:
        record: dict[str, Any] = json.loads(read_bytes(path))
        return FigureData(
            str(record["key"]),
            str(record["title"]),
            str(record["paper"]),
            tuple(Panel(**panel) for panel in record["panels"]),
            tuple(_point(row) for row in table.records()),
            tuple(Claim(**claim) for claim in record["claims"]),
            tuple(Strip(**strip) for strip in record["gallery"]),
            {str(name): str(value) for name, value in record["made"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptData(f"{path} does not describe a figure: {error}") from None


def read_figures(folder: Path) -> list[FigureData]:
    """All figures of a folder, by key: every KEY.json with a KEY.tsv beside it."""
    return [read_figure(path) for path in sorted(folder.glob("*.json")) if path.with_suffix(".tsv").exists()]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _point(row: dict[str, str]) -> Point:
    if row["kind"] not in KINDS:
        raise CorruptData(f"{row['kind']!r} is no kind of point; there are {', '.join(KINDS)}")
    across = number(row["x"])
    if across is None:
        raise CorruptData(f"a point of {row['series']} has no x")
    seeds = number(row["seeds"])
    return Point(
        row["panel"],
        row["series"],
        row["kind"],
        across,
        number(row["y"]),
        number(row["low"]),
        number(row["high"]),
        None if seeds is None else int(seeds),
        number(row["bits_model"]),
        number(row["bits_payload"]),
        number(row["bits_file"]),
    )
