"""Symbols foretold by their neighbours: of some channels the coder is given differences.

    symbols (C,N) ─► of predicted channels symbol - median(left, above, left + above - corner) ─► numbers ─► coder
    coder ─► numbers ─► the same prediction from what is there already, diagonal after diagonal ─► symbols

The mean of a block is much like that of the blocks beside it, and no context tells the coder so: contexts are made of
magnitudes. The predictor is the median edge detector of LOCO-I (Weinberger, Seroussi and Sapiro 2000). All arithmetic
is on integers. docs/format.md, "Prediction".
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.limits import LARGEST_SYMBOL

_NUMBERS = 2 * LARGEST_SYMBOL + 1  # differences beyond the largest symbol come back at the other end

Whole = NDArray[np.int64]


def differences(symbols: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int]) -> NDArray[np.int32]:
    """The numbers that are coded for symbols (C,N) of pictures with these grids; other channels as they are."""
    if not channels:
        return symbols
    numbers = symbols.copy()
    take_differences(numbers, grids, channels)
    return numbers


def take_differences(symbols: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int]) -> None:
    """Put `differences` in the place of symbols (C,N): those of a large picture are not held twice."""
    for span, grid in _spans(grids) if channels else ():
        planes = symbols[list(channels), span].reshape(-1, grid.rows, grid.columns).astype(np.int64)
        symbols[list(channels), span] = _wrapped(planes - _predicted(planes)).reshape(len(planes), -1)


def undo_differences(numbers: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int]) -> None:
    """Put symbols (C,N) in the place of the numbers that are their `differences`."""
    for span, grid in _spans(grids) if channels else ():
        planes = numbers[list(channels), span].reshape(-1, grid.rows, grid.columns).astype(np.int64)
        numbers[list(channels), span] = _summed(planes).reshape(len(planes), -1)


def _spans(grids: Sequence[Grid]) -> list[tuple[slice, Grid]]:
    ends = np.cumsum([grid.rows * grid.columns for grid in grids]).tolist()
    starts = [0, *ends[:-1]]
    return [(slice(start, end), grid) for start, end, grid in zip(starts, ends, grids, strict=True) if end > start]


def _predicted(planes: Whole) -> Whole:
    """The prediction of every position of planes (K,h,w) from the positions before it.

    In the first row the symbol on the left, in the first column the one above, at the corner 0.
    """
    found = np.zeros_like(planes)
    found[:, 0, 1:] = planes[:, 0, :-1]
    found[:, 1:, 0] = planes[:, :-1, 0]
    found[:, 1:, 1:] = _median(planes[:, 1:, :-1], planes[:, :-1, 1:], planes[:, :-1, :-1])
    return found


def _median(left: Whole, above: Whole, corner: Whole) -> Whole:
    """The median of left, above and the plane through the three, left + above - corner."""
    found: Whole = np.clip(left + above - corner, np.minimum(left, above), np.maximum(left, above))
    return found


def _wrapped(values: Whole) -> Whole:
    return (values + LARGEST_SYMBOL) % _NUMBERS - LARGEST_SYMBOL


def _summed(numbers: Whole) -> Whole:
    """Planes (K,h,w) whose differences are given."""
    planes = _sums(numbers, np.asarray)
    # Sums rarely leave the range of symbols; those that do come back at its other end on the way.
    return planes if np.abs(planes).max() <= LARGEST_SYMBOL else _sums(numbers, _wrapped)


def _sums(numbers: Whole, within: Callable[[Whole], Whole]) -> Whole:
    _, rows, columns = numbers.shape
    planes = numbers.copy()
    planes[:, 0] = within(np.cumsum(planes[:, 0], axis=1))
    planes[:, :, 0] = within(np.cumsum(planes[:, :, 0], axis=1))
    # Positions of one diagonal see those of the two before it only.
    flat = planes.reshape(len(planes), -1)
    for here in _diagonals(rows, columns):
        left, above, corner = flat[:, here - 1], flat[:, here - columns], flat[:, here - columns - 1]
        foretold = np.minimum(np.maximum(left + above - corner, np.minimum(left, above)), np.maximum(left, above))
        flat[:, here] = within(flat[:, here] + foretold)
    return planes


@lru_cache(maxsize=16)  # channels of one picture are summed one after the other
def _diagonals(rows: int, columns: int) -> tuple[NDArray[np.int64], ...]:
    """Positions of a grid but for its first row and column, those of one rising diagonal together."""
    found = []
    for diagonal in range(2, rows + columns - 1):
        down = np.arange(max(1, diagonal - columns + 1), min(rows, diagonal))
        found.append(down * columns + diagonal - down)
    return tuple(found)
