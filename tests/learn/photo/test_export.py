import numpy as np
import pytest
import torch
from learn.photo.tiny import DATA, MODEL, OBJECTIVE, RECIPE, TWO, TWO_RECIPE

from crosscodec.bitstream.coder import model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.prediction import differences
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import parse_package
from crosscodec.codec.qualities import place_of
from crosscodec.learn.photo import export
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.export import (
    TABLE_SEED,
    coded_range,
    export_package,
    fit_entropy_model,
    pyramid_reach,
    receptive_halo,
    training_coefficients,
)
from crosscodec.learn.photo.model import PhotoCodec

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def pictures():
    return load_training_pictures(DATA, None).training


@pytest.fixture(scope="module")
def model(pictures):
    torch.manual_seed(3)
    model = PhotoCodec(MODEL, OBJECTIVE)
    for parameter in model.analysis.net.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    batch = pictures.batch(0, 0, 8)
    model.start_from_pictures([model.analysis], batch.degraded, batch.clean, 0.05)
    return model.eval()


@pytest.fixture(scope="module")
def package(model, pictures, tmp_path_factory):
    data = export_package(model, RECIPE, pictures, {"steps": 8})
    return parse_package(data, tmp_path_factory.mktemp("export") / "tiny.xcm")


@pytest.mark.parametrize("size", [(16, 16), (64, 48), (16, 144)])
def test_graphs_give_what_the_networks_give_at_any_size(model, package, size):
    picture = torch.rand(1, 3, *size)
    with torch.no_grad():
        coefficients = model.analysis(picture)
        given = model.gains.dequantised(model.gains.latents(coefficients, 50).round(), 50)
        restored = model.synthesis(given)
    # float16 weights move latents by up to a few thousandths of a step times their size
    np.testing.assert_allclose(package.encoder(picture.numpy()), coefficients.numpy(), atol=0.003, rtol=2e-3)
    np.testing.assert_allclose(package.decoder("fidelity")(given.numpy()), restored.numpy(), atol=0.01)


@pytest.mark.parametrize("quality", [0, 17, 25, 50, 76, 100])
def test_the_package_quantises_as_training_did(model, package, pictures, quality):
    with torch.no_grad():
        coefficients = model.analysis(pictures.batch(1, 1, 1).degraded)
        latents = model.gains.latents(coefficients, quality)
        values = model.gains.dequantised(latents.round(), quality)
    level = package.qualities.at(quality)
    symbols = level.symbols(coefficients[0].numpy())
    apart = np.abs(latents[0].numpy() - np.round(latents[0].numpy())) < 0.499  # a half may go either way
    np.testing.assert_array_equal(symbols[apart], latents[0].round().int().numpy()[apart])
    np.testing.assert_allclose(level.values(latents[0].round().int().numpy()), values[0].numpy(), rtol=1e-5)
    assert level.anchor == place_of(quality, OBJECTIVE.anchors).nearest


def test_card_says_how_it_was_made(package):
    card = package.card
    assert (card.name, card.block, card.decoders) == ("photo-denoise", 16, ("fidelity",))
    assert card.halo == receptive_halo(MODEL.analysis_blocks, MODEL.synthesis_blocks)
    assert card.training["steps"] == 8
    assert card.predicted == (0, 15, 21)
    assert (card.qualities.anchors, card.qualities.default) == (OBJECTIVE.anchors, 50)
    assert card.training["run"] == RECIPE.identity()
    assert card.training["recipe"]["training"]["seed"] == RECIPE.training.seed


def new_pair(pictures):
    """A codec of two analyses, the second of which gives a little less."""
    torch.manual_seed(3)
    pair = PhotoCodec(TWO, OBJECTIVE)
    with torch.no_grad():
        for parameter in pair.best.net.parameters():
            torch.nn.init.normal_(parameter, std=0.05)
        pair.best.shrink.mul_(0.9)
    pair.start_tables(pictures.batch(0, 0, 8).degraded)
    return pair.eval()


def test_a_package_has_both_encoders_and_tables_for_both(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "TABLE_BATCHES", 8)
    pair = new_pair(pictures)
    package = parse_package(export_package(pair, TWO_RECIPE, pictures, {}), tmp_path / "two.xcm")
    assert (package.card.format, package.encoders) == (7, ("default", "best"))
    assert package.card.encoders == {"best": receptive_halo(TWO.best_blocks)}
    assert package.card.halo == receptive_halo(MODEL.analysis_blocks, MODEL.synthesis_blocks)
    picture = torch.rand(1, 3, 64, 48)
    for name, analysis in pair.analyses.items():
        with torch.no_grad():
            coefficients = analysis(picture)
        found = package.encoder_named(name)(picture.numpy())
        np.testing.assert_allclose(found, coefficients.numpy(), atol=0.003, rtol=2e-3)
    pixels = pictures.pictures[0]
    sizes = [len(encode_pixels(pixels, package, encoder=name).data) for name in package.encoders]
    assert sizes[1] < sizes[0]
    for name in package.encoders:
        data = encode_pixels(pixels, package, encoder=name).data
        assert decode_bytes(data, package).pixels.shape == pixels.shape


def test_tables_are_fitted_to_the_analyses_in_turn(pictures):
    pair = new_pair(pictures)
    found = training_coefficients(pair, pictures, 3)
    crops = [pictures.batch(TABLE_SEED, step, 16).degraded for step in range(3)]
    with torch.no_grad():
        wanted = [
            analysis(crop) for analysis, crop in zip((pair.analysis, pair.best, pair.analysis), crops, strict=True)
        ]
    torch.testing.assert_close(found, torch.cat(wanted))


def test_entropy_model_charges_training_symbols_less_than_factorised_entropy(model, pictures, package):
    latents = model.gains.latents(training_coefficients(model, pictures, 8), 50).round()
    symbols = latents.int().transpose(0, 1).flatten(1).numpy()
    grids = [Grid(*latents.shape[2:])] * len(latents)
    symbols = differences(symbols, grids, package.card.predicted)
    entropy = 0.0
    for row in symbols:
        _, seen = np.unique(row, return_counts=True)
        entropy += float((seen * np.log2(row.size / seen)).sum())
    assert model_bits(symbols, package.entropy_at(50), grids) < 1.05 * entropy


def test_a_table_spans_what_occurred_twice_and_else_the_commonest():
    channel = np.array([0, 1, 6, 50, 5, 2, 0, 1], np.float32)
    assert coded_range(np.array([0, 1, 2, 0, 3, 1, 0, 0], np.float32), channel) == (2, 4)
    assert coded_range(np.zeros(8, np.float32), channel) == (3, 3)


def test_first_group_has_one_context_and_thresholds_rise(package):
    layout = package.entropy.layout
    assert layout.thresholds[0] == ()
    assert layout.contexts == MODEL.contexts
    assert layout.channels == 27
    assert any(len(row) == 2 for row in layout.thresholds)


def test_reach_by_hand():
    assert pyramid_reach((1, 1, 2, 1, 1)) == 2 * 6 + 4 * 4 + 8 * 4
    assert receptive_halo((1, 1, 2, 1, 1)) == 80, "60 and a cell of 8, in whole blocks"
    assert receptive_halo((0, 0, 1, 0, 0), (1, 1, 2, 1, 1), (1, 1, 1, 1, 1)) == 80, "that of the one that sees farthest"


def test_a_package_says_nothing_of_the_machine_that_made_it(package):
    for name, part in package.parts.items():
        for trace in (b"stack_trace", b"networks.py", b"site-packages", b"/src/"):
            assert trace not in part, f"{name} holds {trace!r}"


def test_the_coder_charges_what_training_charges(model, pictures):
    """Contexts that the integer layout leaves out (equal thresholds) do not move the tables of others."""
    latents = model.gains.latents(training_coefficients(model, pictures, 64), 50).round()
    density = model.density(50)
    entropy = fit_entropy_model(density, MODEL, latents)
    numbers = density.numbers(latents)
    symbols = numbers.int().transpose(0, 1).flatten(1).numpy()
    bits = model_bits(symbols, entropy, [Grid(*latents.shape[2:])] * len(latents))
    with torch.no_grad():
        assert bits == pytest.approx(density(latents).sum().item(), rel=0.03)
