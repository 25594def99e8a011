"""Rows and their verdicts."""

import math

import pytest

from crosscodec.simulate.rows import BEATS, MISSES, OK, Report, bound_row, limit_row, plan_row


@pytest.mark.parametrize(
    ("measured", "bound", "verdict"),
    [
        (1.0, True, OK),
        (1.29, True, OK),
        (1.31, True, MISSES),
        (0.71, True, OK),
        (0.69, True, BEATS),
        (0.69, False, MISSES),
    ],
)
def test_a_plan_is_kept_to_three_standard_errors(measured, bound, verdict):
    assert plan_row("x", 1.0, measured, 0.1, bound).verdict == verdict


def test_an_allowance_is_for_more_only():
    assert plan_row("x", 1.0, 1.35, 0.1, allowance=0.1).verdict == OK
    assert plan_row("x", 1.0, 0.65, 0.1, allowance=0.1).verdict == MISSES


def test_a_bound_is_never_beaten_and_a_gate_never_passed():
    assert bound_row("x", 1.0, 50.0, 0.1).verdict == OK
    assert bound_row("x", 1.0, 50.0, 0.1, 49.0).verdict == MISSES
    assert bound_row("x", 1.0, 0.5, 0.1).verdict == BEATS


def test_a_limit_is_for_more_only():
    assert limit_row("x", 1.0, 0.0, 0.1).verdict == OK
    assert limit_row("x", 1.0, 1.4, 0.1).verdict == MISSES


def test_rounding_is_no_fault():
    assert plan_row("x", 0.3, 0.1 + 0.2, 0.0).verdict == OK


def test_a_report_complains_in_sentences():
    rows = (
        plan_row("rate", 1.0, 1.0, 0.1),
        plan_row("distortion", 1.0, 0.5, 0.1, True),
        plan_row("law", 1.0, 2.0, 0.0),
    )
    report = Report("t", rows, {})
    assert report.complaints == (
        "distortion beats the bound: 0.5 against 1, 5.0 standard errors (at least 0.7 is allowed)",
        "law misses the plan: 2 against 1 (at most 1 is allowed)",
    )
    assert report.row("dist").measured == 0.5
    assert math.isclose(report.row("dist").difference, -0.5)
