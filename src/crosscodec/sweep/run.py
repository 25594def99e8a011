"""A whole sweep: plan, leave what is done, give the rest to workers, report each run as it ends, write the table.

    plan_runs ─► done already ──────────────────────────────────────────► "kept"
        └──────► waiting (state.json) ─► run_job on a Dask cluster ─► "done", "failed", "elsewhere"
                                                                        └─► OUT/sweep.tsv

There is no journal: the folders are the record. The same call again goes on where they stand, after Ctrl-C, a power
cut, or with another grid.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crosscodec.errors import OutputExists, OutputFailed
from crosscodec.learn.recipe import find_recipe
from crosscodec.learn.train import read_recipe
from crosscodec.sweep.cluster import map_unordered
from crosscodec.sweep.lock import LOCK, held
from crosscodec.sweep.plan import SweepRun, plan_runs
from crosscodec.sweep.states import FILE, RunState, Status, read_state, write_state
from crosscodec.sweep.table import write_table
from crosscodec.sweep.work import Ended, Job, PhotoMeasure, run_job, wanted_measure

JUDGES = "judges"
# Of processes on this machine: one thread each, threads that wait do not spin, and no bar of a single run.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CROSSCODEC_THREADS": "1",
    "TTY_COMPATIBLE": "0",
}


@dataclass(frozen=True)
class Sweep:
    """Everything a sweep depends on. `cluster` is an address as `sweep.cluster` takes it.

    `existing`: what to do with runs that are there: "skip" goes on (done runs stay), "fail" refuses, "overwrite" trains
    anew.
    """

    recipe: Path
    grid: tuple[str, ...]
    out: Path
    cluster: str = "local:1"
    retries: int = 1
    data: Path | None = None
    photos: PhotoMeasure | None = None
    existing: str = "skip"


@dataclass(frozen=True)
class Planned:
    """A run of a sweep and the state that its folder tells, None where there is none."""

    run: SweepRun
    state: RunState | None
    finished: bool


@dataclass(frozen=True)
class RunEnd:
    """How a run of a sweep ended: "kept" (it was done before), "done", "failed" (with error) or "elsewhere"."""

    run: SweepRun
    status: str
    attempts: int
    seconds: float
    error: str | None = None


def planned_runs(sweep: Sweep) -> list[Planned]:
    """The runs of a sweep as they stand; nothing is written. Errors as in `plan_runs`."""
    return [_planned(sweep, run) for run in plan_runs(sweep.recipe, sweep.grid, sweep.out)]


def sweep_runs(sweep: Sweep, planned: Sequence[Planned]) -> Iterator[RunEnd]:
    """Do what is left of the planned runs; each as it ends. The table is written at the end, whatever the end is.

    Raises OutputExists when runs are there and `existing` is "fail", UsageError (address of the cluster, or its extra
    is not installed) and OutputFailed (no scheduler answers).
    """
    there = [entry.run.name for entry in planned if entry.state is not None]
    if sweep.existing == "fail" and there:
        raise OutputExists(f"{sweep.out} holds {len(there)} of these runs already, for instance {there[0]}")
    sweep.out.mkdir(parents=True, exist_ok=True)
    try:
        yield from _ends(sweep, planned)
    finally:
        write_table(sweep.out)


def _planned(sweep: Sweep, run: SweepRun) -> Planned:
    state = read_state(run.folder)
    # The run's own recipe decides: a grid may name folders, or keep none of their pictures apart.
    measured = wanted_measure(read_recipe(sweep.recipe, list(run.overrides)), sweep.photos)
    return Planned(run, state, state is not None and _is_finished(run.folder, state, measured))


def _is_finished(folder: Path, state: RunState, measured: str) -> bool:
    """Whether nothing is left to do: its package is there, and scores of what they are wanted of."""
    there = state.package is not None and (folder / state.package).is_file()
    return state.status is Status.DONE and there and measured in ("", state.measured)


def _ends(sweep: Sweep, planned: Sequence[Planned]) -> Iterator[RunEnd]:
    jobs: dict[Job, SweepRun] = {}
    for entry in planned:
        run, state = entry.run, entry.state
        if entry.finished and sweep.existing != "overwrite" and state is not None:
            yield RunEnd(run, "kept", state.attempts, state.seconds)
        elif _made_ready(run, sweep.existing == "overwrite"):
            jobs[_job(sweep, run)] = run
        else:
            yield RunEnd(run, "elsewhere", 0 if state is None else state.attempts, 0.0)
    if not jobs:
        return
    for job, ended in map_unordered(sweep.cluster, run_job, list(jobs), _lost, ENVIRONMENT):
        yield RunEnd(jobs[job], ended.status, ended.attempts, ended.seconds, ended.error)


def _made_ready(run: SweepRun, anew: bool) -> bool:
    """Put a run in the queue by its state; False when a process works on it."""
    run.folder.mkdir(parents=True, exist_ok=True)
    with held(run.folder) as mine:
        if not mine:
            return False
        if anew:
            _empty(run.folder)
        state = read_state(run.folder) or RunState(run.id, dict(run.settings), run.command)
        write_state(run.folder, replace(state, status=Status.WAITING, deaths=0, error=None))
    return True


def _empty(folder: Path) -> None:
    """Remove what a run left. Raises OutputFailed for a folder that holds something, but no run."""
    inside = [entry for entry in folder.iterdir() if entry.name != LOCK]
    if inside and not (folder / FILE).is_file():
        raise OutputFailed(f"{folder} holds something that is no run of a sweep, and is not overwritten")
    for entry in inside:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _job(sweep: Sweep, run: SweepRun) -> Job:
    # Workers have folders of their own to stand in: every path is absolute.
    return Job(
        id=run.id,
        folder=run.folder.resolve(),
        recipe=find_recipe(sweep.recipe).resolve(),
        overrides=run.overrides,
        retries=sweep.retries,
        data=None if sweep.data is None else sweep.data.resolve(),
        photos=sweep.photos,
        judges=(sweep.out / JUDGES).resolve(),
    )


def _lost(job: Job, error: Exception) -> Ended:
    """What becomes of a run whose workers all died, or whose scheduler left."""
    text = f"no worker brought it to an end: {type(error).__name__}: {' '.join(str(error).split())}"
    state = read_state(job.folder)
    if state is None:
        return Ended(job.folder, "failed", error=text)
    with held(job.folder) as mine:
        if mine and state.status is not Status.DONE:
            state = write_state(job.folder, replace(state, status=Status.FAILED, error=text))
    return Ended(job.folder, "failed", state.attempts, state.seconds, text)
