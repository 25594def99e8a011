"""One holder at a time, and none after its death."""

import subprocess
import sys

import pytest

from crosscodec.sweep import lock
from crosscodec.sweep.lock import held

HOLD = """
import sys, time
from pathlib import Path
from crosscodec.sweep.lock import held
with held(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    time.sleep(600)
"""


def test_it_is_one_holder_s_even_within_a_process(tmp_path):
    with held(tmp_path) as first, held(tmp_path) as second:
        assert (first, second) == (True, False)
    with held(tmp_path) as again:
        assert again


def test_a_process_that_is_killed_lets_go(tmp_path):
    pytest.importorskip("fcntl")
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        with held(tmp_path) as mine:
            assert not mine
        holder.kill()
        holder.wait()
        with held(tmp_path) as mine:
            assert mine


def test_where_there_are_no_locks_everybody_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "is_installed", lambda name: False)
    with held(tmp_path) as first, held(tmp_path) as second:
        assert first
        assert second
