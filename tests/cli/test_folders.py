"""Which files a folder means: hidden ones, links, other kinds, folders that cannot be read."""

import os
import time
from pathlib import Path

import pytest

from crosscodec.cli.folders import Found, base_of, files_below, files_matching, files_of, named_as
from crosscodec.errors import InputMissing, OutputFailed, UsageError

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


@pytest.fixture
def refused(monkeypatch):
    """Folders of the name "sub" cannot be read: tests run as root, for whom there are no others."""
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "sub":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)


def relative(paths, top):
    return [path.relative_to(top).as_posix() for path in paths]


def test_folders_below_links_among_them_and_nothing_hidden(folder):
    found = files_below(folder, PICTURES, True)
    assert relative(found.files, folder) == ["b.png", "link/f.png", "sub/c.JPG"]
    assert relative(found.others, folder) == ["broken.png", "notes", "raw.dng"]
    assert relative(files_below(folder, PICTURES, False).files, folder) == ["b.png"]


def test_other_kinds_are_counted(folder):
    assert files_below(folder, PICTURES, True).notices(".xcd") == (
        "3 files of other kinds not taken (.dng 1, broken link 1, no ending 1)",
    )
    assert files_below(folder, PICTURES, True).notices(".dng") == (
        "2 files of other kinds not taken (broken link 1, no ending 1)",
    )
    many = Found(others=tuple(Path(f"a.{kind}") for kind in "abcdefgh"))
    assert many.notices()[0].endswith(", …)")
    assert Found(others=(Path("a.txt"),)).notices() == ("1 file of other kinds not taken (.txt 1)",)
    assert Found().notices() == ()


def test_the_folder_of_results_is_left_out(folder):
    assert relative(files_below(folder, PICTURES, True, folder / "sub").files, folder) == ["b.png", "link/f.png"]
    assert len(files_below(folder, PICTURES, True, folder).files) == 3


def test_a_folder_that_cannot_be_read_is_told(folder, refused):
    found = files_below(folder, PICTURES, True)
    assert list(map(str, found.unread)) == [f"folder {folder / 'sub'} cannot be read: Permission denied"]
    assert relative(found.files, folder) == ["b.png", "link/f.png"]


def test_a_folder_that_two_ways_lead_to_is_taken_on_both(folder):
    (folder / "again").symlink_to(folder / "sub")
    expected = ["again/c.JPG", "b.png", "link/f.png", "sub/c.JPG"]
    assert relative(files_below(folder, PICTURES, True).files, folder) == expected
    assert relative(files_matching(f"{folder}/**", PICTURES, False).files, folder) == expected


def test_a_glob_follows_the_rule_of_folders(folder):
    def matching(pattern, recursive=False):
        return relative(files_matching(str(folder / pattern), PICTURES, recursive).files, folder)

    assert matching("*.png") == ["b.png"]
    assert matching("*") == ["b.png", "link/f.png", "sub/c.JPG"]
    assert matching("**/*.png") == ["b.png", "link/f.png"]
    assert matching("*/.thumbs/*") == matching(".*/*.png") == matching(".h*") == matching("**/.*") == []
    assert matching(".hid/*.png") == [".hid/d.png"]  # below what was named nothing is hidden
    assert matching("s*/*.JPG") == matching("s*/", True) == ["sub/c.JPG"]
    found = files_matching(str(folder / "*"), PICTURES, True, str(folder / "sub"))
    assert relative(found.files, folder) == ["b.png", "link/f.png"]
    assert found.notices() == (
        "3 files of other kinds not taken (.dng 1, broken link 1, no ending 1)",
        f"folder {folder / 'sub'} is OUT; what it holds is not taken",
    )


def test_a_glob_tells_what_cannot_be_read(folder, refused):
    found = files_matching(f"{folder}/**/*.png", PICTURES, False)
    assert list(map(str, found.unread)) == [f"folder {folder / 'sub'} cannot be read: Permission denied"]
    with pytest.raises(OutputFailed, match="sub cannot be read: Permission denied"):
        files_of(str(folder / "sub"), PICTURES, True)


def test_a_glob_of_many_files_is_quick(tmp_path):
    for number in range(3000):
        (tmp_path / f"{number}.png").touch()
    started = time.perf_counter()
    assert len(files_matching(str(tmp_path / "*.png"), PICTURES, False).files) == 3000
    assert time.perf_counter() - started < 5  # a tenth of a second on an idle machine


def test_a_broken_link_is_told_even_where_results_have_its_ending(folder):
    assert "broken link 1" in files_below(folder, PICTURES, False).notices(".png")[0]


def test_a_link_that_leads_to_itself_is_a_broken_link(tmp_path):
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    assert files_below(tmp_path, PICTURES, True).notices() == ("1 file of other kinds not taken (broken link 1)",)


def test_what_a_name_is(folder):
    (folder / "a[1].png").write_bytes(b"x")
    assert [named_as(str(folder / name)) for name in ("b.png", "a[1].png", "sub", "*.png")] == [
        "file", "file", "folder", "glob",
    ]  # fmt: skip
    assert named_as("-") == "file"
    with pytest.raises(UsageError, match="IN is empty"):
        named_as("")
    for name in ("none.png", "b.png/none.png"):
        with pytest.raises(InputMissing, match=r"none\.png does not exist"):
            named_as(str(folder / name))


def test_below_what_results_mirror_inputs(folder):
    (folder / "a[1]").mkdir()
    assert base_of(str(folder)) == folder
    assert base_of(f"{folder}/*/c.*") == folder
    assert base_of(f"{folder}/a[1]/*") == folder / "a[1]"


def test_nothing_found_says_what_is_there(folder):
    (folder / "b.png").unlink()
    with pytest.raises(InputMissing, match=r"ending in \.jpg, \.png directly; -r .*; 3 files of other kinds not taken"):
        files_of(str(folder), PICTURES, False)
