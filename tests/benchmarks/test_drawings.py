"""Pages of drawings: of every kind, the same for the same number, and a word where the clip art is missing."""

import sys

import numpy as np
import pytest
from drawings import SIDE, Material, main, page
from PIL import Image, ImageDraw


@pytest.fixture
def material(tmp_path):
    folder = tmp_path / "usr" / "share" / "openclipart" / "png" / "shapes"
    folder.mkdir(parents=True)
    for name, size in (("disc", (90, 60)), ("wide", (1500, 40))):
        art = Image.new("RGBA", size, (0, 0, 0, 0))
        ImageDraw.Draw(art).ellipse((5, 5, size[0] - 5, size[1] - 5), fill=(200, 30, 60, 255))
        art.save(folder / f"{name}.png")
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(folder / "nothing.png")
    return Material.below(tmp_path)


def test_pages_of_every_kind_are_the_same_for_the_same_number(material):
    assert [path.stem for path in material.clip_art] == ["disc", "nothing", "wide"]
    pages = [page(material, number) for number in range(10)]
    for image in pages:
        assert (image.size, image.mode) == ((SIDE, SIDE), "RGB")
    assert sum(np.asarray(image).std() > 5 for image in pages) >= 8, "something is in nearly all of them"
    for number in range(5):
        np.testing.assert_array_equal(np.asarray(page(material, number)), np.asarray(pages[number]))
    assert not np.array_equal(*(np.asarray(pages[number]) for number in (1, 6)))


def test_pages_are_written_under_their_numbers(material, tmp_path, monkeypatch):
    arguments = ["--debian", str(tmp_path), "--out", str(tmp_path / "pages"), "--pages", "2", "--first", "4"]
    monkeypatch.setattr(sys, "argv", ["drawings.py", *arguments])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)  # it is put back
    main()
    assert sorted(path.name for path in (tmp_path / "pages").iterdir()) == ["00004.png", "00005.png"]


def test_missing_clip_art_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["drawings.py", "--debian", str(tmp_path), "--out", str(tmp_path / "pages")])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    with pytest.raises(SystemExit):
        main()
    assert "unpack openclipart-png there" in capsys.readouterr().err
    assert not (tmp_path / "pages").exists()
