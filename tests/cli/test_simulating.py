"""The commands of `crosscodec simulate`: tables, JSON, kept files and exit codes."""

import json

import pytest
from typer.testing import CliRunner

from crosscodec.cli import simulating
from crosscodec.cli.simulating import app
from crosscodec.errors import OutputExists, UsageError
from crosscodec.simulate.rows import Report, bound_row
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal

PROBLEM = {"joint": [[0.3, 0.2], [0.1, 0.4]], "target": [0.5, 0.5], "cost": [[0, 1], [1, 0]]}


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)


def test_bernoulli_prints_theory_beside_what_was_measured():
    point = ("--source", 0.4, "--target", 0.3, "--label-noise", 0.1, "--rate", 0.5)
    result = run("bernoulli", *point, "--n", 20_000, "--seed", 1)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Bern(0.4) to Bern(0.3), label noise 0.1, rate 0.5"
    assert lines[1].split()[:3] == ["quantity", "theory", "measured"]
    rows = {line.split("  ")[0]: line.split() for line in lines[3:-1]}
    assert f"{BernoulliTransport(0.4, 0.3, 0.1).distortion(0.5).value:.6f}" in rows["distortion"]
    assert {"rate H(Y|U) [bit]", "P(Y=1)", "label entropy H(S|Y,U) [bit]"} <= set(rows)
    assert "bytes for 20,000 symbols" in lines[-1]


def test_finite_prints_json(tmp_path):
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(PROBLEM), encoding="utf-8")
    result = run("finite", path, "--rate", 0.5, "--n", 20_000, "--seed", 1, "--json")
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    truth = FiniteTransport(PROBLEM["joint"], PROBLEM["target"], PROBLEM["cost"]).distortion(0.5).value
    assert record["ok"]
    assert {row["quantity"]: row["theory"] for row in record["rows"]}["distortion"] == pytest.approx(truth)
    assert record["symbols"] == 20_000


def test_gaussian_keeps_its_files(tmp_path):
    point = ("--source", "0,1", "--target", "0.5,1.5", "--rate", 1, "--n", 20_000, "--seed", 1, "--json")
    result = run("gaussian", *point, "--keep", tmp_path / "a" / "b")
    assert result.exit_code == 0, result.output
    kept = json.loads((tmp_path / "a" / "b" / "report.json").read_text())
    assert kept == json.loads(result.stdout)
    bound = GaussianTransport(Normal(0, 1), Normal(0.5, 1.5)).distortion(kept["payload_bits_per_symbol"]).value
    assert kept["rows"][1]["theory"] == pytest.approx(bound)
    with pytest.raises(OutputExists):
        run("gaussian", *point, "--keep", tmp_path / "a" / "b")


def test_a_measurement_beyond_the_bound_is_exit_code_1(monkeypatch):
    broken = Report("t", (bound_row("distortion", 1.0, 0.5, 0.1),), dict.fromkeys(FACTS, 1.0))
    monkeypatch.setattr(simulating, "simulate_maps", lambda *arguments: broken)
    for form in ((), ("--json",)):
        result = run("bernoulli", *form)
        assert result.exit_code == 1
        assert (
            result.stderr
            == "crosscodec: distortion beats the bound: 0.5 against 1, 5.0 standard errors (at least 0.7 is allowed)\n"
        )


FACTS = ("file_bytes", "symbols", "file_bits_per_symbol", "encode_seconds", "decode_seconds")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bernoulli", "--rate", "0.2", "--label-entropy", "0.55"), "no code meets these limits: classification limit"),
        (("bernoulli", "--source", "1.5"), "source is a probability"),
        (("gaussian", "--source", "0"), "--source '0': write mean and standard deviation"),
        (("gaussian", "--rate", "9"), "6 bits, not 9"),
        (("gaussian", "--quantiser", "lattice"), "must be one of scalar, trellis"),
        (("gaussian", "--target-std", "0"), "above 0"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(UsageError, match=words):
        run(*arguments)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    result = CliRunner().invoke(app, ["bernoulli", "--keep", str(tmp_path / "file" / "x")])
    assert "cannot be made" in str(result.exception)
