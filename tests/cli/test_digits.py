"""demo digits: digits that come with the library, one file, a table and a page."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from toydigits import toy_digits_bytes

from crosscodec.cli.digits import first_digits
from crosscodec.cli.main import app
from crosscodec.errors import InputMissing


@pytest.fixture
def invoke(runner, monkeypatch, tmp_path):
    (tmp_path / "toy-digits.xcm").write_bytes(toy_digits_bytes())
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path))
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *words: runner.invoke(app, ["demo", "digits", "--package", "toy-digits", *words])


def test_the_table_is_that_of_the_run(invoke, tmp_path):
    result = invoke()
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    size = (tmp_path / "demo-digits/coded.xcd").stat().st_size
    assert lines[0].startswith(f"toy-digits: 40 digits in {size} bytes; a digit costs ")
    assert f"{8 * size / 40:.2f} with the rest" in lines[0]
    assert "of 6,272 bits" in lines[0]
    assert [line.split()[0] for line in lines[3:7]] == ["degraded", "fidelity", "perception", "clean"]
    with (tmp_path / "demo-digits/scores.tsv").open() as table:
        for row, line in zip(csv.DictReader(table, delimiter="\t"), lines[3:7], strict=True):
            assert f"{float(row['mse_clean']):.4f}" in line
            assert f"{row['right_frozen']} of 40" in line
    page = Path(lines[-1].split(": ", 1)[1])
    assert page == tmp_path / "demo-digits/index.html"
    assert page.read_text().count("data:image/png") == 160
    assert Image.open(page.parent / "sheet.png").size[0] > 1200


def test_again_and_as_json(invoke, tmp_path):
    words = ("--digits", "3", "--out", "look")
    rows = [json.loads(line) for line in invoke("--json", *words).stdout.splitlines()]
    assert [row["version"] for row in rows] == ["degraded", "fidelity", "perception", "clean"]
    assert {row["images"] for row in rows} == {3}
    assert rows[0]["file_bytes"] == (tmp_path / "look/coded.xcd").stat().st_size
    assert invoke(*words).exit_code == 73
    assert "skipped" in invoke(*words, "--on-exist", "skip").stdout
    assert invoke(*words, "--on-exist", "overwrite", "--seed", "1").exit_code == 0
    assert json.loads((tmp_path / "look/settings.json").read_text())["seed"] == 1


def test_a_folder_of_something_else_is_left_as_it_is(invoke, tmp_path):
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("my page")
    for words in ((), ("--json",)):
        result = invoke("--digits", "3", "--out", "www", *words)
        assert result.exit_code == 73
        assert "www exists and is not empty" in result.stderr
    assert [path.read_text() for path in (tmp_path / "www").iterdir()] == ["my page"]


def test_mistakes_are_named(invoke, runner, toy_package, tmp_path):
    result = invoke("--digits", "41")
    assert result.exit_code == 66
    assert "mnist" in result.stderr
    result = runner.invoke(app, ["demo", "digits", "--package", str(toy_package)])
    assert result.exit_code == 2
    assert not (tmp_path / "demo-digits").exists()


def test_the_first_digits(monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    assert first_digits(7).labels.tolist() == [7, 2, 1, 0, 4, 1, 4]
    with pytest.raises(InputMissing):
        first_digits(41)
