"""train: what reaches the library, and what is said without torch."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from crosscodec.cli.main import app


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """A stand-in for crosscodec.learn.train that notes how it was called; training is tested where it lives."""
    seen = []

    def train_recipe(recipe_path, out, overrides, resume, data) -> Path:
        seen.append((recipe_path, out, overrides, resume, data))
        (tmp_path / "made.xcm").write_bytes(b"12345")
        return tmp_path / "made.xcm"

    module = ModuleType("crosscodec.learn.train")
    module.train_recipe = train_recipe
    monkeypatch.setitem(sys.modules, "crosscodec.learn.train", module)
    return seen


def test_everything_reaches_the_library(runner, calls, tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    words = [
        "train",
        "r.toml",
        "--out",
        "runs/x",
        "--set",
        "a.b=1",
        "--set",
        "c.d=e",
        "--no-resume",
        "--data",
        str(tmp_path),
    ]
    result = runner.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert calls == [(Path("r.toml"), Path("runs/x"), ["a.b=1", "c.d=e"], False, tmp_path)]
    assert result.stdout == f"r.toml -> {tmp_path / 'made.xcm'}\n"


def test_the_defaults_resume_and_take_data_from_the_environment(runner, calls, monkeypatch):
    monkeypatch.setenv("CROSSCODEC_DATA", "sets")
    result = runner.invoke(app, ["train", "r.toml", "-o", "runs/x", "--json"])
    assert calls == [(Path("r.toml"), Path("runs/x"), [], True, Path("sets"))]
    assert json.loads(result.stdout)["bytes"] == 5


def test_without_torch_the_extra_is_named(runner, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("crosscodec.learn")]:
        monkeypatch.delitem(sys.modules, name)
    result = runner.invoke(app, ["train", "r.toml", "--out", "runs/x"])
    assert result.exit_code == 2
    assert "pip install 'crosscodec[learn]'" in result.stderr
    assert runner.invoke(app, ["train", "--help"]).exit_code == 0


def test_the_folder_of_the_run_is_asked_for(runner):
    assert runner.invoke(app, ["train", "r.toml"]).exit_code == 2
