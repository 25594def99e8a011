"""The table that an evaluation writes: one row for each method and picture, then one row of means for each method.

    scores.tsv   method  picture  height  width  psnr  ssim  psnr_to_degraded  bound_bpp  model_bpp  payload_bpp
    file_bpp  ...
                 photo-denoise  kodim01  512  768  27.91  ...
                 photo-denoise  mean

Reports read this file and nothing else, so that a number on a page can always be looked up.
"""

import csv
import dataclasses
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes, write_atomically

MEAN = "mean"
FILE = "scores.tsv"
_TEXTS = ("method", "picture")
_WHOLE = ("height", "width", "file_bytes")
_LATER = ("lpips", "niqe")  # columns that were not there from the first


@dataclass(frozen=True)
class Score:
    """What one method did to one picture; None where a number does not exist for it.

    `psnr` and `ssim` compare with the clean picture, `psnr_to_degraded` with what the encoder saw: reported both, by
    name. `lpips` (alex) compares with the clean picture too, `niqe` looks at the picture alone; both need weights that
    are not ours to ship (measure.judges). `bound_bpp`, `model_bpp`, `payload_bpp`, `file_bpp` are the four rates in
    bits a pixel; seconds are wall-clock.
    """

    method: str
    picture: str
    height: int | None
    width: int | None
    psnr: float
    ssim: float | None
    psnr_to_degraded: float | None = None
    bound_bpp: float | None = None
    model_bpp: float | None = None
    payload_bpp: float | None = None
    file_bpp: float | None = None
    file_bytes: int | None = None
    encode_seconds: float | None = None
    decode_seconds: float | None = None
    lpips: float | None = None
    niqe: float | None = None


def mean_scores(scores: Sequence[Score]) -> list[Score]:
    """One row of means for each method, in the order in which the methods appear.

    The mean of PSNR is the mean over pictures of decibels, as the literature takes it; a rate is the mean of the
    pictures' rates. A mean over pictures where one number is missing is missing too.
    """
    methods = dict.fromkeys(score.method for score in scores)
    return [_mean_score(method, [score for score in scores if score.method == method]) for method in methods]


def scores_text(scores: Iterable[Score]) -> str:
    """The rows as tab-separated text with a header; missing numbers are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow(_columns())
    for score in scores:
        writer.writerow([_cell(getattr(score, column)) for column in _columns()])
    return buffer.getvalue()


def write_scores(path: Path, scores: Sequence[Score], overwrite: bool = False) -> None:
    """Write the rows and their means to a file, whole or not at all."""
    write_atomically(path, scores_text([*scores, *mean_scores(scores)]).encode(), overwrite)


def read_scores(path: Path) -> list[Score]:
    """The rows of a file, means included; tables of earlier releases lack the last columns.

    Raises CorruptData when it is not such a table.
    """
    rows = list(csv.reader(io.StringIO(read_bytes(path).decode("utf-8", "replace")), delimiter="\t"))
    known = [list(_columns()), list(_columns()[: -len(_LATER)])]
    if not rows or rows[0] not in known:
        raise CorruptData(
            f"{path} is not a table of scores: its first line must name the columns {', '.join(_columns())}"
        )
    try:
        return [_score(dict(zip(rows[0], row, strict=True))) for row in rows[1:]]
    except ValueError as error:
        raise CorruptData(f"{path}: {error}") from None


def _columns() -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(Score))


def _mean_score(method: str, scores: Sequence[Score]) -> Score:
    sizes = {(score.height, score.width) for score in scores}
    height, width = sizes.pop() if len(sizes) == 1 else (None, None)
    means = {
        column: _mean([getattr(score, column) for score in scores])
        for column in _columns()
        if column not in (*_TEXTS, *_WHOLE) and column != "psnr"
    }
    size = _mean([score.file_bytes for score in scores])
    psnr = math.fsum(score.psnr for score in scores) / len(scores)
    return Score(method, MEAN, height, width, psnr, file_bytes=None if size is None else round(size), **means)


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return math.fsum(present) / len(present) if len(present) == len(values) else None


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _score(row: dict[str, str]) -> Score:
    numbers = {
        name: float(text) if text else None for name, text in row.items() if name not in (*_TEXTS, *_WHOLE, "psnr")
    }
    whole = {name: int(row[name]) if row[name] else None for name in _WHOLE}
    return Score(
        row["method"],
        row["picture"],
        height=whole["height"],
        width=whole["width"],
        psnr=float(row["psnr"]),
        file_bytes=whole["file_bytes"],
        **numbers,
    )
