"""The commands of `crosscodec tradeoff`: numbers as the library gives them, in every form."""

import csv
import io
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from crosscodec.cli.tradeoff import app
from crosscodec.errors import UsageError
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal

PROBLEM = {"joint": [[0.3, 0.2], [0.1, 0.4]], "target": [0.5, 0.5], "cost": [[0, 1], [1, 0]]}


def run(*arguments):
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_bernoulli_csv_is_the_closed_form():
    text = run("bernoulli", "--source", 0.3, "--target", 0.4, "--rate", "0:1:5", "--label-entropy", 0.8, "--csv")
    truth = BernoulliTransport(0.3, 0.4, 0.1).distortion(np.linspace(0, 1, 5), 0.8)
    found = rows(text)
    assert [row["feasible"] == "True" for row in found] == truth.feasible.tolist()
    assert [float(row["distortion"] or "nan") for row in found] == pytest.approx(truth.value.tolist(), nan_ok=True)
    assert [row["binding"] for row in found] == truth.binding.tolist()
    assert [row["reason"] for row in found] == truth.reason.tolist()


def test_gaussian_json_is_one_object_for_each_point():
    text = run("gaussian", "--quantity", "rate", "--distortion", "0.5,1", "--target-std", 1.5, "--json")
    found = [json.loads(line) for line in text.splitlines()]
    truth = GaussianTransport(Normal(0, 1), Normal(0, 1.5), 0.7).rate([0.5, 1.0])
    assert [record["rate"] for record in found] == pytest.approx(truth.value.tolist())
    assert found[0]["label_entropy"] == "inf"


def test_finite_reads_a_problem(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM), encoding="utf-8")
    problem = FiniteTransport(PROBLEM["joint"], PROBLEM["target"], PROBLEM["cost"])
    for setting in ("one-shot", "asymptotic"):
        found = rows(run("finite", path, "--rate", "0.1,0.5", "--setting", setting, "--csv"))
        truth = problem.distortion([0.1, 0.5], setting=setting).value
        assert [float(row["distortion"]) for row in found] == pytest.approx(truth.tolist(), abs=1e-9)
    information = rows(run("finite", path, "--quantity", "information", "--rate", 0.5, "--csv"))
    assert float(information[0]["information"]) == pytest.approx(problem.information(0.5).value)


def test_table_explanation_and_printed_column():
    table = run("bernoulli", "--rate", "0.2,0.4")
    assert table.splitlines()[0].split()[:4] == ["rate", "label_entropy", "perception", "distortion"]
    assert "t_{\\mathrm{hi}}" in run("bernoulli", "--explain")
    point = ("--source", 0.4, "--target", 0.3, "--rate", 0.9, "--label-entropy", 0.99)
    clamped = run("bernoulli", *point, "--printed", "--csv")
    assert float(rows(clamped)[0]["printed"]) == pytest.approx(0.0151, abs=5e-5)
    assert float(rows(clamped)[0]["distortion"]) == pytest.approx(0.1)


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_plots_are_written_once_unless_told(tmp_path, suffix):
    path = tmp_path / f"curve.{suffix}"
    arguments = ("gaussian", "--rate", "0:1:5", "--perception", "0:0.5:4", "--plot", path)
    assert run(*arguments) == ""
    assert path.stat().st_size > 1000
    again = CliRunner().invoke(app, list(map(str, arguments)))
    assert again.exit_code != 0
    run(*arguments, "--overwrite")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bernoulli", "--rate", "a:b"), "write a number, a list"),
        (("bernoulli", "--rate", "0:1:0"), "write a number, a list"),
        (
            ("bernoulli", "--quantity", "speed"),
            "--quantity must be one of distortion, rate, information, universal, not",
        ),
        (
            ("gaussian", "--quantity", "information"),
            "--quantity must be one of distortion, rate, universal, not 'information'",
        ),
        (("bernoulli", "--quantity", "information", "--perception", "0.3"), "--perception says nothing to"),
        (("bernoulli", "--quantity", "information", "--divergence", "kl"), "--divergence says nothing to"),
        (("bernoulli", "--distortion", "0.3"), "limited by --rate, --label-entropy, --perception"),
        (("bernoulli", "--dependence", "positive"), "--dependence says nothing to --quantity distortion"),
        (("gaussian", "--quantity", "rate", "--rate", "1"), "--rate says nothing to --quantity rate"),
        (("finite", "p.json", "--quantity", "information", "--setting", "asymptotic"), "--setting says nothing to"),
        (("bernoulli", "--printed", "--perception", "0.1"), "no formula with a perception limit"),
        (("bernoulli", "--printed", "--quantity", "rate"), "--printed is for --quantity distortion or information"),
        (("bernoulli", "--rate", "0:inf:3"), "write a number, a list"),
        (("bernoulli", "--source", "1.5"), "source is a probability"),
        (("gaussian", "--rate", "0,1", "--perception", "0,1", "--label-entropy", "1,2"), "at most two limits may vary"),
        (("bernoulli", "--plot", "curve.bmp"), "a plot is written as one of"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(UsageError, match=words):
        CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.mark.parametrize(
    ("quantity", "formula"), [("distortion", "D(R,C) ="), ("rate", "R(D,C) ="), ("information", "I^*(R,C) =")]
)
def test_every_quantity_is_explained(tmp_path, quantity, formula):
    for command in (["bernoulli"], ["finite", tmp_path / "p.json"]):
        text = run(*command, "--quantity", quantity, "--explain")
        assert text.startswith(f"formula: {formula}")
        assert "reference: theory page" in text


def test_a_broken_problem_file_is_named(tmp_path):
    path = tmp_path / "p.json"
    path.write_text("{", encoding="utf-8")
    assert CliRunner().invoke(app, ["finite", str(path)]).exit_code != 0
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(UsageError, match="must be a JSON object"):
        CliRunner().invoke(app, ["finite", str(path)], catch_exceptions=False)
