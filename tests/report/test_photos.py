"""The page about a photo evaluation: whole in itself, with the numbers of the table and nothing unescaped."""

import base64
import io
import json
from html.parser import HTMLParser

from PIL import Image

from crosscodec.report.photos import photo_page, picture_address


class Elements(HTMLParser):
    """Tags and their attributes, and whether every element that must be closed is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_is_whole_and_needs_nothing_else(run):
    page = Elements(photo_page(run))
    assert page.open == []
    sources = [image["src"] for image in page.all("img") if image.get("src")]
    assert len(sources) == 4
    for source in sources:
        kind, _, data = source.partition(",")
        assert kind == "data:image/webp;base64"
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (30, 20)
    assert not page.all("link")
    assert all("src" not in script for script in page.all("script"))
    assert "http" not in photo_page(run).replace("http-equiv", "")


def test_pictures_stand_in_order_with_their_numbers(run):
    page = photo_page(run)
    body = page[page.index("<article>") :]
    titles = ["Degraded", "JPEG 2000 of the degraded picture", "Restored by my-package", "Clean"]
    places = [body.index(f"<b>{title}</b>") for title in titles]
    assert places == sorted(places)
    for text in ("29.50 dB", "12,345 bytes", "0.521 bpp", "+9.33 dB", "24.00 dB"):
        assert text in body
    assert "0.75" in page  # encode and decode together, in the table of means


def test_the_encoder_is_named_where_one_was_chosen(run):
    plain = photo_page(run)
    assert "encoder" not in plain
    path = run / "settings.json"
    for encoder, title in (("default", "<h1>my-package: noise"), ("best", "<h1>my-package, encoder best: noise")):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"encoder": encoder, "decoder": "fidelity"}))
        page = photo_page(run)
        assert f"encoder <code>{encoder}</code>, decoder <code>fidelity</code>." in page
        assert title in page


def test_names_are_escaped(run):
    page = photo_page(run)
    assert "&lt;b&gt;cat&lt;/b&gt;" in page
    assert "<b>cat" not in page


def test_it_reads_at_every_width_and_by_night(run):
    page = photo_page(run)
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert 'lang="en"' in page
    assert all(image.get("alt") is not None for image in Elements(page).all("img"))


def test_picture_address_is_close_to_the_picture(run):
    data = base64.b64decode(picture_address(run / "clean" / "0000-_b_cat_b_.png").partition(",")[2])
    shown = Image.open(io.BytesIO(data)).convert("RGB").resize((1, 1))
    true = Image.open(run / "clean" / "0000-_b_cat_b_.png").resize((1, 1))
    assert max(abs(a - b) for a, b in zip(shown.getpixel((0, 0)), true.getpixel((0, 0)), strict=True)) <= 3


def test_a_page_without_qualities_has_no_curve(run):
    page = photo_page(run)
    assert not Elements(page).all("svg")
    assert 'class="column"' not in page


def test_several_qualities_have_a_column_each_and_a_curve(curve_run):
    page = photo_page(curve_run)
    found = Elements(page)
    assert found.open == []
    assert "http" not in page
    assert len([image for image in found.all("img") if image.get("src")]) == 6
    assert [div["class"] for div in found.all("div")].count("column") == 2
    assert len(found.all("svg")) == 1
    assert len(found.all("circle")) == 4
    rows = page[page.index("<tbody>") : page.index("</tbody>")]
    for text in ("27.50", "31.25", "23.00", "25.00", "20.17", "0.221", "19,345"):
        assert text in rows
    body = page[page.index("<article>") :]
    titles = ["Degraded", "Restored by my-package, quality 20", "Restored by my-package, quality 80", "Clean"]
    places = [body.index(f"<b>{title}</b>") for title in titles]
    assert places == sorted(places)
    assert "+7.33 to +11.08 dB" in body
