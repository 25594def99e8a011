"""What IN and OUT mean: a plan of tasks, each with one input and one output.

    IN  file | folder | "glob" | -  ─► Plan(tasks, batch) ─► Task(source, target, index) ...
    OUT file | folder |        | -

An OUT that ends in / is a folder, too, and folders of results are made where they are not there.

A folder is mirrored: what lies at IN/a/b.png goes to OUT/a/b.xcd. A glob is mirrored below its fixed part: of
"scans/*/page-?.png" that is scans/. Where two names differ in their endings alone, results keep them: b.png.xcd.
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crosscodec.cli.destinations import names_folder, require_folder, require_kept, single_target
from crosscodec.cli.folders import Unread, base_of, files_of, named_as
from crosscodec.errors import UsageError


@dataclass(frozen=True)
class Task:
    """One input and where its result goes; `index` counts the inputs of a batch in the order of their names."""

    source: str
    target: str
    index: int = 0


@dataclass(frozen=True)
class Plan:
    """The tasks of one command. `batch` says that IN is a folder or a glob, so that one failure does not end the
    rest; `makes_folders` that OUT is a folder, made with those in it where they are not there. `notices` tell what was
    not taken, `unread` which folders could not be looked into.
    """

    tasks: tuple[Task, ...]
    batch: bool
    makes_folders: bool = False
    notices: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()


def plan_tasks(source: str, target: str, suffix: str, accepted: Iterable[str], recursive: bool) -> Plan:
    """The tasks that IN and OUT mean; results end in `suffix` wherever their names are not given.

    Files of a folder or glob are chosen by the extensions `accepted` (what they hold is decided by content), hidden
    ones and those below OUT left out. Raises InputMissing when there is nothing to do and UsageError when IN and OUT do
    not go together.
    """
    wanted = frozenset(accepted)
    kind = named_as(source)
    if kind == "file":
        task = Task(source, single_target(source, target, Path(source).stem + suffix, suffix, wanted))
        require_kept([(task.source, task.target)])
        return Plan((task,), batch=False, makes_folders=names_folder(target))
    pack = "; encode --pack makes one file of many pictures"
    require_folder(source, kind, target, {suffix, *wanted}, pack)
    found = files_of(source, wanted, recursive, target, suffix)
    tasks = _mirrored(found.files, base_of(source), Path(target), suffix)
    require_kept((task.source, task.target) for task in tasks)
    if kind == "folder" and suffix in wanted and os.path.isdir(target) and os.path.samefile(source, target):
        raise UsageError(f"{source} is IN and OUT: results would be inputs of the next run; name another folder")
    return Plan(tasks, batch=True, makes_folders=True, notices=found.notices(suffix), unread=found.unread)


def _mirrored(chosen: tuple[Path, ...], base: Path, target: Path, suffix: str) -> tuple[Task, ...]:
    """A task for each file. Those that would meet in one result keep their whole names, all of them, so that it does
    not matter which comes first.
    """
    results = {entry: (target / entry.relative_to(base)).with_suffix(suffix) for entry in chosen}
    while meeting := _meeting(results, suffix):
        # Again: a whole name may be what another file's result is called.
        results |= {entry: results[entry].with_name(entry.name + suffix) for entry in meeting}
    return tuple(Task(str(entry), str(result), index) for index, (entry, result) in enumerate(results.items()))


def _meeting(results: dict[Path, Path], suffix: str) -> list[Path]:
    """Files whose results would be one and could be named in full; some file systems do not tell a.xcd from A.xcd."""
    times = Counter(str(result).casefold() for result in results.values())
    return [
        entry
        for entry, result in results.items()
        if times[str(result).casefold()] > 1 and result.name != entry.name + suffix
    ]
