import os
import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children

import pytest

from crosscodec.repro.workers import ENVIRONMENT, Workers


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.setenv(name, "unset")


def test_processes_are_kept_and_know_how_many_threads_they_may_have():
    with Workers(1) as workers:
        processes = {workers.submit(os.getpid).result() for _ in range(3)}
        assert len(processes) == 1
        assert os.getpid() not in processes
        assert {name: workers.submit(os.getenv, name).result() for name in ENVIRONMENT} == ENVIRONMENT
    assert not {child.pid for child in active_children()} & processes


def test_one_that_dies_is_told_and_is_no_end():
    with Workers(1) as workers:
        with pytest.raises(BrokenProcessPool):
            workers.submit(os._exit, 1).result()
        assert workers.submit(os.getpid).result() != os.getpid()


def test_an_interrupt_waits_for_nothing():
    long = []

    def interrupted():
        with Workers(1) as workers:
            workers.submit(os.getpid).result()
            long.extend(workers.submit(time.sleep, 600) for _ in range(2))
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < 60
    assert [work.done() for work in long] == [True, True]


def test_none_is_started_for_nothing():
    before = active_children()
    with Workers(2):
        assert active_children() == before
