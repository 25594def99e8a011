"""Work on every task of a plan: write each result whole or not at all, report each in order, survive failures.

    Plan ─► work(task), in this thread, in threads, or on a cluster ─► Product ─► write whole ─► a line or a JSON object

A single input that fails ends the command with the exit code of its error. In a batch the others go on, and the exit
code is 1. An interrupted batch is resumed with --on-exist skip: outputs appear whole or not at all, so that those that
are there are done, and no journal is needed.
"""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import typer

from crosscodec.cli.destinations import obstacle
from crosscodec.cli.inputs import STANDARD
from crosscodec.cli.options import OnExist
from crosscodec.cli.output import error_facts, failure_text, naming, print_json, progress
from crosscodec.cli.plans import Plan, Task, plan_tasks
from crosscodec.errors import CrosscodecError, InputMissing, OutputExists, OutputFailed, ResourceLimit, UsageError
from crosscodec.files import write_atomically
from crosscodec.sweep.cluster import map_tasks

__all__ = ["OnExist", "Outcome", "Plan", "Product", "Task", "plan_tasks", "recorded", "run_plan", "waiting"]


@dataclass(frozen=True)
class Product:
    """What the work on one input gave: the bytes to write, facts for --json, a line for people, notices for stderr."""

    data: bytes
    line: str
    facts: dict[str, Any] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How one task ended: status "written", "skipped" or "failed" (then with `error`)."""

    task: Task
    status: str
    product: Product | None = None
    error: CrosscodecError | None = None


Work = Callable[[Task], Product]
Made = Product | CrosscodecError


def run_plan(
    plan: Plan,
    work: Work,
    on_exist: OnExist = OnExist.FAIL,
    jobs: int = 1,
    as_json: bool = False,
    label: str = "working",
    cluster: str | None = None,
) -> None:
    """Do every task of a plan and report each on stdout (on stderr when stdout carries the result).

    `work` reads the input of a task and makes its product; with jobs > 1 it is called from several threads at once,
    with `cluster` (`sweep.cluster`) in other processes, where it must be importable. Leaves through typer.Exit(1) when
    some of a batch failed, and raises the error of a single input.
    """
    _check_standard(plan, as_json, cluster)
    for notice in plan.notices:
        print(f"crosscodec: note: {notice}", file=sys.stderr)
    for unread in plan.unread:
        print(f"crosscodec: {unread}", file=sys.stderr)
        if as_json:
            print_json(_record(str(unread.folder), None, "failed", OutputFailed(str(unread))))
    failed = 0
    with progress(len(plan.tasks), label) as advance:
        for outcome in _outcomes(plan, work, on_exist, jobs, cluster):
            advance()
            _report(outcome, as_json)
            if outcome.error is not None and not plan.batch:
                with naming(outcome.task.source):
                    raise outcome.error
            if outcome.error is not None:
                print(f"crosscodec: {failure_text(outcome.task.source, outcome.error)}", file=sys.stderr)
                failed += 1
    if failed:
        print(f"crosscodec: {failed} of {len(plan.tasks)} inputs failed", file=sys.stderr)
    if failed or plan.unread:
        raise typer.Exit(1)


@contextmanager
def recorded(source: str, target: str, as_json: bool) -> Iterator[None]:
    """An error in this block, where there is no plan yet and so no task to report, is a record of --json all the same:
    that of IN.
    """
    try:
        yield
    except CrosscodecError as error:
        if as_json and target != STANDARD:
            print_json(_record(source, target, "failed", error))
        raise


def waiting(plan: Plan, on_exist: OnExist) -> tuple[Task, ...]:
    """The tasks of a plan that there is work for: not those whose output is there, or cannot be written."""
    return tuple(task for task in plan.tasks if _settled(task, on_exist, plan.makes_folders) is None)


def _check_standard(plan: Plan, as_json: bool, cluster: str | None) -> None:
    if cluster is not None and plan.tasks[0].source == STANDARD:
        raise UsageError("--cluster reads files where its workers are; stdin is only here: name a file or leave it out")
    if plan.tasks[0].target != STANDARD:
        return
    if as_json:
        raise UsageError("--json and OUT - both want stdout; name a file to write to")
    if sys.stdout.isatty():
        raise UsageError("OUT - would fill the terminal with binary data; redirect it (... - > FILE) or name a file")


def _outcomes(plan: Plan, work: Work, on_exist: OnExist, jobs: int, cluster: str | None) -> Iterator[Outcome]:
    """The outcomes in the order of the tasks, up to `jobs` of them in the making."""
    if cluster is not None:
        yield from _cluster_outcomes(plan, work, on_exist, cluster)
        return
    finish = partial(_outcome, plan=plan, work=work, on_exist=on_exist)
    if jobs == 1 or len(plan.tasks) == 1:
        yield from map(finish, plan.tasks)
        return
    # Threads, not processes: ONNX Runtime, NumPy and Pillow work outside the interpreter lock, one package is loaded
    # once, and processes take longer to start than a small folder to code. --cluster local has processes.
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(finish, plan.tasks)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C: finish what is being written, start nothing more


def _cluster_outcomes(plan: Plan, work: Work, on_exist: OnExist, cluster: str) -> Iterator[Outcome]:
    """Workers make the products; they are written here, so that each is written once however often it was made."""
    settled = {task: outcome for task in plan.tasks if (outcome := _settled(task, on_exist, plan.makes_folders))}
    # A worker has a working folder of its own.
    distant = [replace(task, source=str(Path(task.source).resolve())) for task in plan.tasks if task not in settled]
    made = map_tasks(cluster, partial(_attempt, work, True), distant, _lost) if distant else iter(())
    for task in plan.tasks:
        if task in settled:
            yield settled[task]
            continue
        product = next(made)
        if isinstance(product, InputMissing):
            product = InputMissing(f"{product} on a worker; machines of a cluster must see the same folders")
        yield _written(task, product, on_exist, plan.makes_folders)


def _lost(task: Task, error: Exception) -> Made:
    if isinstance(error, CrosscodecError):  # raised while the task was unpacked: no such package there
        return error
    if type(error).__name__ == "KilledWorker":
        return ResourceLimit(f"{task.source}: every worker process that took it died; perhaps it needs more memory")
    return _unexpected(error)


def _outcome(task: Task, plan: Plan, work: Work, on_exist: OnExist) -> Outcome:
    settled = _settled(task, on_exist, plan.makes_folders)
    return settled or _written(task, _attempt(work, plan.batch, task), on_exist, plan.makes_folders)


def _settled(task: Task, on_exist: OnExist, makes_folders: bool) -> Outcome | None:
    """The outcome of a task that needs no work: its output is there, or could not be written afterwards."""
    if task.target == STANDARD:
        return None
    if on_exist is not OnExist.OVERWRITE and os.path.lexists(task.target):
        if on_exist is OnExist.SKIP:
            return Outcome(task, "skipped")
        advice = f"{task.target} exists already; --on-exist skip or overwrite, or choose another name"
        return Outcome(task, "failed", error=OutputExists(advice))
    stop = obstacle(task.target, makes_folders)
    return None if stop is None else Outcome(task, "failed", error=_unwritten(task, stop))


def _attempt(work: Work, batch: bool, task: Task) -> Made:
    """The product of a task, or why there is none. What nobody expected ends a single input, but not a batch."""
    try:
        return work(task)
    except CrosscodecError as error:
        return error
    except MemoryError:
        return ResourceLimit(f"{task.source}: out of memory")
    except OSError as error:
        return OutputFailed(f"{task.source}: {_reason(error)}")
    except Exception as error:
        if not batch:
            raise
        return _unexpected(error)


def _unwritten(task: Task, why: str) -> OutputFailed:
    return OutputFailed(f"{task.target} cannot be written: {why}")


def _reason(error: OSError) -> str:
    """What the system says, for people: without its number, with the file that it is about."""
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said


def _unexpected(error: Exception) -> CrosscodecError:
    return CrosscodecError(f"unexpected {type(error).__name__}: {error}; this is a fault of crosscodec, please report")


def _written(task: Task, made: Made, on_exist: OnExist, makes_folders: bool) -> Outcome:
    if isinstance(made, CrosscodecError):
        return Outcome(task, "failed", error=made)
    try:
        _write(task.target, made.data, on_exist is OnExist.OVERWRITE, makes_folders)
    except OutputExists as error:
        # It appeared while we worked: with skip that is no failure.
        return Outcome(task, "skipped") if on_exist is OnExist.SKIP else Outcome(task, "failed", error=error)
    except CrosscodecError as error:
        return Outcome(task, "failed", error=error)
    except OSError as error:
        return Outcome(task, "failed", error=_unwritten(task, _reason(error)))
    # Written bytes are let go: results wait here for slower ones before them.
    return Outcome(task, "written", replace(made, data=b""))


def _write(target: str, data: bytes, overwrite: bool, makes_folders: bool) -> None:
    if target == STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if makes_folders:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data, overwrite)


def _report(outcome: Outcome, as_json: bool) -> None:
    task, product, error = outcome.task, outcome.product, outcome.error
    if product is not None:
        for notice in product.notices:
            print(f"crosscodec: {task.source}: note: {notice}", file=sys.stderr)
    if as_json:
        facts = {} if product is None else product.facts | {"notices": list(product.notices)}
        print_json(_record(task.source, task.target, outcome.status, error) | facts)
    elif product is not None:
        # Where stdout carries the result itself, the line for people goes to stderr.
        print(
            f"{task.source} -> {task.target}  {product.line}",
            file=sys.stderr if task.target == STANDARD else sys.stdout,
        )
    elif error is None:
        print(f"{task.source} -> {task.target}  skipped, it exists already")


def _record(source: str, target: str | None, status: str, error: CrosscodecError | None) -> dict[str, Any]:
    """What every record of --json says of an input and of how it ended."""
    record = {"input": source, "output": target, "status": status}
    return record if error is None else record | error_facts(error)
