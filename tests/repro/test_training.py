"""Trials run once: the whole way with tiny settings, and what happens to one that fails."""

import pytest

from crosscodec.errors import UsageError
from crosscodec.evaluate.labelled_scores import read_labelled
from crosscodec.repro import training
from crosscodec.repro.item import Item, Request
from crosscodec.repro.study import Study, Trial


class Here:
    """Workers in this process, so that what it runs can be replaced."""

    def __init__(self, jobs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def submit(self, function, *arguments):
        from concurrent.futures import Future

        done = Future()
        try:
            done.set_result(function(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(training, "Workers", Here)


STUDY = Study((Trial("peer-4", "mnist-superres-peer"), Trial("peer-6", "mnist-superres-peer")), ("peer-4",), "down:2",
              lambda means: ())  # fmt: skip


@pytest.mark.slow
def test_a_trial_becomes_rows_and_pictures_and_is_not_repeated(tmp_path, here, monkeypatch):
    request = Request("smoke", 1, tmp_path / "out", work=tmp_path / "work")
    request.out.mkdir()
    figure = STUDY.make(Item("figure", "", "", STUDY.make), request)
    assert {point.series for point in figure.points} == {"peer, fidelity"}
    assert [strip.title for strip in figure.gallery] == ["degraded", "peer-4, fidelity", "clean"]
    assert all((request.out / strip.file).read_bytes().startswith(b"\x89PNG") for strip in figure.gallery)
    assert not any(path.name == "judges" for path in request.out.iterdir())
    monkeypatch.setattr(training, "train_recipe", None)  # would fail
    again = STUDY.make(Item("figure", "", "", STUDY.make), request)
    assert again.points == figure.points


def test_a_trial_that_fails_stops_no_other(tmp_path, here, monkeypatch):
    said = []

    def run(trial, settings, seed, folder, table, data):
        if trial.name == "peer-4":
            raise UsageError("no such thing")
        assert f"training.seed={seed}" in settings

    monkeypatch.setattr(training, "_run_trial", run)
    request = Request("small", 2, tmp_path, say=said.append)
    failed = training.run_trials(STUDY, "figure", request, tmp_path / "figure.scores.tsv")
    assert sorted(failed) == ["peer-4, seed 1: no such thing", "peer-4, seed 2: no such thing"]
    assert len(said) == 4


def test_a_figure_of_nothing_says_what_failed(tmp_path, here, monkeypatch):
    def run(*arguments):
        raise UsageError("no such thing")

    monkeypatch.setattr(training, "_run_trial", run)
    with pytest.raises(UsageError, match="peer-6, seed 1: no such thing"):
        STUDY.make(Item("figure", "", "", STUDY.make), Request("small", 1, tmp_path))
    assert not list(tmp_path.glob("*.tsv"))


def test_full_scale_trains_longer(tmp_path):
    trial = Trial("learned-4", "mnist-superres")
    small, full = (training.settings_of(STUDY, trial, Request(scale, 1, tmp_path), 1) for scale in ("small", "full"))
    assert "training.steps=20000" in full
    assert "decoders.0.steps=40000" in full
    assert not any(text.startswith("training.steps") for text in small)


def test_rows_of_the_committed_tables_are_readable():
    from pathlib import Path

    for path in (Path(__file__).parents[2] / "results" / "repro").glob("*.scores.tsv"):
        assert read_labelled(path)
