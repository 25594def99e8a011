"""Training of a further encoder: resume, roll-back, what learns and what does not."""

import json

import pytest
import torch
from learn.slope import Steep

from crosscodec.codec import load_package
from crosscodec.learn.encoder import loop
from crosscodec.learn.encoder.loop import train_encoder
from crosscodec.learn.encoder.train import starting_analysis
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.start import codec_of
from crosscodec.learn.steps import EVENTS
from crosscodec.learn.train import read_recipe, train_recipe

pytestmark = pytest.mark.training


def train_alone(base, recipe, out):
    """Train the encoder of a recipe in a folder, without making a package of it."""
    settings, package = read_recipe(recipe), load_package(base)
    analysis, _ = starting_analysis(package, settings.encoder)
    out.mkdir()
    pictures = load_training_pictures(settings.data, None)
    train_encoder(settings, codec_of(package, "fidelity"), analysis, pictures, out, True)


@pytest.mark.parametrize("optimiser", ["adam", "muon"])
def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(tmp_path, recipe, monkeypatch, optimiser):
    chosen = [f"training.optimiser={optimiser}"]
    whole = load_package(train_recipe(recipe, tmp_path / "whole", chosen))
    real, calls = loop.codec_losses, []

    def cut(*given):
        calls.append(given)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(loop, "codec_losses", cut)
    with pytest.raises(KeyboardInterrupt):
        train_recipe(recipe, tmp_path / "cut", chosen)
    monkeypatch.setattr(loop, "codec_losses", real)
    assert load_package(train_recipe(recipe, tmp_path / "cut", chosen)).parts == whole.parts


def test_a_gradient_that_is_no_number_goes_back_and_says_so(tmp_path, base, recipe, monkeypatch):
    real, left = loop.codec_losses, [1]

    def broken(*given):
        found = real(*given)
        left[0] -= 1
        return (
            type(found)(Steep.apply(found.total, float("nan")), *list(vars(found).values())[1:])
            if left[0] == 0
            else found
        )

    monkeypatch.setattr(loop, "codec_losses", broken)
    train_alone(base, recipe, tmp_path / "run")
    assert "not finite" in (tmp_path / "run" / EVENTS).read_text()


def test_only_the_new_analysis_learns_and_first_as_a_denoiser(tmp_path, base, recipe, monkeypatch):
    settings, package = read_recipe(recipe), load_package(base)
    codec = codec_of(package, "fidelity")
    analysis, _ = starting_analysis(package, settings.encoder)
    before = {name: value.clone() for name, value in analysis.state_dict().items()}
    kept = {name: value.clone() for name, value in codec.state_dict().items() if not name.startswith("densities")}
    real, denoised = loop.denoising_losses, []

    def counted(*given):
        denoised.append(given)
        return real(*given)

    monkeypatch.setattr(loop, "denoising_losses", counted)
    train_encoder(settings, codec, analysis, load_training_pictures(settings.data, None), tmp_path, True)
    assert len(denoised) == 2  # a quarter of the steps at most
    assert all(torch.equal(value, codec.state_dict()[name]) for name, value in kept.items())
    moved = {name.partition(".")[0] for name, v in analysis.state_dict().items() if not torch.equal(v, before[name])}
    assert moved == {"net", "shrink", "last"}


def test_the_log_has_the_encoders_numbers(tmp_path, base, recipe):
    train_alone(base, recipe, tmp_path / "run")
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert any("validation_psnr_q50_wide" in row for row in rows)
    rates = [row["bpp"] for row in rows if "bpp" in row]
    assert rates[-1] > 0 == rates[0]
