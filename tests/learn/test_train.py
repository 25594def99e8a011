import json

import numpy as np
import pytest
from learn.tiny import write_recipe

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.errors import OutputExists
from crosscodec.learn.train import train_recipe, training_command


def test_recipe_to_package_to_coded_picture(tmp_path):
    recipe = write_recipe(tmp_path)
    path = train_recipe(recipe, tmp_path / "run", ["training.steps=4"])
    assert path == tmp_path / "run" / "tiny.xcm"
    assert json.loads((tmp_path / "run" / "recipe.json").read_text())["training"]["steps"] == 4
    package = load_package(path)
    assert package.card.training["command"] == "crosscodec train recipes/tiny.toml --set training.steps=4"
    picture = np.random.default_rng(0).integers(0, 256, (30, 41, 3), dtype=np.uint8)
    assert decode_bytes(encode_pixels(picture, package).data, package).pixels.shape == picture.shape
    with pytest.raises(OutputExists, match="holds a run already"):
        train_recipe(recipe, tmp_path / "run", resume=False)


def test_command_names_every_override(tmp_path):
    assert training_command(tmp_path / "a.toml", ["x.y=1"]) == "crosscodec train recipes/a.toml --set x.y=1"
