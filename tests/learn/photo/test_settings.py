"""What is the photo recipe's own; how recipes are read is tested in tests/learn/test_recipe.py."""

from learn.photo.tiny import RECIPE, write_recipe

from crosscodec.learn.photo.settings import DataSettings, Recipe
from crosscodec.learn.recipe import read_sections, recipe_from_sections


def test_the_file_gives_the_dataclass(tmp_path):
    read = recipe_from_sections(Recipe, read_sections(write_recipe(tmp_path)))
    assert (read.data, read.model, read.training) == (RECIPE.data, RECIPE.model, RECIPE.training)
    assert read.package.name == "tiny"


def test_as_dict_comes_back():
    assert recipe_from_sections(Recipe, RECIPE.as_dict()) == RECIPE


def test_identity_is_that_of_the_settings():
    assert RECIPE.identity() == recipe_from_sections(Recipe, RECIPE.as_dict()).identity()
    assert RECIPE.identity() != Recipe().identity()


def test_what_befalls_crops_is_told():
    gaussian = "additive Gaussian noise, sigma 5 to 50 of 255, level unknown"
    assert DataSettings().describe() == gaussian
    camera = "photos by simulated cameras, 30 to 3000 electrons at white, 50 % of them as JPEG"
    assert DataSettings(camera=1.0).describe() == camera
    assert (
        DataSettings(camera=0.2, clean=0.1).describe() == f"{gaussian}; {camera} (20 % of crops); none (10 % of crops)"
    )
