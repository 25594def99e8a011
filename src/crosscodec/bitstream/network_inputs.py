"""What context networks (network.py) are given, and where a watch (network_watch.py) keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE

LARGEST_INPUT = 127  # of a network and of its hidden units
NEIGHBOURS = 9  # of a position, itself among them: raster order
FINE, COARSE = 0, 1  # how a signed input counts: by its logarithm, or as it is


# What a size counts as, 32 for each doubling: of a magnitude m 1 + m, of a window's sum w 1 + w/16.
def _doublings(sizes: NDArray[np.floating[Any]]) -> NDArray[np.int8]:
    found: NDArray[np.int8] = np.minimum(np.round(32 * np.log2(1 + sizes)), LARGEST_INPUT).astype(np.int8)
    return found


MAGNITUDE = _doublings(np.arange(LARGEST_MAGNITUDE + 1.0))
WINDOW_SUM = _doublings(np.arange(16 * LARGEST_MAGNITUDE + 1) / 16)
_NUMBERS = np.arange(-LARGEST_INPUT, LARGEST_INPUT + 1)
SIGNED = (np.sign(_NUMBERS) * _doublings(np.abs(_NUMBERS) * 1.0)).astype(np.int8)  # of -127 … 127: number + 127


@dataclass(frozen=True)
class SignedRows:
    """The signed inputs of a network."""

    # Places among the inputs, rows of a watch, and how far below and to the right of the one before each the neighbour
    # lies, 0 … 2.
    plain: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    foretold: tuple[NDArray[np.int64], NDArray[np.int64]]  # of predicted channels: places, rows


@dataclass(frozen=True)
class OwnRows:
    """The inputs of a network that are of earlier passes over its own group, as symbols: those of the channels around
    at the nearest neighbours, channel after channel, then the own ones.
    """

    channel: NDArray[np.int64]  # of each symbol, its place in the group
    neighbour: NDArray[np.int64]  # as `Pass.known` numbers them
    around: int  # channels around
    fine: NDArray[np.bool_]  # of the own ones: whether they count by their logarithm

    def __len__(self) -> int:
        """Number of inputs."""
        return self.around + len(self.fine)

    @classmethod
    def of(cls, around: NDArray[np.int64], own: NDArray[np.int64], nearest: tuple[int, ...], first: int) -> Self:
        """For the channels ``around`` and the rows ``own`` of a network; the group's channels begin at ``first``."""
        channels = np.concatenate([np.repeat(around, len(nearest)), own[:, 0]]) - first
        neighbours = np.concatenate([np.tile(np.array(nearest, np.int64), len(around)), own[:, 1]])
        return cls(channels, neighbours, len(around), own[:, 2] == FINE)


@dataclass(frozen=True)
class InputRows:
    """Which channels a watch keeps, and in which of its rows each network finds its inputs."""

    near: NDArray[np.int64]  # channels whose magnitudes somebody looks at
    signed: NDArray[np.int64]  # channels, not predicted, whose symbols somebody looks at, in either way of counting
    ways: tuple[int, ...]  # of counting those, up to the last that somebody takes
    predicted: NDArray[np.int64]  # predicted ones of the kind
    of_near: list[NDArray[np.int64]]  # of each network
    of_signed: list[SignedRows]
    of_own: list[OwnRows]

    @classmethod
    def of(
        cls,
        nears: Sequence[NDArray[np.int64]],
        signeds: Sequence[NDArray[np.int64]],
        owns: list[OwnRows],
        among: tuple[int, ...],
    ) -> Self:
        """For the channels ``near``, the ``signed`` and the own inputs of each network, ``among`` being predicted."""
        inputs = np.concatenate(signeds)
        everything, foretold = inputs[:, 0], np.isin(inputs[:, 0], among)
        ways = (FINE, COARSE) if (inputs[~foretold, 2] == COARSE).any() else (FINE,)
        near = np.unique(np.concatenate(nears))
        signed, predicted = np.unique(everything[~foretold]), np.unique(everything[foretold])
        of_signed = []
        for group, its in zip(nears, signeds, strict=True):
            channel, neighbour, way = its.T
            start = 1 + 2 * len(group)
            other = np.isin(channel, predicted)
            # Rows: of each channel its fine numbers, behind all of them the coarse ones; of predicted channels those
            # of nine neighbours each.
            row = np.searchsorted(signed, channel) + len(signed) * way
            mine = np.flatnonzero(~other)
            plain = (start + mine, row[mine], *np.divmod(neighbour[mine], 3))
            mine = np.flatnonzero(other)
            around = (np.searchsorted(predicted, channel) * 2 + way) * NEIGHBOURS + neighbour
            of_signed.append(SignedRows(plain, (start + mine, around[mine])))
        of_near = [np.searchsorted(near, group) for group in nears]
        return cls(near, signed, ways, predicted, of_near, of_signed, owns)
