"""Processes that train: started with the first trial, kept for all figures, started anew when one of them dies."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self

# Read by the torch of a process when it is loaded: one thread each, and threads that wait do not spin.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", "CROSSCODEC_THREADS": "1"}


class Workers:
    """At most `jobs` processes, which end with the block.

    A process loads torch and its exporter once (seven seconds on one core), whatever it is given afterwards.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._pool is None:
            return
        if kind is not None:  # what is under way may take hours, and goes on from its checkpoint another time
            for process in list(self._pool._processes.values()):
                process.terminate()
        self._pool.shutdown(cancel_futures=kind is not None)

    def submit(self, function: Callable[..., Any], *arguments: object) -> "Future[Any]":
        """Have it called in a process. A process that dies takes all that is under way with it (BrokenProcessPool)."""
        if self._pool is not None:
            try:
                return self._pool.submit(function, *arguments)
            except BrokenProcessPool:
                self._pool.shutdown()
        os.environ |= ENVIRONMENT
        # Not forked: a copy of a process with threads may wait for ever for a lock that no copied thread holds.
        self._pool = ProcessPoolExecutor(self.jobs, get_context("spawn"), initializer=_leave_interrupts)
        return self._pool.submit(function, *arguments)


def _leave_interrupts() -> None:
    # A terminal sends Ctrl-C to all processes: the one that was asked for the figures ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
