"""What the tests of the cluster let workers do: functions that worker processes can import."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from crosscodec.cli.batch import Product, Task
from crosscodec.errors import CorruptData


@dataclass(frozen=True)
class Step:
    """Number `number` of a job whose workers leave notes in `folder`."""

    number: int
    folder: str
    seconds: float = 0.0


def square(step: Step) -> tuple[int, int]:
    """The square of the number and the process that made it, after a note of having started."""
    (Path(step.folder) / f"{step.number}.{os.getpid()}").touch()
    time.sleep(step.seconds)
    return step.number**2, os.getpid()


def die_once(step: Step) -> tuple[int, int]:
    """As `square`, but the first worker that takes number 3 is killed on it."""
    struck = Path(step.folder) / "struck"
    if step.number == 3 and not struck.exists():
        struck.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return square(step)


def die_always(step: Step) -> tuple[int, int]:
    """As `square`, but number 3 kills every worker that takes it, and number 4 raises."""
    if step.number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if step.number == 4:
        raise ValueError("four")
    return square(step)


@dataclass(frozen=True)
class Shout:
    """Work on a file: its content in capitals. "bad" is refused, "odd" is a fault, "kill" kills the worker once."""

    notes: str

    def __call__(self, task: Task) -> Product:
        """The product of one task."""
        data = Path(task.source).read_bytes()
        if b"bad" in data:
            raise CorruptData(f"bad: {task.source}")
        if b"odd" in data:
            raise ValueError("odd")
        struck = Path(self.notes) / "struck"
        if b"kill" in data and not struck.exists():
            struck.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Product(data.upper(), f"{len(data)} bytes", {"process": os.getpid()})


def surroundings(step: Step) -> tuple[str | None, str | None]:
    """What the worker's environment says of threads."""
    return os.environ.get("OMP_WAIT_POLICY"), os.environ.get("OMP_NUM_THREADS")


def deaf(step: Step | None) -> bool:
    """Whether Ctrl-C is kept from this thread."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
