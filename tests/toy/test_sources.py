"""Sources: their samples have their laws, their limits are inverse pairs and those of closed forms."""

import math

import numpy as np
import pytest

from crosscodec.theory.entropy import binary_entropy, convolve
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import (
    BIT_PROBABILITY,
    FIDELITY,
    LABEL_CORRELATION,
    LABEL_NOISE,
    PERCEPTION,
    SOURCE_COV,
    TARGET,
    least_label_entropy,
    reverse_water_filling,
    source_of,
)

SOURCES = [ToySettings("gaussian", block=8), ToySettings("vector"), ToySettings("bernoulli", rate=0.5)]


@pytest.mark.parametrize("settings", SOURCES, ids=lambda s: s.source)
def test_blocks_are_functions_of_the_seed(settings):
    source = source_of(settings)
    assert source.draw(1, 5).blocks.shape == (5, source.width)
    np.testing.assert_array_equal(source.draw(1, 5).blocks, source.draw(1, 5).blocks)
    assert not np.array_equal(source.draw(1, 5).blocks, source.draw(2, 5).blocks)


def test_samples_have_their_laws():
    drawn = source_of(SOURCES[0]).draw(0, 20_000)
    assert drawn.blocks.std() == pytest.approx(1, abs=0.01)
    assert np.corrcoef(drawn.blocks.ravel(), drawn.labels.ravel())[0, 1] == pytest.approx(LABEL_CORRELATION, abs=0.01)
    vectors = source_of(SOURCES[1]).draw(0, 50_000)
    np.testing.assert_allclose(np.cov(vectors.blocks.T), SOURCE_COV, atol=0.03)
    assert vectors.labels is None
    bits = source_of(SOURCES[2]).draw(0, 20_000)
    assert bits.blocks.mean() == pytest.approx(BIT_PROBABILITY, abs=0.005)
    assert (bits.blocks != bits.labels).mean() == pytest.approx(LABEL_NOISE, abs=0.005)


@pytest.mark.parametrize("settings", SOURCES, ids=lambda s: s.source)
def test_limits_are_inverse_pairs_that_fall(settings):
    source = source_of(settings)
    rates = (0.1, 0.3, 0.6) if settings.source == "bernoulli" else (0.1, 0.7, 2.5)
    for decoder in source.owed:
        limit = source.limit(decoder)
        for rate in rates:
            assert limit.rate(limit.distortion(rate)) == pytest.approx(rate, abs=1e-6)
            assert limit.distortion(rate) > limit.distortion(1.5 * rate)


def test_closed_forms():
    gaussian = source_of(SOURCES[0])
    assert gaussian.limit(FIDELITY).distortion(1.0) == pytest.approx(0.25)
    assert gaussian.limit(PERCEPTION).distortion(1.0) == pytest.approx(2 - 2 * math.sqrt(0.75))
    assert gaussian.limit(TARGET).distortion(1.0) == pytest.approx(0.25 + 1 + 2.25 - 3 * math.sqrt(0.75))
    bits = source_of(SOURCES[2])
    assert binary_entropy(BIT_PROBABILITY) - binary_entropy(bits.limit(FIDELITY).distortion(0.3)) == pytest.approx(0.3)


def test_the_least_label_entropy():
    bits = source_of(SOURCES[2])
    error = bits.limit(FIDELITY).distortion(0.3)
    assert least_label_entropy(bits, 0.3) == pytest.approx(float(binary_entropy(convolve(error, LABEL_NOISE))))
    gaussian = source_of(SOURCES[0])
    assert least_label_entropy(gaussian, 2.0) < least_label_entropy(gaussian, 1.0)


def test_reverse_water_filling_agrees_with_a_search_over_the_water():
    variances = np.array([0.05, 1.6, 0.4])
    limit = reverse_water_filling(variances)
    for water in (0.01, 0.05, 0.3, 0.9, 1.5):
        kept = np.minimum(water, variances)
        rate = 0.5 * np.log2(variances / kept).sum()
        assert limit.distortion(rate) == pytest.approx(kept.sum())
        assert limit.rate(float(kept.sum())) == pytest.approx(rate, abs=1e-9)
    assert limit.distortion(0.0) == pytest.approx(variances.sum())


@pytest.mark.parametrize("settings", SOURCES[:2], ids=lambda s: s.source)
def test_outputs_of_another_law_are_held_to_the_limit_of_their_own(settings):
    source = source_of(settings)
    output = source.draw(5, 20_000).blocks
    own = source.limit_of(PERCEPTION, output)
    assert own.distortion(1.0) == pytest.approx(source.limit(PERCEPTION).distortion(1.0), rel=0.03)
    assert source.limit_of(PERCEPTION, 0.85 * output).distortion(1.0) < own.distortion(1.0)
    assert source.limit_of(FIDELITY, output).distortion(1.0) == source.limit(FIDELITY).distortion(1.0)
