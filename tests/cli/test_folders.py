"""Which files a folder means: hidden ones, links, other kinds, folders that cannot be read."""

import os
from pathlib import Path

import pytest

from crosscodec.cli.folders import Found, files_below

PICTURES = frozenset([".png", ".jpg"])


@pytest.fixture
def folder(tmp_path):
    top = tmp_path / "in"
    for name in ("b.png", ".h.png", "sub/c.JPG", ".hid/d.png", "sub/.thumbs/e.png", "notes", "raw.dng"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"x")
    (tmp_path / "ext").mkdir()
    (tmp_path / "ext" / "f.png").write_bytes(b"x")
    (top / "link").symlink_to(tmp_path / "ext")
    (top / "sub" / "round").symlink_to(top)
    (top / "broken.png").symlink_to(tmp_path / "nowhere.png")
    return top


def relative(paths, top):
    return [path.relative_to(top).as_posix() for path in paths]


def test_folders_below_links_among_them_and_nothing_hidden(folder):
    found = files_below(folder, PICTURES, True)
    assert relative(found.files, folder) == ["b.png", "link/f.png", "sub/c.JPG"]
    assert relative(found.others, folder) == ["broken.png", "notes", "raw.dng"]
    assert relative(files_below(folder, PICTURES, False).files, folder) == ["b.png"]


def test_other_kinds_are_counted(folder):
    assert files_below(folder, PICTURES, True).notices(".xcd") == (
        "3 files of other kinds not taken (.dng 1, .png 1, no ending 1)",
    )
    assert files_below(folder, PICTURES, True).notices(".dng") == (
        "2 files of other kinds not taken (.png 1, no ending 1)",
    )
    many = Found(others=tuple(Path(f"a.{kind}") for kind in "abcdefgh"))
    assert many.notices("")[0].endswith(", …)")
    assert Found(others=(Path("a.txt"),)).notices("") == ("1 file of other kinds not taken (.txt 1)",)
    assert Found().notices("") == ()


def test_the_folder_of_results_is_left_out(folder):
    assert relative(files_below(folder, PICTURES, True, folder / "sub").files, folder) == ["b.png", "link/f.png"]
    assert len(files_below(folder, PICTURES, True, folder).files) == 3


def test_a_folder_that_cannot_be_read_is_told(folder, monkeypatch):
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = files_below(folder, PICTURES, True)
    assert found.unread == (f"folder {folder / 'sub'} cannot be read: Permission denied",)
    assert relative(found.files, folder) == ["b.png", "link/f.png"]


def test_more_files_come_in_order_and_once():
    found = Found((Path("b.png"),)).with_file(Path(".c.png"), PICTURES).joined(Found((Path("a.png"), Path("b.png"))))
    assert found.files == (Path("a.png"), Path("b.png"))
