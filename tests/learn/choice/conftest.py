"""A tiny photo package with two encoders, and a recipe for a choice between them."""

import json

import pytest
from learn.encoder.conftest import TOML as ENCODER

from crosscodec.learn.train import train_recipe

TOML = """
kind = "choice"
[choice]
package = {package}
among = ["default", "wide"]
hidden = 4
notes = ["Chooses."]
[data]
sets = ["builtin"]
crop = 64
scales = [0.25]
camera = 0.5
clean = 0.2
held_out = 5
[training]
crops = 12
tried = 6
steps = 30
"""


@pytest.fixture(scope="session")
def base(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    further = folder / "more.toml"
    further.write_text(ENCODER.format(package=json.dumps(str(base))))
    return train_recipe(further, folder / "two")


@pytest.fixture
def recipe(tmp_path, base):
    path = tmp_path / "choice.toml"
    path.write_text(TOML.format(package=json.dumps(str(base))))
    return path
