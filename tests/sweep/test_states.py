"""The record of a run: it comes back as it was, and a damaged one is named."""

from dataclasses import replace

import pytest

from crosscodec.errors import CorruptData
from crosscodec.sweep.states import FILE, RunState, Status, read_state, write_state

STATE = RunState("0123456789ab", {"training.seed": 3, "model.x": [1, 2]}, "crosscodec train a.toml")


def test_it_comes_back_as_it_was(tmp_path):
    assert read_state(tmp_path) is None
    for state in (STATE, replace(STATE, status=Status.FAILED, attempts=2, error="größe", seconds=1.5)):
        assert write_state(tmp_path, state) == state
        assert read_state(tmp_path) == state
    assert '"status": "failed"' in (tmp_path / FILE).read_text()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"status": "sleeping"}', '{"status": "done", "colour": 1}'])
def test_what_is_no_record_is_named(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(CorruptData, match=r"state\.json is not the state of a run"):
        read_state(tmp_path)
