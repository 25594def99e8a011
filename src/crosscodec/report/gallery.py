"""Strips of pictures as a page shows them: their bytes inside the page, their size on it, words for who cannot see."""

import base64
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes
from crosscodec.report.figures import Strip

_LIMIT = 32 * 2**20
_WIDEST = 1000  # pixels of the page
_CELL, _LEAST_CELL = 120, 44  # of one picture of a strip: at most so wide unless it has more pixels, at least so wide


@dataclass(frozen=True)
class Shown:
    """A strip: titles, its data address, pixels of the file, the width it has on a page and the least width it needs.

    `tiny` pictures are enlarged pixel by pixel, without smoothing.
    """

    title: str
    note: str
    alt: str
    address: str
    width: int
    height: int
    shown_width: int
    least_width: int
    tiny: bool


def show_strip(folder: Path, strip: Strip) -> Shown:
    """A strip of a figure in a folder.

    Raises InputMissing, and CorruptData for a file that is no PNG or does not lie in that folder.
    """
    data = read_bytes(beside(folder, strip.file), _LIMIT)
    width, height = _png_size(data, folder / strip.file)
    count = max(1, round(width / height))
    shown = min(max(width, count * _CELL), _WIDEST)
    rest = f", {strip.note}" if strip.note else ""
    return Shown(
        title=strip.title,
        note=strip.note,
        alt=f"{strip.title}: a strip of pictures side by side, {width} by {height} pixels{rest}",
        address="data:image/png;base64," + base64.b64encode(data).decode("ascii"),
        width=width,
        height=height,
        shown_width=shown,
        least_width=min(count * _LEAST_CELL, shown),
        tiny=shown > width,
    )


def beside(folder: Path, name: str) -> Path:
    """The path of a figure's file in its folder. CorruptData for a name that leads elsewhere."""
    if Path(name).name != name or "\\" in name or name in ("", ".", ".."):
        raise CorruptData(f"{folder}: {name!r} is no name of a file in this folder")
    return folder / name


def _png_size(data: bytes, path: Path) -> tuple[int, int]:
    try:
        # Only the header is read here: how large the picture is matters to the browser, not to us.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
                return picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise CorruptData(f"{path} is not a PNG picture") from None
