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
        ({"hidden": (8, 8, 8, 8)}, "up to 3 layers of 1 to 1024 units"),
        ({"hidden": (0,)}, "up to 3 layers of 1 to 1024 units"),
        ({"near": 500, "signed": 24}, r"at most 1024; not 1025"),
        ({"signed": -1}, "at most 1024"),
        ({"scales": 65}, "contexts.scales is 2 to 64, not 65"),
        ({"leans": 0}, "contexts.leans is 1 to 32, not 0"),
        ({"luma_passes": (3, 8)}, r"contexts.luma_passes are each 1 to 7, the first odd, not \[3, 8\]"),
        ({"chroma_passes": (2,)}, r"contexts.chroma_passes are each 1 to 7, the first odd, not \[2\]"),
    ],
)
def test_networks_that_cannot_be_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        ContextsRecipe(contexts=ContextSettings(**changes))


def test_no_steps_are_refused():
    with pytest.raises(UsageError, match=r"training\.steps is 1 or more, not 0"):
        ContextsRecipe(training=TrainingSettings(steps=0))
