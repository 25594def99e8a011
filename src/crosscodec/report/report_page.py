"""One page from folders of figures: curves to point at, surfaces to turn, pictures, rates, claims, how each was made.

    folders ─► read_figures ─► Section for each figure ─► templates/report.html ─► one HTML file
                                  │                              └── plotly.js, once
                                  └── panel_curves, panel_surface, gallery, least_rate

The page needs no other file and no network, and forbids itself to ask for any. The same files give the same bytes.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from crosscodec.errors import CorruptData, InputMissing, UsageError
from crosscodec.files import read_bytes
from crosscodec.report.figures import KINDS, Claim, FigureData, Panel, Point, read_figures
from crosscodec.report.gallery import Shown, beside, show_strip
from crosscodec.report.least_rate import panel_least_rate
from crosscodec.report.panel_curves import Curves, finite, panel_curves
from crosscodec.report.panel_surface import Surface, family_surface
from crosscodec.report.series_look import bound_families, series_looks

TEMPLATE = "report.html"
TITLE = "Reproduced figures"


@dataclass(frozen=True)
class PanelPart:
    """A panel on the page: its curves, and a surface for each family of bounds."""

    panel: Panel
    anchor: str
    curves: Curves
    surfaces: tuple[Surface, ...]


@dataclass(frozen=True)
class RateRow:
    """A measured point that knows what it cost, the least rate that theory allows at its value, and by which bound."""

    point: Point
    bound: float | None
    bound_series: str


@dataclass(frozen=True)
class RateGroup:
    """The rates of one series in one panel."""

    panel: str
    series: str
    rows: tuple[RateRow, ...]

    @property
    def borrows(self) -> bool:
        """Whether a least rate is read off a bound of another name."""
        return any(row.bound_series not in ("", self.series) for row in self.rows)


@dataclass(frozen=True)
class Section:
    """A figure on the page. `table` is its TSV as a data address, `anchor` its place on the page."""

    figure: FigureData
    folder: str
    anchor: str
    parts: tuple[PanelPart, ...]
    gallery: tuple[Shown, ...]
    rates: tuple[RateGroup, ...]
    table: str

    @property
    def verdicts(self) -> dict[bool | None, int]:
        """How many claims hold (True), fail (False) and are not decided (None)."""
        return count_verdicts(self.figure.claims)


def report_page(folders: Sequence[Path], title: str = TITLE) -> str:
    """The page about all figures of some folders, as HTML that needs no other file.

    Raises InputMissing for a folder or picture that is not there and for a folder without figures, CorruptData for
    files that are damaged, UsageError for a folder given twice.
    """
    sections = _sections(folders)
    figures = [section.figure for section in sections]
    environment = Environment(loader=PackageLoader("crosscodec.report"), autoescape=True, undefined=StrictUndefined)
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "ensure_ascii": False, "separators": (",", ":")}
    environment.filters |= {"number": number_text, "duration": duration_text}
    return environment.get_template(TEMPLATE).render(
        title=title,
        kinds=KINDS,
        sections=sections,
        folders=[str(folder) for folder in folders],
        dates=sorted({figure.made["date"] for figure in figures if figure.made.get("date")}),
        verdicts=count_verdicts([claim for figure in figures for claim in figure.claims]),
        papers=_by_paper(sections),
        plots={anchor: plot for section in sections for anchor, plot in _plots(section)},
        plotly=get_plotlyjs(),
    )


def count_verdicts(claims: Sequence[Claim]) -> dict[bool | None, int]:
    """How many claims hold (True), fail (False) and are not decided (None)."""
    verdicts = [claim.holds for claim in claims]
    return {verdict: verdicts.count(verdict) for verdict in (True, False, None)}


def number_text(value: float | None) -> str:
    """A number with four digits, a dash for none."""
    return "–" if finite(value) is None else f"{value:.4g}"


def duration_text(seconds: str) -> str:
    """Seconds as people say them: "0.4 s", "3 min 20 s", "2 h 5 min"; what is no number stays as it is."""
    try:
        span = float(seconds)
        whole = round(span)
    except (ValueError, OverflowError):
        return seconds
    if span < 60:
        return f"{span:.2g} s" if span < 10 else f"{span:.0f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _sections(folders: Sequence[Path]) -> list[Section]:
    places = [folder.resolve() for folder in folders]
    if len(set(places)) < len(places):
        raise UsageError("a folder is given twice")
    sections: list[Section] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputMissing(
                f"{folder} is not a folder of figures" if folder.exists() else f"{folder} does not exist"
            )
        figures = read_figures(folder)
        if not figures:
            raise InputMissing(f"{folder} holds no figure: a figure is a KEY.json with a KEY.tsv beside it")
        sections += [_section(folder, figure, f"figure-{len(sections) + i}") for i, figure in enumerate(figures, 1)]
    return sections


def _section(folder: Path, figure: FigureData, anchor: str) -> Section:
    unknown = {point.panel for point in figure.points} - {panel.name for panel in figure.panels}
    if unknown:
        raise CorruptData(f"{folder / figure.key}.json does not describe the panel {min(unknown)!r} of its points")
    return Section(
        figure,
        str(folder),
        anchor,
        tuple(_part(figure, panel, f"{anchor}-panel-{i}") for i, panel in enumerate(figure.panels, 1)),
        tuple(show_strip(folder, strip) for strip in figure.gallery),
        tuple(_rates(figure)),
        _data_address(read_bytes(beside(folder, f"{figure.key}.tsv"))),
    )


def _part(figure: FigureData, panel: Panel, anchor: str) -> PanelPart:
    looks = series_looks(figure)
    families = bound_families(figure, panel.name)
    surfaces = tuple(family_surface(figure, panel, family, looks) for family in families)
    return PanelPart(panel, anchor, panel_curves(figure, panel, looks), surfaces)


def _rates(figure: FigureData) -> list[RateGroup]:
    """A group for each measured series some of whose points know what they cost."""
    groups = []
    for panel in figure.panels:
        points = [point for point in figure.select(panel.name, kind="measured") if _has_rates(point)]
        for series in dict.fromkeys(point.series for point in points):
            rows = [
                RateRow(point, *(panel_least_rate(figure, panel, point) or (None, "")))
                for point in points
                if point.series == series
            ]
            groups.append(RateGroup(panel.name, series, tuple(rows)))
    return groups


def _has_rates(point: Point) -> bool:
    return (point.bits_model, point.bits_payload, point.bits_file) != (None, None, None)


def _by_paper(sections: Sequence[Section]) -> dict[str, list[tuple[Section, str, Claim]]]:
    """All claims under their papers, in the order of the page, each with its place in the paper ("" for none).

    "Paper: Theorem 2" is a paper and a place in it.
    """
    papers: dict[str, list[tuple[Section, str, Claim]]] = {}
    for section in sections:
        before, _, after = section.figure.paper.rpartition(": ")
        paper, place = (before, after) if before else (after, "")
        for claim in section.figure.claims:
            papers.setdefault(paper, []).append((section, place, claim))
    return papers


def _plots(section: Section) -> list[tuple[str, dict[str, Any]]]:
    """What the page's script draws, by the id of the element that it draws in."""
    plots: list[tuple[str, dict[str, Any]]] = []
    for part in section.parts:
        plots.append((part.anchor, {"data": part.curves.data, "layout": part.curves.layout}))
        for place, surface in enumerate(part.surfaces, 1):
            plots.append((f"{part.anchor}-surface-{place}", {"data": surface.data, "layout": surface.layout}))
    return plots


def _data_address(table: bytes) -> str:
    return "data:text/tab-separated-values;charset=utf-8;base64," + base64.b64encode(table).decode("ascii")
