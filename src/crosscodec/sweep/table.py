"""One tidy table of a sweep's finished runs, made of nothing but their folders: settings as columns, then the scores.

    OUT/*/state.json (done)  ─┐
    OUT/*/recipe.json         ├─► sweep.tsv   run  id  objective.lambda_rate  training.seed  seconds  ...scores...
    OUT/*/scores.tsv         ─┘

A row for each decoder of a labelled run, for each method of a photo run (its means), one without scores for a run that
was only trained. Runs of several grids go together: what a grid did not name is read from the run's resolved recipe.
"""

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crosscodec.errors import CorruptData
from crosscodec.evaluate.scores import FILE as SCORES
from crosscodec.evaluate.scores import MEAN
from crosscodec.evaluate.tsv import Cell, tsv_text
from crosscodec.files import read_bytes, write_atomically
from crosscodec.sweep.states import RunState, Status, read_state

FILE = "sweep.tsv"
RECIPE = "recipe.json"


@dataclass(frozen=True)
class FinishedRun:
    """A run that is done: its folder, its state, its resolved recipe, and the rows of its scores as text."""

    folder: Path
    state: RunState
    recipe: dict[str, Any]
    scores: tuple[dict[str, str], ...]

    def setting(self, key: str) -> Any:
        """The value of a setting, of the grid or of the recipe; None where the recipe has no such."""
        if key in self.state.settings:
            return self.state.settings[key]
        place: Any = self.recipe
        for part in key.split("."):
            if isinstance(place, list):
                place = dict(enumerate(place)).get(int(part)) if part.isdigit() else None
            else:
                place = place.get(part) if isinstance(place, dict) else None
        return place


def write_table(out: Path) -> Path:
    """Write sweep.tsv into the folder of a sweep, in place of the one before; its path."""
    write_atomically(out / FILE, table_text(finished_runs(out)).encode(), overwrite=True)
    return out / FILE


def finished_runs(out: Path) -> list[FinishedRun]:
    """The runs in a folder that are done, by settings. Raises CorruptData for a damaged record of one."""
    found = []
    for folder in sorted(path for path in out.iterdir() if path.is_dir()):
        state = read_state(folder)
        if state is not None and state.status is Status.DONE:
            found.append(FinishedRun(folder, state, _recipe(folder), tuple(_scores(folder))))
    keys = _keys(found)
    return sorted(found, key=lambda run: [_order(run.setting(key)) for key in keys])


def table_text(runs: list[FinishedRun]) -> str:
    """The table of runs as tab-separated text with a header."""
    keys = _keys(runs)
    columns = list(dict.fromkeys(name for run in runs for row in run.scores for name in row))
    rows: list[list[Cell]] = [["run", "id", *keys, "seconds", *columns]]
    for run in runs:
        head: list[Cell] = [
            run.folder.name,
            run.state.id,
            *(_cell(run.setting(key)) for key in keys),
            run.state.seconds,
        ]
        rows += [[*head, *(row.get(name) for name in columns)] for row in run.scores or ({},)]
    return tsv_text(rows)


def _keys(runs: Iterable[FinishedRun]) -> list[str]:
    return list(dict.fromkeys(key for run in runs for key in run.state.settings))


def _recipe(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_bytes(folder / RECIPE))
    except ValueError as error:
        raise CorruptData(f"{folder / RECIPE} is not JSON: {error}") from None
    return found if isinstance(found, dict) else {}


def _scores(folder: Path) -> Iterable[dict[str, str]]:
    if not (folder / SCORES).is_file():
        return
    lines = list(csv.reader(io.StringIO(read_bytes(folder / SCORES).decode("utf-8", "replace")), delimiter="\t"))
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(lines[0]):
            raise CorruptData(f"{folder / SCORES}, line {number}: {len(line)} cells under {len(lines[0])} columns")
        row = dict(zip(lines[0], line, strict=True))
        if row.get("picture", MEAN) == MEAN:  # of photos the means alone
            yield row


def _cell(value: Any) -> Cell:
    """A setting as a cell: numbers in full, truth values and lists as JSON."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers by size, then everything else by its text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 0, float(value), ""
    return 1, 0.0, str(value)
