"""One-shot plans as codes: what is measured is what theory says."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.simulate import discrete, simulate_maps
from crosscodec.simulate.children import Exchange
from crosscodec.simulate.codes import decode_file, encode_file
from crosscodec.theory import BernoulliTransport, FiniteTransport

MILLION = 10**6
JOINT = np.array([[0.30, 0.10, 0.08], [0.05, 0.22, 0.25]])
COST = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])


def scores(report):
    """Differences in standard errors; the rate's is that of the coder too, and is looked at elsewhere."""
    return [row.difference / row.standard_error for row in report.rows[1:] if row.standard_error > 1e-12]


def require_plan(reports):
    """Three standard errors are left once in 370; all of them together are a normal sample."""
    found = np.concatenate([scores(report) for report in reports])
    assert (np.abs(found) > 3).mean() < 0.01
    assert np.abs(found).max() < 4
    assert 0.6 < (found**2).mean() < 1.5
    rates = [report.rows[0] for report in reports]
    assert all(row.verdict == "ok" for row in rates)


@pytest.mark.parametrize(
    ("problem", "limits"),
    [
        (BernoulliTransport(0.4, 0.3, 0.1), (0.5,)),
        (BernoulliTransport(0.4, 0.3, 0.1), (0.9, 0.8)),
        (BernoulliTransport(0.5, 0.2, 0.05), (0.7, 0.75, 0.1, "kl")),
        (FiniteTransport(JOINT, [0.5, 0.3, 0.2], COST), (0.8,)),
        (FiniteTransport(JOINT, [0.2, 0.3, 0.5], COST), (1.0, 0.8, 0.05)),
        (FiniteTransport(JOINT, None, COST[:, :2]), (0.6, np.inf)),
    ],
)
def test_a_million_symbols_keep_the_plan(in_process, problem, limits):
    report = simulate_maps(problem.distortion(*limits).plan, MILLION, 1)
    assert report.complaints == ()
    assert report.facts["coder_overhead"] < 1e-3


def test_two_processes_measure_what_one_does(tmp_path, in_process, monkeypatch):
    plan = BernoulliTransport(0.4, 0.3, 0.1).distortion(0.5).plan
    here = simulate_maps(plan, 100_000, 3)
    monkeypatch.undo()
    apart = simulate_maps(plan, 100_000, 3, "t", tmp_path)
    assert apart.rows == here.rows
    assert apart.complaints == ()
    assert {"label.npy", "report.json", "coded.xcs"} <= {path.name for path in tmp_path.iterdir()}


def test_random_binary_plans(in_process):
    rng, reports = np.random.default_rng(1), []
    while len(reports) < 24:
        problem, rate = BernoulliTransport(*rng.uniform(0.02, 0.98, 2), rng.uniform(0.01, 0.4)), rng.uniform(0, 1)
        limit = problem.least_label_entropy(rate) + 0.1 * rng.random() if len(reports) % 2 else np.inf
        found = problem.distortion(rate, limit)
        if found.feasible:
            reports.append(simulate_maps(found.plan, 200_000, len(reports)))
    require_plan(reports)


@pytest.mark.parametrize(("inputs", "outputs", "labels"), [(3, 3, 1), (4, 2, 2), (3, 3, 3)])
def test_random_finite_plans(in_process, inputs, outputs, labels):
    rng, reports = np.random.default_rng(inputs + labels), []
    for seed in range(8):
        joint = rng.dirichlet(np.ones(labels * inputs)).reshape(labels, inputs)
        problem = FiniteTransport(joint, rng.dirichlet(np.ones(outputs)), rng.random((inputs, outputs)))
        found = problem.distortion(rng.uniform(0.1, 1.2), np.inf, rng.choice([0.0, 0.05]))
        reports.append(simulate_maps(found.plan, 200_000, seed))
    require_plan(reports)


def test_every_one_shot_plan_of_theory_is_a_code(in_process):
    binary, ternary = BernoulliTransport(0.3, 0.4, 0.1), FiniteTransport(JOINT, [0.5, 0.3, 0.2], COST)
    plans = [
        binary.rate(0.3, 0.8).plan,
        binary.information(0.4).plan,
        binary.distortion(0.6, 0.9, label_given="y").plan,
        ternary.rate(0.5).plan,
        ternary.information(0.7).plan,
        ternary.distortion(0.9, 0.88, label_given="y").plan,
    ]
    for plan in plans:
        assert simulate_maps(plan, 200_000, 2).complaints == ()


def test_a_decoder_that_errs_is_found_out(monkeypatch):
    def careless(code, source, folder):
        data = encode_file(code, source)
        output = decode_file(data)
        output[::50] ^= 1
        return Exchange(data, output, 0.0, 0.0)

    monkeypatch.setattr(discrete, "exchange", careless)
    report = simulate_maps(BernoulliTransport(0.4, 0.3, 0.1).distortion(0.5).plan, 200_000, 1)
    assert any("distortion misses the plan" in text for text in report.complaints)


def test_a_decoder_that_sees_the_source_beats_the_bound(monkeypatch):
    def cheating(code, source, folder):
        return Exchange(encode_file(code, source), source.copy(), 0.0, 0.0)

    monkeypatch.setattr(discrete, "exchange", cheating)
    report = simulate_maps(BernoulliTransport(0.4, 0.3, 0.1).distortion(0.5).plan, 200_000, 1)
    assert any("distortion beats the bound" in text for text in report.complaints)


def test_an_infeasible_point_has_no_code():
    with pytest.raises(UsageError, match="one feasible point"):
        simulate_maps(BernoulliTransport(0.5, 0.5, 0.1).distortion(0.2, 0.55).plan, 1000, 1)
