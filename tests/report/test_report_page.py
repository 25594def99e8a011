"""The page: all that the files say is on it, as text, and nothing on it asks for anything else."""

import base64
import dataclasses
import itertools
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import CorruptData, InputMissing, UsageError
from crosscodec.report.figures import Claim, FigureData, Panel, Point, Strip, write_figure
from crosscodec.report.report_page import duration_text, number_text, report_page
from crosscodec.theory import BernoulliTransport, GaussianTransport, Normal

VOID = {"meta", "img", "br", "rect", "path", "stop", "link"}
RATES = np.linspace(0, 1, 9)


class Page(HTMLParser):
    """What a page holds: elements with their attributes, headings in order, scripts, text; all must be closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.headings, self.scripts, self.text = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" in self.open:
            self.scripts.append(data)
        elif "style" not in self.open:
            self.text.append(data)
            if any(re.fullmatch("h[1-6]", tag) for tag in self.open):
                level, before = self.headings.pop()
                self.headings.append((level, before + data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def curve(panel, name, kind, x, y):
    return [Point(panel, name, kind, float(a), float(b) if np.isfinite(b) else None) for a, b in zip(x, y, strict=True)]


def surface_figure():
    problem = GaussianTransport(source=Normal(0, 1), target=Normal(0.5, 1.5))
    points = [
        point
        for limit in np.linspace(0, 1, 10)
        for point in curve(
            "main", f"P = {limit:.3g}", "bound", RATES, problem.distortion(RATES, perception=limit).value
        )
    ]
    made = {"scale": "theory", "seeds": "1", "command": "crosscodec repro run surface", "seconds": "0.25"}
    claims = (Claim("falls with rate", True, "no step up"),)
    panels = (Panel("main", "rate, bits", "squared error"),)
    return FigureData("surface", "A surface", "Paper A: Theorem 1", panels, tuple(points), claims, (), made)


def code_figure():
    problem = BernoulliTransport(0.3, 0.4)
    points = curve("D(R)", "theory", "bound", RATES, problem.distortion(RATES).value)
    points += curve("D(R)", "theory", "printed", RATES, problem.distortion(RATES).value)
    for rate in (0.25, 0.5, 0.75):
        least = float(problem.distortion(rate).value)
        points.append(
            Point(
                "D(R)",
                "<b>code</b>",
                "measured",
                rate,
                least,
                least - 0.01,
                least + 0.02,
                5,
                rate - 0.01,
                rate,
                rate + 0.09,
            )
        )
    points.append(Point("accuracy", "<b>code</b>", "quoted", 0.5, 0.9))
    panels = (Panel("D(R)", "rate, bits", "P(X ≠ Y)"), Panel("accuracy", "rate, bits", "accuracy"))
    claims = (
        Claim("codes & bounds <i>meet</i>", False, "gap 0.0123"),
        Claim("no more is known", None, ""),
        Claim("</script><script>alert(1)</script>", True, ""),
    )
    strips = (Strip("degraded", "degraded.png"), Strip('restored "A"', "restored.png", "84 bytes"))
    made = {
        "scale": "small",
        "seconds": "13214",
        "date": "2026-10-03",
        "command": "crosscodec repro run code --seeds 5",
    }
    return FigureData("code", "Codes", "Paper A: Theorem 2", panels, tuple(points), claims, strips, made)


# The page is made and read once for all tests: it holds five megabytes of plotly.js.
@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders: a theory figure that is a surface, and a figure of measured codes with pictures."""
    theory, codes = tmp_path_factory.mktemp("theory"), tmp_path_factory.mktemp("codes")
    write_figure(theory, surface_figure())
    write_figure(codes, code_figure())
    for name, size in (("degraded.png", 7), ("restored.png", 28)):
        Image.fromarray(np.full((size, 4 * size), 99, np.uint8)).save(codes / name)
    return [theory, codes]


@pytest.fixture(scope="module")
def text(folders):
    return report_page(folders, "A <title>")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_is_asked_from_anywhere(text, page):
    for _, attributes in page.elements:
        for name in ("src", "href", "action", "poster", "srcset", "data"):
            assert re.match(r"data:|#", attributes.get(name) or "#"), attributes
    (policy,) = [a["content"] for a in page.all("meta") if "http-equiv" in a]
    assert policy.startswith("default-src 'none';")
    assert "http" not in policy
    assert not page.all("link")
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import|http", style)
    assert "showSendToCloud: false" in text


def test_there_is_one_plotly(page):
    assert sum("plotly.js v" in script[:300] for script in page.scripts) == 1
    assert len(page.all("script")) == 3


def test_headings_are_in_order(page):
    assert page.headings[0] == (1, "A <title>")
    levels = [level for level, _ in page.headings]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    titles = [title for _, title in page.headings]
    for title in ("Summary", "Curves", "Pictures", "Rates", "Claims", "How it was made", "All claims, by paper"):
        assert title in titles
    assert [title for level, title in page.headings if level == 2][1:3] == ["surface A surface", "code Codes"]


def test_links_lead_to_places_on_the_page(page):
    places = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(places) == len(set(places))
    links = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert {"summary", "figure-1", "figure-2"} <= set(links) <= set(places)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(places)


def test_the_summary_says_scale_time_and_verdicts(page):
    words = page.words
    assert "theory 1 0.25 s 1 – –" in words
    assert "small – 3 h 40 min 1 1 1" in words
    assert "Made 2026-10-03" in words
    assert "2 figures 2 ✓ hold 1 ✗ fails 1 ? not decided" in words


def test_every_plot_has_its_place_and_its_words(page):
    plots = json.loads(page.scripts[0])
    places = {a["id"]: a for a in page.all("div") if a.get("role") == "img"}
    assert set(plots) == set(places)
    assert set(plots) == {"figure-1-panel-1", "figure-1-panel-1-surface-1", "figure-2-panel-1", "figure-2-panel-2"}
    assert [trace["type"] for trace in plots["figure-1-panel-1-surface-1"]["data"]] == ["surface"]
    for button in page.all("button"):
        count = len(plots[button["data-plot"]]["data"])
        assert all(0 <= int(place) < count for place in button["data-traces"].split())
    assert (
        "theory (bound): 8 points" in places["figure-2-panel-1"]["aria-label"]
        or "theory (bound): 9 points" in (places["figure-2-panel-1"]["aria-label"])
    )


def test_rates_stand_beside_the_bound(page):
    assert "0.25 0.4" not in page.words  # no row without its bound
    row = re.search(r"0\.5 (\S+) (\S+) to (\S+) 5 (\S+) 0\.49 0\.5 0\.59 theory", page.words)
    assert row, page.words
    assert float(row[4]) == pytest.approx(0.5, abs=2e-3)  # a code on the bound needs the rate that it has
    headers = [attributes for attributes in page.all("th")]
    assert all("scope" in attributes for attributes in headers)


def test_claims_stand_with_verdict_and_numbers_twice(page):
    for shown in ("codes & bounds <i>meet</i>", "gap 0.0123", "no more is known"):
        assert page.words.count(shown) == 2
    assert page.words.count("Paper A: Theorem 2") == 2  # summary and section; the last table has paper and place apart
    assert re.search(r"Paper A surface Theorem 1 falls with rate ✓ holds no step up code Theorem 2 ", page.words)


def test_text_is_text(text, page):
    assert "alert(1)" not in "".join(page.scripts)
    assert text.count("<script>alert(1)") == 0
    assert "<b>code</b>" in page.words
    plots = json.loads(page.scripts[0])
    assert plots["figure-2-panel-1"]["data"][-1]["name"] == "&lt;b&gt;code&lt;/b&gt;"
    start = text.index('<script type="application/json"')
    assert "<b>" not in text[start : text.index("</script>", start)]


def test_pictures_are_inside_with_words(page, folders):
    first, second = page.all("img")
    assert base64.b64decode(first["src"].partition(",")[2]) == (folders[1] / "degraded.png").read_bytes()
    assert second["alt"] == 'restored "A": a strip of pictures side by side, 112 by 28 pixels, 84 bytes'
    assert first["class"] == "tiny"


def test_the_table_of_a_figure_can_be_taken_away(page, folders):
    links = {a["download"]: a["href"] for a in page.all("a") if "download" in a}
    assert set(links) == {"surface.tsv", "code.tsv"}
    assert base64.b64decode(links["code.tsv"].partition(",")[2]) == (folders[1] / "code.tsv").read_bytes()


def test_the_same_files_give_the_same_page(text, folders):
    assert report_page(folders, "A <title>") == text


def test_a_bare_figure_makes_a_page(tmp_path):
    write_figure(tmp_path, FigureData("bare", "Bare", "Paper", (Panel("main", "x", "y"),), ()))
    page = Page(report_page([tmp_path]))
    titles = [title for _, title in page.headings]
    assert "Pictures" not in titles
    assert "Rates" not in titles
    assert "These figures come with no claims." in page.words


def broken(folder, change):
    write_figure(folder, dataclasses.replace(code_figure(), **change))


@pytest.mark.parametrize(
    ("prepare", "error", "said"),
    [
        (lambda folder: None, InputMissing, "holds no figure"),
        (lambda folder: folder.rmdir(), InputMissing, "does not exist"),
        (lambda folder: (folder.rmdir(), folder.write_text("")), InputMissing, "is not a folder"),
        (lambda folder: (folder / "settings.json").write_text("{}"), InputMissing, "holds no figure"),
        (lambda folder: broken(folder, {}), InputMissing, r"degraded\.png"),
        (lambda folder: broken(folder, {"gallery": (Strip("", "../x.png"),)}), CorruptData, "no name of a file"),
        (lambda folder: broken(folder, {"panels": (), "gallery": ()}), CorruptData, "does not describe the panel"),
        (
            lambda folder: (broken(folder, {"gallery": ()}), (folder / "code.json").write_text("{")),
            CorruptData,
            r"code\.json",
        ),
        (
            lambda folder: (broken(folder, {"gallery": ()}), (folder / "code.tsv").write_text("panel\tx\n")),
            CorruptData,
            r"code\.tsv",
        ),
    ],
)
def test_bad_folders_are_named(tmp_path, prepare, error, said):
    folder = tmp_path / "figures"
    folder.mkdir()
    prepare(folder)
    with pytest.raises(error, match=said) as caught:
        report_page([folder])
    assert "figures" in str(caught.value)


def test_a_folder_given_twice_is_a_mistake(folders):
    with pytest.raises(UsageError, match="twice"):
        report_page([*folders, folders[0]])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ("0.31", "0.31 s"),
        ("59.6", "60 s"),
        ("61", "1 min 1 s"),
        ("120", "2 min"),
        ("7500", "2 h 5 min"),
        ("long", "long"),
        ("inf", "inf"),
        ("nan", "nan"),
    ],
)
def test_durations(seconds, said):
    assert duration_text(seconds) == said


def test_numbers():
    assert [number_text(value) for value in (None, float("nan"), 0.0, 0.123456, 12345.6)] == [
        "–",
        "–",
        "0",
        "0.1235",
        "1.235e+04",
    ]
