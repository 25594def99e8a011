"""`crosscodec tradeoff`: what is possible at best, as a table, a CSV, JSON or a picture.

limits as text  ──►  one trade-off function of crosscodec.theory  ──►  table | csv | json | plot
tradeoff_limits                                                        tradeoff_output
tradeoff_demands: limits of several demands, side by side, for one encoder
"""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from crosscodec.cli.tradeoff_demands import QUANTITY as UNIVERSAL
from crosscodec.cli.tradeoff_demands import demands_of, emit_universal
from crosscodec.cli.tradeoff_limits import LIMITS, Grid, grid_for, option
from crosscodec.cli.tradeoff_output import Output, emit
from crosscodec.errors import CorruptData, UsageError
from crosscodec.files import read_bytes
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal, printed
from crosscodec.theory.explain import explain as explained

app = typer.Typer(no_args_is_help=True, help="What is possible at best: rate, distortion, perception, classification.")

# Problem files are small tables.
PROBLEM_LIMIT = 2**24

Quantity = Annotated[
    str,
    typer.Option(
        "--quantity",
        help="What to compute: distortion, rate, (discrete) information, or universal: the rate of one encoder for "
        "several demands, whose limits stand side by side in lists.",
    ),
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


def _require(context: typer.Context, quantity: str, allowed: tuple[str, ...], *idle: str) -> None:
    """Refuse another quantity, and whatever was asked for on the command line that this quantity does not take: limits
    of others, and the parameters ``idle``.
    """
    if quantity not in allowed:
        raise UsageError(f"--quantity must be one of {', '.join(allowed)}, not {quantity!r}")
    takes = LIMITS[quantity]
    unused = [name for names in LIMITS.values() for name in names if name not in takes]
    for name in dict.fromkeys([*unused, *idle]):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            limits = ", ".join(map(option, takes))
            raise UsageError(f"{option(name)} says nothing to --quantity {quantity}, which is limited by {limits}")


def _require_printed(quantity: str, allowed: tuple[str, ...]) -> None:
    """Refuse a comparison with what the papers do not print."""
    if quantity not in allowed:
        raise UsageError(
            f"--printed is for --quantity {' or '.join(allowed)}: the papers print no formula of {quantity}"
        )


def _require_exact_target(grid: Grid) -> None:
    """Refuse a comparison with formulas that are printed for the exact target alone."""
    if (grid.limits.get("perception", np.zeros(1)) > 0).any():
        raise UsageError("--printed is for --perception 0: the papers print no formula with a perception limit")


def _universal(context: typer.Context, problem: Any, divergence: str, output: Output, **limits: str) -> None:
    """Print what one encoder costs for the demands in ``limits``; a distortion that was not asked for is no demand."""
    source = context.get_parameter_source("distortion")
    if source is None or source.name != "COMMANDLINE":
        limits["distortion"] = "inf"
    emit_universal(problem, demands_of(**limits), output, divergence)


@app.command()
def bernoulli(
    context: typer.Context,
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

    **Examples**

    `crosscodec tradeoff bernoulli --source 0.3 --target 0.4 --rate 0:1:101 --plot drc.svg`

    `crosscodec tradeoff bernoulli --quantity information --source 0.3 --target 0.4 --printed --plot mec.svg`

    `crosscodec tradeoff bernoulli --quantity universal --distortion 0.1,0.3 --label-entropy inf,0.6`
    """
    if explain:
        return _print_explanation(f"bernoulli-{quantity}")
    idle = {"information": ("divergence",), UNIVERSAL: ("dependence", "label_given")}
    _require(context, quantity, tuple(LIMITS), *idle.get(quantity, ("dependence",)))
    if with_printed:
        _require_printed(quantity, ("distortion", "information"))
    problem = BernoulliTransport(source, target, label_noise)
    output = Output(csv, json, plot, overwrite)
    if quantity == UNIVERSAL:
        demands = {"distortion": distortion, "label_entropy": label_entropy, "perception": perception}
        return _universal(context, problem, divergence, output, **demands)
    options = {"dependence": dependence} if quantity == "information" else {"divergence": divergence}
    grid = grid_for(quantity, rate=rate, distortion=distortion, label_entropy=label_entropy, perception=perception)
    found: Any = getattr(problem, quantity)(**grid.limits, **options, label_given=label_given)
    beside = None
    if with_printed:
        _require_exact_target(grid)
    if with_printed and quantity == "information":
        limits = (grid.limits["rate"], grid.limits["label_entropy"])
        beside = printed.coupling_information_labelled(source, target, label_noise, *limits)
    elif with_printed and quantity == "distortion":
        beside = printed.bernoulli_distortion(
            source, target, label_noise, grid.limits["rate"], grid.limits["label_entropy"]
        )
    title = f"Bern({source:g}) to Bern({target:g}), label noise {label_noise:g}"
    emit(title, quantity, grid, found, beside, output)


@app.command()
def gaussian(
    context: typer.Context,
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

    **Examples**

    `crosscodec tradeoff gaussian --target-std 1.5 --rate 0:3:61 --perception 0:1:41 --plot drpc.html`
    """
    if explain:
        return _print_explanation(f"gaussian-{quantity}")
    _require(context, quantity, ("distortion", "rate", UNIVERSAL))
    if with_printed:
        _require_printed(quantity, ("distortion",))
    start, end = Normal(source_mean, source_std), Normal(target_mean, target_std)
    problem = GaussianTransport(start, end, label_correlation, label_std)
    output = Output(csv, json, plot, overwrite)
    if quantity == UNIVERSAL:
        demands = {"distortion": distortion, "label_entropy": label_entropy, "perception": perception}
        return _universal(context, problem, divergence, output, **demands)
    grid = grid_for(quantity, rate=rate, distortion=distortion, label_entropy=label_entropy, perception=perception)
    found = getattr(problem, quantity)(**grid.limits, divergence=divergence)
    beside = None
    if with_printed:
        _require_exact_target(grid)
        nats = np.minimum(grid.limits["label_entropy"], 1e6) * np.log(2)
        covariance = label_correlation * source_std * label_std
        beside = printed.gaussian_distortion(start, end, covariance, label_std, grid.limits["rate"], nats)
    title = f"N({source_mean:g}, {source_std:g}²) to N({target_mean:g}, {target_std:g}²)"
    emit(title, quantity, grid, found, beside, output)


@app.command()
def finite(
    context: typer.Context,
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

    **Examples**

    `crosscodec tradeoff finite problem.json --rate 0:1.5:16 --setting asymptotic --csv`

    `crosscodec tradeoff finite problem.json --quantity universal --distortion 0.2,inf --label-entropy inf,0.5`
    """
    if explain:
        return _print_explanation(f"finite-{quantity}")
    options = {"divergence": divergence, "setting": setting, "label_given": label_given}
    idle = {"information": tuple(options), UNIVERSAL: ("setting", "label_given")}
    _require(context, quantity, tuple(LIMITS), *idle.get(quantity, ()))
    problem = read_problem(problem_file)
    output = Output(csv, json, plot, overwrite)
    if quantity == UNIVERSAL:
        demands = {"distortion": distortion, "label_entropy": label_entropy, "perception": perception}
        return _universal(context, problem, divergence, output, **demands)
    grid = grid_for(quantity, rate=rate, distortion=distortion, label_entropy=label_entropy, perception=perception)
    found = getattr(problem, quantity)(**grid.limits, **({} if quantity == "information" else options))
    title = f"{problem_file.stem}, {setting}"
    emit(title, quantity, grid, found, None, output)


def _print_explanation(name: str) -> None:
    found = explained(name)
    for word, text in (("formula", found.latex), ("reference", found.reference), ("assumptions", found.assumptions)):
        typer.echo(f"{word}: {text}")
    typer.echo(f"units: {found.units}")


def read_problem(path: Path) -> FiniteTransport:
    """The finite problem in a JSON file with joint, cost and target. Raises CorruptData or UsageError."""
    try:
        record = json.loads(read_bytes(path, PROBLEM_LIMIT))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CorruptData(f"{path} is no JSON file: {error}") from error
    if not isinstance(record, dict) or not {"joint", "cost"} <= set(record):
        raise UsageError(
            f'{path} must be a JSON object with "joint", "cost" and optionally "target", "output_distance"'
        )
    return FiniteTransport(record["joint"], record.get("target"), record["cost"], record.get("output_distance"))
