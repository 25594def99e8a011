"""One function over many tasks on a Dask cluster: results in order, each once, whatever dies on the way.

    tasks ─► window of a few tasks a worker ─► scheduler ─► worker processes, on this machine or on many
                                                │ a worker dies: its tasks go to others, and if those die too,
    results, in the order of the tasks ◄────────┘ each is tried alone; `lost` says what becomes of the one that kills

Nothing is written on a worker: a task may run twice when its worker dies after the work and before the answer, but its
result arrives here once, and here it is written. Dask speaks pickle between its processes, as every cluster of this
kind; a scheduler that one does not trust is no address to give.
"""

import itertools
import logging
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from crosscodec.errors import OutputFailed, UsageError
from crosscodec.extras import load_module

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 4  # tasks in the making for each worker: enough to keep it busy, few enough to hold their results in memory
BLAMED = 8  # deaths of workers that a task which comes back unordered may have been near to
PATIENCE = 30  # seconds to wait for a scheduler and its first worker
LOST = "1 hour"  # a process of this machine that has not come back by then does not come back
_LOG = logging.getLogger(__name__)
REMOTE = ("tcp://", "tls://", "ws://", "wss://", "ucx://")


@dataclass(frozen=True)
class ClusterAddress:
    """Where the work is done: a scheduler's address, or (`remote` None) so many processes on this machine."""

    remote: str | None
    workers: int | None = None  # None: one for each core


def parse_address(text: str) -> ClusterAddress:
    """The address in "local", "local:4" or "tcp://host:8786". UsageError for any other."""
    if text.startswith(REMOTE):
        return ClusterAddress(text)
    kind, colon, count = text.partition(":")
    if kind == "local" and not colon:
        return ClusterAddress(None)
    if kind == "local" and count.isascii() and count.isdigit() and 1 <= int(count) <= 256:
        return ClusterAddress(None, int(count))
    raise UsageError(
        f"a cluster is 'local', 'local:N' (N = 1 to 256 processes here) or the address of a Dask scheduler such as "
        f"tcp://host:8786, not {text!r}"
    )


def map_tasks(
    address: str,
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    lost: Callable[[Task, Exception], Result],
) -> Iterator[Result]:
    """`function(task)` for every task, in order, each exactly once.

    `function` is importable on the workers and returns its failures; tasks and results can be pickled. What it raises
    all the same, and a task that kills its workers, becomes `lost(task, error)`. Tasks are taken from the iterable as
    workers become free. Raises UsageError (address, or the extra `cluster` is not installed) and OutputFailed (no
    scheduler or no worker answers).
    """
    wanted = parse_address(address)
    with _client(wanted, address) as client:
        submit = _submitter(client, function)
        pending: deque[tuple[Task, Any]] = deque()
        remaining = iter(tasks)
        while True:
            # Asked again each time: a cluster may grow while it works.
            ahead = AHEAD * max(1, sum(client.nthreads().values()))
            pending.extend((task, submit(task)) for task in itertools.islice(remaining, max(0, ahead - len(pending))))
            if not pending:
                return
            if not _worked_on(client):
                raise OutputFailed(f"the Dask scheduler at {address} has no worker after {PATIENCE} s")
            task, future = pending.popleft()
            if _killed(future):
                # Dask blames every task that the dead workers held. With nothing beside it, the blame is its own.
                load_module("distributed").wait([other for _, other in pending])
                future = submit(task)
            yield _result(task, future, lost)


def map_unordered(
    address: str,
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    lost: Callable[[Task, Exception], Result],
    environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[Task, Result]]:
    """`function(task)` for every task, each exactly once, with its task, as they are done: for hours, not for seconds.

    All tasks are given to the scheduler at once, so that a cluster that grows with its work sees all of it. The first
    worker may take hours to be granted: it is waited for, and the log says so. A task whose worker dies goes to
    another; as Dask blames those that only waited there too, it is `lost` after a few such rounds, and a `function`
    that kills should notice and return instead. `environment` is that of processes of this machine. UsageError as in
    `map_tasks`, OutputFailed when no scheduler answers.
    """
    with _client(parse_address(address), address, environment) as client:
        submit = _submitter(client, function)
        running = {submit(task): (task, 0) for task in tasks}
        if running and not _worked_on(client):
            _LOG.warning("the Dask scheduler at %s has no worker yet; the %d tasks wait for one", address, len(running))
        finished = load_module("distributed").as_completed(list(running))
        for future in finished:
            task, rounds = running.pop(future)
            try:
                result: Result = future.result()  # lies on its worker until now, and is computed again if that dies
            except Exception as error:
                if type(error).__name__ == "KilledWorker" and rounds < BLAMED:
                    again = submit(task)
                    running[again] = (task, rounds + 1)
                    finished.add(again)
                    continue
                result = lost(task, error)
            yield task, result


def _submitter(client: Any, function: Callable[[Task], Result]) -> Callable[[Task], Any]:
    # pure=False: equal tasks are two tasks, not one result used twice.
    return lambda task: client.submit(function, task, pure=False)


def _killed(future: Any) -> bool:
    error = future.exception()  # waits until the task is done
    return error is not None and type(error).__name__ == "KilledWorker"


def _result(task: Task, future: Any, lost: Callable[[Task, Exception], Result]) -> Result:
    try:
        result: Result = future.result()
    except Exception as error:
        return lost(task, error)
    return result


@contextmanager
def _client(wanted: ClusterAddress, text: str, environment: Mapping[str, str] | None = None) -> Iterator[Any]:
    """A client of the scheduler, or of processes that live as long as the block."""
    distributed = load_module("distributed")
    if wanted.remote is None:
        with (
            _interrupts_blocked() as released,
            # A process that dies is started again, but after 15 s without it Dask gives up its place for good: on a
            # machine with much to do the start takes longer, and the last place lost is a batch that waits for ever.
            load_module("dask.config").set({"distributed.deploy.lost-worker-timeout": LOST}),
            distributed.LocalCluster(
                n_workers=wanted.workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=":0",  # any free port: two batches at a time are no conflict
                # A picture takes what it takes: Dask's limit would kill and repeat the work on it for ever.
                memory_limit=0,
                env=dict(environment or {}),
                silence_logs=logging.CRITICAL,
            ) as cluster,
        ):
            released()
            with distributed.Client(cluster) as client:
                yield client
        return
    try:
        client = distributed.Client(wanted.remote, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise OutputFailed(f"no Dask scheduler answers at {text}: {error}") from error
    with client:
        yield client


@contextmanager
def _interrupts_blocked() -> Iterator[Callable[[], None]]:
    """Ctrl-C is blocked in this thread until what is given is called, or the block ends, and for good in threads and
    processes that begin before.

    A terminal sends it to all processes: workers would end in tracebacks of their own, where this process ends them
    all. (Windows has no such mask.)
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield lambda: None
        return
    resource_tracker.ensure_running()  # with the first process, and it would leave Ctrl-C unblocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    try:
        yield release
    finally:
        release()


def _worked_on(client: Any) -> bool:
    """Whether a worker is there, or comes within PATIENCE. Asked after tasks are given: some clusters wait for them."""
    if client.nthreads():
        return True
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        return False
    return True
