from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.encoder.settings import EncoderRecipe
from crosscodec.learn.photo.settings import AnalysisSettings
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.train import read_recipe


def test_the_recipe_that_comes_with_the_library_reads(recipe):
    shipped = read_recipe(Path("photo-encoder"))
    assert isinstance(shipped, EncoderRecipe)
    assert (shipped.encoder.package, shipped.encoder.name, shipped.encoder.start) == ("photo-denoise", "best", "best")
    assert read_recipe(recipe).encoder.widths == (6, 8, 10)


def test_as_dict_comes_back_and_names_the_kind():
    recipe = EncoderRecipe(training=AnalysisSettings(steps=7))
    assert recipe.as_dict()["kind"] == "encoder"
    assert recipe_from_sections(EncoderRecipe, recipe.as_dict()) == recipe
    assert recipe.identity() != EncoderRecipe().identity()


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ({"start": ""}, "needs encoder.widths and encoder.blocks"),
        ({"start": "", "widths": (4, 6, 8)}, "needs encoder.widths and encoder.blocks"),
        ({"widths": (4, 6)}, r"encoder.widths must be a list of no values or 3 values, not \(4, 6\)"),
        ({"blocks": (1, 1, 1, 1, -1)}, r"encoder.blocks\[4\] must be 0 or more, not -1"),
        ({"blocks": (1, 1, 1, 1, 0.5)}, r"encoder.blocks\[4\] must be of type int, not 0.5"),
        ({"widths": (0, 6, 8)}, r"encoder.widths\[0\] must be 1 or more, not 0"),
    ],
)
def test_shapes_that_cannot_be_are_refused(encoder, message):
    with pytest.raises(UsageError, match=message):
        recipe_from_sections(EncoderRecipe, {"encoder": encoder})
