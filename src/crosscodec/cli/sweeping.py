"""`crosscodec sweep`: a grid of settings over one recipe, trained and measured by local processes or on a cluster."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from crosscodec.cli.options import DataFolder, OnExist
from crosscodec.cli.output import print_json, progress
from crosscodec.domains.degradation import parse_degradation
from crosscodec.errors import UsageError
from crosscodec.extras import load_module

app = typer.Typer(rich_markup_mode="markdown", add_completion=False)

DEFAULT_DEGRADATION = "noise:25"


@app.command()
def sweep(
    recipe: Annotated[
        Path,
        typer.Argument(
            metavar="RECIPE", help="Every setting that the grid leaves alone: a file or a name.", show_default=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Folder of the sweep: a folder for each run, and sweep.tsv."),
    ],
    grid: Annotated[
        list[str] | None,
        typer.Option(
            "--grid",
            "-g",
            metavar="KEY=VALUES,...",
            help="Settings and their values: v1,v2 or first:end (end left out); several with commas, or several times. "
            "One value sets it for all runs.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, max=256, help="So many worker processes here, of one thread each; else 1."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", metavar="ADDRESS", help="The scheduler of a Dask cluster in place of --jobs: tcp://HOST:8786."
        ),
    ] = None,
    retries: Annotated[
        int, typer.Option("--retries", min=0, max=100, help="How often a run that fails is tried again.")
    ] = 1,
    photos: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="SET|DIR",
            help="Measure photo packages on these clean pictures: builtin, kodak, ...; without it they are only "
            "trained. Transport packages are measured on the test split of their data.",
        ),
    ] = None,
    degradation: Annotated[
        str, typer.Option("--degradation", "-k", metavar="KIND", help="What happens to the pictures of --set.")
    ] = DEFAULT_DEGRADATION,
    quality: Annotated[
        list[int] | None,
        typer.Option("--quality", metavar="0..100", min=0, max=100, help="With --set: measure at these qualities."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="With --set: only the first so many pictures.")
    ] = None,
    data: DataFolder = None,
    on_exist: Annotated[
        OnExist,
        typer.Option(
            "--on-exist",
            help="Runs that are there: skip goes on (what is done is done), fail refuses, overwrite trains them anew.",
        ),
    ] = OnExist.SKIP,
    dry_run: Annotated[
        bool, typer.Option("--dry-run/--no-dry-run", help="List the runs and where each stands; start nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each run on stdout.")] = False,
) -> None:
    """Train and measure a grid of settings: many runs of one recipe, and one table.

    Every run has a folder in DIR with its state, checkpoints, package and scores; the table sweep.tsv gathers those
    that are done. The same command again goes on: finished runs stay, failed ones are tried again, and a run whose
    process was killed goes on from its last checkpoint. A run that fails does not stop the others; the exit code is 1
    then. Keys are section.key of the recipe, or a name that one section alone has; seed is training.seed. Needs the
    extras `learn` and `cluster`.

    **Examples**

    `crosscodec sweep mnist-superres --grid lambda_rate=0,0.01,0.1,seed=0:5 --out runs/a --jobs 4`

    `crosscodec sweep mnist-end-to-end --grid latents=2,3,4 --grid seed=0:3 --out runs/b --dry-run`

    `crosscodec sweep recipes/photo-denoise.toml --grid model.contexts=1,6 --set kodak --data data/ --out runs/c`

    `crosscodec sweep recipes/mnist-superres.toml --grid seed=0:50 --out /shared/d --cluster tcp://login1:8786`
    """
    if jobs is not None and cluster is not None:
        raise UsageError("--jobs are processes here, --cluster has workers of its own: give one of them")
    # Imported on use: this command's --help works without torch.
    running = load_module("crosscodec.sweep.run")
    wanted = running.Sweep(
        recipe=recipe,
        grid=tuple(grid or ()),
        out=out,
        cluster=cluster or f"local:{jobs or 1}",
        retries=retries,
        data=data,
        photos=_measure(photos, degradation, tuple(quality or ()), limit),
        existing=on_exist.value,
    )
    planned = running.planned_runs(wanted)
    if dry_run:
        _print_plan(planned, as_json)
        return
    failed = _followed(running.sweep_runs(wanted, planned), len(planned), as_json)
    if not as_json:
        print(f"{len(planned) - len(failed)} of {len(planned)} runs are done: {out / 'sweep.tsv'}")
    if failed:
        print(f"crosscodec: {len(failed)} of {len(planned)} runs are not done: {', '.join(failed)}", file=sys.stderr)
        raise typer.Exit(1)


def _measure(photos: str | None, degradation: str, qualities: tuple[int, ...], limit: int | None) -> Any:
    if photos is None:
        if qualities or limit is not None or degradation != DEFAULT_DEGRADATION:
            raise UsageError("--degradation, --quality and --limit say how --set is measured: give a set")
        return None
    if "=" in photos and not Path(photos).exists():
        raise UsageError(f"--set names photos to measure on; to set {photos} for all runs, say --grid {photos}")
    return load_module("crosscodec.sweep.work").PhotoMeasure(photos, parse_degradation(degradation), qualities, limit)


def _followed(ends: Any, total: int, as_json: bool) -> list[str]:
    """Print each run as it ends; the names of those that are not done."""
    failed = []
    with progress(total, "sweeping") as advance:
        for end in ends:
            advance()
            if end.status not in ("done", "kept"):
                failed.append(end.run.name)
            if as_json:
                print_json(_record(end.run) | _facts(end))
            elif end.error is None:
                print(f"{end.run.name}  {_words(end)}", flush=True)
            if end.error is not None:
                print(f"crosscodec: {end.run.name}: {end.error}", file=sys.stderr)
    return failed


def _record(run: Any) -> dict[str, Any]:
    return {"run": run.name, "id": run.id, "folder": str(run.folder), "settings": dict(run.settings)}


def _facts(end: Any) -> dict[str, Any]:
    facts = {"status": end.status, "attempts": end.attempts, "seconds": end.seconds}
    return facts if end.error is None else facts | {"error": end.error}


def _words(end: Any) -> str:
    if end.status == "elsewhere":
        return "another process works on it"
    if end.status == "kept":
        return "done before"
    again = f", {end.attempts} attempts" if end.attempts > 1 else ""
    return f"{end.status} in {end.seconds:,.1f} s{again}"


def _print_plan(planned: Any, as_json: bool) -> None:
    for entry in planned:
        status = "new" if entry.state is None else entry.state.status.value
        if as_json:
            print_json(
                _record(entry.run) | {"status": status, "finished": entry.finished, "command": entry.run.command}
            )
        else:
            print(f"{entry.run.name}  {status}  {' '.join(entry.run.overrides)}")
    left = sum(not entry.finished for entry in planned)
    if not as_json:
        print(f"{len(planned)} run{'' if len(planned) == 1 else 's'}, {left} to do")
