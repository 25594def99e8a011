"""What is the transport recipe's own; how recipes are read is tested in tests/learn/test_recipe.py."""

import pytest
from learn.transport.tiny import EMBEDDING, PERCEPTION, TASK, tiny_recipe, write_tiny

from crosscodec.errors import UsageError
from crosscodec.learn.recipe import kind_of, read_sections, recipe_from_sections
from crosscodec.learn.transport.settings import TransportRecipe


def test_the_file_gives_the_dataclass(tmp_path):
    changes = (EMBEDDING, {"decoders": [PERCEPTION, TASK]})
    sections = read_sections(write_tiny(tmp_path, *changes))
    assert kind_of(sections) == "transport"
    recipe = recipe_from_sections(TransportRecipe, sections)
    assert recipe == tiny_recipe(*changes)
    assert recipe.quantiser.codebooks == (5, 3)
    assert [(d.name, d.noise, d.supervised) for d in recipe.decoders] == [("perception", 2, False), ("task", 0, True)]


def test_as_dict_comes_back_and_names_the_kind():
    recipe = tiny_recipe({"decoders": [TASK]})
    assert recipe.as_dict()["kind"] == "transport"
    assert recipe_from_sections(TransportRecipe, recipe.as_dict()) == recipe


def test_identity_depends_on_decoders_and_booleans():
    recipes = [
        tiny_recipe(),
        tiny_recipe({"decoders": [TASK]}),
        tiny_recipe({"quantiser": {"dither": 4, "common": True}}),
        tiny_recipe({"quantiser": {"dither": 4, "common": False}}),
    ]
    assert len({recipe.identity() for recipe in recipes}) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": {"network": "transformer"}}, "model.network must be one of conv, dense, .*, not 'transformer'"),
        ({"quantiser": {"kind": "scalar"}}, "quantiser.kind must be one of levels, rounding, vector"),
        ({"objective": {"kind": "gan"}}, "objective.kind must be one of ot, mec"),
        ({"quantiser": {"kind": "vector"}}, 'set model.network = "embedding"'),
        ({"model": {"critic": "huge"}}, "model.critic must be one of conv, dense, not 'huge'"),
        ({"model": {"decoder": "huge"}}, "model.decoder must be one of conv, dense, spatial"),
        ({"decoders": [{"network": "huge"}]}, "decoders.0.network must be one of conv, dense, spatial"),
        ({"model": {"decoder": "spatial"}}, 'reads latents on a grid: set model.network = "spatial"'),
        ({"decoders": [{"network": "spatial"}]}, 'reads latents on a grid: set model.network = "spatial"'),
        ({"quantiser": {"shared": True}}, "only latents on a grid have cells"),
        ({"objective": {"classifier": "mine"}}, "classifier must be one of head, clean"),
        ({"decoders": [{"classifier": "mine"}]}, "classifier must be one of head, clean"),
        ({"objective": {"label_loss": "hinge"}}, "label_loss must be one of cross-entropy, entropy"),
        ({"model": {"network": "embedding"}, "quantiser": {"kind": "vector", "dither": 4}}, "dither must be 0"),
        ({"decoders": [{"name": "fidelity"}]}, "decoders need names of their own; these are fidelity, fidelity"),
        ({"decoders": [{"name": "a"}, {"name": "a"}]}, "decoders need names of their own"),
        ({"decoders": [{"name": ""}]}, "decoders.0.name must be 1 to 64 letters, digits"),
        ({"decoders": [{"name": "../x"}]}, "decoders.0.name must be 1 to 64 letters, digits"),
    ],
)
def test_what_does_not_fit_together_is_refused(change, message):
    with pytest.raises(UsageError, match=message):
        tiny_recipe(change)


@pytest.mark.parametrize("word", ["false", "False", "no", ""])
def test_common_randomness_is_no_word(word):
    """`--common False` was the non-empty string "False", hence true: common randomness was never switched off."""
    with pytest.raises(UsageError, match=r"quantiser.common must be of type bool"):
        tiny_recipe({"quantiser": {"dither": 4, "common": word}})
