"""A whole sweep on real worker processes: one is killed midway, a run diverges, and the same call goes on."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from learn.transport.tiny import write_tiny

from crosscodec.errors import OutputExists, OutputFailed
from crosscodec.learn.train import read_recipe, train_recipe
from crosscodec.learn.transport import train as training
from crosscodec.sweep import run as running
from crosscodec.sweep.lock import held
from crosscodec.sweep.run import Sweep, planned_runs, sweep_runs
from crosscodec.sweep.states import Status, read_state, write_state
from crosscodec.sweep.table import FILE
from crosscodec.sweep.work import Ended, wanted_measure

pytestmark = pytest.mark.training

STEPS = 40


def follow(sweep):
    return list(sweep_runs(sweep, planned_runs(sweep)))


def losses(folder):
    """The log of a run without its clock."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def kill_midway(folder, killed):
    """Kill the process that works on a run once it has made a quarter of its steps."""
    deadline = time.monotonic() + 540
    while time.monotonic() < deadline:
        log = folder / "log.jsonl"
        if log.exists() and len(log.read_text().splitlines()) >= STEPS // 4:
            killed.append(read_state(folder).process)
            os.kill(killed[0], signal.SIGKILL)
            return
        time.sleep(0.01)


def stop(*_):
    """In place of an export that nobody needs."""
    raise StopIteration


@pytest.mark.timeout(900)
def test_a_killed_worker_and_a_run_that_diverges(tmp_path, monkeypatch):
    """Nothing lost, nothing doubled: the run that was killed has the very losses of one that was not."""
    pytest.importorskip("distributed")
    recipe = write_tiny(tmp_path, {"training": {"steps": STEPS, "rollbacks": 0}})
    sweep = Sweep(recipe, ("lambda_distortion=1,1e60",), tmp_path / "out", "local:1")
    good, bad = (entry.run.folder for entry in planned_runs(sweep))
    killed = []
    killer = threading.Thread(target=kill_midway, args=(good, killed))
    killer.start()
    ends = {end.run.folder: end for end in follow(sweep)}
    killer.join()
    assert killed
    assert (ends[good].status, ends[good].attempts) == ("done", 2)
    assert read_state(good).process != killed[0]
    assert (ends[bad].status, ends[bad].attempts) == ("failed", 2)
    assert "the loss or its gradient is not finite" in ends[bad].error
    monkeypatch.setattr(training, "export_package", stop)
    with pytest.raises(StopIteration):
        train_recipe(
            recipe, tmp_path / "whole", ["objective.lambda_distortion=1", f"judges.folder={sweep.out / 'judges'}"]
        )
    assert losses(good) == losses(tmp_path / "whole")
    assert [row["step"] for row in losses(good)] == list(range(1, STEPS + 1))
    table = (sweep.out / FILE).read_text().splitlines()
    assert [line.split("\t")[0] for line in table] == ["run", good.name]


@pytest.fixture
def worked(monkeypatch):
    """Jobs that reach a worker, which ends every one of them well at once."""
    seen = []

    def map_unordered(address, function, jobs, lost, environment):
        for job in jobs:
            seen.append(job)
            state = read_state(job.folder)
            assert state.status is Status.WAITING
            (job.folder / "tiny.xcm").write_bytes(b"")
            (job.folder / "recipe.json").write_text("{}")
            measured = wanted_measure(read_recipe(job.recipe, list(job.overrides)), job.photos)
            changes = {"status": Status.DONE, "package": "tiny.xcm", "measured": measured, "attempts": 1}
            write_state(job.folder, type(state)(**(vars(state) | changes)))
            yield job, Ended(job.folder, "done", 1, 2.0)

    monkeypatch.setattr(running, "map_unordered", map_unordered)
    return seen


def test_the_same_call_goes_on_where_the_folders_stand(tmp_path, worked):
    sweep = Sweep(write_tiny(tmp_path), ("seed=0:4",), tmp_path / "out")
    assert [end.status for end in follow(sweep)] == ["done"] * 4
    first, second, third, _ = (entry.run.folder for entry in planned_runs(sweep))
    write_state(first, type(read_state(first))(**(vars(read_state(first)) | {"status": Status.FAILED})))
    write_state(
        second, type(read_state(second))(**(vars(read_state(second)) | {"status": Status.RUNNING, "deaths": 3}))
    )
    (third / "tiny.xcm").unlink()
    worked.clear()
    assert sorted(end.status for end in follow(sweep)) == ["done", "done", "done", "kept"]
    assert {job.folder for job in worked} == {first, second, third}
    assert read_state(second).deaths == 0
    worked.clear()
    wider = Sweep(sweep.recipe, ("seed=2:6",), sweep.out)
    assert [end.status for end in follow(wider)] == ["kept", "kept", "done", "done"]
    assert len((sweep.out / FILE).read_text().splitlines()) == 1 + 6


def test_a_recipe_of_the_library_whose_folders_are_named_by_the_grid(tmp_path, worked, monkeypatch):
    """Workers find the recipe by its name alone, and what was measured is what each run's own folders allow."""
    monkeypatch.chdir(tmp_path)
    folders = ("data.degraded_folder=noisy", "data.clean_folder=sharp", "data.held_out=10,0")
    sweep = Sweep(Path("folders"), folders, tmp_path / "out")
    assert [end.status for end in follow(sweep)] == ["done", "done"]
    assert [job.recipe.name for job in worked] == ["folders.toml"] * 2
    assert [read_state(job.folder).measured for job in worked] == ["held-out pictures", "training pictures"]
    assert [end.status for end in follow(sweep)] == ["kept", "kept"]


def test_a_run_of_another_process_is_left_to_it(tmp_path, worked):
    sweep = Sweep(write_tiny(tmp_path), ("seed=0:2",), tmp_path / "out")
    folder = planned_runs(sweep)[0].run.folder
    folder.mkdir(parents=True)
    with held(folder):
        assert [end.status for end in follow(sweep)] == ["elsewhere", "done"]
    assert read_state(folder) is None


def test_existing_runs_are_refused_or_trained_anew(tmp_path, worked):
    sweep = Sweep(write_tiny(tmp_path), ("seed=0:2",), tmp_path / "out", existing="fail")
    follow(sweep)
    with pytest.raises(OutputExists, match="holds 2 of these runs already"):
        follow(sweep)
    (folder, *_) = (entry.run.folder for entry in planned_runs(sweep))
    (folder / "checkpoint.safetensors").write_text("old")
    anew = Sweep(sweep.recipe, sweep.grid, sweep.out, existing="overwrite")
    assert [end.status for end in follow(anew)] == ["done", "done"]
    assert not (folder / "checkpoint.safetensors").exists()
    (folder / "state.json").unlink()
    with pytest.raises(OutputFailed, match="no run of a sweep"):
        follow(anew)


def test_a_run_whose_workers_all_died_is_failed(tmp_path, monkeypatch):
    monkeypatch.setattr(
        running,
        "map_unordered",
        lambda address, function, jobs, lost, env: ((j, lost(j, OSError("gone"))) for j in jobs),
    )
    sweep = Sweep(write_tiny(tmp_path), (), tmp_path / "out")
    (end,) = follow(sweep)
    assert (end.status, end.run.name.rpartition("-")[0]) == ("failed", "tiny")
    assert "OSError: gone" in end.error
    assert read_state(end.run.folder).status is Status.FAILED
