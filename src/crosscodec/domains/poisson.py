"""Poisson counts by inversion, so that one uniform number gives one count and nothing is rejected or redrawn."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, pdtr


def poisson_quantile(uniform: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest count k with P(Poisson(mean) <= k) >= uniform, element by element.

    Inversion: a first guess (Cornish-Fisher, two terms) that the exact distribution function then corrects up or down.
    Both arguments have one shape; uniform in (0, 1), mean >= 0. Returns whole numbers as float64 of that shape.
    """
    chance, rate = uniform.ravel(), mean.ravel()
    normal: NDArray[np.float64] = ndtri(chance)
    # A guess that is off by a few only costs rounds of the loops below, which decide.
    count: NDArray[np.float64] = np.maximum(
        np.floor(rate + np.sqrt(rate) * normal + (normal * normal - 1.0) / 6.0 + 0.5), 0.0
    )
    too_low = pdtr(count, rate) < chance
    rising = np.flatnonzero(too_low)
    while rising.size:
        count[rising] += 1.0
        rising = rising[pdtr(count[rising], rate[rising]) < chance[rising]]
    falling = np.flatnonzero(~too_low & (count > 0.0))
    while falling.size:
        falling = falling[pdtr(count[falling] - 1.0, rate[falling]) >= chance[falling]]
        count[falling] -= 1.0
        falling = falling[count[falling] > 0.0]
    return count.reshape(mean.shape)
