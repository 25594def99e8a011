"""From a photo package to the same package with one decoder more: what stays, what is new, resume, refusals."""

import json

import numpy as np
import pytest
from learn.photo.tiny import write_recipe
from lpipsweights import data_with_weights
from toypackage import toy_package_bytes

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.codec.package import decoder_part
from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.decoder import loop
from crosscodec.learn.decoder.settings import DecoderRecipe
from crosscodec.learn.train import read_recipe, train_recipe

TOML = """
kind = "decoder"
[decoder]
package = {package}
notes = ["Invents texture."]
[data]
sets = ["builtin"]
crop = 32
scales = [0.25]
held_out = 5
[training]
steps = 6
decay_steps = 2
warmup_steps = 1
batch = 2
critic_width = 4
threads = 1
log_every = 2
checkpoint_minutes = 0.0
learning_rate = 0.01
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    return train_recipe(write_recipe(folder), folder / "run", ["training.steps=4"])


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return data_with_weights(tmp_path / "data")


@pytest.fixture
def recipe(tmp_path, base):
    path = tmp_path / "more.toml"
    path.write_text(TOML.format(package=json.dumps(str(base))))
    return path


@pytest.fixture
def picture():
    drawn = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.kron(drawn, np.ones((8, 8, 1), np.uint8))


def test_one_decoder_more_and_everything_else_as_it_was(tmp_path, base, recipe, data, picture):
    before = load_package(base)
    path = train_recipe(recipe, tmp_path / "run", data=data)
    assert path.name == base.name
    after = load_package(path)
    assert after.decoders == ("fidelity", "perception")
    assert {name: part for name, part in after.parts.items() if name != decoder_part("perception")} == before.parts
    coded = encode_pixels(picture, after, quality=70)
    assert len(coded.data) == len(encode_pixels(picture, before, quality=70).data)
    fidelity, perception = (decode_bytes(coded.data, after, decoder=name).pixels for name in after.decoders)
    assert np.array_equal(fidelity, decode_bytes(encode_pixels(picture, before, quality=70).data, before).pixels)
    assert not np.array_equal(fidelity, perception)
    told = after.card.training["decoders"]["perception"]
    assert (told["package"], told["steps"]) == (before.sha256, 6)
    assert told["command"].startswith("crosscodec train recipes/more.toml")
    assert after.card.notes[-1] == "Invents texture."
    rows = {row["decoder"] for row in after.card.measured}
    assert rows == {"fidelity", "perception"}
    assert all(row["lpips"] > 0 for row in after.card.measured if row["decoder"] == "perception")


def test_a_decoder_of_that_name_is_replaced(tmp_path, recipe, data):
    first = train_recipe(recipe, tmp_path / "one", data=data)
    again = train_recipe(recipe, tmp_path / "two", [f"decoder.package={first}", "decoder.start=perception"], data=data)
    package = load_package(again)
    assert package.decoders == ("fidelity", "perception")
    assert len(package.card.measured) == len(load_package(first).card.measured)
    assert package.parts[decoder_part("perception")] != load_package(first).parts[decoder_part("perception")]


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


def test_without_weight_for_features_no_file_of_weights_is_needed(tmp_path, recipe):
    path = train_recipe(recipe, tmp_path / "run", ["objective.lambda_features=0"], data=tmp_path)
    assert "perception" in load_package(path).decoders
    with pytest.raises(InputMissing, match="lpips_squeeze"):
        train_recipe(recipe, tmp_path / "other", data=tmp_path)


def test_what_cannot_be_is_refused(tmp_path, recipe, data):
    assert isinstance(read_recipe(recipe), DecoderRecipe)
    with pytest.raises(UsageError, match="fidelity was trained together with the encoder"):
        train_recipe(recipe, tmp_path / "a", ["decoder.name=fidelity"], data=data)
    with pytest.raises(UsageError, match=r"decoder\.start: tiny has the decoders fidelity, no sharp"):
        train_recipe(recipe, tmp_path / "b", ["decoder.start=sharp"], data=data)
    with pytest.raises(UsageError, match="at least 0, and one is more"):
        read_recipe(recipe, ["objective.lambda_features=-1"])
    (tmp_path / "toy.xcm").write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="toy must be a package with qualities"):
        train_recipe(recipe, tmp_path / "c", [f"decoder.package={tmp_path / 'toy.xcm'}"], data=data)
