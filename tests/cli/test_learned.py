"""`crosscodec simulate learned`: a table, JSON, a file of rows, and an exit code for what cannot be."""

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from crosscodec.cli.simulating import app
from crosscodec.errors import UsageError
from crosscodec.simulate.rows import bound_row
from crosscodec.toy import run as running
from crosscodec.toy.measuring import ToyPoint
from crosscodec.toy.run import ToyRun

POINT = ToyPoint("fidelity", 1000, 1.0, 1.0, 1.1, 0.01, 0.35, 0.01, 0.25, 0.25, 0.24, 0.01, None, 1.9, 0.01, 1.8, ())


def run(*arguments):
    return CliRunner().invoke(app, ["learned", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """No training: settings are noted, and one point comes back."""
    seen = []

    def pretend(settings, folder):
        seen.append((settings, folder))
        return ToyRun(settings, (POINT,), 1.0)

    monkeypatch.setattr(running, "toy_run", pretend)
    return seen


def test_a_table_of_the_usual_rates(asked):
    result = run("bernoulli")
    assert result.exit_code == 0, result.output
    assert [settings.rate for settings, _ in asked] == [0.2, 0.5]
    lines = result.stdout.splitlines()
    assert lines[0].split()[:3] == ["source", "decoder", "payload"]
    assert "0.35000" in lines[2]
    assert "+0.2400" in lines[2]


def test_settings_and_folders(asked, tmp_path):
    run("gaussian", "--rate", 1, "--rate", 2, "--block", 8, "--steps", 7, "--n", 5000, "--keep", tmp_path)
    (first, folder), (second, _) = asked
    assert (first.rate, second.rate, first.block, first.steps, first.symbols) == (1.0, 2.0, 8, 7, 5000)
    assert folder == tmp_path / "gaussian-8-rounding-1"
    run("gaussian", "--rate", 1, "--smoke")
    assert asked[-1][0].steps < 1000


def test_json_and_rows_of_a_file(tmp_path):
    result = run("vector", "--rate", 2, "--json", "--out", tmp_path / "toy.tsv")
    record = json.loads(result.stdout)
    assert record["points"][0]["distortion"] == POINT.distortion
    assert record["settings"]["source"] == "vector"
    assert len((tmp_path / "toy.tsv").read_text().splitlines()) == 2


def test_a_point_beyond_the_bound_is_exit_code_1(monkeypatch):
    broken = dataclasses.replace(POINT, rows=(bound_row("distortion", 0.25, 0.2, 0.01),))
    monkeypatch.setattr(running, "toy_run", lambda settings, folder: ToyRun(settings, (broken,), 1.0))
    result = run("gaussian", "--rate", 1)
    assert result.exit_code == 1
    assert "fidelity: distortion beats the bound" in result.stderr


def test_an_unknown_source_is_refused():
    with pytest.raises(UsageError, match="laplace"):
        run("laplace")
