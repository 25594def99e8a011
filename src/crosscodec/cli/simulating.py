"""`crosscodec simulate`: the plan of a trade-off as a code, run in two processes and measured against theory.

limits  ──►  trade-off of crosscodec.theory  ──►  its code in crosscodec.simulate  ──►  table | json, exit code

The command `learned` (learned.py) puts a trained codec in the place of the code.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosscodec.cli.learned import learned
from crosscodec.cli.output import bytes_text, print_json, table_text
from crosscodec.cli.tradeoff import read_problem
from crosscodec.errors import OutputFailed, UsageError
from crosscodec.simulate import simulate_gaussian, simulate_maps
from crosscodec.simulate.keeping import report_record
from crosscodec.simulate.rows import Report, Row
from crosscodec.theory import BernoulliTransport, GaussianTransport, Normal
from crosscodec.theory.tradeoff import Tradeoff

SUMMARY = "Turn the plan of a trade-off into a code, and measure it against theory in two processes."
HEADER = ("quantity", "theory", "measured", "difference", "standard error", "verdict")

app = typer.Typer(no_args_is_help=True, help=SUMMARY)

Rate = Annotated[float, typer.Option("--rate", help="Rate limit in bits a symbol, or inf.")]
LabelEntropy = Annotated[float, typer.Option("--label-entropy", help="Limit C on the label's entropy in bits.")]
Perception = Annotated[float, typer.Option("--perception", help="Perception limit P. 0: the exact target; inf: none.")]
Divergence = Annotated[str, typer.Option("--divergence", help="Perception measure: tv, kl or w1.")]
LabelGiven = Annotated[str, typer.Option("--label-given", help="The label is guessed from y,u or from y.")]
Symbols = Annotated[int, typer.Option("--n", min=1000, max=2**24, help="How many symbols to code.")]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, max=2**64 - 1, help="Seed of the source, and of the randomness both sides share."),
]
Keep = Annotated[
    Path | None, typer.Option("--keep", metavar="DIR", help="Keep samples, code, coded file and report in this folder.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.command()
def bernoulli(
    source: Annotated[float, typer.Option("--source", help="P(X = 1).")] = 0.5,
    target: Annotated[float, typer.Option("--target", help="P(Y = 1).")] = 0.5,
    label_noise: Annotated[float, typer.Option("--label-noise", help="S = X xor Bern(this).")] = 0.1,
    rate: Rate = 0.5,
    label_entropy: LabelEntropy = float("inf"),
    perception: Perception = 0.0,
    divergence: Divergence = "tv",
    label_given: LabelGiven = "y,u",
    symbols: Symbols = 10**6,
    seed: Seed = 0,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """A binary source by maps that the shared seed draws.

    **Examples**

    `crosscodec simulate bernoulli --source 0.4 --target 0.3 --label-noise 0.1 --rate 0.5 --n 1000000 --seed 1`
    """
    problem = BernoulliTransport(source, target, label_noise)
    found = problem.distortion(rate, label_entropy, perception, divergence, label_given)
    title = f"Bern({source:g}) to Bern({target:g}), label noise {label_noise:g}, rate {rate:g}"
    _say(simulate_maps(_plan(found), symbols, seed, title, _folder(keep)), json)


@app.command()
def finite(
    problem_file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help='JSON with "joint" P(s,x), "cost" d(x,y) and "target" P(y) (or null).'),
    ],
    rate: Rate = 0.5,
    label_entropy: LabelEntropy = float("inf"),
    perception: Perception = 0.0,
    divergence: Divergence = "tv",
    label_given: LabelGiven = "y,u",
    symbols: Symbols = 10**6,
    seed: Seed = 0,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """Any finite alphabets by maps that the shared seed draws; the problem file is that of `tradeoff finite`.

    **Examples**

    `crosscodec simulate finite problem.json --rate 0.5 --seed 1 --json`
    """
    problem = read_problem(problem_file)
    found = problem.distortion(rate, label_entropy, perception, divergence, label_given=label_given)
    title = f"{problem_file.stem}, rate {rate:g}"
    _say(simulate_maps(_plan(found), symbols, seed, title, _folder(keep)), json)


@app.command()
def gaussian(
    source: Annotated[
        str | None, typer.Option("--source", metavar="MEAN,STD", help="Law of X, in place of the next two.")
    ] = None,
    source_mean: Annotated[float, typer.Option("--source-mean", help="Mean of X.")] = 0.0,
    source_std: Annotated[float, typer.Option("--source-std", help="Standard deviation of X.")] = 1.0,
    target: Annotated[
        str | None, typer.Option("--target", metavar="MEAN,STD", help="Law of the target, in place of the next two.")
    ] = None,
    target_mean: Annotated[float, typer.Option("--target-mean", help="Mean of the target.")] = 0.0,
    target_std: Annotated[float, typer.Option("--target-std", help="Standard deviation of the target.")] = 1.0,
    label_correlation: Annotated[float, typer.Option("--label-correlation", help="Correlation of S and X.")] = 0.7,
    label_std: Annotated[float, typer.Option("--label-std", help="Standard deviation of S.")] = 1.0,
    rate: Rate = 1.0,
    label_entropy: LabelEntropy = float("inf"),
    perception: Perception = 0.0,
    divergence: Annotated[str, typer.Option("--divergence", help="Perception measure: w2 (squared) or kl.")] = "w2",
    quantiser: Annotated[
        str, typer.Option("--quantiser", help="scalar, or trellis: slower, and nearer to the bound.")
    ] = "scalar",
    symbols: Symbols = 10**6,
    seed: Seed = 0,
    keep: Keep = None,
    json: Json = False,
) -> None:
    """A Gaussian source by a dithered quantiser, output exactly normal.

    **Examples**

    `crosscodec simulate gaussian --source 0,1 --target 0,1 --rate 1 --quantiser trellis`

    `crosscodec simulate gaussian --target-std 1.5 --rate 2 --perception 0.1 --keep run`
    """
    start = _normal("--source", source, source_mean, source_std)
    end = _normal("--target", target, target_mean, target_std)
    problem = GaussianTransport(start, end, label_correlation, label_std)
    title = f"N({start.mean:g}, {start.std:g}²) to N({end.mean:g}, {end.std:g}²), {quantiser}, rate {rate:g}"
    limits = (label_entropy, perception, divergence)
    _say(simulate_gaussian(problem, rate, symbols, seed, *limits, quantiser, title, _folder(keep)), json)


app.command()(learned)


def _plan(found: Tradeoff[Any]) -> Any:
    if not found.feasible:
        raise UsageError(f"no code meets these limits: {found.reason}")
    return found.plan


def _normal(option: str, text: str | None, mean: float, std: float) -> Normal:
    if text is None:
        return Normal(mean, std)
    try:
        mean, std = map(float, text.split(","))
    except ValueError:
        raise UsageError(f"{option} {text!r}: write mean and standard deviation, for instance 0,1") from None
    return Normal(mean, std)


def _folder(keep: Path | None) -> Path | None:
    """The folder to keep files in, made if need be."""
    if keep is not None:
        try:
            keep.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputFailed(f"{keep} cannot be made: {error.strerror or error}") from error
    return keep


def _say(report: Report, json: bool) -> None:
    """Print the report; exit code 1 with a line on stderr where a row does not keep the plan."""
    if json:
        print_json(report_record(report))
    else:
        _print_table(report)
    for complaint in report.complaints:
        typer.echo(f"crosscodec: {complaint}", err=True)
    if report.complaints:
        raise typer.Exit(1)


def _cells(row: Row) -> list[str]:
    numbers = (f"{row.theory:.6f}", f"{row.measured:.6f}", f"{row.difference:+.6f}", f"{row.standard_error:.6f}")
    return [row.quantity, *numbers, row.verdict]


def _print_table(report: Report) -> None:
    rows = [_cells(row) for row in report.rows]
    facts = report.facts
    typer.echo(report.title)
    typer.echo(table_text(HEADER, rows))
    typer.echo(
        f"{bytes_text(int(facts['file_bytes']))} for {int(facts['symbols']):,} symbols: "
        f"{facts['file_bits_per_symbol']:.6f} bit each, all told; "
        f"encoder {facts['encode_seconds']:.2f} s, decoder {facts['decode_seconds']:.2f} s"
    )
