"""The table of small labelled sets: one row for each package, seed and decoder; means over seeds with intervals.

    scores.tsv   task                  method           seed  decoder   images  bits_model  bits_payload  bits_file  ...
                 mnist:test down:4...  digits-superres  0     fidelity  10000   11.94       12.01         12.07      ...

Runs add their rows to a table that is there; a row is written whole, and no row is there twice.
"""

import csv
import dataclasses
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosscodec.errors import CorruptData, OutputExists, OutputFailed
from crosscodec.evaluate.tsv import Cell, tsv_text
from crosscodec.files import read_bytes, write_atomically
from crosscodec.measure.interval import MeanInterval, mean_interval

_TEXTS = ("task", "method", "decoder")
_WHOLE = ("seed", "images")


@dataclass(frozen=True)
class LabelledScore:
    """What one decoder of one package made of a labelled set; None where a number does not exist.

    `bits_*` are bits a picture: entropy-model estimate, payload, whole file on disk. `mse_*` compare with what the
    encoder saw and with the clean picture. `*_frozen` are of the classifier trained on clean pictures, `*_head` of the
    one trained on this decoder's; `entropy_*` are cross-entropies in bits, upper bounds on H(S|Y). `sliced_wasserstein`
    and `frechet` (squared) compare with a set of clean pictures, whose sharpness is `sharpness_clean`. `seconds_*` are
    for all pictures together.
    """

    task: str
    method: str
    seed: int
    decoder: str
    images: int
    bits_model: float | None = None
    bits_payload: float | None = None
    bits_file: float | None = None
    mse_degraded: float | None = None
    mse_clean: float | None = None
    accuracy_frozen: float | None = None
    entropy_frozen: float | None = None
    accuracy_head: float | None = None
    entropy_head: float | None = None
    sliced_wasserstein: float | None = None
    frechet: float | None = None
    sharpness: float | None = None
    sharpness_clean: float | None = None
    seconds_encode: float | None = None
    seconds_decode: float | None = None

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What names the row: no two rows of a table share it."""
        return self.task, self.method, self.seed, self.decoder


COLUMNS = tuple(field.name for field in dataclasses.fields(LabelledScore))
NUMBERS = tuple(name for name in COLUMNS if name not in (*_TEXTS, *_WHOLE))


@dataclass(frozen=True)
class LabelledMean:
    """One decoder of one method over `seeds` seeds: an interval for each of NUMBERS, None where a seed lacks it."""

    task: str
    method: str
    decoder: str
    seeds: int
    intervals: dict[str, MeanInterval | None]


def mean_labelled(scores: Sequence[LabelledScore], level: float = 0.95) -> list[LabelledMean]:
    """Means over seeds by task, method and decoder, in the order in which these appear.

    Intervals by Student's t at `level`, see `measure.interval`.
    """
    groups: dict[tuple[str, str, str], list[LabelledScore]] = {}
    for score in scores:
        groups.setdefault((score.task, score.method, score.decoder), []).append(score)
    return [
        LabelledMean(*names, len(rows), {column: _interval(rows, column, level) for column in NUMBERS})
        for names, rows in groups.items()
    ]


def labelled_text(scores: Iterable[LabelledScore], header: bool = True) -> str:
    """The rows as tab-separated text; missing numbers are empty."""
    rows = [[getattr(score, column) for column in COLUMNS] for score in scores]
    return tsv_text([list(COLUMNS), *rows] if header else rows)


def means_text(means: Iterable[LabelledMean]) -> str:
    """The means as tab-separated text: after each number its half width, in a column of the same name with
    "_half_width".
    """
    header = ["task", "method", "decoder", "seeds"]
    header += [name for column in NUMBERS for name in (column, f"{column}_half_width")]
    rows: list[list[Cell]] = [[*header]]
    for mean in means:
        found = [mean.intervals[column] for column in NUMBERS]
        pairs = [(None, None) if interval is None else (interval.mean, interval.half_width) for interval in found]
        rows.append([mean.task, mean.method, mean.decoder, mean.seeds, *(value for pair in pairs for value in pair)])
    return tsv_text(rows)


def write_labelled(path: Path, scores: Sequence[LabelledScore], overwrite: bool = False) -> None:
    """Write a table of these rows, whole or not at all. OutputExists: it is there, or a row is given twice."""
    seen: set[tuple[str, str, int, str]] = set()
    for score in scores:
        if score.key in seen:
            raise OutputExists(f"row {', '.join(map(str, score.key))} is given twice for {path}")
        seen.add(score.key)
    write_atomically(path, labelled_text(scores).encode(), overwrite)


def read_labelled(path: Path) -> list[LabelledScore]:
    """The rows of a file. Raises CorruptData when it is not such a table, or ends in the middle of a row."""
    text = read_bytes(path).decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    if not rows or rows[0] != list(COLUMNS):
        raise CorruptData(f"{path} is not a table of labelled scores: its first line must name {', '.join(COLUMNS)}")
    if not text.endswith("\n"):
        raise CorruptData(f"{path}: the last row is cut short; remove it and evaluate it again")
    scores = []
    for line, row in enumerate(rows[1:], 2):
        try:
            scores.append(_score(dict(zip(COLUMNS, row, strict=True))))
        except ValueError as error:
            raise CorruptData(f"{path}, line {line}: {error}") from None
    return scores


def require_new(path: Path, keys: Iterable[tuple[str, str, int, str]]) -> None:
    """Raise OutputExists when the table at `path` has a row of one of these keys already."""
    there = {score.key for score in read_labelled(path)} if path.exists() else set()
    for key in keys:
        if key in there:
            raise OutputExists(f"{path} has a row of {', '.join(map(str, key))} already; allow overwriting it")


def add_labelled(path: Path, scores: Sequence[LabelledScore], overwrite: bool = False) -> None:
    """Add rows to the table at `path`, which is made when it is not there.

    Rows are appended by one write of the operating system, so that processes that add to one table of a local disk at
    the same time lose nothing. Rows that are there already: OutputExists, or with `overwrite` (which no other process
    should join) the table is written anew without the old ones. CorruptData as in `read_labelled`.
    """
    new = {score.key for score in scores}
    if overwrite and path.exists():
        kept = [score for score in read_labelled(path) if score.key not in new]
        write_labelled(path, [*kept, *scores], overwrite=True)
        return
    require_new(path, new)
    if not path.exists():
        try:
            write_labelled(path, scores)
            return
        except OutputExists:  # another process made it since
            pass
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    try:
        data = labelled_text(scores, header=False).encode()
        written = os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    if written < len(data):
        raise OutputFailed(f"{path}: {written} of {len(data)} bytes of new rows were written; is the disk full?")


def _interval(rows: Sequence[LabelledScore], column: str, level: float) -> MeanInterval | None:
    values = [getattr(row, column) for row in rows]
    return None if None in values else mean_interval(values, level)


def _score(row: dict[str, str]) -> LabelledScore:
    numbers = {name: float(row[name]) if row[name] else None for name in NUMBERS}
    return LabelledScore(
        row["task"], row["method"], int(row["seed"]), row["decoder"], images=int(row["images"]), **numbers
    )
