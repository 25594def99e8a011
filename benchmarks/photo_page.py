"""One page about the photo benchmark that needs no other file: curves, delta rates, details at 100 %, all means.

Details are made again from their files' settings, which takes seconds; the page holds pictures of the data set and is
therefore written beside the rows and not into the repository.
"""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from photo_methods import PictureBench, Pixels, picture_bench
from photo_plan import NOISY, PLAIN, Bench, our_networks
from photo_plot import draw_curves, title_of
from photo_rows import Row
from photo_tables import Delta, Report
from PIL import Image

from crosscodec.files import write_atomically

SIDE = 256  # pixels of a detail


@dataclass(frozen=True)
class Detail:
    """The same square of one version of a picture, with the numbers of the whole picture."""

    title: str
    ours: bool
    address: str
    numbers: str


@dataclass(frozen=True)
class Section:
    """What the page says about one sigma."""

    report: Report
    curves: str
    details: tuple[Detail, ...]
    picture: str


def write_page(
    path: Path, bench: Bench, reports: Sequence[Report], index: int, corner: Sequence[int] | None, bpp: float
) -> None:
    """Write the page: details of picture `index` at `corner` (row, column), peers at the bytes nearest to ours."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.globals |= {
        "title_of": title_of,
        "our_networks": our_networks,
        "delta_text": delta_text,
        "number": number,
    }
    sections = [_section(bench, report, index, corner, bpp) for report in reports]
    page = environment.get_template("photo.html").render(sections=sections, plain=PLAIN, bpp=bpp)
    write_atomically(path, page.encode(), overwrite=True)


def delta_text(deltas: Sequence[Delta], method: str, measure: str) -> str:
    """A cell of the table of delta rates."""
    (found,) = [delta for delta in deltas if (delta.method, delta.measure) == (method, measure)]
    if found.rate is None:
        return "no common quality" if "no quality" in found.problem else "–"
    percent = round(found.rate.percent) + 0.0
    return f"{percent:+.0f} % ({found.rate.share:.0%})"


def number(value: float | None, digits: int) -> str:
    """A number of a table, or a dash."""
    return "–" if value is None else f"{value:,.{digits}f}"


def _section(bench: Bench, report: Report, index: int, corner: Sequence[int] | None, bpp: float) -> Section:
    curves = draw_curves(report).decode()
    picture = picture_bench(bench, index, report.sigma)
    return Section(
        report,
        curves[curves.index("<svg") :],  # without the declaration of an XML file
        tuple(_details(picture, report, corner, bpp)),
        picture.sample.name,
    )


def _details(picture: PictureBench, report: Report, corner: Sequence[int] | None, bpp: float) -> list[Detail]:
    """Noisy, every method at the rate nearest to ours, clean."""
    rows = [row for row in report.rows if row.picture == picture.sample.name]
    ours = [row for row in rows if row.method == report.ours and row.bpp is not None]
    if ours:
        bpp = min(ours, key=lambda row: abs((row.bpp or 0.0) - bpp)).bpp or bpp
    found = [_detail(picture, row, report, corner) for row in rows if row.method == NOISY]
    for method in report.methods:
        mine = [row for row in rows if row.method == method]
        row = min(mine, key=lambda row: abs((row.bpp or 0.0) - bpp))
        found.append(_detail(picture, row, report, corner))
    found.append(Detail("clean", False, _address(picture.clean, corner), "the original"))
    return found


def _detail(picture: PictureBench, row: Row, report: Report, corner: Sequence[int] | None) -> Detail:
    pixels = picture.restored(row.method, row.setting).pixels
    texts = [f"{row.psnr:.2f} dB"]
    if row.lpips is not None:
        texts.append(f"LPIPS {row.lpips:.3f}")
    if row.file_bytes is not None and row.bpp is not None:
        texts.append(f"{row.file_bytes:,} bytes, {row.bpp:.3f} bpp")
    ours = our_networks(report.ours, row.method) is not None
    return Detail(title_of(row.method, report.ours), ours, _address(pixels, corner), " · ".join(texts))


def _address(pixels: Pixels, corner: Sequence[int] | None) -> str:
    """A square of a picture as a lossless data address."""
    height, width = pixels.shape[:2]
    top, left = corner or (max(0, height - SIDE) // 2, max(0, width - SIDE) // 2)
    buffer = io.BytesIO()
    Image.fromarray(pixels[top : top + SIDE, left : left + SIDE]).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
