"""`crosscodec repro`: what there is, verdicts in words, and one bad figure stops no other."""

import json

import pytest
from typer.testing import CliRunner

from crosscodec.cli.reproducing import app
from crosscodec.errors import InputMissing, UsageError
from crosscodec.report.figures import Claim, FigureData, Panel, Point
from crosscodec.repro import catalogue
from crosscodec.repro.item import Item


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


def figure(item, request):
    points = (Point("p", "a", "bound", 0, 1), Point("p", "a", "bound", 1, 0))
    claims = (Claim("it falls", True, "1 to 0"), Claim("it rises", False, ""), Claim("who knows", None, ""))
    made = {"failed": "one trial"} if item.key == "partly" else {}
    return FigureData(item.key, item.title, item.paper, (Panel("p", "x", "y"),), points, claims, made=made)


def missing(item, request):
    raise InputMissing("no data there")


@pytest.fixture
def items(monkeypatch):
    found = tuple(Item(key, "Title", "Paper, ICLR 2026: T", make) for key, make in
                  (("absent", missing), ("good", figure), ("partly", figure)))  # fmt: skip
    monkeypatch.setattr(catalogue, "ITEMS", found)


def test_list_names_every_figure_its_paper_and_data():
    lines = run("list").stdout.splitlines()
    assert len(lines) == 2 + len(catalogue.ITEMS)
    (line,) = [line for line in lines if line.startswith("mnist-m-denoise")]
    assert "ICLR 2026" in line
    assert line.endswith("mnist bsds500")


def test_list_says_what_is_there(items, tmp_path):
    run("run", "good", "--out", tmp_path)
    lines = run("list", "--out", tmp_path).stdout.splitlines()
    assert [line.rpartition("  ")[2].strip() for line in lines[2:]] == ["not yet", "smoke", "not yet"]
    records = [json.loads(line) for line in run("list", "--out", tmp_path, "--json").stdout.splitlines()]
    assert [record["scale"] for record in records] == [None, "smoke", None]


def test_verdicts_are_printed_in_words(items, tmp_path):
    result = run("run", "good", "--out", tmp_path)
    assert result.exit_code == 0
    head, *claims = result.stdout.splitlines()
    assert head.startswith("good: 2 points")
    assert [claim.split()[0] for claim in claims] == ["holds", "fails", "not"]
    assert "it falls (1 to 0)" in claims[0]


def test_json_has_the_claims(items, tmp_path):
    record = json.loads(run("run", "good", "--out", tmp_path, "--json").stdout)
    assert record["claims"][1] == {"text": "it rises", "holds": False, "numbers": ""}
    assert record["made"]["scale"] == "smoke"


def test_a_figure_that_fails_or_lacks_a_trial_stops_no_other_and_is_told(items, tmp_path):
    result = run("run", "all", "--out", tmp_path)
    assert result.exit_code == 1
    assert "absent: no data there" in result.stderr
    assert "2 of 3 figures are not whole: absent, partly" in result.stderr
    assert (tmp_path / "good.svg").exists()
    assert (tmp_path / "partly.tsv").exists()


def test_an_unknown_key_starts_nothing(items, tmp_path):
    with pytest.raises(UsageError, match="figure-3"):
        run("run", "good", "figure-3", "--out", tmp_path)
    assert not list(tmp_path.iterdir())
