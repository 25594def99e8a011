import pytest
import torch
from learn.transport.tiny import EMBEDDING, TASK, tiny_recipe

from crosscodec.learn.transport.model import first_decoder, in_pieces, make_critic, make_representation, make_restorer
from crosscodec.learn.transport.networks import Shape
from crosscodec.learn.transport.quantisers import ScalarQuantiser, VectorQuantiser

SHAPE = Shape(1, 8, 8)


@pytest.mark.parametrize(
    ("changes", "channels"),
    [
        ({}, 3),
        ({"model": {"network": "conv"}}, 3),
        ({"model": {"network": "spatial"}, "quantiser": {"latents": 2}}, 2 * SHAPE.cells),
        ({"quantiser": {"kind": "rounding"}}, 3),
        (EMBEDDING, 2),
        ({"model": {"network": "embedding"}}, 3),
        ({"model": {"decoder": "dense"}}, 3),
    ],
)
def test_a_representation_gives_symbols_that_its_restorer_takes(changes, channels):
    recipe = tiny_recipe(changes)
    representation = make_representation(recipe, SHAPE, 10).eval()
    quantiser = representation.quantiser
    assert isinstance(quantiser, VectorQuantiser if recipe.quantiser.kind == "vector" else ScalarQuantiser)
    pictures = torch.rand(5, 1, 8, 8)
    with torch.no_grad():
        latents = quantiser.latents(representation.encoder(representation.encoder.prepare(pictures)))
    assert latents.shape == (5, channels)
    restorer = make_restorer(recipe, first_decoder(recipe), quantiser.features, SHAPE, 10)
    restored = restorer.decoder(quantiser.features_of(quantiser.symbols(latents, None)), torch.empty(5, 0))
    assert restored.shape == pictures.shape


def test_training_moves_all_but_the_base_of_an_embedding():
    representation = make_representation(tiny_recipe(EMBEDDING), SHAPE, 10)
    names = {id(p): name for name, p in representation.named_parameters()}
    learned = {names[id(p)] for p in representation.learned()}
    fixed = set(names.values()) - learned
    assert any(name.startswith("encoder.net") for name in learned)
    assert any(name.startswith("quantiser.codebooks") for name in learned)
    assert {name.split(".")[1] for name in fixed} == {"components", "posterior", "label_weight", "label_sharpness"}
    plain = make_representation(tiny_recipe(), SHAPE, 10)
    assert len(plain.learned()) == len(list(plain.parameters()))


def test_the_first_decoder_has_the_objective_of_the_recipe():
    weights = {"lambda_distortion": 2.0, "lambda_perception": 0.3, "lambda_classification": 0.4, "supervised": True}
    found = first_decoder(tiny_recipe({"objective": weights, "package": {"decoder": "first"}}))
    assert {name: getattr(found, name) for name in weights} == weights
    assert (found.name, found.steps, found.noise, found.network) == ("first", 6, 0, "conv")
    assert first_decoder(tiny_recipe({"model": {"decoder": "dense"}})).network == "dense"
    assert first_decoder(tiny_recipe({"objective": {"classifier": "clean"}})).classifier == "clean"


def test_the_reconstructor_belongs_to_the_first_decoder_of_a_coupling():
    recipe = tiny_recipe({"objective": {"kind": "mec"}, "decoders": [TASK]})
    assert make_restorer(recipe, first_decoder(recipe), 3, SHAPE, 10).reconstructor is not None
    assert make_restorer(recipe, recipe.decoders[0], 3, SHAPE, 10).reconstructor is None
    plain = tiny_recipe()
    assert make_restorer(plain, first_decoder(plain), 3, SHAPE, 10).reconstructor is None


def test_without_labels_there_is_no_head():
    recipe = tiny_recipe()
    assert make_restorer(recipe, first_decoder(recipe), 3, SHAPE, 0).head is None
    assert make_critic(recipe, SHAPE)(torch.rand(2, 1, 8, 8)).shape == (2,)


def test_in_pieces_is_the_whole_without_gradients():
    layer = torch.nn.Linear(3, 2)
    inputs = torch.rand(11, 3)
    found = in_pieces(layer, inputs, 4)
    torch.testing.assert_close(found, layer(inputs))
    assert not found.requires_grad
