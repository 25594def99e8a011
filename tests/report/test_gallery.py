import base64
import io

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.report.figures import Strip
from crosscodec.report.gallery import beside, show_strip


def save(path, height, width):
    Image.fromarray(np.zeros((height, width), np.uint8)).save(path)


def test_the_bytes_of_the_file_are_in_the_page(tmp_path):
    save(tmp_path / "a.png", 28, 280)
    shown = show_strip(tmp_path, Strip("degraded", "a.png", "12 bytes"))
    data = base64.b64decode(shown.address.removeprefix("data:image/png;base64,"))
    assert data == (tmp_path / "a.png").read_bytes()
    assert Image.open(io.BytesIO(data)).size == (shown.width, shown.height) == (280, 28)
    assert "degraded" in shown.alt
    assert "12 bytes" in shown.alt


def test_strips_of_one_gallery_have_one_width_whatever_their_resolution(tmp_path):
    widths = set()
    for height in (7, 28):
        save(tmp_path / "a.png", height, 10 * height)
        shown = show_strip(tmp_path, Strip("", "a.png"))
        assert shown.tiny
        widths.add((shown.shown_width, shown.least_width))
    assert widths == {(1000, 440)}


def test_photographs_are_not_enlarged(tmp_path):
    save(tmp_path / "a.png", 300, 900)
    shown = show_strip(tmp_path, Strip("", "a.png"))
    assert (shown.shown_width, shown.tiny) == (900, False)


@pytest.mark.parametrize("name", ["../a.png", "/etc/passwd", "b/../a.png", "..", "", "c\\a.png"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(CorruptData, match="no name of a file"):
        beside(tmp_path, name)


def test_what_is_no_png_and_what_is_not_there_is_named(tmp_path):
    (tmp_path / "a.png").write_text("<svg onload='alert(1)'/>")
    with pytest.raises(CorruptData, match=r"a\.png is not a PNG"):
        show_strip(tmp_path, Strip("", "a.png"))
    Image.new("L", (4, 4)).save(tmp_path / "a.png", "BMP")
    with pytest.raises(CorruptData, match="not a PNG"):
        show_strip(tmp_path, Strip("", "a.png"))
    with pytest.raises(InputMissing, match=r"b\.png"):
        show_strip(tmp_path, Strip("", "b.png"))
