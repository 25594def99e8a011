"""Points become records: scalars, arrays, reasons by limit."""

import numpy as np

from crosscodec.theory.finite.point import Missing, Point, gather, infeasible


def test_scalar_and_array_records():
    good = Point(0.3, "rate", None, 1e-9, "optimal", True)
    bad = infeasible(Missing("classification", 0.4, 0.5, "bit"), "infeasible")
    scalar = gather([bad], ())
    assert scalar.feasible is False
    assert np.isnan(scalar.value)
    assert scalar.reason == "classification limit 0.4 bit is below the least possible 0.5 bit, by 0.1"
    many = gather([good, bad], (2, 1))
    assert many.value.shape == (2, 1)
    assert many.feasible.ravel().tolist() == [True, False]
    assert many.binding.ravel().tolist() == ["rate", "classification"]
    assert many.reason[0, 0] == ""
    assert many.status.ravel().tolist() == ["optimal", "infeasible"]


def test_an_unproven_infeasibility_has_an_infinite_gap():
    point = infeasible(Missing("classification", 0.4, 0.5, "bit"), "not found", certified=False)
    assert np.isinf(point.gap)
    assert not point.certified


def test_what_was_only_searched_is_not_called_possible():
    point = infeasible(Missing("classification", 0.4, 0.5, "bit", "found"), "not found", certified=False)
    assert gather([point], ()).reason == "classification limit 0.4 bit is below the least found 0.5 bit, by 0.1"


def test_no_points_are_answers_of_the_right_kind():
    none = gather([], (0,))
    assert none.feasible.dtype == none.certified.dtype == bool


def test_a_bound_is_not_called_possible():
    point = infeasible(Missing("classification", 0.4, 0.5, "bit", "bound"), "below H(S|X)")
    assert gather([point], ()).reason == "classification limit 0.4 bit is below the lower bound 0.5 bit, by 0.1"
