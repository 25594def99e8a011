"""`crosscodec tradeoff --quantity universal`: demands side by side, one encoder, the library's own numbers."""

import csv
import io
import json
from math import log2

import numpy as np
import pytest
from typer.testing import CliRunner

from crosscodec.cli.tradeoff import app
from crosscodec.cli.tradeoff_demands import demands_of
from crosscodec.errors import UsageError
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal, rate_penalty

# Uniform on three letters: the label asks for the first apart, the distortion for the last.
APART = {
    "joint": [[1 / 3, 0, 0], [0, 1 / 3, 1 / 3]],
    "cost": [[0, 9, 9], [9, 0, 9], [9, 9, 0]],
    "target": None,
    "output_distance": [[0, 1, 1], [1, 0, 1], [1, 1, 0]],
}


def run(*arguments):
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def only_row(text):
    (row,) = csv.DictReader(io.StringIO(text))
    return row


def test_lists_are_read_side_by_side_and_one_limit_counts_for_all():
    found = demands_of(distortion="0.1,0.3", label_entropy="inf", perception="0:1:2")
    assert {name: limits.tolist() for name, limits in found.items()} == {
        "distortion": [0.1, 0.3],
        "label_entropy": [np.inf, np.inf],
        "perception": [0.0, 1.0],
    }
    assert demands_of(distortion="1", label_entropy="2")["label_entropy"].tolist() == [2.0]


def test_lists_of_other_lengths_are_named():
    with pytest.raises(UsageError, match="these are 2 of --distortion, 3 of --label-entropy"):
        demands_of(distortion="0.1,0.3", label_entropy="1,2,3", perception="0")


def test_binary_and_gaussian_demands_cost_what_the_dearest_does():
    limits = ([0.1, 0.3], [np.inf, 0.6])
    row = only_row(run("bernoulli", "--quantity", "universal", "--distortion", "0.1,0.3", "--label-entropy", "inf,0.6",
                       "--source", 0.3, "--target", 0.3, "--csv"))  # fmt: skip
    truth = rate_penalty(BernoulliTransport(0.3, 0.3, 0.1), *limits)
    assert (float(row["rate"]), float(row["penalty_upper"]), row["demands"]) == (pytest.approx(truth.rate), 0.0, "2")
    record = json.loads(run("gaussian", "--quantity", "universal", "--distortion", "0.5,1", "--perception", "0,0.3",
                            "--divergence", "kl", "--json"))  # fmt: skip
    gaussian = GaussianTransport(Normal(0, 1), Normal(0, 1), 0.7)
    assert record["rate"] == pytest.approx(rate_penalty(gaussian, [0.5, 1], np.inf, [0, 0.3], "kl").rate)
    assert record["certified"] is True


def test_a_finite_problem_whose_demands_ask_for_different_things(tmp_path):
    """Theory page: each alone costs at most h(1/3) bits, both together more."""
    path = tmp_path / "apart.json"
    path.write_text(json.dumps(APART), encoding="utf-8")
    demands = ("--distortion", "3,inf", "--label-entropy", "inf,0", "--perception", "inf")
    row = only_row(run("finite", path, "--quantity", "universal", *demands, "--csv"))
    problem = FiniteTransport(*(APART[key] for key in ("joint", "target", "cost", "output_distance")))
    truth = rate_penalty(problem, [3, np.inf], [np.inf, 0], np.inf)
    assert float(row["rate"]) == pytest.approx(truth.rate)
    assert float(row["largest_single_rate"]) == pytest.approx(log2(3) - 2 / 3)
    assert float(row["penalty_lower"]) == pytest.approx(truth.lower, abs=1e-9)
    assert truth.lower >= 0
    assert run("finite", path, "--quantity", "universal", *demands).splitlines()[0].split()[:2] == ["demands", "rate"]


def test_a_demand_that_cannot_be_met_is_named():
    row = only_row(run("bernoulli", "--quantity", "universal", "--distortion", "0.3,0", "--source", 0.3, "--csv"))
    assert (row["feasible"], row["certified"], row["rate"]) == ("False", "False", "")
    assert row["reason"].startswith("demand 2: ")


def test_a_distortion_that_nobody_asked_for_is_no_demand():
    row = only_row(run("gaussian", "--quantity", "universal", "--label-entropy", "1.9,2", "--csv"))
    assert row["demands"] == "2"
    assert float(row["rate"]) > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gaussian", "--plot", "a.svg"), "--plot says nothing"),
        (("gaussian", "--rate", "1"), "--rate says nothing to --quantity universal"),
        (("gaussian", "--printed"), "--printed is for --quantity distortion: the papers print no formula of universal"),
        (("bernoulli", "--label-given", "y"), "--label-given says nothing"),
        (("bernoulli", "--dependence", "best"), "--dependence says nothing"),
        (("finite", "p.json", "--setting", "asymptotic"), "--setting says nothing"),
    ],
)
def test_what_says_nothing_to_it_is_refused(arguments, words):
    with pytest.raises(UsageError, match=words):
        CliRunner().invoke(app, [*arguments, "--quantity", "universal"], catch_exceptions=False)


@pytest.mark.parametrize("kind", ["bernoulli", "gaussian"])
def test_the_formula_is_explained(kind):
    assert "A(\\Theta)" in run(kind, "--quantity", "universal", "--explain")
