"""Packages are found, named and described without being loaded."""

import hashlib
import os
import shutil
import zipfile

import pytest

from crosscodec.codec.installed import SEARCH_VARIABLE, SHIPPED, installed_packages, package_sha256, read_card
from crosscodec.codec.package import load_package, package_by_identity
from crosscodec.errors import CorruptData


def test_folders_of_the_environment_come_first(toy_package, monkeypatch):
    monkeypatch.setenv(SEARCH_VARIABLE, str(toy_package.parent))
    first = installed_packages()[0]
    assert (first.name, first.path, first.bytes) == ("toy", toy_package, toy_package.stat().st_size)
    assert first.sha256 == hashlib.sha256(toy_package.read_bytes()).hexdigest()


def test_what_cannot_be_read_is_in_nobodys_way(toy_package, tmp_path, monkeypatch):
    (tmp_path / "broken.xcm").symlink_to("nowhere")
    (tmp_path / "folder.xcm").mkdir()
    (tmp_path / "private.xcm").write_bytes(b"of a colleague")
    shutil.copy(toy_package, tmp_path / "toy.xcm")
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: os.path.basename(path) != "private.xcm" and may(path, mode))
    monkeypatch.setenv(SEARCH_VARIABLE, os.pathsep.join([str(tmp_path / "none"), str(tmp_path)]))
    assert [p.name for p in installed_packages() if p.path.parent == tmp_path] == ["toy"]
    assert package_by_identity(load_package("toy").identity).path == tmp_path / "toy.xcm"


def test_a_changed_file_has_another_hash(tmp_path):
    path = tmp_path / "a.xcm"
    path.write_bytes(b"one")
    assert package_sha256(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert package_sha256(path) == hashlib.sha256(b"two").hexdigest()


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.xcm")), ids=lambda path: path.stem)
def test_the_card_is_that_of_the_loaded_package(path):
    assert read_card(path) == load_package(path).card


def test_files_that_are_no_package(tmp_path):
    path = tmp_path / "a.xcm"
    path.write_bytes(b"nothing")
    with pytest.raises(CorruptData, match="is not a codec package"):
        read_card(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("other", b"")
    with pytest.raises(CorruptData, match="is not a codec package"):
        read_card(path)
