import dataclasses

import numpy as np
import pytest
import torch
from learn.transport.tiny import DITHERED, EMBEDDING, PERCEPTION, tiny_data, tiny_recipe

from crosscodec.bitstream.coder import model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.codec import decode_arrays, encode_arrays
from crosscodec.codec.package import judge_part, parse_package
from crosscodec.learn.transport.export import (
    PRIOR,
    TrainedDecoder,
    TrainedParts,
    export_package,
    fit_entropy_model,
)
from crosscodec.learn.transport.model import first_decoder, in_pieces, make_representation, make_restorer
from crosscodec.learn.transport.networks import Classifier
from crosscodec.learn.transport.quantisers import ScalarQuantiser
from crosscodec.learn.transport.settings import QuantiserSettings

pytestmark = pytest.mark.training

HALF = 3e-3  # float16 weights move pictures of 0..1 by less


def parts_of(data, recipe, decoders=()):
    """Untrained modules as a run would hand them over, with some spread in the latents."""
    torch.manual_seed(2)
    representation = make_representation(recipe, data.shape, data.classes).eval()
    quantiser, encoder = representation.quantiser, representation.encoder
    with torch.no_grad():
        for parameter in encoder.parameters():
            parameter.mul_(4)  # a fresh encoder gives nearly the same symbols for all pictures
    latents = in_pieces(lambda piece: quantiser.latents(encoder(encoder.prepare(piece))), data.degraded)
    trained = []
    for settings in (first_decoder(recipe), *decoders):
        restorer = make_restorer(recipe, settings, quantiser.features, data.shape, data.classes).eval()
        torch.nn.init.normal_(restorer.decoder.linear.weight, std=0.2)
        torch.nn.init.constant_(restorer.decoder.linear.bias, 0.5)
        for parameter in restorer.decoder.net.last_layer().parameters():
            torch.nn.init.normal_(parameter, std=0.2)
        trained.append(TrainedDecoder(settings.name, restorer.decoder, restorer.head if len(trained) else None))
    judge = Classifier(data.shape, 4, 10).eval()
    return TrainedParts(representation, latents, tuple(trained), judge)


@pytest.fixture(scope="module")
def data():
    return tiny_data()


@pytest.fixture(scope="module")
def recipe():
    return tiny_recipe(DITHERED, {"decoders": [PERCEPTION]})


@pytest.fixture(scope="module")
def parts(data, recipe):
    return parts_of(data, recipe, recipe.decoders)


@pytest.fixture(scope="module")
def package(parts, recipe, data, tmp_path_factory):
    exported = export_package(parts, recipe, data, {"note": 7})
    return parse_package(exported, tmp_path_factory.mktemp("export") / "tiny.xcm")


def test_the_encoder_graph_gives_the_latents_of_any_batch(package, parts, data):
    for count in (1, 5):
        found = package.encoder(data.degraded[:count].numpy())
        np.testing.assert_allclose(found[:, :, 0, 0], parts.latents[:count].numpy(), atol=0.02)
        assert found.shape == (count, 3, 1, 1)


def test_decoder_graphs_give_the_pictures_of_values_and_noise(package, parts):
    torch.manual_seed(0)
    values = 5 * torch.rand(4, 3)
    for trained in parts.decoders:
        noise = torch.randn(4, trained.decoder.noise)
        with torch.no_grad():
            expected = trained.decoder(parts.representation.quantiser.features_of(values), noise)
        found = package.decoder(trained.name)(torch.cat([values, noise], 1)[:, :, None, None].numpy())
        np.testing.assert_allclose(found, expected.numpy(), atol=HALF)
        assert expected.std() > 0.01, "pictures that differ"


def test_judges_give_their_logits(package, parts, data):
    pictures = data.clean[:5]
    for name, judge in (("clean", parts.clean_judge), ("on-perception", parts.decoders[1].head)):
        with torch.no_grad():
            expected = judge(pictures)
        np.testing.assert_allclose(package.judge(name)(pictures.numpy()), expected.numpy(), atol=0.01)


def test_the_card_says_what_the_run_time_must_know(package, recipe, data):
    card = package.card
    assert (card.size, card.planes, card.channels) == ((8, 8), 1, ("gray",))
    assert card.levels == (6, 6, 6)
    assert (card.dither.levels, card.dither.common) == (4, True)
    assert card.decoders == ("fidelity", "perception")
    assert card.noise == {"perception": 2}
    assert card.judges == ("clean", "on-perception")
    assert card.classes == data.samples.classes
    assert card.degradation == data.samples.degradation == "noise:50"
    assert card.training["run"] == recipe.identity()
    assert card.training["note"] == 7
    assert card.training["recipe"]["quantiser"]["common"] is True


def test_the_payload_is_what_the_model_estimates(package, data):
    encoded = encode_arrays(data.samples.degraded, package, seed=3)
    assert 8 * encoded.payload_bytes <= encoded.model_bits * 1.001 + 64
    assert encoded.model_bits > 240, "some bits a picture, or the bound says nothing"
    restored = decode_arrays(encoded.data, package, "perception")
    assert restored.shape == data.samples.degraded.shape


def test_the_run_time_codes_the_symbols_of_the_modules(package, parts, data):
    """Whole way without dither's draw: fidelity of the file is the decoder's picture of quantised latents."""
    degraded = data.samples.degraded[:6]
    restored = decode_arrays(encode_arrays(degraded, package).data, package)
    quantiser = parts.representation.quantiser
    offsets = quantiser.offset(torch.arange(4))
    best = np.inf * np.ones(6)
    latents = parts.latents[:6]
    for choice in np.ndindex(4, 4, 4):  # the file's draw is one of these
        offset = offsets[list(choice)]
        values = (latents - offset).round().clamp(0, 5) + offset
        with torch.no_grad():
            pictures = parts.decoders[0].decoder(quantiser.features_of(values), torch.empty(6, 0))
        best = np.minimum(best, np.abs(pictures.numpy().transpose(0, 2, 3, 1) - restored).max((1, 2, 3)))
    assert (best < HALF).mean() > 0.8, "float16 weights may move a latent across a boundary now and then"


def test_a_package_says_nothing_of_the_machine_that_made_it(package):
    for name, part in package.parts.items():
        for trace in (b"stack_trace", b"networks.py", b"site-packages", b"/src/"):
            assert trace not in part, f"{name} holds {trace!r}"


def entropy_of(data, *changes, latents=None):
    parts = parts_of(data, tiny_recipe(*changes))
    return fit_entropy_model(parts.representation.quantiser, parts.latents if latents is None else latents)


@pytest.mark.parametrize(("common", "tables"), [(True, 3 * 4), (False, 3)])
def test_common_dither_has_a_table_a_level_and_private_dither_one(data, common, tables):
    entropy = entropy_of(data, DITHERED, {"quantiser": {"common": common}})
    assert (entropy.tables.count, entropy.layout.channels) == (tables, 3)


def test_tables_are_the_shares_of_the_training_symbols(data):
    latents = torch.tensor([[0.0, 1.0, 2.0]] * 30 + [[3.0, 1.0, 2.0]] * 10)
    entropy = entropy_of(data, latents=latents)
    grids = [Grid(1, 1)]

    def bits(*symbols):
        return model_bits(np.array(symbols, np.int32)[:, None], entropy, grids)

    sure = bits(0, 1, 2)
    assert bits(3, 1, 2) - sure == pytest.approx(np.log2((30 + PRIOR) / (10 + PRIOR)), abs=0.02)
    assert bits(2, 1, 2) - sure == pytest.approx(np.log2((30 + PRIOR) / PRIOR), abs=0.05), "unseen, and possible"
    assert sure < 0.7


def test_rounding_lists_what_occurred_and_codes_the_rest(data):
    latents = torch.tensor([[-3.0, 0.0, 1.0], [5.0, 0.0, 2.0]])
    entropy = entropy_of(data, {"quantiser": {"kind": "rounding"}}, latents=latents)
    assert entropy.tables.count == 3
    far = model_bits(np.array([[900], [0], [1]], np.int32), entropy, [Grid(1, 1)])
    near = model_bits(np.array([[5], [0], [1]], np.int32), entropy, [Grid(1, 1)])
    assert np.isfinite(far)
    assert far > near


def test_an_embedding_codes_indices(data):
    entropy = entropy_of(data, EMBEDDING)
    assert entropy.tables.count == 2


def test_latents_on_a_grid_may_have_more_channels_than_a_layout_has_groups():
    quantiser = ScalarQuantiser(QuantiserSettings(kind="rounding", latents=8), 300)
    latents = torch.arange(3.0)[:, None].expand(3, 300)
    model = fit_entropy_model(quantiser, latents)
    assert (model.channels, model.layout.contexts, model.tables.count) == (300, 1, 300)


def test_channels_that_share_a_table_are_counted_together():
    quantiser = ScalarQuantiser(QuantiserSettings(kind="rounding", latents=2, shared=True), 6, 3)
    latents = torch.tensor([[0.0, 1.0, 2.0, 5.0, 5.0, 5.0]])
    model = fit_entropy_model(quantiser, latents)
    assert model.tables.count == 6

    def bits(*symbols):
        return model_bits(np.array(symbols, np.int32)[:, None], model, [Grid(1, 1)])

    assert bits(2, 2, 2, 5, 5, 5) == pytest.approx(bits(0, 1, 2, 5, 5, 5), abs=0.01)


def test_the_judge_of_another_package_goes_in_as_it_is(package, parts, recipe, data, tmp_path):
    theirs = package.parts[judge_part("clean")]
    exported = export_package(dataclasses.replace(parts, clean_judge=None, shipped_judge=theirs), recipe, data, {})
    again = parse_package(exported, tmp_path / "again.xcm")
    assert again.card.judges == ("clean", "on-perception")
    assert again.parts[judge_part("clean")] == theirs
