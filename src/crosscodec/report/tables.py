"""Read the tables that runs write: tab-separated text with a header.

Reports depend on this form alone and on no code that made it, so that a page can be made anywhere from a run's folder.
"""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes


@dataclass(frozen=True)
class Table:
    """A table as text: the names of its columns and its rows, all of that length."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def records(self) -> list[dict[str, str]]:
        """The rows as mappings from column to text."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def read_table(path: Path) -> Table:
    """The table in a file. Raises InputMissing, or CorruptData when a row has another length than the header."""
    try:
        text = read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise CorruptData(f"{path} is not a table: it is not UTF-8 text") from None
    lines = list(csv.reader(io.StringIO(text), delimiter="\t"))
    if not lines:
        raise CorruptData(f"{path} is empty; a table begins with the names of its columns")
    columns = tuple(lines[0])
    for position, row in enumerate(lines[1:], 2):
        if len(row) != len(columns):
            raise CorruptData(f"{path}, line {position}: {len(row)} cells under {len(columns)} columns")
    return Table(columns, tuple(tuple(row) for row in lines[1:]))


def number(text: str) -> float | None:
    """The number in a cell, or None for an empty one. Raises CorruptData for anything else."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise CorruptData(f"{text!r} in a table is no number") from None
