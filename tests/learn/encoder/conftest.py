"""A tiny photo package, and a recipe for a further encoder of it."""

import json

import pytest

TOML = """
kind = "encoder"
[encoder]
package = {package}
name = "wide"
start = ""
widths = [6, 8, 10]
blocks = [1, 1, 1, 1, 1]
notes = ["Slow."]
[data]
sets = ["builtin"]
crop = 32
scales = [0.25]
held_out = 5
[training]
steps = 8
decay_steps = 2
warmup_steps = 1
denoise_steps = 3
batch = 2
threads = 1
log_every = 2
checkpoint_minutes = 0.0
learning_rate = 0.01
"""


@pytest.fixture
def recipe(tmp_path, base):
    path = tmp_path / "more.toml"
    path.write_text(TOML.format(package=json.dumps(str(base))))
    return path
