"""From a recipe's file to a package that codes pictures, for both kinds of recipes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from learn.photo.tiny import write_recipe
from learn.transport.tiny import tiny_recipe, write_tiny

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.errors import OutputExists, UsageError
from crosscodec.learn import train
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.recipe import find_recipe
from crosscodec.learn.train import read_recipe, train_recipe, training_command
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.learn.workers import Workers

pytestmark = pytest.mark.training


@pytest.fixture
def finished(base, tmp_path):
    """The recipe and the folder of a run that has its package: a copy of the one that all tests share."""
    shutil.copytree(base.parent, tmp_path / "run")
    return write_recipe(tmp_path), tmp_path / "run"


def test_recipe_to_package_to_coded_picture(base, finished):
    recipe, run = finished
    assert base.parts[-2:] == ("run", "tiny.xcm")
    assert json.loads((run / "recipe.json").read_text())["training"]["steps"] == 4
    package = load_package(base)
    assert package.card.training["command"] == "crosscodec train tiny.toml --set training.steps=4"
    picture = np.random.default_rng(0).integers(0, 256, (30, 41, 3), dtype=np.uint8)
    assert decode_bytes(encode_pixels(picture, package).data, package).pixels.shape == picture.shape
    with pytest.raises(OutputExists, match="holds a run already"):
        train_recipe(recipe, run, resume=False)


def test_transport_recipes_go_to_their_own_trainer(tmp_path, monkeypatch):
    asked = []

    def trainer(*given):
        asked.append(given)
        return b"package"

    monkeypatch.setattr(train, "train_transport_run", trainer)
    path = train_recipe(write_tiny(tmp_path), tmp_path / "run", ["training.steps=4"], True, tmp_path)
    assert path.read_bytes() == b"package"
    ((recipe, out, resume, root, card),) = asked
    assert recipe == tiny_recipe({"training": {"steps": 4}})
    assert (out, resume, root) == (tmp_path / "run", True, tmp_path)
    assert card["command"] == "crosscodec train tiny.toml --set training.steps=4"
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["kind"] == "transport"


def test_the_kind_decides_the_settings(tmp_path):
    assert isinstance(read_recipe(write_tiny(tmp_path)), TransportRecipe)
    assert isinstance(read_recipe(write_recipe(tmp_path)), Recipe)
    (tmp_path / "other.toml").write_text('kind = "music"')
    with pytest.raises(UsageError, match=r"kind must be photo, .* contexts, choice or transport, not 'music'"):
        read_recipe(tmp_path / "other.toml")


def test_command_names_every_override(tmp_path):
    assert training_command(tmp_path / "a.toml", ["x.y=1"]) == "crosscodec train a.toml --set x.y=1"
    assert training_command(tmp_path / "a.toml", ["x.y=[1, 2]"]) == "crosscodec train a.toml --set 'x.y=[1, 2]'"
    built_in = find_recipe(Path("folders"))
    assert training_command(built_in, ["data.size=[16,16]"]) == "crosscodec train folders --set 'data.size=[16,16]'"


def test_a_run_is_not_taken_for_one_of_other_settings(finished):
    recipe, run = finished
    path = run / "tiny.xcm"
    kept, told = path.read_bytes(), (run / "recipe.json").read_bytes()
    with pytest.raises(UsageError, match=r"training\.seed was 1 and is 7"):
        train_recipe(recipe, run, ["training.steps=4", "training.seed=7"])
    assert (path.read_bytes(), (run / "recipe.json").read_bytes()) == (kept, told)
    train_recipe(recipe, run, ["training.steps=5"])


def test_no_result_takes_the_place_of_the_package_that_it_began_with(finished, tmp_path):
    _, run = finished
    path = run / "tiny.xcm"
    kept = path.read_bytes()
    (run / "checkpoint.safetensors").unlink()
    for kind, section in (("encoder", "encoder"), ("contexts", "contexts"), ("photo", "training")):
        recipe = tmp_path / f"{kind}.toml"
        key = "start" if kind == "photo" else "package"
        recipe.write_text(f'kind = "{kind}"\n[{section}]\n{key} = "{path}"\n')
        settings = ["package.name=tiny"] if kind == "photo" else []
        with pytest.raises(UsageError, match="is the package that this run begins with"):
            train_recipe(recipe, run, settings)
    assert path.read_bytes() == kept


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../out"])
def test_a_package_stays_in_its_folder(tmp_path, name):
    with pytest.raises(UsageError, match=r"package\.name is the name of a file without folders"):
        train_recipe(write_recipe(tmp_path), tmp_path / "run", [f'package.name="{name}"'])
    assert not (tmp_path / "run").exists()


def test_what_this_machine_cannot_do_is_refused_before_pictures_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(Workers, "count", 3)
    for recipe in ("mnist-superres", "photo-denoise", "photo-camera"):
        with pytest.raises(UsageError, match="must be a multiple of the 3 processes"):
            train_recipe(Path(recipe), tmp_path / "run", ["training.batch=8"], data=tmp_path)
