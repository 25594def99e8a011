"""One input or a folder of them: find them, work on each, write each whole or not at all, report each in order.

    IN  file | folder | -  ─► plan ─► Task(source, target) ─► work ─► Product ─► write whole ─► a line or a JSON object
    OUT file | folder | -

A single input that fails ends the command with the exit code of its error. In a batch the others go on, and the exit
code is 1.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from crosscodec.cli.lazy import one_line
from crosscodec.cli.output import print_json, progress
from crosscodec.cli.streams import STANDARD
from crosscodec.errors import CrosscodecError, InputMissing, OutputExists, OutputFailed, ResourceLimit, UsageError
from crosscodec.files import write_atomically


class OnExist(StrEnum):
    """What to do when an output is there already."""

    FAIL = "fail"
    SKIP = "skip"
    OVERWRITE = "overwrite"


@dataclass(frozen=True)
class Task:
    """One input and where its result goes; `index` counts the inputs of a batch in the order of their names."""

    source: str
    target: str
    index: int = 0


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


@dataclass(frozen=True)
class Plan:
    """The tasks of one command. `batch` says that IN is a folder, so that one failure does not end the rest."""

    tasks: tuple[Task, ...]
    batch: bool


def plan_tasks(source: str, target: str, suffix: str, accepted: Iterable[str], recursive: bool) -> Plan:
    """The tasks that IN and OUT mean; results end in `suffix` wherever their names are not given.

    Files of a folder are chosen by the extensions `accepted` (what they hold is decided by content), hidden ones left
    out. Raises InputMissing when there is nothing to do and UsageError when IN and OUT do not go together.
    """
    path = Path(source)
    if source == STANDARD or not path.is_dir():
        if source != STANDARD and not path.exists():
            raise InputMissing(f"{source} does not exist")
        if target != STANDARD and Path(target).is_dir():
            if source == STANDARD:
                raise UsageError(f"{target} is a folder; what comes from stdin needs the name of a file")
            target = str(Path(target) / (path.stem + suffix))
        return Plan((Task(source, target),), batch=False)
    if target == STANDARD:
        raise UsageError(f"{source} is a folder and cannot go to stdout; name a folder to write to")
    if Path(target).exists() and not Path(target).is_dir():
        raise UsageError(f"{source} is a folder, so {target} must be a folder too")
    return Plan(_folder_tasks(path, Path(target), suffix, frozenset(accepted), recursive), batch=True)


def run_plan(
    plan: Plan,
    work: Callable[[Task], Product],
    on_exist: OnExist = OnExist.FAIL,
    jobs: int = 1,
    as_json: bool = False,
    label: str = "working",
) -> None:
    """Do every task of a plan and report each on stdout (on stderr when stdout carries the result).

    `work` reads the input of a task and makes its product; with jobs > 1 it is called from several threads at once.
    Leaves through typer.Exit(1) when some of a batch failed, and raises the error of a single input.
    """
    _check_standard(plan, as_json)
    failed = 0
    with progress(len(plan.tasks), label) as advance:
        for outcome in _outcomes(plan, work, on_exist, jobs):
            advance()
            _report(outcome, as_json)
            if outcome.error is not None and not plan.batch:
                raise outcome.error
            if outcome.error is not None:
                print(f"crosscodec: {outcome.task.source}: {one_line(outcome.error)}", file=sys.stderr)
                failed += 1
    if failed:
        print(f"crosscodec: {failed} of {len(plan.tasks)} inputs failed", file=sys.stderr)
        raise typer.Exit(1)


def _folder_tasks(
    folder: Path, target: Path, suffix: str, accepted: frozenset[str], recursive: bool
) -> tuple[Task, ...]:
    entries = folder.rglob("*") if recursive else folder.iterdir()
    chosen = sorted(e for e in entries if e.suffix.lower() in accepted and not e.name.startswith(".") and e.is_file())
    if not chosen:
        deeper = "" if recursive else " directly; -r looks into its folders too"
        raise InputMissing(f"{folder} holds no file ending in {', '.join(sorted(accepted))}{deeper}")
    taken: dict[Path, Path] = {}
    for entry in chosen:
        result = (target / entry.relative_to(folder)).with_suffix(suffix)
        if result in taken:
            raise UsageError(
                f"{taken[result].name} and {entry.name} in {entry.parent} would both become {result}; rename one"
            )
        taken[result] = entry
    return tuple(Task(str(entry), str(result), index) for index, (result, entry) in enumerate(taken.items()))


def _check_standard(plan: Plan, as_json: bool) -> None:
    if plan.tasks[0].target != STANDARD:
        return
    if as_json:
        raise UsageError("--json and OUT - both want stdout; name a file to write to")
    if sys.stdout.isatty():
        raise UsageError("OUT - would fill the terminal with binary data; redirect it (... - > FILE) or name a file")


def _outcomes(plan: Plan, work: Callable[[Task], Product], on_exist: OnExist, jobs: int) -> Iterator[Outcome]:
    """The outcomes in the order of the tasks, up to `jobs` of them in the making."""
    if jobs == 1 or len(plan.tasks) == 1:
        yield from (_outcome(task, work, on_exist, plan.batch) for task in plan.tasks)
        return
    # Threads, not processes: ONNX Runtime, NumPy and Pillow work outside the interpreter lock, and one package is
    # loaded once.
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from pool.map(lambda task: _outcome(task, work, on_exist, plan.batch), plan.tasks)
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C: finish what is being written, start nothing more


def _outcome(task: Task, work: Callable[[Task], Product], on_exist: OnExist, batch: bool) -> Outcome:
    try:
        if task.target != STANDARD and Path(task.target).exists():
            if on_exist is OnExist.SKIP:
                return Outcome(task, "skipped")
            if on_exist is OnExist.FAIL:
                raise OutputExists(
                    f"{task.target} exists already; --on-exist skip or overwrite, or choose another name"
                )
        product = work(task)
        _write(task.target, product.data, on_exist is OnExist.OVERWRITE, batch)
    except OutputExists as error:
        # It may have appeared while we worked: with skip that is no failure.
        return Outcome(task, "skipped") if on_exist is OnExist.SKIP else Outcome(task, "failed", error=error)
    except CrosscodecError as error:
        return Outcome(task, "failed", error=error)
    except MemoryError:
        return Outcome(task, "failed", error=ResourceLimit(f"{task.source}: out of memory"))
    except OSError as error:
        return Outcome(task, "failed", error=OutputFailed(f"{task.source}: {error}"))
    return Outcome(task, "written", product)


def _write(target: str, data: bytes, overwrite: bool, batch: bool) -> None:
    if target == STANDARD:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if batch:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target, data, overwrite)


def _report(outcome: Outcome, as_json: bool) -> None:
    task, product, error = outcome.task, outcome.product, outcome.error
    if product is not None:
        for notice in product.notices:
            print(f"crosscodec: {task.source}: note: {notice}", file=sys.stderr)
    if as_json:
        record: dict[str, Any] = {"input": task.source, "output": task.target, "status": outcome.status}
        if product is not None:
            record |= product.facts | {"notices": list(product.notices)}
        if error is not None:
            record |= {"error": one_line(error), "kind": type(error).__name__, "exit_code": error.exit_code}
        print_json(record)
    elif product is not None:
        # Where stdout carries the result itself, the line for people goes to stderr.
        print(
            f"{task.source} -> {task.target}  {product.line}",
            file=sys.stderr if task.target == STANDARD else sys.stdout,
        )
    elif error is None:
        print(f"{task.source} -> {task.target}  skipped, it exists already")
