"""A lock that the operating system lets go of when its holder dies: how a run knows that nobody else works on it.

    with held(folder) as mine:      mine: True, or False when another process (of any machine that shares the folder)
        ...                         or another thread has it

No time-outs and no clocks: after a kill -9 the next process has the lock at once. Where the system has no such locks
(Windows, some network shares), everybody is told that it is theirs, and two sweeps of one folder are for the user to
avoid.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosscodec.extras import is_installed, load_module

LOCK = "lock"
_UNKNOWN = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL)


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder (which is there) for the block; whether it could be had."""
    if not is_installed("fcntl"):
        yield True
        return
    system = load_module("fcntl")
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            system.flock(handle, system.LOCK_EX | system.LOCK_NB)
            mine = True
        except BlockingIOError:
            mine = False
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            mine = True
        yield mine
    finally:
        os.close(handle)  # and the lock with it
