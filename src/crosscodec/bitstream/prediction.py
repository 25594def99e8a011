"""Symbols foretold by their neighbours: of some channels the coder is given differences.

    symbols (C,N) ─► of predicted channels symbol - median(left, above, left + above - corner) ─► numbers ─► coder
    coder ─► numbers ─► the same prediction from what is there already, diagonal after diagonal ─► symbols

    in passes (interlaced.py): the first by that median over its own rows and columns, the others by the mean of the
    four nearest symbols of passes before

The mean of a block is much like that of the blocks beside it, and contexts that are made of magnitudes do not tell the
coder so. The median is the edge detector of LOCO-I (Weinberger, Seroussi and Sapiro 2000). All arithmetic is on
integers. docs/format.md, "Prediction" and "Passes".
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.interlaced import Interlaced, interlaced
from crosscodec.bitstream.limits import LARGEST_SYMBOL

_NUMBERS = 2 * LARGEST_SYMBOL + 1  # differences beyond the largest symbol come back at the other end

Whole = NDArray[np.int64]


def differences(
    symbols: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int], passes: Sequence[int] = ()
) -> NDArray[np.int32]:
    """The numbers that are coded for symbols (C,N) of pictures with these grids; other channels as they are.

    ``passes``: of each of the channels, an odd number (default: 1 each).
    """
    if not channels:
        return symbols
    numbers = symbols.copy()
    take_differences(numbers, grids, channels, passes)
    return numbers


def take_differences(
    symbols: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int], passes: Sequence[int] = ()
) -> None:
    """Put `differences` in the place of symbols (C,N): those of a large picture are not held twice."""
    for among, count in _by_passes(channels, passes):
        for span, grid in _spans(grids):
            planes = symbols[among, span].astype(np.int64)
            symbols[among, span] = _taken(planes, interlaced(grid, count))


def undo_differences(
    numbers: NDArray[np.int32], grids: Sequence[Grid], channels: Sequence[int], passes: Sequence[int] = ()
) -> None:
    """Put symbols (C,N) in the place of the numbers that are their `differences`."""
    for among, count in _by_passes(channels, passes):
        for span, grid in _spans(grids):
            order, coded = interlaced(grid, count), numbers[among, span]
            framed = np.zeros((len(among), order.size), np.int32)
            for number, over in enumerate(order.over):
                add_pass(framed, order, number, coded[:, over.places])
            numbers[among, span] = order.unframed(framed)


def add_pass(planes: NDArray[np.int32], order: Interlaced, number: int, numbers: NDArray[np.int32]) -> None:
    """Put the symbols of a pass into planes (K,n) within a frame, from its numbers (K,m) and the passes before it."""
    if not number:
        found = _summed(numbers.reshape(-1, *order.first_shape).astype(np.int64)).reshape(len(planes), -1)
    else:
        found = _wrapped(numbers + mean_of_nearest(planes, order, number))
    planes[:, order.over[number].framed] = found


def mean_of_nearest(planes: NDArray[np.int32], order: Interlaced, number: int, part: slice = slice(None)) -> Whole:
    """The mean (K,m), rounded, of the four symbols nearest to each position of a pass: of those in the picture.

    ``planes`` (K,n) lie within a frame; ``part`` of the positions alone.
    """
    over = order.over[number]
    here, inside = over.framed[part], over.inside[part]
    total = np.zeros((len(planes), len(here)), np.int64)
    for away in order.away(number, np.array(order.passes[number].nearest)).tolist():
        total += planes.take(here + away, axis=1)  # 0 in the frame
    found: Whole = (2 * total + inside) // (2 * inside)
    return found


def _by_passes(channels: Sequence[int], passes: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Channels that have equally many passes together, and how many."""
    counts = list(passes) or [1] * len(channels)
    for count in sorted(set(counts)):
        yield [channel for channel, own in zip(channels, counts, strict=True) if own == count], count


def _taken(planes: Whole, order: Interlaced) -> NDArray[np.int64]:
    """The differences of planes (K,rows * columns)."""
    numbers = np.empty_like(planes)
    framed = order.framed(planes)
    first = planes[:, order.over[0].places].reshape(-1, *order.first_shape)
    numbers[:, order.over[0].places] = (first - _predicted(first)).reshape(len(planes), -1)
    for number in range(1, len(order.passes)):
        here = order.over[number].places
        numbers[:, here] = planes[:, here] - mean_of_nearest(framed, order, number)
    return _wrapped(numbers)


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
