import numpy as np
import pytest
from scipy.stats import poisson

from crosscodec.domains.poisson import poisson_quantile


@pytest.mark.parametrize("mean", [0.0, 1e-9, 0.3, 1.0, 7.7, 30.0, 255.0, 1e4, 1e6])
def test_agrees_with_scipys_quantiles(mean: float) -> None:
    uniform = np.concatenate([[2.0**-53, 1e-6, 1 - 1e-6, 1 - 2.0**-53], np.random.default_rng(0).random(500)])
    counts = poisson_quantile(uniform, np.full(uniform.shape, mean))
    # One rounding of the distribution function next to 1 moves the outermost quantile by several counts.
    inner = uniform < 1 - 1e-12
    assert np.array_equal(counts[inner], poisson.ppf(uniform[inner], mean))
    assert (poisson.cdf(counts, mean) >= uniform).all()
    assert (poisson.cdf(counts - 1, mean) < uniform)[counts > 0].all()


def test_keeps_shape_and_grows_with_both_arguments() -> None:
    uniform, mean = np.meshgrid(np.linspace(0.01, 0.99, 25), np.linspace(0.0, 60.0, 31))
    counts = poisson_quantile(uniform, mean)
    assert counts.shape == (31, 25)
    assert (np.diff(counts, axis=0) >= 0).all()
    assert (np.diff(counts, axis=1) >= 0).all()
    assert np.array_equal(counts, np.rint(counts))
