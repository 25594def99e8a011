import dataclasses
import json

import pytest
import torch
from learn.photo.tiny import RECIPE, TRAINING

from crosscodec.learn.photo import loop
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.loop import denoising_steps, quality_of, train
from crosscodec.learn.steps import EVENTS, TrainingDiverged


@pytest.fixture(scope="module")
def pictures():
    return load_training_pictures(RECIPE.data, None)


@pytest.fixture
def broken(monkeypatch):
    """Makes the losses of the codec no number, the first so many times."""
    real, left = loop.codec_losses, [0]

    def losses(model, degraded, clean, quality, weight):
        found = real(model, degraded, clean, quality, weight)
        left[0] -= 1
        nan = found.total * float("nan")
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


def test_one_loss_that_is_no_number_is_survived(tmp_path, pictures, broken):
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
