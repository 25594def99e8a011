"""Figures from rows that are there; how rows come about is tested in test_training.py."""

import dataclasses

import pytest

from crosscodec.evaluate.labelled_scores import LabelledScore, write_labelled
from crosscodec.report.figures import Claim, Point
from crosscodec.repro.item import Item, Request
from crosscodec.repro.study import PANELS, RATE, Axes, Means, Study, Trial, series_of


def row(method: str, seed: int = 1, decoder: str = "fidelity", bits: float = 4.0, error: float = 0.04) -> LabelledScore:
    return LabelledScore(
        "mnist:test down:4", method, seed, decoder, 10_000, bits - 0.1, bits, bits + 0.1, error, 2 * error
    )


def claims(means: Means) -> tuple[Claim, ...]:
    low, high = means.along(["ours-4", "ours-8"], "fidelity", "mse_degraded")
    return (Claim("falls", high < low, f"{low} {high}"),)


def make(folder, rows, scale="small", **changes):
    trials = tuple(Trial(name, "mnist-superres") for name in dict.fromkeys(score.method for score in rows))
    study = Study(trials, (trials[0].name,), "down:2", changes.pop("claims", claims), **changes)
    item = Item("figure", "A figure", "a paper", study.make)
    write_labelled(folder / "figure.scores.tsv", rows, overwrite=True)
    seeds = max(score.seed for score in rows)
    return study.make(item, Request(scale, seeds, folder))


@pytest.mark.parametrize(
    ("method", "decoder", "series"),
    [
        ("learned-8", "perception", "learned, perception"),
        ("end-to-end-perception-4.75-0.005", "end-to-end", "end-to-end-perception 0.005, end-to-end"),
        ("rate-1e-6", "fidelity", "rate, fidelity"),
        ("entropy", "fidelity", "entropy, fidelity"),
    ],
)
def test_points_of_one_curve_differ_in_bits_alone(method, decoder, series):
    assert series_of(method, decoder) == series


def test_points_go_up_in_rate_whatever_the_names(tmp_path):
    figure = make(tmp_path, [row(f"ours-{bits}", bits=bits) for bits in (12, 4, 8)])
    assert [point.x for point in figure.select("squared error to the degraded input")] == [4.0, 8.0, 12.0]


def test_means_over_seeds_become_points_with_intervals_and_four_rates(tmp_path):
    rows = [row("ours-4", seed, error=error) for seed, error in ((1, 0.04), (2, 0.05))]
    rows += [row("ours-8", seed, bits=8.0, error=0.02) for seed in (1, 2)]
    figure = make(tmp_path, rows)
    first, second = figure.select("squared error to the degraded input")
    assert (first.series, first.kind, first.x, first.seeds) == ("ours, fidelity", "measured", 4.0, 2)
    assert first.y == pytest.approx(0.045)
    assert first.low < 0.04 < 0.05 < first.high
    assert (first.bits_model, first.bits_payload, first.bits_file) == (3.9, 4.0, 4.1)
    assert second.y == pytest.approx(0.02)
    assert figure.claims == (Claim("falls", True, "0.045 0.02"),)
    assert figure.select("accuracy, head on reconstructions") == []  # nobody measured it
    assert figure.made["task"] == "mnist:test down:4"


def test_quoted_points_stand_beside_and_panels_can_be_left_out(tmp_path):
    quoted = Point("squared error to the degraded input", "paper", "quoted", 4, 0.07)
    panel = "squared error to the degraded input"
    axes = Axes(RATE, "bits_payload", series_of, {panel: PANELS[panel]})
    figure = make(tmp_path, [row("ours-4"), row("ours-8")], quoted=(quoted,), axes=axes)
    assert quoted in figure.points
    assert [panel.name for panel in figure.panels] == ["squared error to the degraded input"]
    assert {point.panel for point in figure.points} == {"squared error to the degraded input"}


def test_at_the_scale_smoke_nothing_is_decided_and_nothing_quoted(tmp_path):
    quoted = Point("squared error to the degraded input", "paper", "quoted", 4, 0.07)
    figure = make(tmp_path, [row("ours-4"), row("ours-8")], scale="smoke", quoted=(quoted,))
    assert [claim.holds for claim in figure.claims] == [None]
    assert quoted not in figure.points


def test_a_mean_that_a_seed_lacks_is_no_mean(tmp_path):
    rows = [row("ours-4"), dataclasses.replace(row("ours-4", 2), mse_clean=None), row("ours-8"), row("ours-8", 2)]
    figure = make(tmp_path, rows)
    assert [point.x for point in figure.select("squared error to the clean picture")] == [4.0]


def test_another_column_or_the_number_in_the_name_goes_across(tmp_path):
    rows = [row("sigma-8", error=0.05), row("sigma-4", error=0.02)]
    by_name = Axes("sigma", "", lambda method, decoder: decoder, {"clean": "mse_clean"})
    figure = make(tmp_path, rows, claims=lambda means: (), axes=by_name)
    assert [(p.series, p.x, p.y) for p in figure.points] == [("fidelity", 4.0, 0.04), ("fidelity", 8.0, 0.1)]
    assert figure.panels[0].x == "sigma"
    by_column = Axes("error", "mse_clean", lambda method, decoder: method, {"degraded": "mse_degraded"})
    figure = make(tmp_path, rows, claims=lambda means: (), axes=by_column)
    assert [(p.x, p.y, p.bits_payload) for p in figure.points] == [(0.04, 0.02, 4.0), (0.1, 0.05, 4.0)]


def test_a_point_without_a_place_is_not_drawn(tmp_path):
    lost = Axes("frechet", "frechet", series_of, {"degraded": "mse_degraded"})
    assert make(tmp_path, [row("ours-4")], claims=lambda means: (), axes=lost).points == ()


def test_rows_of_another_item_are_shared_and_only_those_of_its_own_trials_drawn(tmp_path):
    write_labelled(tmp_path / "other.scores.tsv", [row("ours-4"), row("ours-8", bits=8.0), row("theirs-8")])
    study = Study(
        (Trial("ours-4", "mnist-superres"), Trial("ours-8", "mnist-superres")), ("ours-4",), "down:2", claims,
        rows_of="other",
    )  # fmt: skip
    figure = study.make(Item("figure", "A figure", "a paper", study.make), Request("small", 1, tmp_path))
    assert {point.series for point in figure.points} == {"ours, fidelity"}
    assert figure.made["rows"] == "other.scores.tsv"
