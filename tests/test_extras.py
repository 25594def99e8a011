"""The late import: a missing extra is explained, anything else is left alone."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

import crosscodec
from crosscodec.cli.checkup import EXTRAS
from crosscodec.errors import UsageError
from crosscodec.extras import is_installed, load_module


def test_loads_a_module_by_name():
    assert load_module("json").loads("[1]") == [1]


def test_a_missing_extra_names_the_command_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # what Python holds for a module that must not be found
    with pytest.raises(UsageError, match=r"needs torch.*pip install 'crosscodec\[learn\]'"):
        load_module("torch")


def test_an_extra_missing_underneath_is_explained_too(monkeypatch, tmp_path):
    (tmp_path / "needs_bm3d.py").write_text("import bm3d.profiles\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(UsageError, match="pip install bm3d"):
        load_module("needs_bm3d")


def test_every_extra_is_one_that_something_needs():
    source = Path(crosscodec.__file__).parent
    written = "\n".join(path.read_text("utf-8") for path in source.rglob("*.py"))
    settings = tomllib.loads((source.parent.parent / "pyproject.toml").read_text("utf-8"))
    assert set(settings["project"]["optional-dependencies"]) == {*EXTRAS, "dev"}
    for extra, modules in EXTRAS.items():
        for module in modules:
            assert re.search(rf"^ *(import|from) {module}\b|load_module\(\"{module}\b", written, re.MULTILINE), extra


def test_a_broken_installation_is_not_called_a_missing_extra():
    with pytest.raises(ModuleNotFoundError, match="crosscodec_no_such_module"):
        load_module("crosscodec_no_such_module")


def test_is_installed():
    assert is_installed("numpy")
    assert not is_installed("crosscodec_no_such_module")
