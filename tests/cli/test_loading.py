"""Packages as users name them."""

import shutil

import pytest

from crosscodec.cli.loading import asked_package
from crosscodec.errors import CorruptData, PackageUnavailable


def test_a_name_or_a_file_whatever_it_ends_in(toy_package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    shutil.copy(toy_package, "other.bin")
    assert (
        asked_package("toy").identity == asked_package("other.bin").identity == asked_package(str(toy_package)).identity
    )
    (tmp_path / "toy").write_bytes(b"not the package of that name")
    assert asked_package("toy").identity == asked_package("other.bin").identity


@pytest.mark.parametrize("name", ["photo.png", "./photo.png"])
def test_a_file_that_is_no_package_is_said_to_be_none(photo, monkeypatch, name):
    monkeypatch.chdir(photo.parent)
    with pytest.raises(CorruptData, match=r"photo\.png is not a codec package"):
        asked_package(name)


def test_a_name_that_leads_nowhere():
    with pytest.raises(PackageUnavailable, match="no package named 'none'"):
        asked_package("none")
