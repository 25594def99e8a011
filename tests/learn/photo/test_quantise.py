"""A package in integers: what changes in it, what stays, and that training can go on from it."""

from dataclasses import replace
from itertools import product

import numpy as np
import onnx
import pytest
import torch
from learn.photo.tiny import DATA, OBJECTIVE, TWO, TWO_RECIPE
from PIL import Image
from toypackage import toy_package_bytes

from crosscodec.codec import decode_bytes, encode_pixels
from crosscodec.codec.package import ENCODER, decoder_part, encoder_part, load_package, pack, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn.onnxfile import INTEGER_KERNEL
from crosscodec.learn.photo import quantise
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import export_package
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.quantise import quantise_package
from crosscodec.learn.photo.start import start_from_package, stored_weights
from crosscodec.measure.distortion import psnr

pytestmark = pytest.mark.training

BEST = encoder_part("best")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A package with two encoders and two decoders whose blocks do something."""
    torch.manual_seed(7)
    model = PhotoCodec(TWO, OBJECTIVE)
    for name, parameter in model.named_parameters():
        if ".net." in name:
            torch.nn.init.normal_(parameter, std=0.1)
    pictures = load_training_pictures(DATA, None).training
    model.start_tables(pictures.batch(0, 0, 8).degraded)
    package = parse_package(
        export_package(model.eval(), TWO_RECIPE, pictures, {}), tmp_path_factory.mktemp("q") / "a.xcm"
    )
    card = replace(package.card, decoders=("fidelity", "other"), measured=({"sigma": 1.0},))
    parts = package.parts | {decoder_part("other"): package.parts[decoder_part("fidelity")]}
    package.path.write_bytes(pack(card, parts))
    return load_package(package.path)


@pytest.fixture(scope="module")
def made(given, tmp_path_factory):
    path = tmp_path_factory.mktemp("quantised") / "b.xcm"
    path.write_bytes(quantise_package(str(given.path), path))
    return load_package(path)


def layers(package, part):
    return sum(node.op_type == INTEGER_KERNEL for node in onnx.load_from_string(package.parts[part]).graph.node)


def test_all_networks_are_in_integers_and_tables_stay(given, made):
    networks = (ENCODER, BEST, decoder_part("fidelity"), decoder_part("other"))
    assert [layers(made, part) for part in networks] == [14, 18, 8, 8]
    assert {k: v for k, v in made.parts.items() if k not in networks} == {
        k: v for k, v in given.parts.items() if k not in networks
    }


def test_other_photos_may_scale_and_measure(given, made, tmp_path):
    """Those that a package was trained on may be on another machine."""
    coast = tmp_path / "mine"
    coast.mkdir()
    for number, pixels in enumerate(load_training_pictures(DATA, None).training.pictures[:2]):
        Image.fromarray(pixels).save(coast / f"{number}.png")
    card = replace(given.card, training=elsewhere(given.card.training))
    moved = tmp_path / "moved.xcm"
    moved.write_bytes(pack(card, given.parts))
    with pytest.raises(UsageError, match="nowhere"):
        quantise_package(str(moved), tmp_path / "c.xcm")
    found = parse_package(quantise_package(str(moved), tmp_path / "c.xcm", sets=(str(coast),)), tmp_path / "c.xcm")
    assert found.card.training["integers"]["sets"] == [str(coast)]
    assert found.card.measured[0]["pictures"] == 1
    assert layers(found, ENCODER) == layers(made, ENCODER)


def elsewhere(training):
    """What a card says of training, on a folder that is not here."""
    recipe = training["recipe"]
    return training | {"recipe": recipe | {"data": recipe["data"] | {"sets": ["nowhere"]}}}


def test_the_card_says_so_and_is_measured_anew(given, made):
    told = made.card.training["integers"]
    assert told["package"] == given.sha256
    assert told["parts"] == [ENCODER, BEST, decoder_part("fidelity"), decoder_part("other")]
    assert made.card.training["recipe"] == given.card.training["recipe"]
    networks = {(row["encoder"], row["decoder"]) for row in made.card.measured}
    assert networks == set(product(("default", "best"), ("fidelity", "other")))
    assert made.card.encoders == given.card.encoders
    assert {row["sigma"] for row in made.card.measured} == {10.0, 25.0, 50.0}


@pytest.mark.parametrize("encoder", ["default", "best"])
@pytest.mark.parametrize("quality", [10, 50, 90])
def test_pictures_and_files_are_nearly_the_same(given, made, quality, encoder):
    pixels = load_training_pictures(DATA, None).held_out[0].clean
    sizes, errors = [], []
    for package in (given, made):
        data = encode_pixels(pixels, package, quality=quality, encoder=encoder).data
        sizes.append(len(data))
        errors.append(psnr(pixels, decode_bytes(data, package).pixels))
    assert sizes[1] == pytest.approx(sizes[0], rel=0.03)
    assert errors[1] == pytest.approx(errors[0], abs=0.3)


def test_training_goes_on_from_the_floats_that_integers_stand_for(given, made):
    model = PhotoCodec(TWO, OBJECTIVE)
    start_from_package(model, made)
    for part, analysis, count in ((ENCODER, model.analysis, 8), (BEST, model.best, 12)):
        before = stored_weights(given.parts[part])
        known = [(name, parameter) for name, parameter in analysis.named_parameters() if name in before]
        assert len([name for name, _ in known if ".second." in name]) == count
        for name, parameter in known:
            largest = np.abs(before[name]).max()
            np.testing.assert_allclose(parameter.detach().numpy(), before[name], atol=max(0.01 * largest, 2e-3))


def test_what_cannot_be_quantised_is_named(made, given, tmp_path):
    with pytest.raises(UsageError, match=r"no residual block in floats; .*--again"):
        quantise_package(str(made.path), tmp_path / "c.xcm")
    toy = tmp_path / "toy.xcm"
    toy.write_bytes(toy_package_bytes())
    with pytest.raises(UsageError, match="a recipe of the kind photo made"):
        quantise_package(str(toy), tmp_path / "c.xcm")


@pytest.mark.parametrize(("part", "count"), [(decoder_part("other"), 8), (encoder_part("best"), 18)])
def test_a_network_that_was_added_later_is_quantised_alone(given, made, tmp_path, monkeypatch, part, count):
    monkeypatch.setattr(quantise, "CROPS", 4)
    mixed = tmp_path / "mixed.xcm"
    mixed.write_bytes(pack(made.card, made.parts | {part: given.parts[part]}))
    again = parse_package(quantise_package(str(mixed), tmp_path / "d.xcm"), tmp_path / "d.xcm")
    assert again.card.training["integers"]["parts"] == [part]
    assert {name for name in made.parts if again.parts[name] != made.parts[name]} == {part}
    assert layers(again, part) == count


def test_again_takes_everything_back_to_floats_first(given, made, tmp_path, monkeypatch):
    monkeypatch.setattr(quantise, "CROPS", 8)
    mixed = tmp_path / "mixed.xcm"
    mixed.write_bytes(pack(made.card, made.parts | {BEST: given.parts[BEST]}))
    again = parse_package(quantise_package(str(mixed), tmp_path / "e.xcm", again=True), tmp_path / "e.xcm")
    networks = (ENCODER, BEST, decoder_part("fidelity"), decoder_part("other"))
    assert again.card.training["integers"]["parts"] == list(networks)
    assert [layers(again, part) for part in networks] == [14, 18, 8, 8]
    for part in networks:  # kernels of seven bits stand for floats that give the same seven bits
        before, after = (stored_weights(package.parts[part]) for package in (made, again))
        assert before.keys() == after.keys()
        for name in (name for name in before if name.endswith(".weight")):
            np.testing.assert_allclose(after[name], before[name], atol=1e-2 * np.abs(before[name]).max() + 1e-7)
