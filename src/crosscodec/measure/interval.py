"""A mean over seeds and how far the true mean may lie from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from crosscodec.errors import UsageError


@dataclass(frozen=True)
class MeanInterval:
    """The interval mean ± half_width from `n` values; `half_width` is None for one value, which says nothing of
    spread.
    """

    mean: float
    half_width: float | None
    n: int

    def describe(self, digits: int = 4) -> str:
        """For example "0.9432 ± 0.0051", or "0.9432" for one value."""
        spread = "" if self.half_width is None else f" ± {self.half_width:.{digits}f}"
        return f"{self.mean:.{digits}f}{spread}"


def mean_interval(values: Sequence[float], level: float = 0.95) -> MeanInterval:
    """The mean and its confidence interval by Student's t with n - 1 degrees of freedom.

    half_width = t((1 + level)/2; n - 1) · s / sqrt(n), s over n - 1: exact for independent values of one normal law,
    such as seeds nearly are. UsageError: no value, one that is not finite, or a level outside 0..1.
    """
    numbers = np.asarray(values, np.float64)
    if numbers.ndim != 1 or numbers.size == 0 or not np.isfinite(numbers).all():
        raise UsageError(f"a mean needs finite numbers in a row, at least one, not {list(values)}")
    if not 0.0 < level < 1.0:
        raise UsageError(f"confidence level {level} is outside 0..1; 0.95 is the usual one")
    count = len(numbers)
    mean = math.fsum(numbers) / count
    if count == 1:
        return MeanInterval(mean, None, 1)
    quantile = float(stdtrit(count - 1, (1.0 + level) / 2.0))
    return MeanInterval(mean, quantile * float(numbers.std(ddof=1)) / math.sqrt(count), count)
