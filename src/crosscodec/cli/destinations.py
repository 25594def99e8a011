"""What OUT means, and what is refused before any work: no result may take the place of an input, or have none."""

import os
from collections.abc import Iterable
from pathlib import Path

from crosscodec.cli.inputs import STANDARD
from crosscodec.errors import UsageError


def require_target(target: str) -> None:
    """Refuse an OUT without a name, which would be the current folder."""
    if not target:
        raise UsageError("OUT is empty; name a file or folder, or - (an unset variable?)")


def names_folder(target: str) -> bool:
    """Whether OUT is a folder, or is written like one."""
    return os.path.basename(target) in ("", os.curdir, os.pardir) or os.path.isdir(target)


def single_target(source: str, target: str, name: str, suffix: str, accepted: frozenset[str]) -> str:
    """Where the only result of an input goes: to OUT, or into the folder OUT under `name`.

    Raises UsageError for a folder where the input has no name, and for the name of an input (one that ends in
    `accepted`) where results are of another kind, which end in `suffix`.
    """
    require_target(target)
    if target == STANDARD:
        return target
    if names_folder(target):
        if source == STANDARD:
            raise UsageError(f"{target} is a folder; what comes from stdin needs the name of a file")
        return str(Path(target) / name)
    ending = Path(target).suffix.lower()
    if suffix not in accepted and ending in accepted:
        raise UsageError(f"{target} is named like an input, and the result is of another kind; let it end in {suffix}")
    return target


def require_folder(source: str, kind: str, target: str, endings: Iterable[str], instead: str = "") -> None:
    """Refuse an OUT that cannot hold the results of a folder, glob or pack: stdout, a file, or what is named like one
    and not there; `instead` tells what would make one file.
    """
    require_target(target)
    if target == STANDARD:
        raise UsageError(f"{source} is a {kind} and cannot go to stdout; name a folder to write to")
    if os.path.isdir(target):
        return
    if os.path.lexists(target):
        raise UsageError(f"{source} is a {kind}, so {target} must be a folder")
    if not names_folder(target) and Path(target).suffix.lower() in endings:
        raise UsageError(f"{source} is a {kind}, so {target} must be a folder, and is named like a file{instead}")


def require_kept(pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse to put a result in the place of an input, its own or another's: the original would be gone."""
    known = list(pairs)
    inputs = {place: source for source, _ in known if (place := _place(source)) is not None}
    for source, target in known:
        place = _place(target)
        lost = None if place is None else inputs.get(place)
        if lost == source:
            raise UsageError(f"{source} would be replaced by its own result; name another file or folder")
        if lost is not None:
            raise UsageError(f"{lost} is an input and would be replaced by the result of {source}; name another folder")


def obstacle(target: str, makes_folders: bool) -> str | None:
    """Why no file can be put there, as far as one can see without doing it; None when nothing is in the way.

    With `makes_folders` the folders above it need not be there.
    """
    path = Path(os.path.realpath(target) if os.path.islink(target) else target)
    folder = path.parent
    while makes_folders and not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not os.path.isdir(folder):
        return f"{folder} is no folder" if os.path.lexists(folder) else f"folder {folder} does not exist"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"nothing can be written into folder {folder}"
    try:
        # Where folders have yet to be made, that above them tells whether there can be such a name.
        os.stat(folder / path.name)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror
    return None if os.path.isfile(path) or folder != path.parent else "it is no regular file, and is not replaced"


def _place(name: str) -> tuple[int, int] | None:
    """What tells a file from others, whatever links lead to it; None for none."""
    try:
        state = os.stat(name)
    except OSError:
        return None
    # "-" is a stream, even where a file has that name.
    return None if name == STANDARD else (state.st_dev, state.st_ino)
