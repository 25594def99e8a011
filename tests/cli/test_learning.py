"""train: what reaches the library, and what is said without torch."""

import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from smallpackage import small_package_bytes

from crosscodec.cli.learning import FOLDERS_RECIPE, _chosen
from crosscodec.cli.main import app


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """A stand-in for crosscodec.learn.train that notes how it was called; training is tested where it lives."""
    seen = []

    def train_recipe(recipe_path, out, overrides, resume, data) -> Path:
        seen.append((recipe_path, out, overrides, resume, data))
        (tmp_path / "made.xcm").write_bytes(small_package_bytes())
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
    assert result.stdout.splitlines()[0] == f"r.toml -> {tmp_path / 'made.xcm'}"


def test_the_defaults_resume_and_take_data_from_the_environment(runner, calls, monkeypatch):
    monkeypatch.setenv("CROSSCODEC_DATA", "sets")
    result = runner.invoke(app, ["train", "r.toml", "-o", "runs/x", "--json"])
    assert calls == [(Path("r.toml"), Path("runs/x"), [], True, Path("sets"))]
    assert json.loads(result.stdout)["bytes"] == len(small_package_bytes())


def test_two_folders_take_the_place_of_a_recipe(runner, calls):
    words = ["train", "--degraded", "a b", "--clean", "7", "-o", "runs/x", "--set", "data.size=[64, 64]"]
    result = runner.invoke(app, words)
    assert result.exit_code == 0, result.output
    ((recipe, _, overrides, _, _),) = calls
    assert recipe == FOLDERS_RECIPE
    assert recipe.is_file()
    assert overrides == ['data.degraded_folder="a b"', 'data.clean_folder="7"', "data.size=[64, 64]"]
    assert result.stdout.startswith("a b -> ")


def test_with_a_recipe_the_folders_are_its_data(runner, calls):
    runner.invoke(app, ["train", "r.toml", "--degraded", "a", "--clean", "b", "-o", "runs/x"])
    ((recipe, _, overrides, _, _),) = calls
    assert recipe == Path("r.toml")
    assert overrides == ['data.degraded_folder="a"', 'data.clean_folder="b"']


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "give a RECIPE, or --degraded DIR and --clean DIR"),
        (["--degraded", "a"], "go together"),
        (["r.toml", "--clean", "a"], "go together"),
    ],
)
def test_half_of_what_is_needed_is_refused(runner, calls, words, message):
    result = runner.invoke(app, ["train", *words, "--out", "runs/x"])
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert calls == []


@pytest.mark.parametrize("name", ["7", "true", 'qu"ote', "back\\slash", "größe", "[1]", "2024-01-01"])
def test_any_folder_name_reaches_the_recipe_as_it_is(name):
    """The settings are read back as TOML, which must give the very name."""
    _, (first, second) = _chosen(None, Path(name), Path("clean"))
    key, _, value = first.partition("=")
    assert key == "data.degraded_folder"
    assert tomllib.loads(f"value = {value}")["value"] == name
    assert second == 'data.clean_folder="clean"'


def test_the_shipped_recipe_names_no_unknown_key():
    recipe_module = pytest.importorskip("crosscodec.learn.train")
    recipe = recipe_module.read_recipe(FOLDERS_RECIPE, ['data.degraded_folder="a"', 'data.clean_folder="b"'])
    assert (recipe.data.degraded_folder, recipe.data.clean_folder, recipe.data.size) == ("a", "b", (32, 32))
    assert [recipe.package.decoder, *(d.name for d in recipe.decoders)] == ["fidelity", "perception"]


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
