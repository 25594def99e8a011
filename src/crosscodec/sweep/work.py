"""What a worker does for one run: train, or go on from the checkpoint; measure; say in state.json how it went.

    lock? ─no─► "elsewhere"
      │yes
    running ─► train_recipe ─► package ─► evaluate ─► scores.tsv ─► done
                 └─ an error: again, as often as allowed ─────────► failed

A worker may be killed at any line: the lock goes with it, the state stays "running", and the next worker goes on.
"""

import json
import os
import socket
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crosscodec.domains.degradation import Degradation
from crosscodec.domains.photos import photo_set
from crosscodec.errors import CrosscodecError, InputMissing, UsageError
from crosscodec.evaluate.labelled import FILE as SCORES
from crosscodec.evaluate.labelled import evaluate_labelled
from crosscodec.evaluate.photos import Evaluation, evaluate_photos
from crosscodec.files import read_bytes, write_atomically
from crosscodec.learn.train import AnyRecipe, read_recipe, train_recipe
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.sweep.lock import held
from crosscodec.sweep.states import RunState, Status, read_state, write_state

DEATHS = 3  # processes that a run may take with it in one call: more is the run's own fault
TEST_SPLIT = "test split"
# Of own folders, which have no test split.
HELD_OUT = "held-out pictures"
TRAINING = "training pictures"
PICTURES = "evaluation"  # folder of a photo evaluation inside the run's
_LONG = 120.0  # seconds in which a process that Dask has given up is surely gone, and its lock with it


@dataclass(frozen=True)
class PhotoMeasure:
    """What packages of photo recipes are measured on."""

    set: str
    degradation: Degradation
    qualities: tuple[int, ...] = ()
    limit: int | None = None

    def describe(self) -> str:
        """On what, in one line: another line is another measurement."""
        parts = [self.set, self.degradation.describe(), *(f"q{quality}" for quality in self.qualities)]
        return " ".join(parts if self.limit is None else [*parts, f"first {self.limit}"])


@dataclass(frozen=True)
class Job:
    """A run as it travels to a worker: plain values, and paths that both machines know."""

    id: str
    folder: Path
    recipe: Path
    overrides: tuple[str, ...]
    retries: int = 1
    data: Path | None = None
    photos: PhotoMeasure | None = None
    judges: Path | None = None


@dataclass(frozen=True)
class Ended:
    """How a run ended: status "done", "failed" (with error), or "elsewhere": another process works on it."""

    folder: Path
    status: str
    attempts: int = 0
    seconds: float = 0.0
    error: str | None = None


def run_job(job: Job) -> Ended:
    """Do a run, whatever state it is in, and return how it ended; errors of the run are returned, not raised."""
    waited = time.monotonic() + _LONG
    while True:
        with held(job.folder) as mine:
            if mine:
                return _run(job)
        if time.monotonic() > waited:
            state = read_state(job.folder)
            return Ended(job.folder, "elsewhere", 0 if state is None else state.attempts)
        time.sleep(0.1)


def wanted_measure(recipe: AnyRecipe, photos: PhotoMeasure | None) -> str:
    """What `measured` of a finished run of such a recipe says; "" for nothing."""
    if isinstance(recipe, TransportRecipe):
        if not recipe.data.folders:
            return TEST_SPLIT
        return HELD_OUT if recipe.data.held_out else TRAINING
    return "" if photos is None else photos.describe()


def _run(job: Job) -> Ended:
    state = read_state(job.folder)
    assert state is not None, "who plans a run writes its first state"
    if state.status is Status.DONE:  # a worker died between its work and its answer
        return _ended(job, state)
    state = replace(state, deaths=state.deaths + (state.status is Status.RUNNING))
    if state.deaths > DEATHS:
        error = f"its process died {state.deaths} times; perhaps it needs more memory"
        return _ended(job, write_state(job.folder, replace(state, status=Status.FAILED, error=error, finished=_now())))
    for left in range(job.retries, -1, -1):
        state, again = _attempt(job, state)
        if state.status is Status.DONE or not (again and left):
            break
    return _ended(job, state)


def _ended(job: Job, state: RunState) -> Ended:
    return Ended(job.folder, state.status.value, state.attempts, state.seconds, state.error)


def _attempt(job: Job, state: RunState) -> tuple[RunState, bool]:
    """Try once; the state after it, and whether another attempt could end otherwise."""
    started = time.monotonic()
    host, process = socket.gethostname(), os.getpid()
    state = replace(state, status=Status.RUNNING, attempts=state.attempts + 1, started=_now(), finished=None)
    state = write_state(job.folder, replace(state, host=host, process=process))

    def ended(state: RunState) -> RunState:
        seconds = round(state.seconds + time.monotonic() - started, 1)
        return write_state(job.folder, replace(state, finished=_now(), seconds=seconds))

    try:
        state = _trained_and_measured(job, state)
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, CrosscodecError):
            text = f"{type(error).__name__}: {text}"
        # What training reached is told by its files: read again, as the package may be there by now.
        reached = read_state(job.folder) or state
        failed = ended(replace(reached, status=Status.FAILED, error=text))
        return failed, not isinstance(error, UsageError | InputMissing)
    return ended(replace(state, status=Status.DONE, error=None)), False


def _trained_and_measured(job: Job, state: RunState) -> RunState:
    recipe = read_recipe(job.recipe, list(job.overrides))
    if recipe.identity() != job.id:
        raise UsageError(f"{job.recipe} is no longer what it was when the sweep began; start the sweep again")
    if state.package is None or not (job.folder / state.package).is_file():
        package = train_recipe(job.recipe, job.folder, [*job.overrides, *_shared(job, recipe)], True, job.data)
        state = write_state(job.folder, replace(state, package=package.name))
    assert state.package is not None, "it was there, or was made"
    if isinstance(recipe, TransportRecipe):
        _measure_labelled(job, recipe, job.folder / state.package)
    elif job.photos is not None:
        _measure_photos(job, job.photos, job.folder / state.package)
    return replace(state, measured=wanted_measure(recipe, job.photos))


def _shared(job: Job, recipe: AnyRecipe) -> list[str]:
    """Judges are functions of the data: runs of a sweep share them, unless the recipe says where they are."""
    if job.judges is None or not isinstance(recipe, TransportRecipe) or recipe.judges.folder:
        return []
    return [f"judges.folder={json.dumps(str(job.judges), ensure_ascii=False)}"]


def _measure_labelled(job: Job, recipe: TransportRecipe, package: Path) -> None:
    test = load_data(recipe.data, "test", job.data)
    name, seed = recipe.package.name, recipe.training.seed
    evaluate_labelled(test, package, job.folder, test.clean, seed, method=name, overwrite=True)


def _measure_photos(job: Job, wanted: PhotoMeasure, package: Path) -> None:
    out = job.folder / PICTURES
    evaluation = Evaluation(
        photos=photo_set(wanted.set, job.data),
        degradation=wanted.degradation,
        package=str(package),
        out=out,
        limit=wanted.limit,
        overwrite=True,
        qualities=wanted.qualities,
    )
    evaluate_photos(evaluation)
    write_atomically(job.folder / SCORES, read_bytes(out / SCORES), overwrite=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
