"""Numbers out: a table, CSV and JSON say the same; what is infeasible or infinite has its own word."""

import csv
import io
import json

import numpy as np
import pytest

from crosscodec.cli.tradeoff_limits import grid_of
from crosscodec.cli.tradeoff_output import Output, emit
from crosscodec.report import tradeoff_plots
from crosscodec.theory import BernoulliTransport, FiniteTransport, GaussianTransport, Normal


def shown(capsys, quantity, grid, found, beside=None, **where):
    wanted = {"csv": False, "json": False, "plot": None, "overwrite": False} | where
    emit("title", quantity, grid, found, beside, Output(**wanted))
    return capsys.readouterr().out


def test_three_forms_of_the_same_numbers(capsys):
    grid = grid_of(rate="0.2,0.8", label_entropy="0.7")
    found = BernoulliTransport(0.3, 0.4, 0.1).distortion(**grid.limits)
    assert found.feasible.tolist() == [False, True]
    lines = shown(capsys, "distortion", grid, found, json=True).splitlines()
    low, high = map(json.loads, lines)
    assert low["distortion"] is None
    assert "classification limit 0.7 bit is below" in low["reason"]
    assert high["distortion"] == found.value[1]
    rows = list(csv.DictReader(io.StringIO(shown(capsys, "distortion", grid, found, csv=True))))
    assert [row["distortion"] for row in rows] == ["", str(found.value[1])]
    table = shown(capsys, "distortion", grid, found, np.array([0.5, np.nan])).splitlines()
    assert table[0].split()[:4] == ["rate", "label_entropy", "distortion", "printed"]
    assert table[2].split()[:4] == ["0.2", "0.7", "-", "0.5"]
    assert table[3].split()[2:4] == [f"{found.value[1]:.6g}", "-"]


def test_infinite_rates_are_a_word(capsys):
    grid = grid_of(distortion="0.25")
    found = GaussianTransport(Normal(0, 1), Normal(0.5, 1)).rate(**grid.limits)
    assert json.loads(shown(capsys, "rate", grid, found, json=True))["rate"] == "inf"


def test_a_solver_tells_how_good_its_answers_are(capsys):
    joint = [[0.27, 0.04], [0.03, 0.66]]
    problem = FiniteTransport(joint, None, 1 - np.eye(2))
    grid = grid_of(distortion="inf", label_entropy="0.6,9")
    found = problem.rate(**grid.limits, setting="asymptotic")
    assert found.certified.tolist() == [False, True]
    low, high = map(json.loads, shown(capsys, "rate", grid, found, json=True).splitlines())
    assert (low["gap"], low["certified"], low["status"]) == (found.gap[0], False, "alternation")
    assert (high["gap"], high["certified"]) == (0, True)
    closed = BernoulliTransport(0.3, 0.4).rate(**grid_of(distortion="0.2").limits)
    assert "certified" not in json.loads(shown(capsys, "rate", grid_of(distortion="0.2"), closed, json=True))


@pytest.mark.parametrize("also", [{}, {"csv": True}])
def test_a_picture_alone_prints_nothing(tmp_path, capsys, also):
    grid = grid_of(rate="0:1:5")
    found = BernoulliTransport(0.3, 0.4).distortion(**grid.limits)
    text = shown(capsys, "distortion", grid, found, plot=tmp_path / "p.svg", **also)
    assert bool(text) == bool(also)
    assert (tmp_path / "p.svg").stat().st_size > 1000


@pytest.mark.parametrize("also", [{}, {"label_entropy": "1,0.9"}])
def test_a_curve_goes_along_its_axis_whatever_the_order_of_the_limits(tmp_path, monkeypatch, also):
    drawn = []
    monkeypatch.setattr(tradeoff_plots, "draw_tradeoff", lambda picture, kind: drawn.append(picture) or b"x")
    problem = BernoulliTransport(0.3, 0.4)
    for number, rate in enumerate(("0,0.5,1", "1,0.5,0,0.5")):
        grid = grid_of(rate=rate, **also)
        found = problem.distortion(**grid.limits)
        path = tmp_path / f"{number}.svg"
        emit("title", "distortion", grid, found, np.asarray(found.value), Output(False, False, path, False))
    rising, mixed = drawn
    for first, second in zip(rising.axes, mixed.axes, strict=True):
        assert first.values.tolist() == second.values.tolist()
    assert np.array_equal(rising.value, mixed.value)
    assert np.array_equal(mixed.printed, mixed.value)
    assert rising.binding.tolist() == mixed.binding.tolist()


def test_infinities_keep_their_sign(capsys):
    grid = grid_of(rate="0.5", label_entropy="-inf")
    found = GaussianTransport(Normal(0, 1), Normal(0, 1), 0.5).distortion(**grid.limits)
    assert json.loads(shown(capsys, "distortion", grid, found, json=True))["label_entropy"] == "-inf"
