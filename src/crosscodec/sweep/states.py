"""What a run of a sweep says about itself: `state.json` in its folder, plain and written whole.

waiting ─► running ─┬─► done        package and scores are there
             ▲  │   └─► failed      error says why; the next call tries again
             └──┘ its process died: the next one goes on from the checkpoint
"""

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crosscodec.errors import CorruptData
from crosscodec.files import read_bytes, write_atomically

FILE = "state.json"


class Status(StrEnum):
    """Where a run stands. One whose process died stays "running" until it is taken up again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class RunState:
    """The record of a run. `settings` is what differs from the recipe, `command` trains it by hand.

    `attempts` counts all starts, `deaths` those of this call whose process ended without a word. `error` is the last
    one, None after success. `started` (the last start) and `finished` are UTC as ISO 8601; `seconds` are of all
    attempts that ended. `package` is a file name, set once training is over; `measured` says on what the scores are.
    """

    id: str
    settings: dict[str, Any]
    command: str
    status: Status = Status.WAITING
    attempts: int = 0
    deaths: int = 0
    error: str | None = None
    started: str | None = None
    finished: str | None = None
    seconds: float = 0.0
    host: str | None = None
    process: int | None = None
    package: str | None = None
    measured: str | None = None


def read_state(folder: Path) -> RunState | None:
    """The state in a folder, None when it holds none. Raises CorruptData when it is no such record."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        record = json.loads(read_bytes(path))
        return RunState(**(record | {"status": Status(record["status"])}))
    except (ValueError, TypeError, KeyError) as error:
        raise CorruptData(
            f"{path} is not the state of a run: {error}; remove it to start the run's record anew"
        ) from None


def write_state(folder: Path, state: RunState) -> RunState:
    """Write the state into its folder, whole, in place of the one before; the state again."""
    text = json.dumps(dataclasses.asdict(state), indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / FILE, text.encode(), overwrite=True)
    return state
