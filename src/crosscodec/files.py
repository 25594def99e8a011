"""Reading and writing whole files so that a killed process leaves the old file or none.

write_atomically: .name.<random>.part in the target folder ─► write ─► fsync ─► link (must be new) or rename (may
replace)
"""

import contextlib
import os
import secrets
import stat
from pathlib import Path

from crosscodec.errors import InputMissing, OutputExists, OutputFailed, ResourceLimit

DEFAULT_LIMIT = 2**31


def read_bytes(path: str | Path, limit: int = DEFAULT_LIMIT) -> bytes:
    """The content of a file of at most `limit` bytes.

    Reads one byte more than the limit at most, whatever the file system says about the size, so that pipes and devices
    are safe too. InputMissing: no such file, or a folder. OutputFailed: it cannot be read. ResourceLimit: it is longer.
    """
    target = Path(path)
    try:
        with target.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            # A file that says how long it is is refused before its bytes are in memory.
            data = source.read(limit + 1) if size <= limit else b""
    except FileNotFoundError:
        raise InputMissing(f"{target} does not exist") from None
    except NotADirectoryError:
        raise InputMissing(f"{target} does not exist: a part of its path is a file, not a folder") from None
    except IsADirectoryError:
        raise InputMissing(f"{target} is a folder; a file is needed") from None
    except OSError as error:
        raise OutputFailed(f"{target} cannot be read: {error.strerror or error}") from error
    if size > limit or len(data) > limit:
        raise ResourceLimit(f"{target} is longer than the limit of {limit} bytes")
    return data


def write_atomically(path: str | Path, data: bytes, overwrite: bool = False) -> None:
    """Write a whole file or nothing: temporary file in the same folder, fsync, then one step that makes it appear.

    Without `overwrite` an existing target is never touched, even when it appears meanwhile (OutputExists). With it, a
    regular file is replaced and keeps its permission bits; a symbolic link keeps pointing where it did. OutputFailed:
    anything else underneath.
    """
    target = Path(os.path.realpath(path)) if overwrite else Path(path)
    if not overwrite and os.path.lexists(target):
        raise OutputExists(_exists(target))
    try:
        mode = _replaceable_mode(target) if overwrite else None
        temporary = _write_beside(target, data, mode)
        try:
            if overwrite:
                os.replace(temporary, target)
            else:
                _appear(temporary, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        _sync_folder(target.parent)
    except FileExistsError:
        raise OutputExists(_exists(target)) from None
    except OutputFailed:
        raise
    except FileNotFoundError as error:
        raise OutputFailed(f"{target} cannot be written: folder {target.parent} does not exist") from error
    except OSError as error:
        raise OutputFailed(f"{target} cannot be written: {error.strerror or error}") from error


def _exists(target: Path) -> str:
    return f"{target} exists already; allow overwriting or choose another name"


def _replaceable_mode(target: Path) -> int | None:
    if not target.exists():
        return None
    state = target.stat()
    # Renaming over a device or a folder would remove it from the system.
    if not stat.S_ISREG(state.st_mode):
        raise OutputFailed(f"{target} is not a regular file and is not replaced")
    return stat.S_IMODE(state.st_mode)


def _write_beside(target: Path, data: bytes, mode: int | None) -> Path:
    # The name is cut so that the longest names a file system allows can be written too.
    temporary = target.parent / f".{target.name[:40]}.{secrets.token_hex(8)}.part"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        if mode is not None:
            temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _appear(temporary: Path, target: Path) -> None:
    try:
        # A link fails when the name is taken: no moment between looking and writing.
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:
        # File systems without hard links (FAT, some network shares): look, then rename. Whole files still, but two
        # writers that start within the same instant may replace one another there. On Windows the rename itself
        # refuses.
        if os.path.lexists(target):
            raise FileExistsError(str(target)) from None
        os.rename(temporary, target)


def _sync_folder(folder: Path) -> None:
    # Makes the new name itself survive a power cut, where the system lets a folder be opened.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
