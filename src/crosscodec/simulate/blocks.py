"""Several symbols as one letter, so that the coder's smallest loss is paid for all of them together.

    symbols of a small alphabet, t in a row ─► one letter of at most 256 ─► its table, the product of theirs

The range coder gives away about 1.3e-4 bit each time it is called. That is 0.1 % of a symbol of 0.13 bit, and eight
binary symbols in one letter make it an eighth of that. Tables are products of integers, cut to 2^24 in integers: no
floating point between encoder and decoder.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from crosscodec.simulate.ranges import TOTAL, Ints, Symbols

MOST_LETTERS = 256


@dataclass(frozen=True, eq=False)
class Letters:
    """Letters of `length` symbols each, whose law ``weights`` (m,), integers >= 1, is that of one symbol 0 … m-1."""

    weights: Ints

    @property
    def length(self) -> int:
        """The most symbols that give no more than 256 letters; one where even one gives more."""
        size, length = self.weights.size, 1
        while size ** (length + 1) <= MOST_LETTERS:
            length += 1
        return length

    def table(self) -> Ints:
        """The table of the letters, m^length entries >= 1 that sum to 2^24.

        In integers: floor of the exact share of 2^24 less one for each entry, then the one; the rest to the largest.
        """
        row = self.weights.tolist()
        products = [math.prod(letter) for letter in product(row, repeat=self.length)]
        whole, spread = sum(row) ** self.length, TOTAL - len(products)
        parts = [1 + spread * each // whole for each in products]
        parts[max(range(len(parts)), key=parts.__getitem__)] += TOTAL - sum(parts)
        return np.array(parts, np.int64)

    def pack(self, symbols: Symbols) -> Symbols:
        """The letters of symbols (n,), the last one filled up with the most probable symbol."""
        filled = np.full(self.count(symbols.size) * self.length, self.weights.argmax(), np.int64)
        filled[: symbols.size] = symbols
        return (filled.reshape(-1, self.length) @ self._places()).astype(np.int32)

    def unpack(self, letters: Symbols, count: int) -> Symbols:
        """The first `count` symbols of letters; the inverse of `pack`."""
        symbols = letters.astype(np.int64)[:, np.newaxis] // self._places() % self.weights.size
        return symbols.ravel()[:count].astype(np.int32)

    def count(self, symbols: int) -> int:
        """How many letters so many symbols make."""
        return -(-symbols // self.length)

    def _places(self) -> Ints:
        return self.weights.size ** np.arange(self.length - 1, -1, -1, dtype=np.int64)
