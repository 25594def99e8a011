"""The single checks of the doctor, each shown something ill."""

import pytest

from crosscodec.cli import checkup
from crosscodec.cli.checkup import Check, check_extra, check_library, check_package, check_picture_kinds, check_threads
from crosscodec.codec.package import InstalledPackage, load_package


def installed(path) -> InstalledPackage:
    return InstalledPackage("toy", path, load_package(path).sha256, path.stat().st_size)


def test_a_library(monkeypatch):
    assert check_library("numpy").status == "ok"
    assert check_library("no-such-library") == Check(
        "no-such-library", "fail", "not installed; pip install no-such-library"
    )


def test_an_absent_extra_is_a_note(monkeypatch):
    monkeypatch.setitem(checkup.EXTRAS, "learn", ("no_such_module",))
    check = check_extra("learn")
    assert check.status == "note"
    assert "crosscodec[learn]" in check.found


def test_kinds_of_picture(monkeypatch):
    assert check_picture_kinds().status == "ok"
    monkeypatch.setattr(checkup.features, "check", lambda feature: feature != "avif")
    check = check_picture_kinds()
    assert check.status == "note"
    assert "AVIF" in check.found
    assert "JPEG" not in check.found


def test_threads(monkeypatch):
    monkeypatch.setenv("CROSSCODEC_THREADS", "3")
    assert check_threads().found.startswith("3 for networks")
    monkeypatch.setenv("CROSSCODEC_THREADS", "many")
    assert check_threads().status == "fail"


def test_a_generator_that_differs_is_a_failure(monkeypatch):
    assert checkup.check_randomness().status == "ok"
    monkeypatch.setattr(checkup, "EXPECTED_BITS", (1, 2))
    assert checkup.check_randomness().status == "fail"


def test_python_too_old(monkeypatch):
    assert checkup.check_python().status == "ok"
    monkeypatch.setattr(checkup.sys, "version_info", (3, 10, 0))
    assert checkup.check_python().status == "fail"


def test_a_package_denoises(toy_package):
    check = check_package(installed(toy_package))
    assert check.status == "ok"
    before, after = (float(text.split()[0]) for text in check.found.split("self-test ")[1].split(" -> "))
    assert before == pytest.approx(20.2, abs=0.5)
    assert after > before + 3


def test_a_package_that_cannot_be_read_is_a_failure(toy_package, tmp_path):
    found = installed(toy_package)
    (tmp_path / "cut.xcm").write_bytes(toy_package.read_bytes()[:-100])
    assert check_package(InstalledPackage("cut", tmp_path / "cut.xcm", found.sha256, 1)).status == "fail"
