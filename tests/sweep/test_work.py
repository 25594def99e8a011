"""One run on a worker: how it ends, what is tried again, and what its state says. Training stands in for itself."""

import json
from dataclasses import replace

import pytest
from learn.photo.tiny import write_recipe
from learn.transport.tiny import write_tiny

from crosscodec.domains.degradation import parse_degradation
from crosscodec.errors import CorruptData, UsageError
from crosscodec.sweep import work
from crosscodec.sweep.lock import held
from crosscodec.sweep.plan import plan_runs
from crosscodec.sweep.states import RunState, Status, read_state, write_state
from crosscodec.sweep.work import Job, PhotoMeasure, run_job


@pytest.fixture
def trained(monkeypatch):
    """What training is asked for; it raises what is put into `fails`, one an attempt."""

    class Trained(list):
        def __init__(self):
            self.fails = []

    seen = Trained()

    def train_recipe(recipe, folder, overrides, resume, data):
        seen.append(overrides)
        assert resume
        assert read_state(folder).status is Status.RUNNING
        if seen.fails:
            raise seen.fails.pop(0)
        (folder / "tiny.xcm").write_bytes(b"package")
        return folder / "tiny.xcm"

    monkeypatch.setattr(work, "train_recipe", train_recipe)
    return seen


@pytest.fixture
def measured(monkeypatch):
    seen = []
    monkeypatch.setattr(work, "evaluate_labelled", lambda *given, **named: seen.append((given, named)))
    monkeypatch.setattr(work, "load_data", lambda settings, split, data: type("Samples", (), {"clean": split})())
    return seen


def job(tmp_path, recipe, **changes):
    (run,) = plan_runs(recipe, ["seed=5"], tmp_path / "out")
    run.folder.mkdir(parents=True, exist_ok=True)
    if read_state(run.folder) is None:
        write_state(run.folder, RunState(run.id, dict(run.settings), run.command))
    return Job(run.id, run.folder, recipe, run.overrides, **changes)


def test_a_run_is_trained_measured_and_done(tmp_path, trained, measured):
    given = job(tmp_path, write_tiny(tmp_path), judges=tmp_path / "judges")
    ended = run_job(given)
    assert (ended.status, ended.attempts, ended.error) == ("done", 1, None)
    state = read_state(given.folder)
    assert (state.status, state.package, state.measured) == (Status.DONE, "tiny.xcm", work.TEST_SPLIT)
    assert state.finished >= state.started
    assert trained == [["training.seed=5", f"judges.folder={json.dumps(str(tmp_path / 'judges'))}"]]
    ((_, package, folder, clean, seed), named) = measured[0]
    assert (package, folder, clean, seed) == (given.folder / "tiny.xcm", given.folder, "test", 5)
    assert named["method"] == "tiny"
    assert run_job(given).status == "done"  # asked again: nothing is done twice
    assert len(trained) == len(measured) == 1


def test_a_failure_is_tried_again(tmp_path, trained, measured):
    trained.fails = [CorruptData("first")]
    given = job(tmp_path, write_tiny(tmp_path))
    assert (run_job(given).status, read_state(given.folder).attempts) == ("done", 2)
    assert read_state(given.folder).error is None


@pytest.mark.parametrize(
    ("errors", "retries", "attempts", "said"),
    [
        ([CorruptData("one"), ValueError("two")], 1, 2, "ValueError: two"),
        ([MemoryError()], 0, 1, "MemoryError: MemoryError"),
        ([UsageError("such a recipe"), CorruptData("never")], 5, 1, "such a recipe"),
    ],
)
def test_a_run_that_fails_says_why(tmp_path, trained, measured, errors, retries, attempts, said):
    trained.fails = list(errors)
    given = job(tmp_path, write_tiny(tmp_path), retries=retries)
    ended = run_job(given)
    assert (ended.status, ended.attempts, ended.error) == ("failed", attempts, said)
    assert (read_state(given.folder).status, read_state(given.folder).error) == (Status.FAILED, said)


def test_what_is_trained_is_not_trained_again_when_measuring_failed(tmp_path, trained, measured, monkeypatch):
    given = job(tmp_path, write_tiny(tmp_path), retries=0)
    with monkeypatch.context() as broken:
        broken.setattr(work, "load_data", lambda *_: 1 / 0)
        assert run_job(given).error == "ZeroDivisionError: division by zero"
    assert run_job(given).status == "done"
    assert (len(trained), len(measured)) == (1, 1)


def test_a_run_that_kills_its_processes_is_given_up(tmp_path, trained, measured):
    given = job(tmp_path, write_tiny(tmp_path))
    dead = replace(read_state(given.folder), status=Status.RUNNING, attempts=2, deaths=work.DEATHS - 1)
    write_state(given.folder, dead)
    assert run_job(given).status == "done"
    write_state(given.folder, replace(dead, deaths=work.DEATHS))
    ended = run_job(given)
    assert ended.status == "failed"
    assert "its process died 4 times" in ended.error
    assert len(trained) == 1


def test_a_run_that_another_process_holds_is_left_alone(tmp_path, trained, measured, monkeypatch):
    monkeypatch.setattr(work, "_LONG", 0.0)
    given = job(tmp_path, write_tiny(tmp_path))
    with held(given.folder):
        assert run_job(given).status == "elsewhere"
    assert trained == []


def test_a_recipe_that_changed_meanwhile_is_refused(tmp_path, trained, measured):
    given = job(tmp_path, write_tiny(tmp_path))
    write_tiny(tmp_path, {"training": {"steps": 7}})
    assert "no longer what it was" in run_job(given).error
    assert trained == []


def test_photo_recipes_are_measured_where_a_set_is_given(tmp_path, trained, monkeypatch):
    seen = []

    def evaluate_photos(evaluation):
        seen.append(evaluation)
        evaluation.out.mkdir()
        (evaluation.out / "scores.tsv").write_text("scores")

    monkeypatch.setattr(work, "evaluate_photos", evaluate_photos)
    recipe = write_recipe(tmp_path)
    given = job(tmp_path, recipe, judges=tmp_path)
    assert run_job(given).status == "done"
    assert (seen, read_state(given.folder).measured) == ([], "")
    assert trained == [["training.seed=5"]]
    write_state(given.folder, replace(read_state(given.folder), status=Status.WAITING))
    photos = PhotoMeasure("builtin", parse_degradation("noise:25"), (20, 80), 2)
    assert run_job(replace(given, photos=photos)).status == "done"
    assert read_state(given.folder).measured == "builtin noise:25 q20 q80 first 2"
    assert (seen[0].qualities, seen[0].limit, len(trained)) == ((20, 80), 2, 1)
    assert (given.folder / "scores.tsv").read_text() == "scores"
