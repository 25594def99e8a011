"""Training of a further decoder: resume, roll-back, what learns and what does not."""

from itertools import product

import numpy as np
import pytest
import torch
from learn.photo.tiny import write_recipe
from learn.slope import Steep

from crosscodec.codec import load_package
from crosscodec.errors import UsageError
from crosscodec.learn.decoder import loop
from crosscodec.learn.decoder.loop import codec_of, starting_codec, train_decoder
from crosscodec.learn.decoder.settings import DecoderSettings
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.start import stored_weights
from crosscodec.learn.steps import EVENTS
from crosscodec.learn.train import read_recipe, train_recipe

pytestmark = pytest.mark.training


def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(tmp_path, recipe, data, monkeypatch):
    whole = load_package(train_recipe(recipe, tmp_path / "whole", data=data))
    real = loop.decoder_losses
    calls = []

    def cut(*given):
        calls.append(given)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(loop, "decoder_losses", cut)
    with pytest.raises(KeyboardInterrupt):
        train_recipe(recipe, tmp_path / "cut", data=data)
    monkeypatch.setattr(loop, "decoder_losses", real)
    after = load_package(train_recipe(recipe, tmp_path / "cut", data=data))
    assert after.parts == whole.parts


def test_a_gradient_that_is_no_number_goes_back_and_says_so(tmp_path, base, recipe, data, monkeypatch):
    real, left = loop.decoder_losses, [1]

    def broken(*given):
        found = real(*given)
        left[0] -= 1
        nan = Steep.apply(found.total, float("nan"))
        return type(found)(nan, *list(vars(found).values())[1:]) if left[0] == 0 else found

    monkeypatch.setattr(loop, "decoder_losses", broken)
    settings = read_recipe(recipe)
    pictures = load_training_pictures(settings.data, None)
    train_decoder(settings, codec_of(load_package(base), "fidelity"), pictures, tmp_path, True, data)
    assert "not finite" in (tmp_path / EVENTS).read_text()


def test_the_codec_of_a_package_is_the_one_that_was_trained(base):
    package = load_package(base)
    codec = codec_of(package, "fidelity")
    assert codec.gains.anchors == package.card.qualities.anchors
    level = package.qualities.at(50)
    torch.testing.assert_close(codec.gains.log_gain[1, :, 0, 0].exp(), torch.from_numpy(level.gain))


def test_training_starts_from_the_decoder_of_another_package(base, tmp_path):
    """Here one with a block more, which is left out."""
    deeper = write_recipe(tmp_path)
    sets = ["training.steps=4", "training.seed=9", "model.synthesis_blocks=[0, 1, 2, 0, 1]"]
    other = train_recipe(deeper, tmp_path / "other", sets)
    package = load_package(base)
    there = DecoderSettings(start_package=str(other), without=("synthesis.deep.0",))
    codec, same = starting_codec(package, there), starting_codec(package, DecoderSettings())
    weights = stored_weights(load_package(other).parts["decoder-fidelity.onnx"])
    first = codec.synthesis.net.deep[0].first.weight.detach().numpy()
    np.testing.assert_array_equal(first, weights["net.deep.1.first.weight"])
    assert not torch.equal(codec.synthesis.net.to_half.weight, same.synthesis.net.to_half.weight)
    assert torch.equal(codec.analysis.net.to_half.weight, same.analysis.net.to_half.weight)
    with pytest.raises(UsageError, match="has the decoders fidelity, no sharp"):
        starting_codec(package, DecoderSettings(start_package=str(other), start="sharp"))
    with pytest.raises(UsageError, match="begins with synthesis, not 'analysis"):
        starting_codec(package, DecoderSettings(start_package=str(other), without=("analysis.deep.0",)))


def test_the_decoder_learns_from_the_files_of_every_encoder_in_turn(tmp_path, recipe, data, monkeypatch):
    base = train_recipe(write_recipe(tmp_path), tmp_path / "base", ["training.steps=4", "model.best_widths=[6, 8, 10]"])
    seen, real = [], loop._Trainer._inputs

    def inputs(trainer, degraded, analysis, quality):
        seen.append(next(name for name, found in trainer.codec.analyses.items() if found is analysis))
        return real(trainer, degraded, analysis, quality)

    monkeypatch.setattr(loop._Trainer, "_inputs", inputs)
    after = load_package(train_recipe(recipe, tmp_path / "run", [f"decoder.package={base}"], data=data))
    assert seen == ["default", "best"] * 3
    before = load_package(base)
    assert after.encoders == ("default", "best")
    assert before.parts.items() <= after.parts.items()
    networks = {(row["encoder"], row["decoder"]) for row in after.card.measured}
    assert networks == set(product(("default", "best"), ("fidelity", "perception")))


def test_only_the_synthesis_learns(tmp_path, base, recipe, data):
    settings = read_recipe(recipe)
    codec = codec_of(load_package(base), "fidelity")
    before = {name: value.clone() for name, value in codec.state_dict().items()}
    train_decoder(settings, codec, load_training_pictures(settings.data, None), tmp_path, True, data)
    moved = {
        name.partition(".")[0] for name, value in codec.state_dict().items() if not torch.equal(value, before[name])
    }
    assert moved == {"synthesis"}
