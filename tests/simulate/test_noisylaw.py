"""The law of a normal number and a bounded error, against sampling and against closed forms."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from crosscodec.randomness import draw_normal, draw_uniform
from crosscodec.simulate.noisylaw import NoisyNormal
from crosscodec.simulate.trellis import TrellisQuantiser

TRIANGLE = NoisyNormal(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.2, 0.6, 0.2]))
LAWS = [NoisyNormal(np.array([-0.5, 0.5]) * width, np.ones(1)) for width in (0.05, 1.0, 5.0, 30.0)] + [TRIANGLE]


def samples(law: NoisyNormal, count: int = 200_000):
    z, u = draw_normal(1, "z", 0, count), draw_uniform(1, "u", 0, count)
    ends = np.concatenate([[0.0], np.cumsum(law.masses)])
    return z, z + np.interp(u, ends, law.edges)


@pytest.mark.parametrize("law", LAWS, ids=range(len(LAWS)))
def test_distribution_density_and_moment_agree(law):
    v = np.linspace(-min(law.reach, 6 + law.edges[-1]), 0, 7)
    for a, b in pairwise(v):
        mass = integrate.quad(lambda x: law.density(np.array([x]))[0], a, b, limit=200)[0]
        assert law.below(np.array([b]))[0] - law.below(np.array([a]))[0] == pytest.approx(mass, abs=1e-10)
    # E(Z | V) f(V) = -d/dz of the normal density, summed over the error: its integral over all v <= 0 is -E max(0, ...)
    first = integrate.quad(lambda x: law.moment(np.array([x]))[0], -law.reach, 0, limit=400)[0]
    z, noisy = samples(law)
    assert first == pytest.approx(float((z * (noisy <= 0)).mean()), abs=0.01)


@pytest.mark.parametrize("law", LAWS, ids=range(len(LAWS)))
def test_the_map_makes_it_normal_and_keeps_what_it_says(law):
    z, noisy = samples(law)
    found = law.normal_map()
    output = found(noisy)
    assert stats.kstest(output, "norm").statistic < 1.95 / np.sqrt(z.size)
    assert np.corrcoef(z, output)[0, 1] == pytest.approx(found.correlation, abs=4 / np.sqrt(z.size))
    assert noisy.var() == pytest.approx(law.variance, rel=0.02)


def test_the_map_is_odd_and_increasing():
    v = np.linspace(-TRIANGLE.reach, TRIANGLE.reach, 10_001)
    output = TRIANGLE.normal_map()(v)
    assert np.allclose(output, -output[::-1])
    assert (np.diff(output) > 0).all()
    assert np.isfinite(output).all()
    assert TRIANGLE.normal_map()(np.zeros(1))[0] == 0


def test_a_tiny_error_changes_nothing():
    found = NoisyNormal(np.array([-5e-4, 5e-4]), np.ones(1)).normal_map()
    v = np.linspace(-5, 5, 1001)
    assert np.abs(found(v) - v).max() < 1e-5
    assert found.correlation == pytest.approx(1, abs=1e-6)


def test_interpolation_is_as_fine_as_it_says():
    step = 4.0
    law = NoisyNormal(TrellisQuantiser().edges * step, TrellisQuantiser().masses)
    v = -draw_uniform(1, "v", 0, 2000) * 8
    assert np.abs(law.normal_map()(v) - stats.norm.ppf(law.below(v))).max() < 1e-5
