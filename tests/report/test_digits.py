"""Sheet and page: every version of every picture is on them, and wrong verdicts are marked."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from crosscodec.report.digits import digit_page, digit_sheet

WRONG = (0xB3, 0x26, 0x1E)


class Elements(HTMLParser):
    """Counts what is open, so that a page that does not close its elements is found."""

    def __init__(self):
        super().__init__()
        self.open, self.images = [], []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.images.append(dict(attrs))
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def sheet(digit_run):
    """The sheet as an array."""
    return np.asarray(Image.open(io.BytesIO(digit_sheet(digit_run))))


def squares(sheet, gray):
    """How many pixels of the sheet have exactly this gray."""
    return int(np.all(sheet == gray, axis=2).sum())


def test_the_sheet_shows_every_picture_large(sheet):
    for level in (60, 120, 200):
        for index in range(3):
            assert squares(sheet, level + index) >= 56 * 56


def test_the_sheet_frames_wrong_verdicts(sheet):
    # Two frames of 60 x 60 pixels, two wide, and a few red digits; three right versions have none.
    framed = int(np.all(sheet == WRONG, axis=2).sum())
    assert 2 * 4 * 58 * 2 <= framed <= 2 * 4 * 58 * 2 + 300


def test_many_pictures_go_on_in_a_further_band(digit_run):
    narrow = Image.open(io.BytesIO(digit_sheet(digit_run))).size
    count = 23
    for path in (digit_run / "pictures").iterdir():
        Image.new("L", (5 * count, 4), 90).save(path)
    settings = json.loads((digit_run / "settings.json").read_text()) | {"images": count}
    (digit_run / "settings.json").write_text(json.dumps(settings))
    rows = [f"{name}\t{index}\t7\t7\t" for name in ("degraded", "sharp", "clean") for index in range(count)]
    (digit_run / "verdicts.tsv").write_text("\n".join(["version\tindex\tlabel\tfrozen\thead", *rows]) + "\n")
    wide = Image.open(io.BytesIO(digit_sheet(digit_run))).size
    assert wide[1] > 1.8 * narrow[1]
    assert wide[0] == narrow[0] + 17 * 64
    assert digit_page(digit_run).count('<div class="wide band">') == 3


def test_the_page_is_whole_and_says_what_the_run_says(digit_run):
    page = digit_page(digit_run)
    elements = Elements()
    elements.feed(page)
    assert elements.open == []
    assert len(elements.images) == 9
    assert "my-digits: down:4 on mnist:test" in page
    assert "one file of 1,234 bytes" in page
    assert "12.00 bits a picture" in page
    assert "a picture of 8 bits a sample has 160" in page  # 4 x 5 samples
    assert "2 of 3" in page
    assert "CC BY-SA 3.0" in page
    assert "&lt;b&gt;" in page  # labels are text, not markup
    assert sum(image.get("class") == "wrong" for image in elements.images) == 2
    assert len(re.findall(r'<b class="wrong">', page)) == 3  # twice the frozen judge, once the head
    assert not re.search(r'(src|href)="(?!data:|https://creativecommons)', page)


def test_pictures_on_the_page_are_exact(digit_run):
    elements = Elements()
    elements.feed(digit_page(digit_run))
    data = elements.images[4]["src"].removeprefix("data:image/png;base64,")  # the second row, "sharp", second picture
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), np.full((4, 5), 121))


def test_without_judges_nothing_is_said_of_them(digit_run):
    text = (digit_run / "verdicts.tsv").read_text().splitlines()
    bare = [text[0], *("\t".join([*line.split("\t")[:3], "", ""]) for line in text[1:])]
    (digit_run / "verdicts.tsv").write_text("\n".join(bare) + "\n")
    scores = (digit_run / "scores.tsv").read_text().splitlines()
    (digit_run / "scores.tsv").write_text(
        "\n".join([scores[0], *("\t".join([*line.split("\t")[:4], "", ""]) for line in scores[1:])]) + "\n"
    )
    page = digit_page(digit_run)
    assert "recognised" not in page
    assert "✗ marks" not in page
    sheet = np.asarray(Image.open(io.BytesIO(digit_sheet(digit_run))))
    assert not np.all(sheet == WRONG, axis=2).any()
