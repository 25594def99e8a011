"""report, as users run it."""

import sys

import pytest

from crosscodec.cli.main import app
from crosscodec.report.figures import Claim, FigureData, Panel, Point, write_figure


@pytest.fixture
def invoke(runner, tmp_path, monkeypatch):
    """Runs `crosscodec report` in a folder that holds one figure in `figures/`."""
    monkeypatch.chdir(tmp_path)
    points = tuple(Point("main", "theory", "bound", float(x), 1.0 - x) for x in range(2))
    figure = FigureData(
        "drc",
        "Distortion",
        "Paper",
        (Panel("main", "rate, bits", "distortion"),),
        points,
        (Claim("falls", True, "-1"),),
    )
    (tmp_path / "figures").mkdir()
    (tmp_path / "empty").mkdir()
    write_figure(tmp_path / "figures", figure)
    return lambda *words: runner.invoke(app, ["report", *words])


def test_a_page_is_written_once_unless_told(invoke, tmp_path):
    result = invoke("figures", "--out", "page.html", "--title", "Two & more")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "page.html").read_bytes()
    assert result.stdout == f"page.html  {len(page):,} bytes\n"
    assert b"<title>Two &amp; more</title>" in page
    refused = invoke("figures", "--out", "page.html")
    assert (refused.exit_code, "page.html exists; choose another name, or --overwrite" in refused.stderr) == (73, True)
    assert (tmp_path / "page.html").read_bytes() == page
    assert invoke("figures", "--out", "page.html", "--title", "Two & more", "--overwrite").exit_code == 0
    assert (tmp_path / "page.html").read_bytes() == page


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("empty", "--out", "page.html"), 66, "holds no figure"),
        (("absent", "--out", "page.html"), 66, "absent does not exist"),
        (("figures", "empty", "--out", "page.html"), 66, "empty holds no figure"),
        (("figures", "figures/../figures", "--out", "page.html"), 2, "twice"),
        (("figures", "--out", "absent/page.html"), 74, "absent"),
        (("figures", "--out", "empty", "--overwrite"), 73, "empty is a folder; name a file"),
        (("figures",), 2, "--out"),
        (("--out", "page.html"), 2, "DIR"),
    ],
)
def test_mistakes_leave_no_page(invoke, tmp_path, words, code, said):
    result = invoke(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert not list(tmp_path.rglob("*.html"))


def test_a_broken_file_is_corrupt_data(invoke, tmp_path):
    (tmp_path / "figures" / "drc.json").write_text("[]")
    result = invoke("figures", "--out", "page.html")
    assert result.exit_code == 65
    assert "drc.json" in result.stderr


def test_without_plotly_the_extra_is_named(invoke, monkeypatch):
    for name in list(sys.modules):
        if name.partition(".")[0] == "plotly":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "crosscodec.report.report_page", raising=False)
    monkeypatch.setitem(sys.modules, "plotly", None)
    result = invoke("figures", "--out", "page.html")
    assert result.exit_code == 2
    assert "crosscodec[evaluate]" in result.stderr
