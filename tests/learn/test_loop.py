import json

import pytest
import torch
from learn.tiny import RECIPE, TRAINING

from crosscodec.learn.data import load_training_pictures
from crosscodec.learn.loop import TrainingDiverged, learning_rate_factor, train


@pytest.fixture(scope="module")
def pictures():
    return load_training_pictures(RECIPE.data, None)


def rows(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_learning_rate_warms_up_stays_and_falls():
    factors = [learning_rate_factor(step, TRAINING) for step in range(9)]
    assert factors == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0]


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
    assert rows(tmp_path / "one")[-1]["validation_psnr"] > 5
    assert [row["bpp"] > 0 for row in rows(tmp_path / "one") if "loss" in row] == [False, True, True, True]


def test_divergence_is_named_and_the_checkpoint_stays(tmp_path, pictures, monkeypatch):
    import crosscodec.learn.loop as loop

    real = loop.codec_losses

    def broken(model, degraded, clean, weight):
        losses = real(model, degraded, clean, weight)
        return type(losses)(losses.total * float("nan"), losses.bits_per_pixel, losses.squared_error)

    monkeypatch.setattr(loop, "codec_losses", broken)
    with pytest.raises(TrainingDiverged, match="at step 2; go on from the last checkpoint"):
        train(RECIPE, pictures, tmp_path, resume=True)
    assert (tmp_path / "checkpoint.safetensors").is_file()
