"""`crosscodec repro`: the papers' figures and tables, listed and made."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crosscodec.cli.options import DataFolder, Json
from crosscodec.cli.output import print_json, table_text
from crosscodec.errors import CrosscodecError
from crosscodec.extras import load_module

SUMMARY = "Reproduce the papers' figures and tables: data, training, real files, numbers, pictures, verdicts."

app = typer.Typer(no_args_is_help=True, help=SUMMARY)


@app.command("list")
def list_items(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Say also which are there, and at which scale.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Every figure and table of the papers: key, what it shows, where it is from, what data it needs.

    **Examples**

    `crosscodec repro list --out figures`
    """
    catalogue = load_module("crosscodec.repro.catalogue")
    there = {} if out is None else {f.key: f for f in load_module("crosscodec.report.figures").read_figures(out)}
    records = [_record(item, there.get(item.key)) for item in catalogue.ITEMS]
    if as_json:
        for record in records:
            print_json(record)
        return
    header = ["key", "shows", "paper", "data"] + (["made"] if out is not None else [])
    rows = [[r["key"], r["title"], r["paper"].partition(", ")[2], " ".join(r["sets"]) or "none"] for r in records]
    if out is not None:
        rows = [[*row, record["scale"] or "not yet"] for row, record in zip(rows, records, strict=True)]
    print(table_text(header, rows, left=len(header)))


@app.command()
def run(
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys of `crosscodec repro list`, or all.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder of the figures.")],
    scale: Annotated[
        str,
        typer.Option(
            "--scale", help="smoke: seconds, shows that all works; small: hours on two cores; full: as the papers, GPU."
        ),
    ] = "smoke",
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=1000, metavar="K", help="Seeds 1 to K.")] = 3,
    work: Annotated[
        Path | None,
        typer.Option("--work", metavar="DIR", help="Folder of trainings and coded files; without it that of --out."),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="Processes that train side by side.")] = 1,
    data: DataFolder = None,
    as_json: Json = False,
) -> None:
    """Make figures: KEY.tsv and KEY.json (numbers and verdicts), KEY.svg, and for trained ones KEY.scores.tsv.

    Trainings whose rows are in KEY.scores.tsv are not repeated, and one that was stopped goes on from its checkpoint:
    the same command completes what is missing. A figure that fails stops no other; the exit code is 1 then. Needs the
    extras `learn` and `evaluate`.

    **Examples**

    `crosscodec repro run all --out runs/smoke`

    `crosscodec repro run mnist-superres --scale small --seeds 3 --data data/ --jobs 2 --out figures --work runs`
    """
    catalogue, running = load_module("crosscodec.repro.catalogue"), load_module("crosscodec.repro.run")
    items = catalogue.ITEMS if keys == ["all"] else [catalogue.find(key) for key in dict.fromkeys(keys)]
    with load_module("crosscodec.repro.workers").Workers(jobs) as workers:
        request = load_module("crosscodec.repro.item").Request(scale, seeds, out, data, work, jobs, _say, workers)
        failed = [key for item in items if (key := _made(item, request, running, as_json))]
    if failed:
        typer.echo(f"crosscodec: {len(failed)} of {len(items)} figures are not whole: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _made(item: Any, request: Any, running: Any, as_json: bool) -> str:
    """Make one figure and print what it found; its key where something failed, else ""."""
    try:
        figure = running.reproduce(item, request)
    except CrosscodecError as error:
        typer.echo(f"crosscodec: {item.key}: {error}", err=True)
        return str(item.key)
    if as_json:
        record = {"key": figure.key, "made": figure.made, "claims": [vars(claim) for claim in figure.claims]}
        print_json(record | {"points": len(figure.points)})
    else:
        print(f"{figure.key}: {len(figure.points)} points, {figure.made['seconds']} s, {request.out / figure.key}.svg")
        for claim in figure.claims:
            verdict = {True: "holds", False: "fails", None: "not decided"}[claim.holds]
            print(f"  {verdict:11}  {claim.text}" + (f" ({claim.numbers})" if claim.numbers else ""))
    return str(item.key) if "failed" in figure.made else ""


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _record(item: Any, figure: Any) -> dict[str, Any]:
    record = {"key": item.key, "title": item.title, "paper": item.paper, "sets": list(item.sets)}
    return record | {"scale": None if figure is None else figure.made.get("scale")}
