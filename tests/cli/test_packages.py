"""models and doctor."""

import json
import os

import pytest
from qualitypackage import ANCHORS, choosing_package_bytes, quality_card, quality_package_bytes, quality_parts
from smallpackage import small_package_bytes

from crosscodec.cli.main import app
from crosscodec.codec import DitherCard
from crosscodec.codec import installed as package_module
from crosscodec.codec.package import pack, tables_part


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    # Only the toy package: what is shipped differs from release to release.
    monkeypatch.setattr(package_module, "SHIPPED", tmp_path / "shipped")
    return lambda *words: runner.invoke(app, [str(word) for word in words])


def test_models_lists_what_is_installed(invoke, toy_package):
    said = invoke("models").stdout
    assert "toy: averaging, for tests" in said
    assert str(toy_package) in said
    facts = json.loads(invoke("models", "--json").stdout)
    assert facts["name"] == "toy"
    assert facts["bytes"] == toy_package.stat().st_size
    assert facts["decoders"] == ["fidelity"]


def test_a_damaged_package_hides_no_other(invoke, toy_package, tmp_path, monkeypatch):
    (tmp_path / "bad.xcm").write_bytes(toy_package.read_bytes()[:100])
    monkeypatch.setenv("CROSSCODEC_PACKAGES", f"{tmp_path}{os.pathsep}{toy_package.parent}")
    result = invoke("models")
    assert result.exit_code == 1
    assert "toy: averaging" in result.stdout
    assert f"crosscodec: {tmp_path}/bad.xcm is not a codec package" in result.stderr
    bad, toy = map(json.loads, invoke("models", "--json").stdout.splitlines())
    assert (bad["name"], bad["exit_code"], toy["name"]) == ("bad", 65, "toy")


def test_models_shows_the_card_of_one(invoke, toy_package):
    said = invoke("models", "toy").stdout
    for text in ("toy: averaging, for tests", "noise:25", "--json"):
        assert text in said
    assert json.loads(invoke("models", toy_package, "--json").stdout)["block"] == 4


def test_models_of_a_file_that_is_no_package(invoke, photo):
    result = invoke("models", photo)
    assert result.exit_code == 65
    assert "photo.png is not a codec package" in result.stderr


def test_models_without_any_package(invoke, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    assert invoke("models").exit_code == 69
    assert invoke("models", "toy").exit_code == 69


def test_doctor_finds_a_healthy_installation(invoke):
    result = invoke("doctor")
    assert result.exit_code == 0, result.stdout
    for text in ("numpy", "known answers match", "package toy", "whole; self-test"):
        assert text in result.stdout
    assert "FAIL" not in result.stdout


def test_doctor_as_json(invoke):
    records = [json.loads(line) for line in invoke("doctor", "--json").stdout.splitlines()]
    assert {record["status"] for record in records} <= {"ok", "note"}
    assert {"python", "onnxruntime", "package toy"} <= {record["name"] for record in records}


def test_doctor_fails_for_a_damaged_package(invoke, toy_package, monkeypatch, tmp_path):
    data = bytearray(toy_package.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.xcm").write_bytes(data)
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path))
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "FAIL" in result.stdout
    assert "package damaged" in result.stdout


def test_doctor_fails_without_any_package(invoke, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "CROSSCODEC_PACKAGES" in result.stdout


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A package of small pictures, the only one that is installed."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "small.xcm").write_bytes(small_package_bytes(DitherCard(3, True), noise=4))
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path / "small"))


def test_models_shows_sizes_planes_decoders_and_dither(invoke, small):
    said = invoke("models").stdout
    for text in (
        "gray pictures of 8 x 6 pixels",
        "planes     1",
        "fidelity, perception",
        "3 levels, common",
        "dark, b",
    ):
        assert text in said
    facts = json.loads(invoke("models", "--json").stdout)
    assert (facts["size"], facts["planes"], facts["judges"]) == ([6, 8], 1, ["clean"])
    assert facts["dither"] == {"levels": 3, "common": True}
    assert "3 levels, common" in invoke("models", "small").stdout
    whole = json.loads(invoke("models", "small", "--json").stdout)
    assert (whole["dither"]["levels"], whole["noise"], whole["judges"]) == (3, {"perception": 4}, ["clean"])


def test_models_of_a_package_for_any_size(invoke):
    assert "gray or rgb pictures of any size" in invoke("models").stdout
    facts = json.loads(invoke("models", "--json").stdout)
    assert (facts["size"], facts["planes"], facts["dither"]) == (None, 3, None)


def test_doctor_tests_a_package_in_its_own_size(invoke, small):
    result = invoke("doctor")
    assert result.exit_code == 0, result.stdout
    assert "package small" in result.stdout


def test_models_shows_further_encoders(invoke, monkeypatch, tmp_path):
    assert "encoders" not in invoke("models").stdout
    assert json.loads(invoke("models", "--json").stdout)["encoders"] == ["default"]
    (tmp_path / "two").mkdir()
    path = tmp_path / "two" / "steps.xcm"
    path.write_bytes(quality_package_bytes(best=True))
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(path.parent))
    assert "encoders   default, best\n" in invoke("models").stdout
    assert json.loads(invoke("models", "--json").stdout)["encoders"] == ["default", "best"]
    assert json.loads(invoke("models", "steps", "--json").stdout)["encoders"] == {"best": 4}
    assert "encoders   default, best\n" in invoke("models", "steps").stdout
    assert "encoder-best.onnx" in json.loads(invoke("models", "steps", "--json").stdout)["parts"]
    path.write_bytes(choosing_package_bytes())
    assert "encoders   default, best (auto: default or best)\n" in invoke("models").stdout
    assert json.loads(invoke("models", "--json").stdout)["automatic"] == ["default", "best"]
    assert invoke("doctor").exit_code == 0


def test_models_and_doctor_know_of_qualities(invoke, monkeypatch, tmp_path):
    assert "qualities" not in invoke("models").stdout
    assert json.loads(invoke("models", "--json").stdout)["qualities"] is None
    (tmp_path / "several").mkdir()
    path = tmp_path / "several" / "steps.xcm"
    path.write_bytes(quality_package_bytes())
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(path.parent))
    assert "qualities  0 to 100, 55 unless another is asked for" in invoke("models").stdout
    listed = {"anchors": list(ANCHORS), "default": 55}
    assert json.loads(invoke("models", "--json").stdout)["qualities"] == listed
    assert json.loads(invoke("models", path, "--json").stdout)["qualities"] == listed
    assert "qualities  0 to 100, 55 unless another is asked for" in invoke("models", "steps").stdout
    assert "package steps" in invoke("doctor").stdout
    path.write_bytes(pack(quality_card(), quality_parts() | {tables_part(7): b"XCDT no tables"}))
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "the frequency tables are damaged" in result.stdout
