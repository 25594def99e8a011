"""info: what a coded file says; and how info and verify go through several files."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest
from qualitypackage import ANCHORS, quality_package_bytes
from smallpackage import SIZE, small_package_bytes

from crosscodec.bitstream.container import read_coded, write_coded
from crosscodec.cli.main import app
from crosscodec.codec import DitherCard, encode_arrays, encode_many, load_package


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


@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_damaged_file_is_refused(invoke, coded, tmp_path, command):
    data = bytearray(coded.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "damaged.xcd").write_bytes(data)
    result = invoke(command, tmp_path / "damaged.xcd")
    assert result.exit_code == 65
    assert result.stderr.startswith(f"crosscodec: {tmp_path}/damaged.xcd: ")
    assert invoke(command, tmp_path / "none.xcd").exit_code == 66
    result = invoke(command, coded, tmp_path / "damaged.xcd", tmp_path / "none.xcd", "--json")
    assert result.exit_code == 1
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["ok"] for record in records] == [True, False, False]
    assert [record.get("exit_code") for record in records] == [None, 65, 66]


def test_a_folder_that_cannot_be_read_is_a_record_of_its_own(invoke, coded, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    look = os.scandir

    def refuse(path):
        if os.path.basename(path) == "sub":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = invoke("info", tmp_path, "-r", "--json")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(record["input"], record["ok"]) for record in records] == [(str(coded), True), (f"{tmp_path}/sub", False)]
    assert result.exit_code == 1


@pytest.fixture
def dithered(tmp_path, monkeypatch):
    """Maker of a pack of three pictures of a small package with that dither, which is installed."""
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path / "packages"))
    (tmp_path / "packages").mkdir()

    def make(dither):
        (tmp_path / "packages" / "small.xcm").write_bytes(small_package_bytes(dither))
        images = np.random.default_rng(0).random((3, *SIZE, 1), dtype=np.float32)
        package = load_package(tmp_path / "packages" / "small.xcm")
        (tmp_path / "a.xcd").write_bytes(encode_arrays(images, package, seed=77).data)
        return tmp_path / "a.xcd"

    return make


@pytest.mark.parametrize(
    ("dither", "text", "seed"),
    [
        (None, "dither     none", None),
        (DitherCard(3, True), "subtractive at 3 levels, common to encoder and decoder, seed 77", 77),
        (DitherCard(3, False), "private at 3 levels", None),
    ],
)
def test_info_shows_dither_decoders_and_classes(runner, dithered, dither, text, seed):
    path = dithered(dither)
    said = runner.invoke(app, ["info", str(path)]).stdout
    for line in (
        text,
        "3 pictures of 8 x 6 gray",
        "decoders   fidelity, perception",
        "classes    dark, bright",
    ):
        assert line in said
    facts = json.loads(runner.invoke(app, ["info", str(path), "--json"]).stdout)
    assert (facts["dither"] or {}).get("seed") == seed
    assert facts["package_dither"] == (None if dither is None else {"levels": 3, "common": dither.common})
    assert facts["decoders"] == ["fidelity", "perception"]
    assert facts["classes"] == ["dark", "bright"]


def test_info_tells_pages_of_one_size_from_others(invoke, tmp_path):
    for rows, said in ((6, "2 pictures of 8 x 6 gray"), (5, "2 pictures, the first 8 x 6 gray")):
        pages = [np.full((6, 8), 99, np.uint8), np.full((rows, 8), 99, np.uint8)]
        (tmp_path / "a.xcd").write_bytes(encode_many(pages, load_package("toy")).data)
        assert said in invoke("info", tmp_path / "a.xcd").stdout


def test_info_without_the_package_knows_no_decoders(runner, dithered, monkeypatch):
    path = dithered(DitherCard(3, True))
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    facts = json.loads(runner.invoke(app, ["info", str(path), "--json"]).stdout)
    assert facts["dither"] == {"algorithm": 1, "seed": 77}
    assert (facts["decoders"], facts["classes"], facts["package_dither"]) == (None, None, None)


def test_info_and_verify_show_the_quality(invoke, coded, tmp_path, monkeypatch):
    assert "quality    the only one of the package" in invoke("info", coded).stdout
    facts = json.loads(invoke("info", coded, "--json").stdout)
    assert (facts["quality"], facts["package_qualities"]) == (0, None)
    assert json.loads(invoke("verify", coded, "--json").stdout)["quality"] is None
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "steps.xcm").write_bytes(quality_package_bytes())
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path / "packages"))
    for quality in (0, 37):
        words = ("-p", "steps", "--quality", quality, "--on-exist", "overwrite")
        assert invoke("encode", tmp_path / "photo.png", tmp_path / "a.xcd", *words).exit_code == 0
        assert f"quality    {quality} of 0 to 100" in invoke("info", tmp_path / "a.xcd").stdout
        facts = json.loads(invoke("info", tmp_path / "a.xcd", "--json").stdout)
        assert (facts["quality"], facts["package_qualities"]) == (quality, {"anchors": list(ANCHORS), "default": 55})
        assert f"package steps at quality {quality} match" in invoke("verify", tmp_path / "a.xcd").stdout
        assert json.loads(invoke("verify", tmp_path / "a.xcd", "--json").stdout)["quality"] == quality
    monkeypatch.delenv("CROSSCODEC_PACKAGES")
    assert "quality    37\n" in invoke("info", tmp_path / "a.xcd").stdout


@pytest.mark.parametrize("command", ["info", "verify", "decode"])
def test_a_quality_that_the_package_does_not_have_is_refused(invoke, coded, tmp_path, command):
    (tmp_path / "wrong.xcd").write_bytes(write_coded(replace(read_coded(coded.read_bytes()), quality=7)))
    result = invoke(command, tmp_path / "wrong.xcd", *([tmp_path / "o.png"] if command == "decode" else []))
    assert result.exit_code == 65
    assert "claims quality 7; package toy has one quality" in result.stderr


@pytest.mark.parametrize("command", ["info", "verify"])
def test_folders_and_globs_stand_for_their_coded_files(invoke, coded, tmp_path, command):
    archive = tmp_path / "archive"
    for name in ("b.xcd", "deep/c.xcd", ".hidden.xcd"):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_bytes(coded.read_bytes())
    (archive / "notes").touch()

    def names(*words):
        result = invoke(command, *words, "--json")
        assert result.exit_code == 0, result.output
        return [json.loads(line)["input"] for line in result.stdout.splitlines()], result.stderr

    own, deeper = str(archive / "b.xcd"), str(archive / "deep" / "c.xcd")
    assert names(archive) == ([own], f"crosscodec: note: {archive}: 1 file of other kinds not taken (no ending 1)\n")
    assert names(archive, "-r")[0] == [own, deeper]
    assert names(archive / "*" / "*.xcd", coded) == ([deeper, str(coded)], "")
    (archive / "deep" / "c.xcd").write_bytes(b"damaged")
    result = invoke(command, archive, "-r")
    assert result.exit_code == 1
    assert result.stdout.count("b.xcd: ") == 1
    assert result.stderr.count("c.xcd") == 1
    assert invoke(command, archive / "deep").exit_code == 1
    assert invoke(command, "").exit_code == 2
    (archive / "empty").mkdir()
    assert invoke(command, archive / "empty").exit_code == 66
    assert invoke(command, archive / "empty", coded).exit_code == 1
