"""Gaussian codes: within 0.26 bit of the bound by numbers, nearer by the trellis, never beyond it."""

import math

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.simulate import gaussian, simulate_gaussian
from crosscodec.simulate.children import Exchange
from crosscodec.simulate.codes import decode_file, encode_file
from crosscodec.theory import GaussianTransport, Normal

MILLION = 10**6
SAME = GaussianTransport(Normal(0, 1), Normal(0, 1), 0.7)
ACROSS = GaussianTransport(Normal(0.5, 2), Normal(-0.2, 1.2), -0.8, 2.0)
EXCESS = "excess rate"


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0, 4.0])
def test_numbers_one_by_one(in_process, rate):
    report = simulate_gaussian(SAME, rate, MILLION, 1)
    assert report.complaints == ()
    assert 0.2 < report.row(EXCESS).measured <= 0.26


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0, 4.0])
def test_the_trellis_comes_nearer(in_process, rate):
    report = simulate_gaussian(SAME, rate, 200_000, 1, quantiser="trellis")
    assert report.complaints == ()
    assert report.row(EXCESS).measured <= (0.052 if rate < 1 else 0.040)


@pytest.mark.parametrize("quantiser", ["scalar", "trellis"])
@pytest.mark.parametrize(
    ("perception", "divergence"), [(0.0, "w2"), (0.2, "w2"), (0.3, "kl"), (5.0, "w2"), (math.inf, "w2")]
)
def test_perception_limits_are_kept(in_process, perception, divergence, quantiser):
    report = simulate_gaussian(
        ACROSS, 1.5, 100_000, 2, perception=perception, divergence=divergence, quantiser=quantiser
    )
    assert report.complaints == ()
    assert ("perception" in " ".join(row.quantity for row in report.rows)) == (0 < perception < math.inf)


def test_two_processes_measure_what_one_does(tmp_path, in_process, monkeypatch):
    here = simulate_gaussian(SAME, 1.0, 100_000, 3, quantiser="trellis")
    monkeypatch.undo()
    apart = simulate_gaussian(SAME, 1.0, 100_000, 3, quantiser="trellis", keep=tmp_path)
    assert apart.rows == here.rows
    assert {"label.npy", "report.json", "coded.xcs"} <= {path.name for path in tmp_path.iterdir()}


def test_the_label_is_above_its_least_entropy_and_near(in_process):
    row = simulate_gaussian(ACROSS, 2.0, 200_000, 1, quantiser="trellis").row("label entropy")
    assert row.theory == pytest.approx(ACROSS.least_label_entropy(2.0), abs=0.01)
    assert 0 < row.difference < 0.03


def test_a_label_limit_that_only_theory_meets_is_a_complaint(in_process):
    limit = float(SAME.least_label_entropy(1.0)) + 0.01
    assert any("label" in text for text in simulate_gaussian(SAME, 1.0, 200_000, 1, limit).complaints)
    assert simulate_gaussian(SAME, 1.0, 200_000, 1, limit, quantiser="trellis").complaints == ()


def test_without_a_label_there_is_no_row_for_it(in_process):
    report = simulate_gaussian(GaussianTransport(Normal(0, 1), Normal(0, 1)), 1.0, 10_000, 1)
    assert not any("label" in row.quantity for row in report.rows)


def test_a_decoder_that_sees_the_source_beats_the_bound(monkeypatch):
    def cheating(code, source, folder):
        data = encode_file(code, source)
        return Exchange(data, 0.5 * decode_file(data) + 0.5 * source, 0.0, 0.0)

    monkeypatch.setattr(gaussian, "exchange", cheating)
    report = simulate_gaussian(SAME, 1.0, 100_000, 1)
    assert any("beats the bound" in text for text in report.complaints)
    assert any("output standard deviation misses" in text for text in report.complaints)


def test_an_output_of_another_shape_is_found_out(monkeypatch):
    def flat(code, source, folder):
        data = encode_file(code, source)
        output = decode_file(data)
        return Exchange(data, np.sqrt(3) * np.sin(output), 0.0, 0.0)

    monkeypatch.setattr(gaussian, "exchange", flat)
    assert any("Kolmogorov" in text for text in simulate_gaussian(SAME, 1.0, 20_000, 1).complaints)


def test_an_infeasible_point_has_no_code():
    with pytest.raises(UsageError, match="no code meets these limits"):
        simulate_gaussian(SAME, 1.0, 1000, 1, 0.0)
