"""Accuracy, cross-entropy and entropies against values known by hand, and against the bound they promise."""

import math

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.measure.classification import (
    accuracy,
    conditional_entropy_bits,
    confusion_table,
    cross_entropy_bits,
    entropy_of_label,
)


def test_accuracy_counts_the_largest_logit() -> None:
    logits = np.array([[2.0, 1.0, 0.0], [0.0, 5.0, 1.0], [0.0, 5.0, 1.0], [1.0, 1.0, 1.0]])
    assert accuracy(logits, np.array([0, 1, 2, 0])) == 0.75
    assert accuracy(logits, [1, 2, 0, 1]) == 0.0


def test_cross_entropy_of_known_posteriors() -> None:
    posterior = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]])
    expected = (1.0 + 3.0) / 2
    assert cross_entropy_bits(np.log(posterior), [0, 2]) == pytest.approx(expected, abs=1e-12)
    shifted = np.log(posterior) + np.array([[1000.0], [-1000.0]])  # softmax does not see a constant
    assert cross_entropy_bits(shifted, [0, 2]) == pytest.approx(expected, abs=1e-9)
    assert cross_entropy_bits(np.zeros((3, 8), np.float32), [0, 3, 7]) == pytest.approx(3.0)
    perfect = cross_entropy_bits([[1e4, 0.0]], [0])
    assert perfect == 0.0
    assert math.copysign(1.0, perfect) == 1.0


def test_cross_entropy_is_never_below_the_true_uncertainty() -> None:
    truth = np.array([0.6, 0.3, 0.1])
    labels = np.repeat([0, 1, 2], (600, 300, 100))
    uncertainty = -float(np.sum(truth * np.log2(truth)))
    assert cross_entropy_bits(np.tile(np.log(truth), (1000, 1)), labels) == pytest.approx(uncertainty)
    for wrong in ([0.5, 0.3, 0.2], [0.9, 0.05, 0.05], [1 / 3, 1 / 3, 1 / 3]):
        assert cross_entropy_bits(np.tile(np.log(wrong), (1000, 1)), labels) > uncertainty + 0.01


def test_entropy_of_label() -> None:
    assert entropy_of_label(np.arange(8)) == pytest.approx(3.0)
    assert entropy_of_label([4, 4, 4]) == 0.0
    assert entropy_of_label([0, 0, 0, 7]) == pytest.approx(2.0 - 0.75 * math.log2(3))


def test_confusion_table() -> None:
    table = confusion_table([0, 0, 1, 2], [0, 1, 1, 2], 3)
    assert table.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_conditional_entropy_of_known_tables() -> None:
    assert conditional_entropy_bits(np.diag([5, 7, 9])) == 0.0
    assert conditional_entropy_bits([[10, 10], [10, 10]], corrected=False) == pytest.approx(1.0)
    noise = np.array([[90, 10], [10, 90]])
    h = -0.9 * math.log2(0.9) - 0.1 * math.log2(0.1)
    assert conditional_entropy_bits(noise, corrected=False) == pytest.approx(h)
    assert conditional_entropy_bits(noise) == pytest.approx(h + (4 - 2) / (2 * 200 * math.log(2)))


def test_the_correction_removes_most_of_the_bias() -> None:
    # Labels and decisions independent over 8 x 8 cells: the truth is 3 bits, 256 counts see too little of it.
    generator = np.random.default_rng(0)
    tables = [generator.multinomial(256, np.full(64, 1 / 64)).reshape(8, 8) for _ in range(200)]
    plain = 3.0 - np.mean([conditional_entropy_bits(table, corrected=False) for table in tables])
    corrected = 3.0 - np.mean([conditional_entropy_bits(table) for table in tables])
    assert plain > 0.12
    assert abs(corrected) < plain / 4


def test_the_correction_stops_at_what_is_possible() -> None:
    assert conditional_entropy_bits([[1, 1], [1, 1]]) == 1.0
    assert conditional_entropy_bits([[1, 1], [1, 1], [0, 0]]) == 1.0


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        ([[0.0, 1.0]], [2]),
        ([[0.0, 1.0]], [-1]),
        ([[0.0, 1.0]], [0, 1]),
        ([[0.0, 1.0]], [0.5]),
        ([[0.0, math.nan]], [0]),
        ([[0.0, math.inf]], [0]),
        (np.zeros((0, 2)), np.zeros(0, int)),
        ([0.0, 1.0], [0, 1]),
    ],
)
def test_impossible_logits_and_labels_are_refused(logits, labels) -> None:
    for measure in (accuracy, cross_entropy_bits):
        with pytest.raises(UsageError):
            measure(logits, labels)


@pytest.mark.parametrize("table", [[[0, 0]], [[-1, 2]], [[0.5, 0.5]], [1, 2], np.zeros((0, 3), int)])
def test_impossible_tables_are_refused(table) -> None:
    with pytest.raises(UsageError):
        conditional_entropy_bits(table)


def test_impossible_confusions_are_refused() -> None:
    for labels, decisions in (([0, 1], [0]), ([0, 3], [0, 1]), ([0, 1], [0, 3]), ([], [])):
        with pytest.raises(UsageError):
            confusion_table(np.array(labels, int), np.array(decisions, int), 3)
