"""Weights read back from packages: of one quality, as shipped before, and of several."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from learn.photo.tiny import DATA, MODEL, OBJECTIVE, RECIPE, TWO, TWO_RECIPE
from toypackage import toy_package_bytes

from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import ENCODER, encoder_part, load_package, pack, parse_package
from crosscodec.errors import UsageError
from crosscodec.learn import onnxfile
from crosscodec.learn.onnxfile import onnx_bytes, weights_as_bytes
from crosscodec.learn.photo import export
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import export_package
from crosscodec.learn.photo.loop import train
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.networks import Analysis, descent
from crosscodec.learn.photo.settings import ModelSettings
from crosscodec.learn.photo.start import (
    pruned,
    pyramid_shape,
    start_from_package,
    stored_weights,
    strided,
    take_over,
    take_single_quality,
)
from crosscodec.learn.train import read_recipe

pytestmark = pytest.mark.training


def new_analysis():
    return Analysis(MODEL, MODEL.analysis_widths, MODEL.analysis_blocks)


@pytest.fixture(scope="module")
def trained():
    torch.manual_seed(5)
    model = PhotoCodec(MODEL, OBJECTIVE)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn_like(parameter))
    batch = load_training_pictures(DATA, None).training.batch(0, 0, 4)
    model.start_tables(batch.degraded)
    return model.eval()


@pytest.fixture(scope="module")
def package(trained, tmp_path_factory):
    pictures = load_training_pictures(DATA, None).training
    data = export_package(trained, RECIPE, pictures, {})
    return parse_package(data, tmp_path_factory.mktemp("start") / "tiny.xcm")


def test_a_package_of_several_qualities_comes_back_whole(trained, package):
    torch.manual_seed(6)
    model = PhotoCodec(MODEL, OBJECTIVE)
    start_from_package(model, package)
    known = dict(trained.named_parameters())
    for name, parameter in model.named_parameters():
        if not name.startswith("densities"):
            torch.testing.assert_close(parameter, known[name], atol=2e-3, rtol=2e-3, msg=name)


def moved(settings, seed):
    """A codec whose parameters do something."""
    torch.manual_seed(seed)
    model = PhotoCodec(settings, OBJECTIVE)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model.eval()


def test_further_encoders_are_taken_where_the_package_has_them(package, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "TABLE_BATCHES", 8)
    pair = moved(TWO, 5)
    pictures = load_training_pictures(DATA, None).training
    pair.start_tables(pictures.batch(0, 0, 4).degraded)
    both = parse_package(export_package(pair, TWO_RECIPE, pictures, {}), tmp_path / "two.xcm")
    found = moved(TWO, 6)
    assert start_from_package(found, both) == {"default", "best"}
    for name in ("analysis", "best", "synthesis"):
        known = dict(getattr(pair, name).named_parameters())
        for inner, parameter in getattr(found, name).named_parameters():
            torch.testing.assert_close(parameter, known[inner], atol=2e-3, rtol=2e-3)
    assert start_from_package(moved(MODEL, 6), both) == {"default"}, "the recipe has no other"
    fresh = moved(TWO, 6)
    before = {name: parameter.clone() for name, parameter in fresh.best.named_parameters()}
    assert start_from_package(fresh, package) == {"default"}, "the package has no other"
    assert all(torch.equal(parameter, before[name]) for name, parameter in fresh.best.named_parameters())
    wider = PhotoCodec(replace(TWO, best_widths=(7, 8, 10)), OBJECTIVE)
    with pytest.raises(UsageError, match=r"net.to_half.weight has shape \(6, 3, 6, 6\).*\(7, 3, 6, 6\)"):
        start_from_package(wider, both)


def test_no_step_of_training_leaves_the_networks_and_fits_the_tables(trained, package, tmp_path):
    """training.steps=0: what a package needs when contexts are fitted in another way than when it was trained."""
    start = tmp_path / "start.xcm"
    start.write_bytes(pack(package.card, package.parts))
    recipe = replace(RECIPE, training=replace(RECIPE.training, start=str(start), steps=0))
    pictures = load_training_pictures(DATA, None)
    found = train(recipe, pictures, tmp_path, resume=False)
    assert found.steps == 0
    again = parse_package(export_package(found.model, recipe, pictures.training, {}), tmp_path / "again.xcm")
    picture = np.random.default_rng(1).random((1, 3, 32, 48)).astype(np.float32)
    np.testing.assert_allclose(again.encoder(picture), package.encoder(picture), atol=1e-5)
    # The same symbols were counted but for weights in float16: files are as large as before.
    pixels = pictures.held_out[0].clean
    for quality in (0, 50, 100):
        old, new = (len(encode_pixels(pixels, of, quality=quality).data) for of in (package, again))
        assert abs(new - old) < 0.02 * old


def test_gains_of_one_quality_go_with_the_root_of_lambda(package):
    model = PhotoCodec(MODEL, OBJECTIVE)
    gain = np.full((27, 1, 1), 5.0, np.float32)
    take_single_quality(model, gain, 1 / gain, package)  # its card names no lambda: the reference counts
    ratio = (model.gains.log_gain[2] - model.gains.log_gain[0]).exp()
    torch.testing.assert_close(ratio, torch.full((27, 1, 1), (0.16 / 0.0012) ** 0.5))
    torch.testing.assert_close(model.gains.log_step, -model.gains.log_gain)


@pytest.mark.parametrize("reach", [1, 3])
def test_a_strided_kernel_does_what_space_to_depth_and_a_kernel_did(reach):
    torch.manual_seed(0)
    before = torch.nn.Sequential(torch.nn.PixelUnshuffle(2), torch.nn.Conv2d(20, 7, reach, padding=reach // 2))
    after = descent(5, 7, reach)
    kernel, bias = (parameter.detach() for parameter in before[1].parameters())
    after.weight.data, after.bias.data = torch.from_numpy(strided(kernel.numpy())), bias
    pictures = torch.randn(2, 5, 12, 10)
    torch.testing.assert_close(after(pictures), before(pictures), atol=1e-5, rtol=1e-5)


def test_a_package_of_an_earlier_release_is_read():
    """Its descents are two steps; the networks that start from it give what its graph gives."""
    package = load_package(Path(__file__).parents[2] / "codec" / "golden" / "v1-photo.xcm")
    recipe = package.card.training["recipe"]
    torch.manual_seed(0)
    model = PhotoCodec(ModelSettings(), OBJECTIVE).eval()
    assert recipe["model"]["analysis_widths"] == list(ModelSettings().analysis_widths)
    start_from_package(model, package)
    picture = torch.rand(1, 3, 64, 48)
    with torch.no_grad():
        coefficients = model.analysis(picture)
    gain = stored_weights(package.parts["encoder.onnx"])["exp"]
    np.testing.assert_allclose(coefficients[0].numpy() * gain, package.encoder(picture.numpy())[0], atol=0.01)


def test_other_widths_are_refused(package):
    wider = ModelSettings(**{**MODEL.__dict__, "analysis_widths": (5, 6, 8)})
    with pytest.raises(UsageError, match=r"net.to_half.weight has shape \(4, 3, 6, 6\).*\(5, 3, 6, 6\)"):
        start_from_package(PhotoCodec(wider, OBJECTIVE), package)


BLOCKS = {f"net.{chain}.{i}.second.weight": np.full(1, i) for chain in ("deep", "up_half") for i in range(3)}


def test_blocks_are_left_out_and_later_ones_move_up():
    kept = pruned(
        BLOCKS | {"last.weight": np.zeros(1)}, "analysis", ("analysis.deep.0", "analysis.deep.1", "synthesis.up_half.0")
    )
    assert {name: int(value[0]) for name, value in kept.items()} == {
        "net.deep.0.second.weight": 2,
        "net.up_half.0.second.weight": 0,
        "net.up_half.1.second.weight": 1,
        "net.up_half.2.second.weight": 2,
        "last.weight": 0,
    }


@pytest.mark.parametrize("name", ["analysis.deep.3", "analysis.deep", "analysis.net.0"])
def test_a_block_that_is_not_there_is_named(name):
    with pytest.raises(UsageError, match=rf"no block {name}, only analysis.deep.0, .*analysis.up_half.2"):
        pruned(BLOCKS, "analysis", (name,))


def test_a_codec_without_a_block_does_what_the_whole_one_did(package):
    """Where the block that is left out had no effect."""
    whole = PhotoCodec(ModelSettings(**{**MODEL.__dict__, "analysis_blocks": (1, 0, 2, 1, 1)}), OBJECTIVE).eval()
    start_from_package(whole, package)  # its second block of the chain is new: the identity
    torch.manual_seed(8)
    exported = {name: parameter.detach().numpy() for name, parameter in whole.analysis.named_parameters()}
    without = PhotoCodec(MODEL, OBJECTIVE).eval()
    start_from_package(without, package)
    take_over(without.analysis, pruned(exported, "analysis", ("analysis.deep.1",)))
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(without.analysis(picture), whole.analysis(picture))


def test_blocks_are_not_lost_without_a_word(package):
    """What was learnt around a block is no codec without it."""
    whole = PhotoCodec(ModelSettings(**{**MODEL.__dict__, "analysis_blocks": (1, 0, 2, 1, 1)}), OBJECTIVE)
    exported = {name: parameter.detach().numpy() for name, parameter in whole.analysis.named_parameters()}
    with pytest.raises(UsageError, match=r"has the residual blocks deep\.1, the recipe has not; .* `without`"):
        take_over(PhotoCodec(MODEL, OBJECTIVE).analysis, exported)


def test_the_shipped_recipe_goes_on_from_the_shipped_package():
    """It named a file of this repository, which nobody has who installed the package."""
    recipe = read_recipe(Path("photo-denoise"))
    assert recipe.training.start == "photo-denoise"
    package = load_package("photo-denoise")
    model = PhotoCodec(recipe.model, recipe.objective)
    assert start_from_package(model, package) == {"default", "best"}
    for part, analysis in ((ENCODER, model.analysis), (encoder_part("best"), model.best)):
        stored = stored_weights(package.parts[part])
        names = [name for name, _ in analysis.named_parameters() if "net." in name]
        assert set(names) <= stored.keys()


def test_blocks_of_no_network_are_refused(package):
    with pytest.raises(UsageError, match=r"a block's name begins with analysis or synthesis, not 'deep\.0'"):
        start_from_package(PhotoCodec(MODEL, OBJECTIVE), package, without=("deep.0",))


def test_a_package_of_another_kind_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no weight of a photo codec"):
        start_from_package(PhotoCodec(MODEL, OBJECTIVE), parse_package(toy_package_bytes(), tmp_path / "toy.xcm"))


def test_what_the_package_lacks_stays_as_it_was():
    layer = torch.nn.Linear(2, 2)
    before = layer.bias.detach().clone()
    assert take_over(layer, {"weight": np.ones((2, 2), np.float32)}) == 1
    assert torch.equal(layer.bias, before)
    assert layer.weight.tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_weights_stored_as_bytes_are_read_as_the_floats_they_stand_for(monkeypatch):
    monkeypatch.setattr(onnxfile, "SMALLEST_IN_BYTES", 100)
    torch.manual_seed(4)
    graph = onnx_bytes(new_analysis().eval(), torch.zeros(1, 3, 32, 48))
    halved = stored_weights(graph)
    weights = stored_weights(weights_as_bytes(onnx.load_from_string(graph)).SerializeToString())
    assert weights.keys() == halved.keys()
    assert any(not np.array_equal(weights[name], halved[name]) for name in halved)
    for name, array in halved.items():
        np.testing.assert_allclose(weights[name], array, atol=np.abs(array).max() / 250, err_msg=name)


def test_the_shape_of_an_analysis_is_read_from_its_weights():
    weights = {name: value.numpy() for name, value in new_analysis().state_dict().items()}
    assert pyramid_shape(weights) == (MODEL.analysis_widths, MODEL.analysis_blocks)
    with pytest.raises(UsageError, match=r"no network of a photo codec has these weights: net\.to_half\.weight"):
        pyramid_shape({})
