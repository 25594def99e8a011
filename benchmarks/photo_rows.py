"""The rows of the photo benchmark: one for each picture, sigma, method and setting, kept in one growing table.

A row is written as soon as it is measured, in one piece and under a lock, so that several processes may write and a
killed one loses at most the row it was at. What is there is never measured again.
"""

import csv
import dataclasses
import fcntl
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosscodec.evaluate.tsv import tsv_text
from crosscodec.files import write_atomically

Key = tuple[str, float, int, str, str, str]


@dataclass(frozen=True)
class Row:
    """What one method at one setting did to one picture; None where a number does not exist for it.

    `psnr`, `ssim` and `lpips` (alex, v0.1) compare with the clean picture, all at 8 bits. The first three seconds are
    wall-clock; `cpu_seconds` are those of all threads of the process for all three steps, which other processes on the
    machine do not change much. `package` is the beginning of a package's SHA-256, and empty for peers.
    """

    picture: str
    sigma: float
    seed: int
    method: str
    setting: str
    package: str
    height: int
    width: int
    file_bytes: int | None
    bpp: float | None
    psnr: float
    ssim: float
    lpips: float | None
    niqe: float | None
    denoise_seconds: float
    encode_seconds: float
    decode_seconds: float
    cpu_seconds: float
    made_by: str

    @property
    def key(self) -> Key:
        """What makes a row the same one: a later version of a peer's library does not, another package does."""
        return self.picture, self.sigma, self.seed, self.method, self.setting, self.package


COLUMNS = tuple(field.name for field in dataclasses.fields(Row))
_TEXTS = {"picture", "method", "setting", "package", "made_by"}
_WHOLE = {"seed", "height", "width", "file_bytes"}


def known_rows(*paths: Path | None) -> list[Row]:
    """All rows of these tables; of several with one key the last."""
    found = {row.key: row for path in paths if path for row in read_rows(path)}
    return list(found.values())


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """A whole table of rows, in the order of their keys."""
    lines = [[getattr(row, column) for column in COLUMNS] for row in sorted(rows, key=lambda row: row.key)]
    write_atomically(path, tsv_text([list(COLUMNS), *lines]).encode(), overwrite=True)


def append_row(path: Path, row: Row) -> None:
    """Add a row to a table, which is begun with the names of its columns."""
    line = tsv_text([[getattr(row, column) for column in COLUMNS]]).encode()
    with path.open("a+b") as table:
        fcntl.flock(table, fcntl.LOCK_EX)
        size = table.seek(0, os.SEEK_END)
        if size == 0:
            line = tsv_text([COLUMNS]).encode() + line
        else:
            table.seek(size - 1)
            if table.read(1) != b"\n":  # a writer was cut off, by a full disk for instance
                line = b"\n" + line
        table.write(line)
        table.flush()
        os.fsync(table.fileno())


def read_rows(path: Path) -> list[Row]:
    """All whole rows of a table; none when it is not there. Lines that were cut off are left out."""
    if not path.exists():
        return []
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t"))
    if lines and tuple(lines[0]) != COLUMNS:
        raise SystemExit(f"{path} has other columns than this benchmark writes; move it away")
    return [_row(dict(zip(COLUMNS, line, strict=True))) for line in lines[1:] if len(line) == len(COLUMNS)]


def _row(cells: dict[str, str]) -> Row:
    values: dict[str, object] = dict(cells)
    for name in COLUMNS:
        if name in _WHOLE:
            values[name] = int(cells[name]) if cells[name] else None
        elif name not in _TEXTS:
            values[name] = float(cells[name]) if cells[name] else None
    return Row(**values)  # type: ignore[arg-type]
