"""info and verify: what a coded file says, and whether it can be believed."""

import json

import pytest

from crosscodec.cli.main import app
from crosscodec.codec.package import load_package


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def coded(invoke, photo, tmp_path):
    assert invoke("encode", photo, tmp_path / "photo.xcd", "-p", "toy").exit_code == 0
    return tmp_path / "photo.xcd"


def test_info_for_people(invoke, coded):
    said = invoke("info", coded).stdout
    size = coded.stat().st_size
    for text in ("one picture, 64 x 48 RGB", "installed", f"{size:,} bytes = payload", f"{8 * size / 3072:.4f} bpp"):
        assert text in said


def test_info_as_json(invoke, coded, toy_package):
    facts = json.loads(invoke("info", coded, "--json").stdout)
    assert facts["images"] == [{"height": 48, "width": 64, "channels": 3}]
    assert facts["package_id"] == load_package(toy_package).identity.hex()
    assert facts["package_installed"] is True
    assert facts["file_bytes"] == coded.stat().st_size == facts["payload_bytes"] + facts["container_bytes"]
    assert facts["symbols"] == 3 * 12 * 16
    assert facts["dither"] is None


def test_info_needs_no_package(invoke, coded, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    result = invoke("info", coded)
    assert result.exit_code == 0
    assert "NOT INSTALLED" in result.stdout


def test_verify(invoke, coded):
    result = invoke("verify", coded)
    assert result.exit_code == 0
    assert "ok, 576 symbols of package toy" in result.stdout
    facts = json.loads(invoke("verify", coded, "--json").stdout)
    assert facts["ok"] is True
    assert facts["images"] == 1


@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_damaged_file_is_refused(invoke, coded, tmp_path, command):
    data = bytearray(coded.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.xcd").write_bytes(data)
    assert invoke(command, tmp_path / "damaged.xcd").exit_code == 65
    assert invoke(command, tmp_path / "none.xcd").exit_code == 66
    result = invoke(command, coded, tmp_path / "damaged.xcd", tmp_path / "none.xcd", "--json")
    assert result.exit_code == 1
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["ok"] for record in records] == [True, False, False]
    assert [record.get("exit_code") for record in records] == [None, 65, 66]


def test_verify_says_when_the_package_is_another(invoke, coded, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    assert invoke("verify", coded).exit_code == 69
