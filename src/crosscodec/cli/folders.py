"""Which files a folder means: one rule for every command that takes one.

    folder ─► its folders too with -r, links among them, hidden ones not ─► files by their endings
                                                                         └► how many others there are, and of what kind

Nothing is left out without a word: what has another ending is counted, and a folder that cannot be read is told.
"""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

MOST_KINDS = 6  # that are told one by one


@dataclass(frozen=True)
class Found:
    """The files to take, rising, without double ones; the endings of those that are not; folders that say nothing."""

    files: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    unread: tuple[str, ...] = ()

    def with_file(self, path: Path, accepted: frozenset[str]) -> "Found":
        """These and a file that was named."""
        if path.name.startswith("."):
            return self
        taken = path.suffix.lower() in accepted and path.is_file()
        return self.joined(Found((path,) if taken else (), () if taken else (path,)))

    def joined(self, more: "Found") -> "Found":
        """These and more."""
        return Found(
            tuple(sorted({*self.files, *more.files})),
            tuple(sorted({*self.others, *more.others})),
            tuple(dict.fromkeys((*self.unread, *more.unread))),
        )

    def notices(self, result: str) -> tuple[str, ...]:
        """What was not taken, but for earlier results, which end in `result`."""
        kinds = Counter(path.suffix.lower() or "no ending" for path in self.others if path.suffix.lower() != result)
        if not kinds:
            return ()
        often = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
        told = ", ".join(f"{kind} {count}" for kind, count in often[:MOST_KINDS])
        more = ", …" if len(kinds) > MOST_KINDS else ""
        count = sum(kinds.values())
        return (f"{count} file{'s' if count > 1 else ''} of other kinds not taken ({told}{more})",)


def files_below(folder: Path, accepted: frozenset[str], recursive: bool, target: Path | None = None) -> Found:
    """The files of a folder that end in one of ``accepted``, with ``recursive`` those of its folders too.

    What is hidden below the folder is left out, and so is ``target``, where results go, when it lies inside: they are
    no inputs. Links to folders are followed, each folder once.
    """
    files: list[Path] = []
    others: list[Path] = []
    unread: list[str] = []
    seen = {folder.resolve()}
    out = None if target is None or not target.is_dir() else target.resolve()
    if out in seen:
        out = None
    for top, folders, names in os.walk(folder, onerror=lambda error: unread.append(_told(error)), followlinks=True):
        kept = []
        for name in sorted(folders):
            place = (Path(top) / name).resolve()
            if name.startswith(".") or place == out or place in seen:
                continue
            seen.add(place)
            kept.append(name)
        folders[:] = kept if recursive else []
        for name in names:
            path = Path(top) / name
            if not name.startswith("."):
                (files if path.suffix.lower() in accepted and path.is_file() else others).append(path)
    return Found(tuple(sorted(files)), tuple(sorted(others)), tuple(unread))


def _told(error: OSError) -> str:
    return f"folder {error.filename} cannot be read: {error.strerror}"
