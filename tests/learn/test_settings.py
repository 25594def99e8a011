import pytest
from learn.tiny import RECIPE, write_recipe

from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.settings import Recipe, read_recipe, recipe_from_dict


def test_file_overrides_default_and_set_overrides_file(tmp_path):
    path = write_recipe(tmp_path)
    assert read_recipe(path).training == RECIPE.training
    changed = read_recipe(path, ["training.steps=99", "package.name=other", "data.scales=[1, 0.5]"])
    assert changed.training.steps == 99
    assert changed.package.name == "other"
    assert changed.data.scales == (1, 0.5)


def test_identity_depends_on_every_setting(tmp_path):
    path = write_recipe(tmp_path)
    assert read_recipe(path).identity() == read_recipe(path).identity()
    assert read_recipe(path).identity() != read_recipe(path, ["training.seed=2"]).identity()


def test_as_dict_comes_back():
    assert recipe_from_dict(RECIPE.as_dict()) == RECIPE


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.step=1", "unknown key training.step; valid ones: steps"),
        ("trainning.steps=1", r"unknown section \[trainning\]"),
        ("training.steps=1.5", "must be of type int"),
        ("training.precision=16", "must be of type str"),
        ("data.scales=0.5", "must be a list"),
        ("steps=1", "section.key=value"),
        ("training.steps", "section.key=value"),
    ],
)
def test_wrong_overrides_name_what_is_right(tmp_path, override, message):
    with pytest.raises(UsageError, match=message):
        read_recipe(write_recipe(tmp_path), [override])


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(InputMissing, match="does not exist"):
        read_recipe(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[training\nsteps=1")
    with pytest.raises(UsageError, match="not valid TOML"):
        read_recipe(tmp_path / "broken.toml")


def test_integers_are_welcome_as_floats():
    assert isinstance(recipe_from_dict({"data": {"gray": 1}}).data.gray, float)
    assert recipe_from_dict({}) == Recipe()
