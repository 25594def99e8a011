"""Random words of a shared seed, spread evenly: each is uniform, and every 1,024 in a row lie one in each 1,024th.

    1,024 words ─► their order, a random permutation ─► the 1,024th of each;  another word each ─► where in it

Stratified sampling (Latin hypercube). A code that draws its map by such a word has exactly the law of independent draws
at every symbol, but uses each map almost exactly as often as the plan says: the measured rate is H(Y|U) without the
noise of the draw, which at a million symbols would itself be 0.1 % and more.
"""

import numpy as np
from numpy.typing import NDArray

from crosscodec.randomness import draw_bits
from crosscodec.simulate.ranges import Ints

STRATA = 1024
_SHIFT = np.uint64(54)  # 64 bits less the 10 of the stratum
_KEPT = np.uint64(10)


def draw_strata(seed: int, stream: str, count: int) -> NDArray[np.uint64]:
    """Draw `count` words of 64 bits, stratified.

    Exact integers, the same on every machine; a longer draw begins with the shorter one. Shape (count,), uint64.
    """
    blocks = -(-count // STRATA)
    order = draw_bits(seed, stream, 0, blocks * STRATA).reshape(blocks, STRATA).argsort(axis=1, kind="stable")
    strata = np.empty_like(order)
    np.put_along_axis(strata, order, np.arange(STRATA), axis=1)
    within = draw_bits(seed, stream, 1, blocks * STRATA) >> _KEPT
    return (strata.ravel().astype(np.uint64) << _SHIFT | within)[:count]


def choose(words: NDArray[np.uint64], weights: Ints) -> NDArray[np.intp]:
    """Entry of `weights` that each word falls on: entry i with probability weights[i] / 2^32.

    The inverse distribution function in integers; weights are 1 or more and sum to 2^32. Shape of the words.
    """
    ends = np.cumsum(weights)[:-1].astype(np.uint64) << np.uint64(32)
    return np.searchsorted(ends, words, side="right")


def mean_variance(weights: NDArray[np.float64], means: NDArray[np.float64], within: float, count: int) -> float:
    """Bound on the variance of a mean over `count` symbols whose map is drawn by stratified words.

    ``means`` are those of each map (drawn with ``weights``), ``within`` is the average variance given the map. Maps
    differ only where one ends inside a stratum (a quarter of the squared jump each), and in a last block that is not
    full. Stratified sampling; Cochran 1977, chapter 5.
    """
    jumps = float((np.diff(means) ** 2).sum()) / (4 * STRATA)
    between = float(weights @ means**2 - (weights @ means) ** 2)
    return (within + jumps + max(between, 0.0) * (count % STRATA) / count) / count
