"""Tab-separated text, the form of every table that evaluations write."""

import csv
import io
from collections.abc import Iterable, Sequence

Cell = str | int | float | None


def tsv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """The rows as lines: None is empty, floats have six digits, text with tabs or line ends is quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
