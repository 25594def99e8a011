"""quantise: what reaches the library, what is written, and what is refused before any work."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
from smallpackage import small_package_bytes

from crosscodec.cli.main import app


@pytest.fixture
def calls(monkeypatch):
    """A stand-in for crosscodec.learn.photo.quantise that notes how it was called."""
    seen = []

    def quantise_package(package, out, data, again, sets):
        seen.append((package, out, data, again, sets))
        return small_package_bytes()

    module = ModuleType("crosscodec.learn.photo.quantise")
    module.quantise_package = quantise_package
    monkeypatch.setitem(sys.modules, "crosscodec.learn.photo.quantise", module)
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    return seen


def test_the_package_is_written(runner, calls, tmp_path):
    out = tmp_path / "small.xcm"
    result = runner.invoke(app, ["quantise", "mine.xcm", "--out", str(out), "--data", "sets"])
    assert result.exit_code == 0, result.output
    assert calls == [("mine.xcm", out, Path("sets"), False, ())]
    assert out.read_bytes() == small_package_bytes()
    assert result.stdout.splitlines()[0] == f"mine.xcm -> {out}  {len(small_package_bytes()):,} bytes"


def test_again_is_asked_for(runner, calls, tmp_path):
    out = tmp_path / "small.xcm"
    assert runner.invoke(app, ["quantise", "mine.xcm", "-o", str(out), "--again"]).exit_code == 0
    assert calls == [("mine.xcm", out, None, True, ())]


def test_other_photos_take_the_place_of_those_on_the_card(runner, calls, tmp_path):
    words = ["quantise", "mine.xcm", "-o", str(tmp_path / "small.xcm"), "--set", "kodak", "--set", "mine/"]
    assert runner.invoke(app, words).exit_code == 0
    assert calls[0][-1] == ["kodak", "mine/"]


def test_a_file_that_exists_is_kept_unless_told(runner, calls, tmp_path):
    out = tmp_path / "small.xcm"
    out.write_bytes(b"old")
    result = runner.invoke(app, ["quantise", "mine.xcm", "-o", str(out)])
    assert (result.exit_code, calls, out.read_bytes()) == (73, [], b"old")
    result = runner.invoke(app, ["quantise", "mine.xcm", "-o", str(out), "--overwrite", "--json"])
    assert json.loads(result.stdout) == {"input": "mine.xcm", "output": str(out), "bytes": len(small_package_bytes())}
    assert out.read_bytes() == small_package_bytes()
