from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.encoder.settings import EncoderRecipe, EncoderSettings, TrainingSettings
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.train import read_recipe


def test_the_recipe_that_comes_with_the_library_reads(recipe):
    shipped = read_recipe(Path("photo-encoder"))
    assert isinstance(shipped, EncoderRecipe)
    assert (shipped.encoder.package, shipped.encoder.name, shipped.encoder.start) == ("photo-denoise", "best", "best")
    assert read_recipe(recipe).encoder.widths == (6, 8, 10)


def test_as_dict_comes_back_and_names_the_kind():
    recipe = EncoderRecipe(training=TrainingSettings(steps=7))
    assert recipe.as_dict()["kind"] == "encoder"
    assert recipe_from_sections(EncoderRecipe, recipe.as_dict()) == recipe
    assert recipe.identity() != EncoderRecipe().identity()


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ({"start": ""}, "needs encoder.widths and encoder.blocks"),
        ({"start": "", "widths": (4, 6, 8)}, "needs encoder.widths and encoder.blocks"),
        ({"widths": (4, 6)}, r"encoder.widths are 3 whole numbers, the least 1, not \[4, 6\]"),
        ({"blocks": (1, 1, 1, 1, -1)}, "encoder.blocks are 5 whole numbers"),
        ({"blocks": (1, 1, 1, 1, 0.5)}, "encoder.blocks are 5 whole numbers"),
        ({"widths": (0, 6, 8)}, "encoder.widths are 3 whole numbers, the least 1"),
    ],
)
def test_shapes_that_cannot_be_are_refused(encoder, message):
    with pytest.raises(UsageError, match=message):
        EncoderRecipe(encoder=EncoderSettings(**encoder))
