"""Where the numbers of `crosscodec tradeoff` go: a table, CSV, JSON lines, a picture."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer

from crosscodec.cli.output import print_json, require_free, table_text
from crosscodec.cli.tradeoff_limits import Array, Grid
from crosscodec.extras import load_module
from crosscodec.files import write_atomically
from crosscodec.theory.tradeoff import Tradeoff

LABELS = {
    "rate": "rate [bit]",
    "distortion": "distortion",
    "label_entropy": "label entropy [bit]",
    "perception": "perception",
    "information": "information kept [bit]",
}


@dataclass(frozen=True)
class Output:
    """Where the numbers go."""

    csv: bool
    json: bool
    plot: Path | None
    overwrite: bool


def emit(title: str, quantity: str, grid: Grid, found: Tradeoff[Any], beside: Array | None, output: Output) -> None:
    """Print the points and write the picture; a picture alone prints nothing.

    ``beside``: the printed formula's values, shown as one more column or curve.
    """
    if output.plot is not None:
        _write_plot(title, quantity, grid, found, beside, output.plot, output.overwrite)
        if not (output.json or output.csv):
            return
    print_rows(_rows(quantity, grid, found, beside), output)


def print_rows(rows: Sequence[Mapping[str, float | bool | str | None]], output: Output) -> None:
    """Print records of the same columns, of which there is at least one."""
    if output.json:
        for row in rows:
            print_json(dict(row))
    elif output.csv:
        typer.echo(_csv_text(rows), nl=False)
    else:
        cells = [
            [f"{v:.6g}" if isinstance(v, float) else "-" if v is None else str(v) for v in r.values()] for r in rows
        ]
        typer.echo(table_text(list(rows[0]), cells, left=0))


def _write_plot(
    title: str, quantity: str, grid: Grid, found: Tradeoff[Any], beside: Array | None, path: Path, overwrite: bool
) -> None:
    # The drawing libraries are an extra, and slow to load: only now.
    plots = load_module("crosscodec.report.tradeoff_plots")
    kind = plots.kind_of(path)
    require_free(path, overwrite)
    axes, places = [], []
    for name in grid.names:
        # Limits come as they were written, in any order and twice; a curve goes along its axis.
        values, first = np.unique(grid.axis(name), return_index=True)
        axes.append(plots.Axis(LABELS[name], values))
        places.append(first)

    def in_order(points: Any, kind: Any) -> Any:
        return np.asarray(points, dtype=kind)[np.ix_(*places)]

    value, binding = in_order(found.value, np.float64), in_order(found.binding, object)
    printed = None if beside is None else in_order(beside, np.float64)
    picture = plots.TradeoffPicture(title, LABELS[quantity], axes, value, binding, printed)
    write_atomically(path, plots.draw_tradeoff(picture, kind), overwrite)


def _rows(
    quantity: str, grid: Grid, found: Tradeoff[Any], beside: Array | None
) -> list[dict[str, float | bool | str | None]]:
    """Return one record for each point of the grid, in its order."""

    def flat(values: Any) -> Any:
        return np.broadcast_to(values, grid.shape).ravel()

    def texts(values: Any) -> list[str]:
        return [str(v) for v in flat(np.asarray(values, dtype=object))]

    feasible = flat(found.feasible)
    columns: dict[str, list[Any]] = {
        name: [number_or_text(v) for v in flat(limit)] for name, limit in grid.limits.items()
    }
    name = quantity if quantity not in columns else "value"
    # A rate may be infinite; JSON has no infinity, so numbers that are not finite are left out or written as text.
    columns[name] = [number_or_text(v) if fits else None for v, fits in zip(flat(found.value), feasible, strict=True)]
    if beside is not None:
        columns["printed"] = [number_or_text(v) for v in flat(beside)]
    columns["feasible"] = [bool(v) for v in feasible]
    columns["binding"] = texts(found.binding)
    if found.solved:
        columns["gap"] = [number_or_text(v) for v in flat(found.gap)]
        columns["certified"] = [bool(v) for v in flat(found.certified)]
        columns["status"] = texts(found.status)
    columns["reason"] = texts(found.reason)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def number_or_text(value: Any) -> float | str | None:
    """A number as JSON and tables have it: infinity as text, NaN as nothing."""
    number = float(value)
    return None if np.isnan(number) else number if np.isfinite(number) else str(number)


def _csv_text(rows: Sequence[Mapping[str, float | bool | str | None]]) -> str:
    stream = io.StringIO()
    writer: Any = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
