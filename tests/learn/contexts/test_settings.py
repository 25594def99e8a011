from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.contexts.settings import ContextSettings, ContextsRecipe, TrainingSettings
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.train import read_recipe


def test_the_recipe_that_comes_with_the_library_reads(recipe):
    shipped = read_recipe(Path("photo-contexts"))
    assert isinstance(shipped, ContextsRecipe)
    assert shipped.contexts == ContextSettings()
    assert read_recipe(recipe).contexts.hidden == (8, 6)


def test_as_dict_comes_back_and_names_the_kind():
    recipe = ContextsRecipe(training=TrainingSettings(steps=7))
    assert recipe.as_dict()["kind"] == "contexts"
    assert recipe_from_sections(ContextsRecipe, recipe.as_dict()) == recipe
    assert recipe.identity() != ContextsRecipe().identity()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": (8, 8, 8, 8)}, "up to 3 layers, not"),
        ({"hidden": (0,)}, r"contexts.hidden\[0\] must be 1 to 1024, not 0"),
        ({"near": 500, "signed": 24}, r"at most 1024; not 1025"),
        ({"signed": -1}, "contexts.signed must be 0 or more"),
        ({"scales": 65}, "contexts.scales must be 2 to 64, not 65"),
        ({"leans": 0}, "contexts.leans must be 1 to 32, not 0"),
        ({"luma_passes": (3, 8)}, r"contexts.luma_passes\[1\] must be 1 to 7, not 8"),
        ({"chroma_passes": (2,)}, r"contexts.chroma_passes: the first is odd, as it serves the means; not \[2\]"),
    ],
)
def test_networks_that_cannot_be_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        recipe_from_sections(ContextsRecipe, {"contexts": changes})


def test_no_steps_are_refused():
    with pytest.raises(UsageError, match=r"training\.steps must be 1 or more, not 0"):
        recipe_from_sections(ContextsRecipe, {"training": {"steps": 0}})
