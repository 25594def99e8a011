import dataclasses
import json

import pytest
import torch
from learn.photo.tiny import RECIPE, TRAINING, TWO_RECIPE
from learn.slope import Steep
from safetensors.torch import load_file

from crosscodec.learn.checkpoint import NAME
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.photo import export, loop
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import export_package
from crosscodec.learn.photo.loop import denoising_steps, quality_of, train
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.steps import EVENTS

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def pictures():
    return load_training_pictures(RECIPE.data, None)


@pytest.fixture
def broken(monkeypatch):
    """Makes the gradients of the codec's losses no numbers, the first so many times."""
    real, left = loop.codec_losses, [0]

    def losses(model, degraded, clean, quality, weight):
        found = real(model, degraded, clean, quality, weight)
        left[0] -= 1
        nan = Steep.apply(found.total, float("nan"))
        return dataclasses.replace(found, total=nan if left[0] >= 0 else found.total)

    def for_times(count):
        left[0] = count

    monkeypatch.setattr(loop, "codec_losses", losses)
    return for_times


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_short_runs_make_a_codec_too():
    assert denoising_steps(TRAINING, fresh=True) == 2
    assert denoising_steps(type(TRAINING)(steps=4000, denoise_steps=300), fresh=True) == 300
    assert denoising_steps(type(TRAINING)(steps=4000, start="photo-denoise"), fresh=False) == 0


def test_who_trains_on_does_not_denoise_again(tmp_path, pictures):
    """A quarter of eight steps is two, and of forty ten: what was a codec after eight steps stays one."""
    settings = dataclasses.replace(TRAINING, denoise_steps=100, log_every=1)
    recipe = dataclasses.replace(RECIPE, training=settings)
    train(recipe, pictures, tmp_path, resume=True)
    longer = dataclasses.replace(recipe, training=dataclasses.replace(settings, steps=40))
    train(longer, pictures, tmp_path, resume=True)
    rates = {row["step"]: row["bpp"] for row in rows(tmp_path) if "bpp" in row}
    assert [step for step, rate in rates.items() if not rate] == [1, 2]
    assert len(rates) == 40


def test_every_quality_is_trained_equally_often():
    first, second = ([quality_of(step + 101 * turn, 5) for step in range(101)] for turn in (0, 1))
    assert sorted(first) == sorted(second) == list(range(101))
    assert first != second


def test_training_logs_validates_and_repeats(tmp_path, pictures):
    weights = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        trained = train(RECIPE, pictures, tmp_path / name, resume=True)
        weights.append(torch.cat([p.flatten() for p in trained.model.parameters()]))
    assert torch.equal(*weights)
    assert trained.steps == 8
    steps = [row["step"] for row in rows(tmp_path / "one") if "loss" in row]
    assert steps == [2, 4, 6, 8]
    assert rows(tmp_path / "one")[-1]["validation_psnr_q50"] > 5
    assert [row["bpp"] > 0 for row in rows(tmp_path / "one") if "loss" in row] == [False, True, True, True]


def package_of(recipe, pictures, path):
    """A package that no step of training has made."""
    torch.manual_seed(4)
    model = PhotoCodec(recipe.model, recipe.objective)
    model.start_tables(pictures.training.batch(0, 0, 4).degraded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "TABLE_BATCHES", 2)
        path.write_bytes(export_package(model.eval(), recipe, pictures.training, {}))
    return str(path)


@pytest.fixture(scope="module")
def started(tmp_path_factory, pictures):
    """A recipe for two analyses that starts from a package which has the first of them alone."""
    start = package_of(RECIPE, pictures, tmp_path_factory.mktemp("start") / "start.xcm")
    return dataclasses.replace(TWO_RECIPE, training=dataclasses.replace(TRAINING, start=start))


def cut_off(monkeypatch, recipe, pictures, folder, count):
    """Start a run and end it in the middle of its step of that number, counted from 0."""
    real, left = loop.training_step, [count]

    def step(*given):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*given)

    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "training_step", step)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, pictures, folder, resume=True)
    return {name.removeprefix("weight/model/"): value for name, value in load_file(folder / NAME).items()
            if name.startswith("weight/model/")}  # fmt: skip


def test_a_fresh_analysis_learns_to_denoise_before_anything_else_moves(tmp_path, pictures, started, monkeypatch):
    before, denoised, coded = (
        cut_off(monkeypatch, started, pictures, tmp_path / f"{count}", count) for count in (0, 2, 3)
    )
    moved = {name for name in before if not torch.equal(before[name], denoised[name])}
    assert {name for name in before if name.startswith("best.net.last")} <= moved
    assert {".".join(name.split(".")[:2]) for name in moved} == {"best.net"}
    moved = {name.partition(".")[0] for name in before if not torch.equal(denoised[name], coded[name])}
    assert moved == {"analysis", "best", "synthesis", "gains", "densities"}
    # The linear path of the fresh analysis is fitted, that of the other one goes on from where it was: by one step.
    assert (denoised["best.shrink"] == 1).all()
    assert coded["best.shrink"].min() < 0.98
    torch.testing.assert_close(coded["analysis.shrink"], before["analysis.shrink"], atol=0.011, rtol=0)


def test_where_no_analysis_is_fresh_none_learns_to_denoise(tmp_path, pictures, monkeypatch):
    both = package_of(TWO_RECIPE, pictures, tmp_path / "both.xcm")
    recipe = dataclasses.replace(TWO_RECIPE, training=dataclasses.replace(TRAINING, start=both, steps=4))
    monkeypatch.setattr(loop, "denoising_losses", None)
    trained = train(recipe, pictures, tmp_path, resume=True)
    assert all(row["bpp"] > 0 for row in rows(tmp_path) if "loss" in row)
    for analysis in trained.model.analyses.values():
        assert (analysis.shrink - 1).abs().max() < 0.05, "went on from where it was"


@pytest.fixture(scope="module")
def whole(tmp_path_factory, pictures, started):
    """The last checkpoint of a run that was never cut off."""
    folder = tmp_path_factory.mktemp("whole")
    train(started, pictures, folder, resume=True)
    return load_file(folder / NAME)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_run_of_two_analyses_that_was_cut_off_goes_on_to_the_same_weights(
    tmp_path, pictures, started, whole, monkeypatch, count
):
    cut_off(monkeypatch, started, pictures, tmp_path / "cut", count)
    train(started, pictures, tmp_path / "cut", resume=True)
    cut = load_file(tmp_path / "cut" / NAME)
    assert whole.keys() == cut.keys()
    assert [name for name in whole if not torch.equal(whole[name], cut[name])] == []
    assert "validation_psnr_q50_best" in rows(tmp_path / "cut")[-1]


def test_two_analyses_from_nothing_learn_to_denoise_together(tmp_path, pictures, monkeypatch):
    denoised, coded = (cut_off(monkeypatch, TWO_RECIPE, pictures, tmp_path / f"{count}", count) for count in (2, 3))
    for name in ("analysis", "best"):
        assert denoised[f"{name}.net.last.0.weight"].any()
        assert (denoised[f"{name}.shrink"] == 1).all()
        assert coded[f"{name}.shrink"].min() < 0.98


def test_one_gradient_that_is_no_number_is_survived(tmp_path, pictures, broken):
    broken(1)
    trained = train(RECIPE, pictures, tmp_path, resume=True)
    assert "not finite at step 2 of the run; back to step 2" in (tmp_path / EVENTS).read_text()
    assert all(torch.isfinite(p).all() for name, p in trained.model.named_parameters() if "thresholds" not in name)
    assert rows(tmp_path)[-1]["step"] == 8


def test_divergence_is_named_and_the_checkpoint_stays(tmp_path, pictures, broken):
    broken(10**6)
    with pytest.raises(TrainingDiverged, match=r"at step 2 of the run, and going back 3 times did not help"):
        train(RECIPE, pictures, tmp_path, resume=True)
    assert (tmp_path / "checkpoint.safetensors").is_file()
    broken(0)
    assert train(RECIPE, pictures, tmp_path, resume=True).steps == 8
