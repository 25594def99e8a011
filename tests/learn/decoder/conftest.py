"""A tiny photo package, a recipe for a further decoder of it, and a data folder with weights of LPIPS."""

import json

import pytest
from lpipsweights import data_with_weights

TOML = """
kind = "decoder"
[decoder]
package = {package}
notes = ["Invents texture."]
[data]
sets = ["builtin"]
crop = 32
scales = [0.25]
held_out = 5
[training]
steps = 6
decay_steps = 2
warmup_steps = 1
batch = 2
critic_width = 4
threads = 1
log_every = 2
checkpoint_minutes = 0.0
learning_rate = 0.01
"""


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return data_with_weights(tmp_path / "data")


@pytest.fixture
def recipe(tmp_path, base):
    path = tmp_path / "more.toml"
    path.write_text(TOML.format(package=json.dumps(str(base))))
    return path
