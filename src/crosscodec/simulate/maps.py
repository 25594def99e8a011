"""One-shot plans over finite alphabets as codes: the shared seed draws a map for each symbol, the coder codes f_U(X).

    seed ─► stratified words ─► map U of each symbol ─┬─ encoder: f_U(x) ─► letters, map by map ─► range coder ─► file
                                                      └─ decoder: file ─► letters ─► y = f_U(x)

Section 1 of the theory page: a plan is a probability vector over maps, its rate H(Y|U). Constant maps cost nothing. All
that encoder and decoder must agree on is integers: probabilities in units of 2^-32.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError
from crosscodec.simulate.blocks import Letters
from crosscodec.simulate.container import MAPS, SimulatedFile
from crosscodec.simulate.ranges import Ints, RangeReader, RangeWriter, Symbols, shares
from crosscodec.simulate.strata import choose, draw_strata
from crosscodec.theory.bernoulli.plan import BinaryMixture
from crosscodec.theory.finite.problem import FiniteProblem, MapMixture

STREAM = "simulate/maps"
UNITS = 2**32  # of probability
_MOST = 2**22  # entries of all maps together


@dataclass(frozen=True, eq=False)
class MapBook:
    """What encoder and decoder know of a plan: law of X (|X|,), maps (k,|X|) into 0 … outputs-1, weights (k,).

    Law and weights are integers >= 1 that sum to 2^32.
    """

    law: Ints
    maps: Ints
    weights: Ints
    outputs: int

    @classmethod
    def of(cls, plan: "MapMixture") -> "MapBook":
        """The book of a mixture; maps drawn less than once in 2^33 symbols are left out."""
        kept = plan.weights >= 0.5 / UNITS
        weights = shares(plan.weights[kept], UNITS)
        return cls(shares(plan.problem.source, UNITS), plan.maps[kept].astype(np.int64), weights, plan.problem.outputs)

    def to_bytes(self) -> bytes:
        """Sizes, law, maps and weights as numbers.

        docs/simulate.md, "The file".
        """
        numbers = [self.law.size, self.outputs, self.weights.size]
        return b"".join(varint(int(n)) for part in (numbers, self.law, self.maps.ravel(), self.weights) for n in part)

    @classmethod
    def from_reader(cls, reader: ByteReader) -> "MapBook":
        """The book at the front of `reader`; the inverse of `to_bytes`. Raises CorruptData."""
        inputs, outputs, count = (reader.varint(name, _MOST) for name in ("inputs", "outputs", "maps"))
        if min(inputs, outputs, count) < 1 or max(inputs, outputs) * count > _MOST:
            raise CorruptData(f"a code of {count} maps from {inputs} to {outputs} symbols is not read")
        law, maps, weights = (
            np.array([reader.varint(name, UNITS) for _ in range(length)], np.int64)
            for name, length in (("probability", inputs), ("value of a map", inputs * count), ("weight", count))
        )
        if min(law.min(), weights.min()) < 1 or law.sum() != UNITS or weights.sum() != UNITS or maps.max() >= outputs:
            raise CorruptData("the maps of the code are damaged: probabilities are 1 or more and sum to 2^32")
        return cls(law, maps.reshape(count, inputs), weights, outputs)

    def turns(self, drawn: NDArray[np.intp]) -> Iterator["Turn"]:
        """Map after map: the positions where it was drawn."""
        order = np.argsort(drawn, kind="stable")
        ends = np.cumsum(np.bincount(drawn, minlength=self.weights.size))
        for number, places in enumerate(np.split(order, ends[:-1])):
            law = np.bincount(self.maps[number], weights=self.law, minlength=self.outputs).astype(np.int64)
            values = np.flatnonzero(law)
            yield Turn(number, places, values, Letters(law[values]))


@dataclass(frozen=True, eq=False)
class Turn:
    """The turn of one map: where it was drawn, the ``values`` it takes, and how they are coded."""

    map: int
    places: NDArray[np.intp]
    values: NDArray[np.intp]
    letters: Letters

    @property
    def constant(self) -> bool:
        """Whether the map tells nothing of its input."""
        return self.values.size == 1


@dataclass(frozen=True, eq=False)
class SharedSeedCode:
    """The code of a one-shot plan and a seed below 2^64; every file it writes says all that its decoder needs.

    Section 1. ``plan`` is that of a scalar `Tradeoff`, or a `MapBook`. Raises UsageError for an infeasible plan.
    """

    plan: BinaryMixture | MapMixture | MapBook
    seed: int
    book: MapBook = field(init=False, repr=False)

    def __post_init__(self) -> None:
        book = self.plan if isinstance(self.plan, MapBook) else MapBook.of(as_mixture(self.plan))
        object.__setattr__(self, "book", book)

    def draw_maps(self, count: int) -> NDArray[np.intp]:
        """Number of the map of each of `count` symbols: the common randomness U, shape (count,)."""
        return choose(draw_strata(self.seed, STREAM, count), self.book.weights)

    def encode(self, source: ArrayLike) -> bytes:
        """The file of source symbols (n,), each 0 … |X|-1.

        docs/simulate.md, "The file". Raises UsageError for anything else.
        """
        given = np.asarray(source)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise UsageError(f"source symbols are integers in a row, not {given.dtype} of shape {given.shape}")
        if given.size and (given.min() < 0 or given.max() >= self.book.law.size):
            raise UsageError(f"source symbols lie in 0 … {self.book.law.size - 1}, not {given.min()} … {given.max()}")
        source = given.astype(np.int64)
        drawn, writer = self.draw_maps(source.size), RangeWriter()
        output = self.book.maps[drawn, source].astype(np.int32)
        for turn in self.book.turns(drawn):
            if not turn.constant:
                ranks = np.searchsorted(turn.values, output[turn.places]).astype(np.int32)
                writer.put(turn.letters.pack(ranks), turn.letters.table())
        head = self.seed.to_bytes(8, "little") + self.book.to_bytes()
        return SimulatedFile(MAPS, head, source.size, symbol_digest(output), writer.data()).to_bytes()

    def decode(self, file: SimulatedFile) -> Symbols:
        """The output symbols (n,) of a file that this code wrote. Raises CorruptData."""
        reader, output = RangeReader(file.payload), np.empty(file.symbols, np.int32)
        for turn in self.book.turns(self.draw_maps(file.symbols)):
            ranks = np.zeros(turn.places.size, np.int32)
            if not turn.constant:
                letters = reader.get(turn.letters.count(ranks.size), turn.letters.table())
                ranks = turn.letters.unpack(letters, ranks.size)
            output[turn.places] = turn.values[ranks]
        if symbol_digest(output) != file.digest:
            raise CorruptData("the symbols read are not those written: the payload is damaged")
        return output

    @classmethod
    def from_file(cls, file: SimulatedFile) -> "SharedSeedCode":
        """The code that a file says it was written by. Raises CorruptData."""
        reader = ByteReader(file.head, "the head of the code")
        seed = int.from_bytes(reader.take(8), "little")
        book = MapBook.from_reader(reader)
        if reader.remaining:
            raise CorruptData(f"the head of the code has {reader.remaining} foreign bytes at its end")
        return cls(book, seed)


def as_mixture(plan: BinaryMixture | MapMixture) -> MapMixture:
    """A plan as a mixture of maps; that of a binary source over its four maps, with Hamming distortion.

    Sections 1 and 2. Raises UsageError for a plan of several points, or of none.
    """
    if isinstance(plan, MapMixture):
        return plan
    if not isinstance(plan, BinaryMixture) or np.ndim(plan.identity) != 0 or not np.isfinite(plan.identity):
        raise UsageError("a code needs the one-shot plan of one feasible point; ask the trade-off at scalar limits")
    a, n = float(plan.source), float(plan.label_noise)
    joint = np.array([[(1 - a) * (1 - n), a * n], [(1 - a) * n, a * (1 - n)]])
    flips = 1.0 - np.eye(2)
    problem = FiniteProblem(joint, flips, None, flips)
    weights = np.array([plan.identity, plan.flip, plan.zero, plan.one], np.float64)
    return MapMixture(problem, np.array([[0, 1], [1, 0], [0, 0], [1, 1]]), weights)
