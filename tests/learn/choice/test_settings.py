from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.choice.settings import ChoiceRecipe, ChoiceSettings, TrainingSettings
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.train import read_recipe


def test_the_recipe_that_comes_with_the_library_reads(recipe):
    shipped = read_recipe(Path("photo-choice"))
    assert isinstance(shipped, ChoiceRecipe)
    assert shipped.choice == ChoiceSettings()
    assert (shipped.data.clean, shipped.data.camera, shipped.data.stored_jpeg) == (0.3, 0.5, 0.5)
    assert read_recipe(recipe).choice.hidden == 4


def test_as_dict_comes_back_and_names_the_kind():
    recipe = ChoiceRecipe(training=TrainingSettings(steps=7))
    assert recipe.as_dict()["kind"] == "choice"
    assert recipe_from_sections(ChoiceRecipe, recipe.as_dict()) == recipe
    assert recipe.identity() != ChoiceRecipe().identity()


@pytest.mark.parametrize("among", [("default",), ("default", "default")])
def test_a_choice_is_between_two(among):
    with pytest.raises(UsageError, match="two or more encoders of the package, each once"):
        ChoiceRecipe(choice=ChoiceSettings(among=among))


def test_nothing_is_refused():
    with pytest.raises(UsageError, match=r"choice\.hidden must be 1 or more, not 0"):
        recipe_from_sections(ChoiceRecipe, {"choice": {"hidden": 0}})
    with pytest.raises(UsageError, match=r"training\.crops must be 1 or more, not 0"):
        recipe_from_sections(ChoiceRecipe, {"training": {"crops": 0}})


def test_a_recipe_that_names_some_of_the_data_keeps_the_rest_of_its_own():
    changed = recipe_from_sections(ChoiceRecipe, {"data": {"clean": 0.1}})
    assert (changed.data.crop, changed.data.scales, changed.data.clean) == (256, (1.0,), 0.1)
