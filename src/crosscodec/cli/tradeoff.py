"""`crosscodec tradeoff`: what is possible at best, as a table, a CSV, JSON or a picture.

limits as text ("0:1:101", "0.1,0.4", "inf") ─► one trade-off function of crosscodec.theory ─► table | csv | json | plot
"""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import typer
from numpy.typing import NDArray

from crosscodec.cli.output import print_json, table_text
from crosscodec.errors import CorruptData, UsageError
from crosscodec.extras import load_module
from crosscodec.files import read_bytes, write_atomically
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal, printed
from crosscodec.theory.explain import explain as explained
from crosscodec.theory.tradeoff import Tradeoff

Array: TypeAlias = NDArray[np.float64]

app = typer.Typer(no_args_is_help=True, help="What is possible at best: rate, distortion, perception, classification.")

# Problem files are small tables.
PROBLEM_LIMIT = 2**24
LABELS = {
    "rate": "rate [bit]",
    "distortion": "distortion",
    "label_entropy": "label entropy [bit]",
    "perception": "perception",
    "information": "information kept [bit]",
}

Quantity = Annotated[
    str, typer.Option("--quantity", help="What to compute: distortion, rate or (discrete) information.")
]
Rate = Annotated[str, typer.Option("--rate", help="Rate limit in bits: 0.5, 0:1:101 (from:to:points), 0.1,0.4 or inf.")]
Distortion = Annotated[str, typer.Option("--distortion", help="Distortion limit, for --quantity rate; as --rate.")]
LabelEntropy = Annotated[
    str, typer.Option("--label-entropy", help="Limit C on the label's entropy in bits; as --rate.")
]
Perception = Annotated[str, typer.Option("--perception", help="Perception limit P; as --rate. 0: the exact target.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values instead of a table.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for each point instead of a table.")]
Plot = Annotated[Path | None, typer.Option("--plot", help="Write a picture: .svg, .png, .pdf or (to turn) .html.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the picture if it exists.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Print formula (LaTeX), reference, assumptions, units; no table.")
]
Printed = Annotated[bool, typer.Option("--printed", help="Beside the truth, the formula as the papers print it.")]


@dataclass(frozen=True)
class Output:
    """Where the numbers go."""

    csv: bool
    json: bool
    plot: Path | None
    overwrite: bool


@dataclass(frozen=True, eq=False)
class Grid:
    """The limits of one call, broadcast to a grid of the (at most two) that vary."""

    names: tuple[str, ...]
    limits: dict[str, Array]
    shape: tuple[int, ...]


@app.command()
def bernoulli(
    source: Annotated[float, typer.Option("--source", help="P(X = 1).")] = 0.5,
    target: Annotated[float, typer.Option("--target", help="P(Y = 1).")] = 0.5,
    label_noise: Annotated[float, typer.Option("--label-noise", help="S = X xor Bern(this).")] = 0.1,
    quantity: Quantity = "distortion",
    rate: Rate = "0:1:101",
    distortion: Distortion = "0:0.5:101",
    label_entropy: LabelEntropy = "inf",
    perception: Perception = "0",
    divergence: Annotated[str, typer.Option("--divergence", help="Perception measure: tv, kl or w1.")] = "tv",
    label_given: Annotated[str, typer.Option("--label-given", help="The label is guessed from y,u or from y.")] = "y,u",
    dependence: Annotated[
        str, typer.Option("--dependence", help="For information: best, positive or negative.")
    ] = "best",
    with_printed: Printed = False,
    csv: Csv = False,
    json: Json = False,
    plot: Plot = None,
    overwrite: Overwrite = False,
    explain: Explain = False,
) -> None:
    """One-shot trade-offs of a binary source and a binary target, closed forms.

    Example: crosscodec tradeoff bernoulli --source 0.3 --target 0.4 --rate 0:1:101 --plot drc.svg
    """
    if explain:
        return _print_explanation(f"bernoulli-{quantity}")
    problem = BernoulliTransport(source, target, label_noise)
    options = {"divergence": divergence, "label_given": label_given}
    if quantity == "information":
        grid = _grid(rate=rate, label_entropy=label_entropy)
        found: Any = problem.information(**grid.limits, dependence=dependence, label_given=label_given)
    else:
        grid = _grid_for(quantity, rate, distortion, label_entropy, perception)
        found = getattr(problem, quantity)(**grid.limits, **options)
    beside = None
    if with_printed and quantity == "information":
        beside = printed.coupling_information(source, target, grid.limits["rate"])
    elif with_printed and quantity == "distortion":
        beside = printed.bernoulli_distortion(
            source, target, label_noise, grid.limits["rate"], grid.limits["label_entropy"]
        )
    title = f"Bern({source:g}) to Bern({target:g}), label noise {label_noise:g}"
    _emit(title, quantity, grid, found, beside, Output(csv, json, plot, overwrite))


@app.command()
def gaussian(
    source_mean: Annotated[float, typer.Option("--source-mean", help="Mean of X.")] = 0.0,
    source_std: Annotated[float, typer.Option("--source-std", help="Standard deviation of X.")] = 1.0,
    target_mean: Annotated[float, typer.Option("--target-mean", help="Mean of the target.")] = 0.0,
    target_std: Annotated[float, typer.Option("--target-std", help="Standard deviation of the target.")] = 1.0,
    label_correlation: Annotated[float, typer.Option("--label-correlation", help="Correlation of S and X.")] = 0.7,
    label_std: Annotated[float, typer.Option("--label-std", help="Standard deviation of S.")] = 1.0,
    quantity: Quantity = "distortion",
    rate: Rate = "0:3:101",
    distortion: Distortion = "0:2:101",
    label_entropy: LabelEntropy = "inf",
    perception: Perception = "0",
    divergence: Annotated[str, typer.Option("--divergence", help="Perception measure: w2 (squared) or kl.")] = "w2",
    with_printed: Printed = False,
    csv: Csv = False,
    json: Json = False,
    plot: Plot = None,
    overwrite: Overwrite = False,
    explain: Explain = False,
) -> None:
    """Asymptotic trade-offs of a scalar Gaussian source and a Gaussian target, closed forms.

    Example: crosscodec tradeoff gaussian --target-std 1.5 --rate 0:3:61 --perception 0:1:41 --plot drpc.html
    """
    if explain:
        return _print_explanation(f"gaussian-{quantity}")
    start, end = Normal(source_mean, source_std), Normal(target_mean, target_std)
    problem = GaussianTransport(start, end, label_correlation, label_std)
    grid = _grid_for(quantity, rate, distortion, label_entropy, perception)
    found = getattr(problem, quantity)(**grid.limits, divergence=divergence)
    beside = None
    if with_printed and quantity == "distortion":
        nats = np.minimum(grid.limits["label_entropy"], 1e6) * np.log(2)
        covariance = label_correlation * source_std * label_std
        beside = printed.gaussian_distortion(start, end, covariance, label_std, grid.limits["rate"], nats)
    title = f"N({source_mean:g}, {source_std:g}²) to N({target_mean:g}, {target_std:g}²)"
    _emit(title, quantity, grid, found, beside, Output(csv, json, plot, overwrite))


@app.command()
def finite(
    problem_file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help='JSON with "joint" P(s,x), "cost" d(x,y) and "target" P(y) (or null).'),
    ],
    quantity: Quantity = "distortion",
    rate: Rate = "0:1:11",
    distortion: Distortion = "inf",
    label_entropy: LabelEntropy = "inf",
    perception: Perception = "0",
    divergence: Annotated[str, typer.Option("--divergence", help="Perception measure: tv, kl or w1.")] = "tv",
    setting: Annotated[str, typer.Option("--setting", help="one-shot (H(Y|U)) or asymptotic (I(X;Y)).")] = "one-shot",
    label_given: Annotated[str, typer.Option("--label-given", help="The label is guessed from y,u or from y.")] = "y,u",
    csv: Csv = False,
    json: Json = False,
    plot: Plot = None,
    overwrite: Overwrite = False,
    explain: Explain = False,
) -> None:
    """Trade-offs of any finite alphabets, by solvers that certify their answers.

    Example: crosscodec tradeoff finite problem.json --rate 0:1.5:16 --setting asymptotic --csv
    """
    if explain:
        return _print_explanation("finite-distortion")
    problem = _read_problem(problem_file)
    if quantity == "information":
        grid = _grid(rate=rate, label_entropy=label_entropy)
        found = problem.information(**grid.limits)
    else:
        grid = _grid_for(quantity, rate, distortion, label_entropy, perception)
        options = {"divergence": divergence, "setting": setting, "label_given": label_given}
        found = getattr(problem, quantity)(**grid.limits, **options)
    title = f"{problem_file.stem}, {setting}"
    _emit(title, quantity, grid, found, None, Output(csv, json, plot, overwrite))


def _print_explanation(name: str) -> None:
    found = explained(name)
    for word, text in (("formula", found.latex), ("reference", found.reference), ("assumptions", found.assumptions)):
        typer.echo(f"{word}: {text}")
    typer.echo(f"units: {found.units}")


def _grid_for(quantity: str, rate: str, distortion: str, label_entropy: str, perception: str) -> Grid:
    """Return the grid of the limits that the quantity takes."""
    if quantity == "distortion":
        return _grid(rate=rate, label_entropy=label_entropy, perception=perception)
    if quantity == "rate":
        return _grid(distortion=distortion, label_entropy=label_entropy, perception=perception)
    raise UsageError(f"--quantity must be distortion, rate or (discrete sources) information, not {quantity!r}")


def _grid(**texts: str) -> Grid:
    values = {name: parse_limits(name, text) for name, text in texts.items()}
    varying = tuple(name for name, array in values.items() if array.size > 1)
    if len(varying) > 2:
        raise UsageError(f"at most two limits may vary, here {', '.join(varying)} do")
    shape = tuple(values[name].size for name in varying)
    mesh = np.meshgrid(*(values[name] for name in varying), indexing="ij")
    spread = dict(zip(varying, mesh, strict=True))
    limits = {name: spread.get(name, np.full(shape, array[0])) for name, array in values.items()}
    return Grid(varying, limits, shape)


def parse_limits(name: str, text: str) -> Array:
    """Return the limits that a text means: "0:1:101" (from, to, points), "0.1,0.4", "0.5" or "inf".

    UsageError: anything else, and what would be right.
    """
    try:
        if ":" in text:
            start, end, points = text.split(":")
            count = int(points)
            if count < 1:
                raise ValueError
            return np.linspace(float(start), float(end), count)
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        option = "--" + name.replace("_", "-")
        raise UsageError(f"{option} {text!r}: write a number, a list 0.1,0.4 or a range from:to:points") from None


def _read_problem(path: Path) -> FiniteTransport:
    try:
        record = json.loads(read_bytes(path, PROBLEM_LIMIT))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CorruptData(f"{path} is no JSON file: {error}") from error
    if not isinstance(record, dict) or not {"joint", "cost"} <= set(record):
        raise UsageError(
            f'{path} must be a JSON object with "joint", "cost" and optionally "target", "output_distance"'
        )
    return FiniteTransport(record["joint"], record.get("target"), record["cost"], record.get("output_distance"))


def _emit(title: str, quantity: str, grid: Grid, found: Tradeoff[Any], beside: Array | None, output: Output) -> None:
    """Print the points and write the picture."""
    if output.plot is not None:
        plots = load_module("crosscodec.report.tradeoff_plots")
        kind = plots.kind_of(output.plot)
        axes = [plots.Axis(LABELS[name], np.unique(grid.limits[name])) for name in grid.names]
        binding = np.asarray(found.binding, dtype=object)
        picture = plots.TradeoffPicture(
            title,
            LABELS[quantity],
            axes,
            np.asarray(found.value),
            binding,
            None if beside is None else np.asarray(beside),
        )
        write_atomically(output.plot, plots.draw_tradeoff(picture, kind), output.overwrite)
    if output.plot is not None and not (output.json or output.csv):
        return
    rows = _rows(quantity, grid, found, beside)
    if output.json:
        for row in rows:
            print_json(row)
    elif output.csv:
        typer.echo(_csv_text(rows), nl=False)
    else:
        cells = [
            [f"{v:.6g}" if isinstance(v, float) else "-" if v is None else str(v) for v in r.values()] for r in rows
        ]
        typer.echo(table_text(list(rows[0]), cells, left=0))


def _rows(
    quantity: str, grid: Grid, found: Tradeoff[Any], beside: Array | None
) -> list[dict[str, float | bool | str | None]]:
    """Return one record for each point of the grid, in its order."""

    def flat(values: Any) -> Any:
        return np.broadcast_to(values, grid.shape).ravel()

    feasible = flat(found.feasible)
    columns: dict[str, list[Any]] = {name: [_number(v) for v in flat(limit)] for name, limit in grid.limits.items()}
    name = quantity if quantity not in columns else "value"
    # A rate may be infinite; JSON has no infinity, so numbers that are not finite are left out or written as text.
    columns[name] = [_number(v) if fits else None for v, fits in zip(flat(found.value), feasible, strict=True)]
    if beside is not None:
        columns["printed"] = [_number(v) for v in flat(beside)]
    columns["feasible"] = [bool(v) for v in feasible]
    columns["binding"] = [str(v) for v in flat(np.asarray(found.binding, dtype=object))]
    columns["reason"] = [str(v) for v in flat(np.asarray(found.reason, dtype=object))]
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _number(value: Any) -> float | str | None:
    number = float(value)
    return None if np.isnan(number) else number if np.isfinite(number) else "inf"


def _csv_text(rows: list[dict[str, float | bool | str | None]]) -> str:
    stream = io.StringIO()
    writer: Any = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
