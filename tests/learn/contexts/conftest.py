"""A tiny photo package, and a recipe for context networks of it."""

import json

import pytest

from crosscodec.codec.package import load_package
from crosscodec.learn.contexts.symbols import symbol_rows
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.settings import DataSettings

TOML = """
kind = "contexts"
[contexts]
package = {package}
hidden = [8, 6]
near = 6
signed = 12
luma_passes = [3, 2]
chroma_passes = [3]
scales = 24
leans = 4
notes = ["Small."]
[data]
sets = ["builtin"]
crop = 96
scales = [0.5]
held_out = 5
[training]
crops = 6
qualities = 2
steps = 12
batch = 64
"""


@pytest.fixture
def recipe(tmp_path, base):
    path = tmp_path / "contexts.toml"
    path.write_text(TOML.format(package=json.dumps(str(base))))
    return path


@pytest.fixture(scope="package")
def rows(base):
    pictures = load_training_pictures(DataSettings(sets=("builtin",), crop=96, scales=(0.5,), held_out=5), None)
    return symbol_rows(load_package(base), pictures.training, range(5), 2, 3, (3, 3, 3))
