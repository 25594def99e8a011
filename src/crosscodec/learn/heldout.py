"""Which pictures of a set are kept apart from training, so that its numbers are of pictures that it never saw."""

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError


def require_rest(every: int) -> None:
    """Raise UsageError for a share, ``data.held_out``, beside which nothing is left."""
    if every == 1:
        raise UsageError("data.held_out = 1 keeps every picture apart, and none to train on; take 2 or more, or 0")


def held_out(count: int, every: int) -> NDArray[np.bool_]:
    """For each of ``count`` pictures in their order whether it is kept apart: every ``every``-th, of fewer the last.

    None of them where ``every`` is 0, and none of a single picture, which would leave nothing to train on.
    """
    apart = np.zeros(count, np.bool_)
    if every and count > 1:
        apart[min(every, count) - 1 :: every] = True
    return apart
