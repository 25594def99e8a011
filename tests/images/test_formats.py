"""Names of picture files."""

from pathlib import Path

import pytest
from picturefiles import RGB, same, saved

from crosscodec.errors import UsageError
from crosscodec.images.formats import format_of
from crosscodec.images.reading import read_picture


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a.png", "png"),
        ("a.b.JPEG", "jpg"),
        ("a.tif", "tiff"),
        ("x/a.npy", "npy"),
        ("-", "png"),
        ("folder/name", "png"),
    ],
)
def test_format_of(path: str, format: str) -> None:
    assert format_of(path) == format
    assert format_of(Path(path)) == format


@pytest.mark.parametrize("path", ["a.gif", "a.txt", "a.xcd"])
def test_formats_that_are_not_written(path: str) -> None:
    with pytest.raises(UsageError, match=r"\.avif, \.bmp"):
        format_of(path)


def test_content_decides_and_a_wrong_name_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(saved(RGB, "PNG"))
    picture = read_picture(path)
    assert same(picture, RGB)
    assert picture.notices == ("named .jpg but read as png, which it is",)
    bare = tmp_path / "picture"
    bare.write_bytes(saved(RGB, "PNG"))
    assert read_picture(str(bare)).notices == ()
