"""From a photo package to the same package with one decoder more: what stays, what is new, resume, refusals."""

from dataclasses import replace

import numpy as np
import pytest
from toypackage import toy_package_bytes

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.codec.package import decoder_part
from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.decoder.train import with_decoder
from crosscodec.learn.train import read_recipe, train_recipe

pytestmark = pytest.mark.training


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
    assert told["command"].startswith("crosscodec train more.toml")
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


def test_rows_of_earlier_releases_stay_with_the_decoder_that_they_are_of(tmp_path, base, recipe):
    """They name neither encoder nor decoder, or the decoder alone."""
    package = load_package(base)
    mine, others = {"sigma": 1.0, "decoder": "perception"}, ({"sigma": 1.0}, {"sigma": 2.0, "decoder": "fidelity"})
    newer = mine | {"encoder": "default"}
    card = replace(package.card, measured=(*others, mine, newer))
    graph = package.parts[decoder_part("fidelity")]
    added = with_decoder(replace(package, card=card), read_recipe(recipe), graph, {}, tmp_path)
    assert added.card.measured == others


def test_without_weight_for_features_no_file_of_weights_is_needed(tmp_path, recipe):
    path = train_recipe(recipe, tmp_path / "run", ["objective.lambda_features=0"], data=tmp_path)
    assert "perception" in load_package(path).decoders
    with pytest.raises(InputMissing, match="lpips_squeeze"):
        train_recipe(recipe, tmp_path / "other", data=tmp_path)


def test_what_cannot_be_is_refused(tmp_path, recipe, data):
    with pytest.raises(UsageError, match="fidelity was trained together with the encoder"):
        train_recipe(recipe, tmp_path / "a", ["decoder.name=fidelity"], data=data)
    with pytest.raises(UsageError, match=r"decoder\.start: tiny has the decoders fidelity, no sharp"):
        train_recipe(recipe, tmp_path / "b", ["decoder.start=sharp"], data=data)
    (tmp_path / "toy.xcm").write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="toy must be a package with qualities"):
        train_recipe(recipe, tmp_path / "c", [f"decoder.package={tmp_path / 'toy.xcm'}"], data=data)
