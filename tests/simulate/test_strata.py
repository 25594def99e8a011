"""Stratified words: uniform, even, and the same whatever is drawn after them."""

import numpy as np
import pytest

from crosscodec.simulate.strata import STRATA, choose, draw_strata, mean_variance


def test_every_block_has_a_word_in_each_stratum():
    words = draw_strata(3, "x", 5 * STRATA) >> np.uint64(54)
    for block in words.reshape(5, STRATA):
        assert np.array_equal(np.sort(block), np.arange(STRATA))


def test_a_longer_draw_begins_with_the_shorter():
    longer = draw_strata(3, "x", 3000)
    for count in (0, 1, 1023, 1024, 1025, 2999):
        assert np.array_equal(draw_strata(3, "x", count), longer[:count])
    assert not np.array_equal(draw_strata(4, "x", 3000), longer)


def test_each_word_is_uniform_over_the_seeds():
    first = np.array([draw_strata(seed, "x", 2) for seed in range(2000)]) / 2.0**64
    assert np.abs(first.mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 2000)
    assert np.abs(first.var(axis=0) - 1 / 12).max() < 4 * np.sqrt(1 / 180 / 2000)
    assert abs(np.corrcoef(first.T)[0, 1]) < 4 / np.sqrt(2000)  # 1/1023 in truth


def test_known_words():
    assert draw_strata(1, "simulate/maps", 3).tolist() == KNOWN


def test_choose_is_the_inverse_distribution_function():
    weights = np.array([1, 2**31 - 1, 2**31])
    edge = 2**32 - 1
    words = np.array([0, edge, edge + 1, 2**63 - 1, 2**63, 2**64 - 1], np.uint64)
    assert choose(words, weights).tolist() == [0, 0, 1, 1, 2, 2]
    assert choose(words, np.array([2**32])).tolist() == [0] * 6


@pytest.mark.parametrize("count", [STRATA * 8, STRATA * 8 + 500])
def test_the_variance_of_a_mean_is_bounded(count):
    weights = np.array([0.3, 0.45, 0.25])
    parts = (weights * 2**32).astype(np.int64)
    parts[0] += 2**32 - parts.sum()
    means = np.array([0.0, 3.0, 1.0])
    found = [means[choose(draw_strata(seed, "x", count), parts)].mean() for seed in range(200)]
    bound = mean_variance(weights, means, 0.0, count)
    independent = (weights @ means**2 - (weights @ means) ** 2) / count
    assert np.var(found) < 1.25 * bound
    assert bound < independent / 5


KNOWN = [2321933555374105684, 15687014695120707745, 18246036708306441418]
