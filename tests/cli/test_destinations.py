"""What OUT means, and what is refused before any work."""

import os

import pytest

from crosscodec.cli.destinations import names_folder, obstacle, require_folder, require_kept, single_target
from crosscodec.errors import UsageError

PICTURES = frozenset([".png", ".jpg"])


def test_what_names_a_folder(tmp_path):
    assert names_folder(str(tmp_path))
    for name in ("new/", "new/.", "new/..", "."):
        assert names_folder(name)
    assert not names_folder("new")


def test_the_only_result(tmp_path):
    assert single_target("a.png", "-", "a.xcd", ".xcd", PICTURES) == "-"
    assert single_target("a.png", "b.xcd", "a.xcd", ".xcd", PICTURES) == "b.xcd"
    assert single_target("a.png", str(tmp_path), "a.xcd", ".xcd", PICTURES) == str(tmp_path / "a.xcd")
    assert single_target("a.png", "new/", "a.xcd", ".xcd", PICTURES) == "new/a.xcd"
    for target, said in (("", "OUT is empty"), ("b.jpg", r"let it end in \.xcd")):
        with pytest.raises(UsageError, match=said):
            single_target("a.png", target, "a.xcd", ".xcd", PICTURES)


def test_what_holds_several_results(tmp_path):
    (tmp_path / "out.xcd").mkdir()
    (tmp_path / "file").touch()
    for target in ("new", "new.d", "new.xcd/", str(tmp_path / "out.xcd")):
        require_folder("in", "folder", target, [".xcd"])
    refused = {"": "OUT is empty", "-": "to stdout", str(tmp_path / "file"): "must be a folder", "new.xcd": "file; try"}
    for target, said in refused.items():
        with pytest.raises(UsageError, match=said):
            require_folder("in", "folder", target, [".xcd"], "; try")


def test_inputs_are_kept(tmp_path):
    for name in ("a", "b", "-"):
        (tmp_path / name).touch()
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    require_kept([(a, str(tmp_path / "new")), ("-", "-"), ("none", "none")])
    with pytest.raises(UsageError, match="replaced by its own result"):
        require_kept([(a, f"{tmp_path}/../{tmp_path.name}/a")])
    with pytest.raises(UsageError, match=r"b is an input and would be replaced by the result of .*a;"):
        require_kept([(a, b), (b, "new")])


def test_what_is_in_the_way_of_a_result(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "none" / "file")
    assert obstacle(str(tmp_path / "new"), False) is None
    assert obstacle(str(tmp_path / "file"), False) is None
    assert obstacle(str(tmp_path / "a" / "b" / "new"), True) is None
    assert obstacle(str(tmp_path / "a" / "new"), False) == f"folder {tmp_path / 'a'} does not exist"
    assert obstacle(str(tmp_path / "file" / "a" / "new"), True) == f"{tmp_path / 'file'} is no folder"
    assert obstacle(str(tmp_path / "link"), False) == f"folder {tmp_path / 'none'} does not exist"
    assert obstacle(str(tmp_path), True) == "it is no regular file, and is not replaced"
    assert obstacle(str(tmp_path / ("l" * 300)), False) == "File name too long"
    assert obstacle(str(tmp_path / "a" / "b" / ("l" * 300)), True) == "File name too long"
    (tmp_path / "b").mkdir()
    assert obstacle(str(tmp_path / "a" / "b"), True) is None
    monkeypatch.setattr(os, "access", lambda path, mode: os.fspath(path) != os.fspath(tmp_path))
    assert obstacle(str(tmp_path / "a" / "new"), True) == f"nothing can be written into folder {tmp_path}"
