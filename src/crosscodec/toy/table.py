"""Toy runs as tab-separated text: a row a decoder; new runs take the place of older ones of the same point."""

from collections.abc import Sequence
from pathlib import Path

from crosscodec.errors import CorruptData
from crosscodec.evaluate.tsv import Cell, tsv_text
from crosscodec.files import read_bytes, write_atomically
from crosscodec.toy.run import ToyRun

KEY = ("source", "block", "quantiser", "rate", "decoder")
NUMBERS = (
    "symbols",
    "bits_model",
    "bits_payload",
    "bits_file",
    "bits_error",
    "distortion",
    "distortion_error",
    "bound",
    "bound_owed",
    "gap_bits",
    "gap_error",
    "gap_db",
    "law_distance",
    "label_entropy",
    "label_error",
    "label_bound",
)
COLUMNS = (*KEY, *NUMBERS, "steps", "batch", "hidden", "seed", "train_seconds")


def toy_rows(run: ToyRun) -> list[list[Cell]]:
    """The cells of a run in the order of `COLUMNS`, a row a decoder."""
    s = run.settings
    quantiser = "vector" if s.codebook else "rounding"
    last: list[Cell] = [s.steps, s.batch, s.hidden, s.seed, run.train_seconds]
    return [
        [s.source, s.block, quantiser, s.rate, point.decoder, *(getattr(point, name) for name in NUMBERS), *last]
        for point in run.points
    ]


def add_to_table(path: Path, runs: Sequence[ToyRun]) -> None:
    """Write runs into the table at `path`, sorted by source, block and rate; other rows stay. Raises CorruptData."""
    found = tsv_text(row for run in runs for row in toy_rows(run)).splitlines()
    lines = {_key(line): line for line in [*_lines(path), *found]}
    text = "\n".join(["\t".join(COLUMNS), *(lines[key] for key in sorted(lines, key=_order))])
    write_atomically(path, f"{text}\n".encode(), overwrite=True)


def read_toy_table(path: Path) -> list[dict[str, str]]:
    """The rows of a table by column; an empty cell is a number that the point does not have."""
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    head, *lines = read_bytes(path).decode().splitlines() or [""]
    if head.split("\t") != list(COLUMNS) or any(len(line.split("\t")) != len(COLUMNS) for line in lines):
        raise CorruptData(f"{path} is no table of toy runs: its columns are {', '.join(COLUMNS)}")
    return lines


def _key(line: str) -> tuple[str, ...]:
    return tuple(line.split("\t")[: len(KEY)])


def _order(key: tuple[str, ...]) -> tuple[str, int, str, float, str]:
    return key[0], int(key[1]), key[2], float(key[3]), key[4]
