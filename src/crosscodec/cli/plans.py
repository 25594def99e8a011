"""What IN and OUT mean: a plan of tasks, each with one input and one output.

    IN  file | folder | "glob" | -  ─► Plan(tasks, batch) ─► Task(source, target, index) ...
    OUT file | folder |        | -

A folder is mirrored: what lies at IN/a/b.png goes to OUT/a/b.xcd. A glob is mirrored below its fixed part: of
"scans/*/page-?.png" that is scans/. Where two names differ in their endings alone, results keep them: b.png.xcd.
"""

import glob
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosscodec.cli.folders import Found, files_below
from crosscodec.cli.inputs import STANDARD
from crosscodec.errors import InputMissing, UsageError


@dataclass(frozen=True)
class Task:
    """One input and where its result goes; `index` counts the inputs of a batch in the order of their names."""

    source: str
    target: str
    index: int = 0


@dataclass(frozen=True)
class Plan:
    """The tasks of one command. `batch` says that IN is a folder or a glob, so that one failure does not end the
    rest. `notices` tell what was not taken, `unread` which folders could not be looked into.
    """

    tasks: tuple[Task, ...]
    batch: bool
    notices: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def plan_tasks(source: str, target: str, suffix: str, accepted: Iterable[str], recursive: bool) -> Plan:
    """The tasks that IN and OUT mean; results end in `suffix` wherever their names are not given.

    Files of a folder or glob are chosen by the extensions `accepted` (what they hold is decided by content), hidden
    ones and those below OUT left out. A name that exists is that file or folder, whatever signs it has. Raises
    InputMissing when there is nothing to do and UsageError when IN and OUT do not go together.
    """
    wanted = frozenset(accepted)
    if not source or not target:
        raise UsageError(f"{'IN' if not source else 'OUT'} is empty; name a file or folder, or - (an unset variable?)")
    path = Path(source)
    if source == STANDARD or (path.exists() and not path.is_dir()):
        task = Task(source, _single_target(source, target, suffix, wanted))
        _require_others((task,))
        return Plan((task,), batch=False)
    if not path.exists() and not glob.has_magic(source):
        raise InputMissing(f"{source} does not exist")
    kind = "folder" if path.is_dir() else "glob"
    _require_folder(source, kind, target, {suffix, *wanted})
    if path.is_dir():
        base, found = path, files_below(path, wanted, recursive, Path(target))
        deeper = "" if recursive else " directly; -r looks into its folders too"
        nothing = f"{source} holds no file ending in {', '.join(sorted(wanted))}{deeper}"
    else:
        base, found = _fixed_part(source), _matches(source, wanted, recursive, Path(target))
        nothing = f"nothing that matches {source} is a file ending in {', '.join(sorted(wanted))}"
    if not found.files:
        raise InputMissing("; ".join([nothing, *found.notices(suffix), *found.unread]))
    tasks = _mirrored(found.files, base, Path(target), suffix)
    _require_others(tasks)
    return Plan(tasks, batch=True, notices=found.notices(suffix), unread=found.unread)


def _single_target(source: str, target: str, suffix: str, accepted: frozenset[str]) -> str:
    if target == STANDARD:
        return target
    if not Path(target).is_dir():
        if target.endswith(("/", "\\")):
            raise UsageError(f"folder {target} does not exist; make it first, or name a file")
        if suffix not in accepted and Path(target).suffix.lower() in accepted:
            raise UsageError(f"{target} would hold a coded file under the name of a picture; let it end in {suffix}")
        return target
    if source == STANDARD:
        raise UsageError(f"{target} is a folder; what comes from stdin needs the name of a file")
    return str(Path(target) / (Path(source).stem + suffix))


def _require_folder(source: str, kind: str, target: str, endings: set[str]) -> None:
    """Refuse an OUT that is no folder, or that was meant for one file by its name."""
    if target == STANDARD:
        raise UsageError(f"{source} is a {kind} and cannot go to stdout; name a folder to write to")
    if Path(target).is_dir():
        return
    if Path(target).exists():
        raise UsageError(f"{source} is a {kind}, so {target} must be a folder")
    if Path(target).suffix.lower() in endings:
        raise UsageError(
            f"{source} is a {kind}, so {target} must be a folder, and is named like a file; encode --pack makes one "
            f"file of many pictures"
        )


def _require_others(tasks: tuple[Task, ...]) -> None:
    """Refuse to put a result in the place of its own input: the original would be gone."""
    for task in tasks:
        if STANDARD in (task.source, task.target) or not Path(task.target).exists():
            continue
        if Path(task.target).samefile(task.source):
            raise UsageError(f"{task.source} would be replaced by its own result; name another file or folder")


def _matches(pattern: str, accepted: frozenset[str], recursive: bool, target: Path) -> Found:
    """Files that match, and the files of folders that match; ** stands for any folders."""
    found, base, out = Found(), _fixed_part(pattern).resolve(), target.resolve()
    for path in map(Path, glob.glob(pattern, recursive=True)):
        # Results below what the pattern reaches are no inputs; beside the inputs they are told by their ending.
        if base in out.parents and out in (path.resolve(), *path.resolve().parents):
            continue
        below = path.is_dir()
        found = (
            found.joined(files_below(path, accepted, recursive, target)) if below else found.with_file(path, accepted)
        )
    return found


def _fixed_part(pattern: str) -> Path:
    """The folder above the first part of a pattern that has a sign in it."""
    fixed = Path(pattern)
    while glob.has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _mirrored(chosen: tuple[Path, ...], base: Path, target: Path, suffix: str) -> tuple[Task, ...]:
    plain = [(target / entry.relative_to(base)).with_suffix(suffix) for entry in chosen]
    times = Counter(plain)
    results = [
        result if times[result] == 1 else result.with_name(entry.name + suffix)
        for entry, result in zip(chosen, plain, strict=True)
    ]
    taken: dict[Path, Path] = {}
    for entry, result in zip(chosen, results, strict=True):
        if result in taken:
            raise UsageError(
                f"{taken[result].name} and {entry.name} in {entry.parent} would both become {result}; rename one"
            )
        taken[result] = entry
    return tuple(Task(str(entry), str(result), index) for index, (result, entry) in enumerate(taken.items()))
