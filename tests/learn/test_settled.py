"""A folder that holds a run is that of its settings."""

import json

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.settled import SETTINGS, require_same_run

RUN = {
    "kind": "transport",
    "data": {"size": [16, 16]},
    "objective": {"lambda_rate": 0.01},
    "training": {"steps": 40, "decay_steps": 10, "seed": 1, "threads": 1, "log_every": 50},
    "judges": {"steps": 30},
    "decoders": [{"name": "perception", "steps": 5}],
    "package": {"notes": ["one"]},
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / SETTINGS).write_text(json.dumps(RUN))
    (tmp_path / "checkpoint-decoder.safetensors").write_bytes(b"x")
    return tmp_path


def changed(path, value):
    now = json.loads(json.dumps(RUN))
    *outer, last = path.split(".")
    inner = now
    for part in outer:
        inner = inner[int(part)] if part.isdigit() else inner[part]
    inner[last] = value
    return now


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("training.seed", 1),
        ("training.steps", 80),
        ("training.decay_steps", 20),
        ("decoders.0.steps", 9),
        ("training.threads", 2),
        ("training.log_every", 5),
        ("package.notes", ["one", "two"]),
        ("data.size", (16, 16)),
    ],
)
def test_what_may_change(folder, path, value):
    require_same_run(folder, changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("objective.lambda_rate", 0.5, "objective.lambda_rate was 0.01 and is 0.5"),
        ("training.seed", 7, "training.seed was 1 and is 7"),
        ("training.steps", 10, "training.steps was 40 and is 10"),
        ("judges.steps", 90, "judges.steps was 30 and is 90"),
        ("decoders.0.name", "other", "decoders.0.name was 'perception' and is 'other'"),
        ("data.size", [16, 16, 16], "data.size.length was 2 and is 3"),
        ("data.limit", 3, "data.limit was None and is 3"),
    ],
)
def test_what_makes_another_run(folder, path, value, told):
    with pytest.raises(UsageError, match="holds a run of other settings") as refused:
        require_same_run(folder, changed(path, value))
    assert told in str(refused.value)
    assert "give the same ones, or another folder" in str(refused.value)


def test_a_folder_without_a_checkpoint_holds_no_run(tmp_path):
    require_same_run(tmp_path, RUN)
    (tmp_path / SETTINGS).write_text(json.dumps(RUN))
    require_same_run(tmp_path, changed("training.seed", 7))
