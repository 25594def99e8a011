from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.decoder.settings import DecoderRecipe, DecoderSettings, ObjectiveSettings
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.train import read_recipe


def test_the_recipe_that_comes_with_the_library_reads(recipe):
    shipped = read_recipe(Path("photo-perception"))
    assert isinstance(shipped, DecoderRecipe)
    assert (shipped.decoder.package, shipped.decoder.name) == ("photo-denoise", "perception")
    assert isinstance(read_recipe(recipe), DecoderRecipe)


def test_as_dict_comes_back_and_names_the_kind():
    recipe = DecoderRecipe(objective=ObjectiveSettings(lambda_perception=0.5))
    assert recipe.as_dict()["kind"] == "decoder"
    assert recipe_from_sections(DecoderRecipe, recipe.as_dict()) == recipe
    assert recipe.identity() != DecoderRecipe().identity()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"lambda_features": -1.0}, "objective.lambda_features must be 0 or more, not -1.0"),
        (
            {"lambda_distortion": 0, "lambda_features": 0, "lambda_perception": 0},
            "one of the weights lambda_distortion, .* is more than 0; all are 0",
        ),
    ],
)
def test_weights_that_ask_for_nothing_are_refused(weights, message):
    with pytest.raises(UsageError, match=message):
        recipe_from_sections(DecoderRecipe, {"objective": weights})


def test_blocks_are_left_out_of_another_packages_decoder_alone():
    without = ("synthesis.deep.0",)
    assert DecoderRecipe(decoder=DecoderSettings(start_package="other.xcm", without=without)).decoder.without == without
    with pytest.raises(UsageError, match="name another in start_package"):
        DecoderRecipe(decoder=DecoderSettings(without=without))
