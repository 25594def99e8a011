"""What IN and OUT mean: a plan of tasks, each with one input and one output.

    IN  file | folder | "glob" | -  ─► Plan(tasks, batch) ─► Task(source, target, index) ...
    OUT file | folder |        | -

A folder is mirrored: what lies at IN/a/b.png goes to OUT/a/b.xcd. A glob is mirrored below its fixed part: of
"scans/*/page-?.png" that is scans/.
"""

import glob
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
    rest.
    """

    tasks: tuple[Task, ...]
    batch: bool


def plan_tasks(source: str, target: str, suffix: str, accepted: Iterable[str], recursive: bool) -> Plan:
    """The tasks that IN and OUT mean; results end in `suffix` wherever their names are not given.

    Files of a folder or glob are chosen by the extensions `accepted` (what they hold is decided by content), hidden
    ones left out. A name that exists is that file or folder, whatever signs it has. Raises InputMissing when there is
    nothing to do and UsageError when IN and OUT do not go together.
    """
    path = Path(source)
    if source == STANDARD or (path.exists() and not path.is_dir()):
        return Plan((Task(source, _single_target(source, target, suffix)),), batch=False)
    if not path.exists() and not glob.has_magic(source):
        raise InputMissing(f"{source} does not exist")
    kind = "folder" if path.is_dir() else "glob"
    if target == STANDARD:
        raise UsageError(f"{source} is a {kind} and cannot go to stdout; name a folder to write to")
    if Path(target).exists() and not Path(target).is_dir():
        raise UsageError(f"{source} is a {kind}, so {target} must be a folder")
    wanted = frozenset(accepted)
    if path.is_dir():
        base, chosen = path, _files_in(path, wanted, recursive)
        deeper = "" if recursive else " directly; -r looks into its folders too"
        nothing = f"{source} holds no file ending in {', '.join(sorted(wanted))}{deeper}"
    else:
        base, chosen = _fixed_part(source), _matches(source, wanted, recursive)
        nothing = f"nothing that matches {source} is a file ending in {', '.join(sorted(wanted))}"
    if not chosen:
        raise InputMissing(nothing)
    return Plan(_mirrored(chosen, base, Path(target), suffix), batch=True)


def _single_target(source: str, target: str, suffix: str) -> str:
    if target == STANDARD or not Path(target).is_dir():
        return target
    if source == STANDARD:
        raise UsageError(f"{target} is a folder; what comes from stdin needs the name of a file")
    return str(Path(target) / (Path(source).stem + suffix))


def _files_in(folder: Path, accepted: frozenset[str], recursive: bool) -> list[Path]:
    entries = folder.rglob("*") if recursive else folder.iterdir()
    return sorted(entry for entry in entries if _is_wanted(entry, accepted))


def _matches(pattern: str, accepted: frozenset[str], recursive: bool) -> list[Path]:
    """Files that match, and the files of folders that match; ** stands for any folders."""
    found: set[Path] = set()
    for name in glob.glob(pattern, recursive=True):
        path = Path(name)
        found.update(_files_in(path, accepted, recursive) if path.is_dir() else [path])
    return sorted(path for path in found if _is_wanted(path, accepted))


def _is_wanted(path: Path, accepted: frozenset[str]) -> bool:
    return path.suffix.lower() in accepted and not path.name.startswith(".") and path.is_file()


def _fixed_part(pattern: str) -> Path:
    """The folder above the first part of a pattern that has a sign in it."""
    fixed = Path(pattern)
    while glob.has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _mirrored(chosen: list[Path], base: Path, target: Path, suffix: str) -> tuple[Task, ...]:
    taken: dict[Path, Path] = {}
    for entry in chosen:
        result = (target / entry.relative_to(base)).with_suffix(suffix)
        if result in taken:
            raise UsageError(
                f"{taken[result].name} and {entry.name} in {entry.parent} would both become {result}; rename one"
            )
        taken[result] = entry
    return tuple(Task(str(entry), str(result), index) for index, (result, entry) in enumerate(taken.items()))
