"""Which files IN means when it is a folder or a glob: one rule for every command that takes one.

    folder | "glob" ─► folders, links to folders among them, hidden ones not ─► files by their endings
                                                                           └► how many others there are, of what kind

What is hidden below the folder, or below the fixed part of the glob, is left out: any part of a path that begins with
".". All else is either taken or told: files of other kinds are counted, folders that cannot be read and OUT are named.
"""

import fnmatch
import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crosscodec.cli.inputs import STANDARD
from crosscodec.errors import InputMissing, OutputFailed, UsageError

MOST_KINDS = 6  # that are told one by one


@dataclass(frozen=True)
class Unread:
    """A folder that could not be looked into, and what the system said."""

    folder: Path
    why: str

    def __str__(self) -> str:
        return f"folder {self.folder} cannot be read: {self.why}"


@dataclass(frozen=True)
class Found:
    """The files to take, rising, without double ones; those that are not taken; what is said of folders: which could
    not be read, and which is where results go.
    """

    files: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    unread: tuple[Unread, ...] = ()
    out: Path | None = None

    def notices(self, result: str | None = None) -> tuple[str, ...]:
        """What was not taken, but for earlier results beside the inputs, which end in `result`."""
        out = () if self.out is None else (f"folder {self.out} is OUT; what it holds is not taken",)
        kinds = Counter(kind for path in self.others if (kind := _kind(path)) != result)
        if not kinds:
            return out
        often = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
        told = ", ".join(f"{kind} {count}" for kind, count in often[:MOST_KINDS])
        more = ", …" if len(kinds) > MOST_KINDS else ""
        count = sum(kinds.values())
        return (f"{count} file{'s' if count > 1 else ''} of other kinds not taken ({told}{more})", *out)


def named_as(source: str) -> Literal["file", "folder", "glob"]:
    """What IN is; "-" is a file, and a name that exists is that file or folder, whatever signs it has.

    Raises UsageError for an empty name, InputMissing or OutputFailed for one that leads nowhere.
    """
    if not source:
        raise UsageError("IN is empty; name a file or folder, or - (an unset variable?)")
    if source == STANDARD:
        return "file"
    try:
        os.stat(source)
    except OSError as error:
        if glob.has_magic(source):
            return "glob"
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise InputMissing(f"{source} does not exist") from None
        raise OutputFailed(f"{source} cannot be read: {error.strerror}") from None
    return "folder" if os.path.isdir(source) else "file"


def files_of(
    source: str, accepted: frozenset[str], recursive: bool, target: str | None = None, result: str | None = None
) -> Found:
    """The files of a folder or a glob, as `files_below` and `files_matching` find them.

    Raises InputMissing when there is none, with all that is known about why, and OutputFailed when nothing could be
    read; `result` as in `Found.notices`.
    """
    endings = ", ".join(sorted(accepted))
    if named_as(source) == "folder":
        found = files_below(Path(source), accepted, recursive, target)
        deeper = "" if recursive else " directly; -r looks into its folders too"
        nothing = f"{source} holds no file ending in {endings}{deeper}"
    else:
        found = files_matching(source, accepted, recursive, target)
        nothing = f"nothing that matches {source} is a file ending in {endings}"
    if not found.files and not found.others and found.unread:
        raise OutputFailed("; ".join(map(str, found.unread)))
    if not found.files:
        raise InputMissing("; ".join([nothing, *found.notices(result), *map(str, found.unread)]))
    return found


def base_of(source: str) -> Path:
    """The folder below which results mirror inputs: a folder itself, of a glob the folder above its first sign."""
    base = Path(source)
    while glob.has_magic(str(base)) and not os.path.exists(base):
        base = base.parent
    return base


def files_below(folder: Path, accepted: frozenset[str], recursive: bool, target: str | None = None) -> Found:
    """The files of a folder that end in one of `accepted`, with `recursive` those of its folders too.

    `target`, where results go, is left out when it lies inside: results are no inputs.
    """
    search = _Search(target)
    top = search.start(folder)
    return search.found(search.files_in([top], recursive), accepted)


def files_matching(pattern: str, accepted: frozenset[str], recursive: bool, target: str | None = None) -> Found:
    """The files that match a glob, and the files of folders that match; ** stands for any folders. Otherwise as
    `files_below`.
    """
    search, base = _Search(target), base_of(pattern)
    folders, files = {base: search.start(base)}, set[Path]()
    for part in Path(pattern).parts[len(base.parts) :]:
        if part == "**":
            inside = {inner.path: inner for folder in folders.values() for inner in search.below(folder)}
            folders, files = inside, {file for folder in inside.values() for file in search.look(folder)[1]}
            continue
        looked = [search.look(folder) for folder in folders.values()]
        matching = [inner for inside, _ in looked for inner in inside if fnmatch.fnmatch(inner.path.name, part)]
        folders = {inner.path: inner for inner in search.entered(matching)}
        files = {file for _, inside in looked for file in inside if fnmatch.fnmatch(file.name, part)}
    if pattern.endswith(("/", os.sep)):
        files = set()
    return search.found([*files, *search.files_in(folders.values(), recursive)], accepted)


@dataclass(frozen=True)
class _Folder:
    """A folder, where it really is, and where the folders on the way to it really are."""

    path: Path
    real: str
    above: frozenset[str]


class _Search:
    """Looks into folders, each once, and remembers what could not be read and whether it came by OUT."""

    def __init__(self, target: str | None) -> None:
        self._target = os.path.realpath(target) if target is not None and os.path.isdir(target) else None
        self._looked: dict[Path, tuple[list[_Folder], list[Path]]] = {}
        self._unread: list[Unread] = []
        self._out: Path | None = None

    def start(self, path: Path) -> _Folder:
        """The folder to begin with; it may be OUT."""
        return _Folder(path, os.path.realpath(path), frozenset())

    def look(self, folder: _Folder) -> tuple[list[_Folder], list[Path]]:
        """The folders and the files directly inside that are not hidden, by name."""
        if folder.path not in self._looked:
            self._looked[folder.path] = self._listed(folder)
        return self._looked[folder.path]

    def entered(self, folders: Iterable[_Folder]) -> Iterator[_Folder]:
        """These without OUT."""
        for folder in folders:
            if folder.real == self._target:
                self._out = folder.path
            else:
                yield folder

    def below(self, top: _Folder) -> Iterator[_Folder]:
        """A folder and all folders below it."""
        pending = [top]
        while pending:
            folder = pending.pop()
            yield folder
            pending += self.entered(self.look(folder)[0])

    def files_in(self, folders: Iterable[_Folder], recursive: bool) -> Iterator[Path]:
        """The files of these folders, with `recursive` of all below them."""
        for top in folders:
            for folder in self.below(top) if recursive else (top,):
                yield from self.look(folder)[1]

    def found(self, paths: Iterable[Path], accepted: frozenset[str]) -> Found:
        """What was found when these are the files that may be taken."""
        chosen = sorted(set(paths))
        taken = [path.suffix.lower() in accepted and os.path.isfile(path) for path in chosen]
        files = tuple(path for path, wanted in zip(chosen, taken, strict=True) if wanted)
        others = tuple(path for path, wanted in zip(chosen, taken, strict=True) if not wanted)
        return Found(files, others, tuple(self._unread), self._out)

    def _listed(self, folder: _Folder) -> tuple[list[_Folder], list[Path]]:
        try:
            with os.scandir(folder.path) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except OSError as error:
            self._unread.append(Unread(folder.path, error.strerror or str(error)))
            return [], []
        folders: list[_Folder] = []
        files: list[Path] = []
        above = folder.above | {folder.real}
        for path in (folder.path / name for name in names):
            if not os.path.isdir(path):
                files.append(path)
                continue
            real = os.path.realpath(path)
            # A link to a folder above itself would be followed round and round.
            if real not in above:
                folders.append(_Folder(path, real, above))
        return folders, files


def _kind(path: Path) -> str:
    broken = os.path.islink(path) and not os.path.exists(path)
    return "broken link" if broken else path.suffix.lower() or "no ending"
