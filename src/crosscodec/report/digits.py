"""A sheet and a page about a run over a few labelled pictures: a column for each, and under each what a classifier saw.

                 7   2   1   0   …
    degraded     ▒   ▒   ▒   ▒
                 7   8✗  1   0        verdict of the classifier that knows clean pictures, then that of the head
    decoder A    ▓   ▓   ▓   ▓
                 7   2   1   0
    clean        █   █   █   █

Pixels are enlarged without smoothing. Columns that do not fit side by side go on in a further band.
"""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image, ImageDraw, ImageFont

from crosscodec.report.digit_run import DigitRun, Verdict, Version, read_digit_run

TEMPLATE = "digits.html"
_SHEET_COLUMNS, _PAGE_COLUMNS = 20, 10
_CELL, _GAP, _MARGIN, _NAMES, _LINE = 56, 8, 24, 130, 20  # pixels of the sheet
_INK, _GROUND, _SOFT, _RIGHT, _WRONG = "#1c1d1f", "#ffffff", "#62656b", "#0b6b5c", "#b3261e"


def digit_sheet(run: Path) -> bytes:
    """The sheet about the run in a folder, as a PNG. Errors as in `read_digit_run`."""
    found = read_digit_run(run)
    bands = list(_bands(len(found.labels), _SHEET_COLUMNS))
    row = _CELL + _LINE + _GAP
    height = _LINE + len(found.versions) * row + _GAP
    columns = min(_SHEET_COLUMNS, len(found.labels))
    size = (
        2 * _MARGIN + _NAMES + columns * (_CELL + _GAP) - _GAP,
        2 * _MARGIN + len(bands) * (height + _GAP) - 2 * _GAP,
    )
    sheet = Image.new("RGB", size, _GROUND)
    for number, band in enumerate(bands):
        top = _MARGIN + number * (height + _GAP)
        _draw_labels(sheet, found, band, top)
        for place, version in enumerate(found.versions):
            _draw_version(sheet, version, band, top + _LINE + place * row)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def digit_page(run: Path) -> str:
    """The page about the run in a folder, as HTML that needs no other file. Errors as in `read_digit_run`."""
    found = read_digit_run(run)
    environment = Environment(loader=PackageLoader("crosscodec.report"), autoescape=True, undefined=StrictUndefined)
    environment.globals["address"] = _address
    return environment.get_template(TEMPLATE).render(
        title=f"{found.settings['package']}: {found.settings['degradation']} on {found.settings['set']}",
        run=found,
        bands=list(_bands(len(found.labels), _PAGE_COLUMNS)),
        raw_bits=8 * found.settings["height"] * found.settings["width"] * found.settings["channels"],
        heads=any(version.right_head for version in found.versions),
        judged=any(version.right_frozen for version in found.versions),
    )


def _bands(count: int, columns: int) -> Iterator[range]:
    return (range(start, min(start + columns, count)) for start in range(0, count, columns))


def _left(column: int) -> int:
    return _MARGIN + _NAMES + column * (_CELL + _GAP)


def _draw_labels(sheet: Image.Image, found: DigitRun, band: range, top: int) -> None:
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    draw.text((_MARGIN, top), "label", _SOFT, font)
    for column, index in enumerate(band):
        draw.text((_left(column) + _CELL // 2, top), found.labels[index], _SOFT, font, anchor="ma")


def _draw_version(sheet: Image.Image, version: Version, band: range, top: int) -> None:
    draw = ImageDraw.Draw(sheet)
    draw.text((_MARGIN, top + _CELL // 2), version.name, _INK, ImageFont.load_default(15), anchor="lm")
    for column, index in enumerate(band):
        left = _left(column)
        picture = version.pictures[index].convert("RGB").resize((_CELL, _CELL), Image.Resampling.NEAREST)
        sheet.paste(picture, (left, top))
        _draw_verdict(draw, version.verdicts[index], left, top)


def _draw_verdict(draw: ImageDraw.ImageDraw, verdict: Verdict, left: int, top: int) -> None:
    """The class named by each judge, and a frame where the frozen one is wrong: not by colour alone."""
    font, middle = ImageFont.load_default(14), left + _CELL // 2
    said = [(verdict.frozen, verdict.frozen_right), (verdict.head, verdict.head_right)]
    said = [(text, right) for text, right in said if text]
    if any(len(text) > 2 for text, _ in said):  # long names have room for one
        said = said[:1]
    for place, (text, right) in enumerate(said):
        offset = 0 if len(said) == 1 else (-12 if place == 0 else 12)
        colour = _RIGHT if right else _WRONG
        draw.text((middle + offset, top + _CELL + 3), text, colour, font, anchor="ma")
    if verdict.frozen and not verdict.frozen_right:
        draw.rectangle((left - 2, top - 2, left + _CELL + 1, top + _CELL + 1), outline=_WRONG, width=2)


def _address(picture: Image.Image) -> str:
    """A picture as a data address that a page can hold, lossless."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
