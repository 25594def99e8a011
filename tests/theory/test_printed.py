"""The printed formulas give the printed numbers, and depart from the truth where the theory page says."""

import re
from pathlib import Path

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport, GaussianTransport, Normal, printed

PAGE = Path(__file__).parents[2] / "docs" / "corrections.md"


def shown(cell):
    """The number of a cell such as "D = 0.0763", NaN for "infeasible"."""
    return np.nan if cell == "infeasible" else float(re.fullmatch(r"[A-Z] = ([\d.]+)", cell)[1])


def test_the_page_shows_what_is_computed():
    rows = [
        re.split(r"(?<!\\)\|", line)[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"
    ]
    cells = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows[2:]}
    found = {d.theorem: d for d in printed.departures()}
    assert list(cells) == list(found)
    for theorem, (setting, printed_cell, true_cell, _) in cells.items():
        assert setting.replace("θ", "theta") == found[theorem].setting
        assert shown(printed_cell) == pytest.approx(found[theorem].printed, abs=5e-5, nan_ok=True)
        assert shown(true_cell) == pytest.approx(found[theorem].true, abs=5e-5, nan_ok=True)


def test_counter_examples_of_the_theory_page():
    found = {d.theorem: d for d in printed.departures()}
    assert len(found) == 8
    assert found["Theorem 2, case 1"].printed == pytest.approx(0.0763, abs=5e-5)
    assert np.isnan(found["Theorem 2, case 1"].true)
    assert found["Theorem 2, case 2"].printed == pytest.approx(0.0151, abs=5e-5)
    assert found["Theorem 2, case 2"].true == pytest.approx(0.1)
    assert found["Theorem 2, label row"].printed == pytest.approx(0.7345, abs=5e-5)
    assert found["Theorem 2, label row"].true == pytest.approx(0.8813, abs=5e-5)
    assert found["Theorem 4, case 1"].printed == pytest.approx(0.223, abs=1e-3)
    assert np.isnan(found["Theorem 4, case 1"].true)
    assert "1.124 bit" in found["Theorem 4, case 1"].why
    assert found["Theorem 4, case 3"].printed == 0
    assert found["Theorem 4, case 3"].true == pytest.approx(1.25, abs=1e-6)
    assert np.isnan(found["Theorem 7, case 4"].true)
    assert found["Theorem 7, case 4"].printed < 1
    assert found["MEC paper, Theorem 2"].printed == pytest.approx(0.1307, abs=5e-5)
    assert found["MEC paper, Theorem 2"].true == pytest.approx(0.1505, abs=5e-5)
    assert np.isnan(found["MEC paper, Theorem 3"].printed)
    assert found["MEC paper, Theorem 3"].true == pytest.approx(0.2990, abs=5e-5)


def test_printed_agrees_with_the_truth_where_the_label_and_the_clamp_are_inactive():
    rates = np.linspace(0, 0.85, 20)
    ours = BernoulliTransport(0.3, 0.3, 0.1).distortion(rates, 1.0).value
    assert printed.bernoulli_distortion(0.3, 0.3, 0.1, rates, 1.0) == pytest.approx(ours, abs=1e-12)
    source, target = Normal(0, 1), Normal(0.5, 1.4)
    ours = GaussianTransport(source, target, 0.6, 1.0).distortion(rates, 3.0).value
    nats = 3.0 * np.log(2)
    assert printed.gaussian_distortion(source, target, 0.6, 1.0, rates, nats) == pytest.approx(ours, abs=1e-12)
    ours = GaussianTransport(source, source, 0.6, 1.0).distortion(rates, 3.0, 0.05, "kl").value
    found = printed.gaussian_distortion_perception(1.0, 0.6, 1.0, rates, 3.0, 0.05)
    assert found == pytest.approx(ours, abs=1e-12)
    ours = BernoulliTransport(0.3, 0.4).information(rates, dependence="positive").value
    assert printed.coupling_information(0.3, 0.4, rates) == pytest.approx(ours, abs=1e-12)


def test_theorem_3_never_says_more_than_the_truth():
    generator = np.random.default_rng(0)
    a, b, n, rate, label_entropy = generator.uniform(0.02, 0.98, (5, 20_000))
    ours = BernoulliTransport(a, b, n / 2).information(rate, label_entropy)
    theirs = printed.coupling_information_labelled(a, b, n / 2, rate, label_entropy)
    said = np.isfinite(theirs)
    assert said.sum() > 2000
    assert ours.feasible[said].all()
    assert (theirs[said] <= ours.value[said] + 1e-12).all()
    # It denies codes that exist, and keeps less than they do.
    assert (ours.feasible & ~said).sum() > 200
    assert (theirs[said] < ours.value[said] - 1e-3).sum() > 200
    free = printed.coupling_information_labelled(0.3, 0.4, 0.1, [0.2, 0.6], 1.0)
    assert free == pytest.approx(printed.coupling_information(0.3, 0.4, [0.2, 0.6]), abs=1e-12)


def test_printed_values_below_the_label_floor_are_nan():
    assert np.isnan(printed.bernoulli_distortion(0.3, 0.4, 0.1, 0.5, 0.2))
    assert np.isnan(printed.gaussian_distortion(Normal(), Normal(), 0.5, 1.0, 0.5, 0.1))


@pytest.mark.filterwarnings("error")
def test_no_label_limit_overflows_nothing():
    unit = Normal(0.0, 1.0)
    assert printed.gaussian_distortion(unit, unit, 0.8, 1.0, 1.0, 1e6) == pytest.approx(2 - 2 * np.sqrt(0.75))
    assert printed.gaussian_distortion_perception(1.0, 0.8, 1.0, 1.0, 1e6, 0.0) == pytest.approx(2 - 2 * np.sqrt(0.75))
