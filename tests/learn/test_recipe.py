"""Recipes: precedence, types, and errors that name what is right; tried on the settings of both families."""

from pathlib import Path

import pytest
from learn.photo.tiny import RECIPE as PHOTO
from learn.photo.tiny import write_recipe

from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.recipe import (
    BUILT_IN,
    apply_override,
    find_recipe,
    identity_of,
    kind_of,
    read_sections,
    recipe_from_sections,
)
from crosscodec.learn.transport.settings import TransportRecipe

DECODERS = """
kind = "transport"
[[decoders]]
name = "perception"
[[decoders]]
name = "task"
steps = 7
"""


def photo(path, overrides=None):
    return recipe_from_sections(Recipe, read_sections(path, overrides))


@pytest.fixture
def decoders(tmp_path):
    path = tmp_path / "decoders.toml"
    path.write_text(DECODERS)
    return path


def test_file_overrides_default_and_set_overrides_file(tmp_path):
    path = write_recipe(tmp_path)
    assert photo(path).training == PHOTO.training
    changed = photo(path, ["training.steps=99", "package.name=other", "data.scales=[1, 0.5]", "training.seed=3"])
    assert changed.training.steps == 99
    assert changed.package.name == "other"
    assert changed.data.scales == (1, 0.5)
    assert photo(path, ["training.steps=1", "training.steps=2"]).training.steps == 2


def test_an_empty_recipe_is_all_defaults():
    assert recipe_from_sections(Recipe, {}) == Recipe()
    assert recipe_from_sections(TransportRecipe, {"kind": "transport"}) == TransportRecipe()


def test_integers_are_welcome_as_floats():
    assert isinstance(recipe_from_sections(Recipe, {"data": {"gray": 1}}).data.gray, float)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.step=1", "unknown key training.step; valid ones: steps"),
        ("trainning.steps=1", r"unknown section \[trainning\] in the recipe; valid ones: data"),
        ("training.steps=1.5", "training.steps must be of type int, not 1.5"),
        ("training.steps=true", "must be of type int"),
        ("training.precision=16", "must be one of float32, bfloat16, not 16"),
        ("data.gray=true", "must be of type float"),
        ("data.scales=0.5", "must be a list"),
        ("steps=1", "section.key=value"),
        ("training.steps", "section.key=value"),
        ("training.0.steps=1", "there is no table 0"),
    ],
)
def test_wrong_overrides_name_what_is_right(tmp_path, override, message):
    with pytest.raises(UsageError, match=message):
        photo(write_recipe(tmp_path), [override])


@pytest.mark.parametrize("text", ['"false"', '"False"', "False", "no", "0", "1", "off"])
def test_a_boolean_is_never_a_word_or_a_number(text):
    """The trap of the field: `--common False` was the non-empty string "False", hence true."""
    overrides = [f"quantiser.common={text}"]
    with pytest.raises(UsageError, match=r"quantiser.common must be of type bool"):
        recipe_from_sections(TransportRecipe, overridden(overrides))


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_booleans_are_real(text, value):
    assert recipe_from_sections(TransportRecipe, overridden([f"quantiser.common={text}"])).quantiser.common is value


def overridden(overrides):
    sections = {"kind": "transport"}
    for override in overrides:
        apply_override(sections, override)
    return sections


def test_arrays_of_tables_are_counted_from_0(decoders):
    sections = read_sections(decoders, ["decoders.0.steps=3", "decoders.1.noise=2"])
    found = recipe_from_sections(TransportRecipe, sections).decoders
    assert [(d.name, d.steps, d.noise) for d in found] == [("perception", 3, 0), ("task", 7, 2)]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("decoders.2.steps=1", r"there is no table 2 in \[\[decoders\]\]"),
        ("decoders.x.steps=1", r"there is no table x"),
        ("decoders.steps=1", r"array of tables; write decoders.0.steps"),
        ("decoders.0.step=1", "unknown key decoders.0.step"),
    ],
)
def test_wrong_tables_are_named(decoders, override, message):
    with pytest.raises(UsageError, match=message):
        recipe_from_sections(TransportRecipe, read_sections(decoders, [override]))


def test_sections_have_their_shape():
    with pytest.raises(UsageError, match=r"\[\[decoders\]\] must be an array of tables"):
        recipe_from_sections(TransportRecipe, {"decoders": {"name": "a"}})
    with pytest.raises(UsageError, match=r"\[training\] must be a section"):
        recipe_from_sections(TransportRecipe, {"training": 3})


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(InputMissing, match="does not exist"):
        read_sections(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[training\nsteps=1")
    with pytest.raises(UsageError, match="not valid TOML"):
        read_sections(tmp_path / "broken.toml")
    (tmp_path / "latin.toml").write_bytes(b'[package]\nname = "\xe9"')
    with pytest.raises(UsageError, match="not valid TOML"):
        read_sections(tmp_path / "latin.toml")


def test_the_first_line_says_the_kind(tmp_path, decoders):
    assert kind_of(read_sections(decoders)) == "transport"
    assert kind_of(read_sections(write_recipe(tmp_path))) == "photo"
    with pytest.raises(UsageError, match="kind must be a word"):
        kind_of({"kind": 3})


def test_identity_depends_on_every_setting(tmp_path):
    path = write_recipe(tmp_path)
    assert photo(path).identity() == photo(path).identity() == identity_of(photo(path).as_dict())
    assert photo(path).identity() != photo(path, ["training.seed=2"]).identity()
    assert len(identity_of({})) == 12


def test_a_recipe_of_the_library_is_found_by_its_name():
    path = find_recipe(Path("mnist-superres"))
    assert path == find_recipe(Path("mnist-superres.toml")) == BUILT_IN / "mnist-superres.toml"
    assert find_recipe(path) == path


def test_an_unknown_recipe_is_told_the_known_ones(tmp_path):
    for recipe in (Path("mnist-supperres"), tmp_path / "mnist-superres"):
        with pytest.raises(InputMissing, match="mnist-superres, "):
            find_recipe(recipe)
