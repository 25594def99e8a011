"""verify: whether a coded file can be believed."""

import json

import pytest

from crosscodec.cli.main import app


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def coded(invoke, photo, tmp_path):
    assert invoke("encode", photo, tmp_path / "photo.xcd", "-p", "toy").exit_code == 0
    return tmp_path / "photo.xcd"


def test_verify(invoke, coded):
    result = invoke("verify", coded)
    assert result.exit_code == 0
    assert "ok, 576 symbols of package toy" in result.stdout
    facts = json.loads(invoke("verify", coded, "--json").stdout)
    assert facts["ok"] is True
    assert facts["images"] == 1


def test_verify_says_when_the_package_is_another(invoke, coded, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    assert invoke("verify", coded).exit_code == 69
