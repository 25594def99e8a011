"""`crosscodec simulate learned`: train the learned codec on a toy source and lay it beside the bound.

source, rates  ──►  crosscodec.toy: train, two processes, measure  ──►  table | json | tsv, exit code
"""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from crosscodec.cli.output import print_json, table_text
from crosscodec.extras import load_module

HEADER = ("source", "decoder", "payload", "model", "file", "distortion", "error", "bound", "gap", "error", "dB", "law")
DEFAULT_RATES = {"gaussian": (0.5, 1.0, 2.0, 3.0), "vector": (0.5, 1.0, 2.0, 3.0), "bernoulli": (0.2, 0.5)}

Rates = Annotated[
    list[float] | None,
    typer.Option("--rate", help="Bits a symbol; may be repeated. Default: 0.5, 1, 2, 3; for bernoulli 0.2, 0.5."),
]
Block = Annotated[int, typer.Option("--block", help="gaussian: how many numbers the networks see at once.")]
Quantiser = Annotated[
    str, typer.Option("--quantiser", help="gaussian: rounding (with dither), or vector (a codebook; fidelity alone).")
]
TargetMean = Annotated[float, typer.Option("--target-mean", help="gaussian: mean of the other law.")]
TargetStd = Annotated[float, typer.Option("--target-std", help="gaussian: standard deviation of the other law.")]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="Steps of training, in place of the usual 800.")]
Smoke = Annotated[bool, typer.Option("--smoke/--no-smoke", help="A few seconds of training and fewer symbols.")]
Symbols = Annotated[int | None, typer.Option("--n", min=1000, max=2**22, help="How many symbols to code.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Seed of training and of the samples.")]
Keep = Annotated[
    Path | None,
    typer.Option("--keep", metavar="DIR", help="Keep packages, samples, coded files and outputs in this folder."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE.tsv", help="Add the rows to this table.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a rate instead of a table.")]


def learned(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="gaussian, vector or bernoulli.")],
    rates: Rates = None,
    block: Block = 1,
    quantiser: Quantiser = "rounding",
    target_mean: TargetMean = 0.5,
    target_std: TargetStd = 1.5,
    steps: Steps = None,
    smoke: Smoke = False,
    symbols: Symbols = None,
    seed: Seed = 0,
    keep: Keep = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Train the learned codec on a toy source and measure how far from the bound it stays.

    Encoder, quantiser, tables and decoders are trained, exported as a package, and used by two processes: one encodes
    fresh samples into a file, the other decodes it. A point that beats the bound by more than three standard errors is
    a fault, and the exit code is 1. Needs the extra `learn`: `pip install 'crosscodec[learn]'`.

    **Examples**

    `crosscodec simulate learned gaussian --rate 1 --smoke`

    `crosscodec simulate learned gaussian --block 8 --out toy.tsv --keep runs/toy`

    `crosscodec simulate learned gaussian --block 8 --quantiser vector --rate 0.5`
    """
    # Imported on use: torch takes seconds to load, and the other simulations do without.
    settings_module, running, table = (load_module(f"crosscodec.toy.{name}") for name in ("settings", "run", "table"))
    asked: list[Any] = []
    for rate in rates or DEFAULT_RATES.get(source, (1.0,)):
        settings = settings_module.ToySettings(source, rate, block, quantiser, target_mean, target_std, seed)
        settings = settings_module.smoke(settings) if smoke else settings
        changes = {"steps": steps, "symbols": symbols}
        asked.append(dataclasses.replace(settings, **{key: value for key, value in changes.items() if value}))
    runs = []
    for settings in asked:
        name = f"{settings.source}-{settings.block}-{settings.quantiser}-{settings.rate:g}"
        folder = None if keep is None else keep / name
        run = running.toy_run(settings, folder)
        runs.append(run)
        if json:
            print_json(_record(run))
        if out is not None:
            table.add_to_table(out, [run])
    if not json:
        typer.echo(table_text(HEADER, [_cells(run, point) for run in runs for point in run.points]))
    complaints = [sentence for run in runs for sentence in run.complaints]
    for sentence in complaints:
        typer.echo(f"crosscodec: {sentence}", err=True)
    if complaints:
        raise typer.Exit(1)


def _record(run: Any) -> dict[str, Any]:
    points = [dataclasses.asdict(point) | {"gap_db": point.gap_db, "ok": not point.complaints} for point in run.points]
    for point in points:
        del point["rows"]  # they hold infinite bounds, which JSON does not
    return {"settings": run.settings.as_dict(), "train_seconds": run.train_seconds, "points": points}


def _cells(run: Any, point: Any) -> list[str]:
    rates = (f"{bits:.4f}" for bits in (point.bits_payload, point.bits_model, point.bits_file))
    found = (f"{point.distortion:.5f}", f"{point.distortion_error:.5f}", f"{point.bound:.5f}")
    law = "" if point.law_distance is None else f"{point.law_distance:.5f}"
    gap = (f"{point.gap_bits:+.4f}", f"{point.gap_error:.4f}", f"{point.gap_db:.2f}", law)
    return [run.settings.source, point.decoder, *rates, *found, *gap]
