"""Dithered quantisers: a number becomes an integer and back, with an error that does not depend on it.

    z / step ─► nearest of  w + k,  k any integer ─► k, coded by the table of the cell that w lies in ─► w + k
                 ▲                                                             ▲
     seed ─► word of 64 bits ─► w in 0..1, its cell (of 64) the upper bits ────┘

Subtractive dither (Zamir & Feder 1992). The scalar quantiser is here, the trellis in trellis.py; both keep this shape.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crosscodec.simulate.noisylaw import Floats
from crosscodec.simulate.ranges import Ints, RangeReader

CELLS = 64  # of the place w of a reconstruction within its step; a table each
Words = NDArray[np.uint64]
Rows = NDArray[np.intp]

_CELL_SHIFT = np.uint64(58)
_UNIT_SHIFT = np.uint64(12)


@dataclass(frozen=True, eq=False)
class Quantised:
    """Integers k (n,), and the cell (n,) of each reconstruction, which chooses the table of k."""

    integers: Ints
    cells: Rows


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Integers k (n,) that were read, and the numbers w + k (n,) they stand for."""

    integers: Ints
    values: Floats


class Quantiser(Protocol):
    """What a code needs of a quantiser; all lengths in steps.

    ``edges`` and ``masses`` describe the error: its probability between neighbouring edges, symmetric.
    """

    @property
    def edges(self) -> Floats:
        """Edges (B+1,) of the error's law."""

    @property
    def masses(self) -> Floats:
        """Probabilities (B,) between them."""

    def quantise(self, scaled: Floats, words: Words) -> Quantised:
        """Integers and cells of numbers (n,), given one random word each."""

    def read(self, reader: RangeReader, tables: Ints, lowest: int, words: Words) -> Reconstructed:
        """Integers read by tables (CELLS,K) whose first entry stands for ``lowest``, and their reconstructions."""


@dataclass(frozen=True)
class ScalarQuantiser:
    """Rounding to w + integers: the error is uniform over one step. Zamir & Feder 1992."""

    @property
    def edges(self) -> Floats:
        """From half a step below to half a step above."""
        return np.array([-0.5, 0.5])

    @property
    def masses(self) -> Floats:
        """All of it."""
        return np.ones(1)

    def quantise(self, scaled: Floats, words: Words) -> Quantised:
        """The nearest integers of scaled - w."""
        return Quantised(np.rint(scaled - units(words)).astype(np.int64), (words >> _CELL_SHIFT).astype(np.intp))

    def read(self, reader: RangeReader, tables: Ints, lowest: int, words: Words) -> Reconstructed:
        """All at once: the dither alone tells the cells."""
        found = reader.get_all(tables, (words >> _CELL_SHIFT).astype(np.intp)).astype(np.int64) + lowest
        return Reconstructed(found, units(words) + found)


def units(words: Words) -> Floats:
    """Numbers strictly between 0 and 1 from the upper 52 bits of words; exact on every machine."""
    return ((words >> _UNIT_SHIFT).astype(np.float64) + 0.5) * 2.0**-52
