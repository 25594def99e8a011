"""Fano's bound and its exact inverse."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.theory import fano_error


def test_exact_inverse_solves_the_equation_and_is_the_stronger_bound():
    generator = np.random.default_rng(0)
    for labels in (2, 3, 10, 1000):
        c = generator.uniform(0, np.log2(labels), 2_500)
        e = fano_error(c, labels, exact=True)
        h = -e * np.log2(np.maximum(e, 1e-300)) - (1 - e) * np.log2(1 - e)
        assert np.abs(h + e * np.log2(max(labels - 1, 1)) - c).max() < 1e-9
        assert (e >= fano_error(c, labels) - 1e-12).all()
        assert e.max() <= 1 - 1 / labels


def test_values_and_ends():
    assert fano_error(2.0, 3 + 2) == pytest.approx(0.5)
    assert fano_error(0.5, 10) == 0
    assert fano_error(1.0, 2) == 0
    assert fano_error(1.0, 2, exact=True) == pytest.approx(0.5)
    assert fano_error(0.0, 10, exact=True) == 0
    assert isinstance(fano_error(1.5, 10), float)


def test_a_classifier_attains_the_exact_bound():
    # Errors spread evenly over the wrong labels: Fano holds with equality.
    error, labels = 0.2, 5
    row = np.full(labels, error / (labels - 1))
    row[0] = 1 - error
    assert fano_error(float(-(row * np.log2(row)).sum()), labels, exact=True) == pytest.approx(error)


def test_refusals():
    with pytest.raises(ValueError, match="labels must be a whole number of at least 2"):
        fano_error(0.5, 1)
    with pytest.raises(ValueError, match="label_entropy of 4 labels is at most 2 bit"):
        fano_error(2.5, 4)
    with pytest.raises(ValueError, match="label_entropy must be at least 0"):
        fano_error(-0.5, 4)


@pytest.mark.parametrize(
    "labels", [np.inf, np.nan, -np.inf, "3", None, [3], np.array([3, 4]), np.array(3), 2.5, True, 0, -4, 1 + 2j]
)
def test_labels_that_are_no_whole_number_are_refused(labels):
    with pytest.raises(UsageError, match="labels must be a whole number of at least 2"):
        fano_error(0.5, labels)


@pytest.mark.parametrize("labels", [3, 3.0, np.int64(3), np.float32(3), np.uint8(3)])
def test_whole_numbers_of_any_type_are_welcome(labels):
    assert fano_error(1.5, labels) == pytest.approx(0.5)


def test_more_labels_than_a_float_can_count():
    assert fano_error(2.0, 2**2000) == pytest.approx(1 / 2000)
    assert 0 < fano_error(2.0, 2**2000, exact=True) < 0.01
