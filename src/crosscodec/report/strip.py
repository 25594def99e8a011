"""One picture of a photo evaluation for a README or a slide: the same detail degraded, by a peer, restored, clean.

    ┌──────────┬──────────┬──────────┬──────────┐
    │ degraded │ JPEG 2000│ restored │  clean   │   a square cut at the same place of each
    ├──────────┼──────────┼──────────┼──────────┤
    │ 20.17 dB │ 24.7 dB, 9,876 bytes │ ...     │   numbers of the whole picture, from the run's table
    └──────────┴──────────┴──────────┴──────────┘

Pixels are shown as they are, or doubled without smoothing: the strip hides nothing.
"""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from crosscodec.errors import InputMissing, UsageError
from crosscodec.report.cards import Card, read_photo_run

_GAP, _CAPTION, _SIZE = 12, 62, 17
_INK, _GROUND, _OURS, _SOFT = "#1c1d1f", "#ffffff", "#0b6b5c", "#62656b"


def photo_strip(
    run: Path, index: int = 0, side: int = 220, corner: tuple[int, int] | None = None, zoom: int = 1
) -> bytes:
    """The strip about picture `index` of the run in a folder, as a PNG.

    A square of `side` pixels is cut at `corner` (row, column), in the middle where it is not given, and shown `zoom`
    times as large. Raises InputMissing when the run kept no such picture, UsageError when the square lies outside.
    """
    cards = read_photo_run(run).cards
    if not 0 <= index < len(cards):
        raise InputMissing(f"{run} has pictures 0 to {len(cards) - 1}, not {index}")
    card = cards[index]
    top, left = corner if corner is not None else ((card.height - side) // 2, (card.width - side) // 2)
    if min(top, left, zoom - 1) < 0 or top + side > card.height or left + side > card.width:
        raise UsageError(
            f"a square of {side} pixels at {(top, left)} is not inside {card.height} x {card.width} pixels"
        )
    cell = side * zoom
    strip = Image.new("RGB", ((cell + _GAP) * len(card.versions) - _GAP, cell + _CAPTION), _GROUND)
    for position, shown in enumerate(card.versions):
        with Image.open(shown.path) as picture:
            detail = picture.convert("RGB").crop((left, top, left + side, top + side))
        strip.paste(detail.resize((cell, cell), Image.Resampling.NEAREST), (position * (cell + _GAP), 0))
        _caption(strip, position * (cell + _GAP), cell, card, position)
    buffer = io.BytesIO()
    strip.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _caption(strip: Image.Image, left: int, top: int, card: Card, position: int) -> None:
    shown = card.versions[position]
    draw = ImageDraw.Draw(strip)
    size = f"{shown.psnr} dB" if shown.psnr else ""
    size += f", {shown.size} bytes" if shown.size else ""
    draw.text((left, top + 8), shown.short, _OURS if shown.ours else _INK, ImageFont.load_default(_SIZE))
    draw.text((left, top + 8 + _SIZE + 6), size, _SOFT, ImageFont.load_default(_SIZE - 2))
