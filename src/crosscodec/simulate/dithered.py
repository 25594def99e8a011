"""Gaussian plans as codes: subtractive dither, entropy coding, and an output that has the target's law exactly.

    x ─► z = (x - mean) / std ─► quantiser, dither of the seed ─► integers ─► range coder ─► file
    file ─► integers ─► v = z + error ─► T(v), standard normal ─► y = mean* + std* T(v)

ECDQ (Ziv 1985; Zamir & Feder 1992). The error is independent of the source, hence the law of v is known, and with it
the increasing map T that makes it normal, and the tables: one for each of 64 cells of the dither. The tables are
integers in the file; no floating point meets the range coder.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError
from crosscodec.randomness import draw_bits
from crosscodec.simulate.container import DITHER, SimulatedFile
from crosscodec.simulate.design import QUANTISERS, DitherDesign, cell_masses
from crosscodec.simulate.noisylaw import REACH, Floats
from crosscodec.simulate.quantisers import CELLS, Words
from crosscodec.simulate.ranges import TOTAL, Ints, RangeReader, RangeWriter, shares

STREAM = "simulate/dither"
_NAMES = tuple(QUANTISERS)
_NUMBERS = struct.Struct("<5d")
_MOST_ENTRIES = 2**14  # of a table


@dataclass(frozen=True, eq=False)
class DitherCode:
    """A design, a seed below 2^64, and integer tables (32, 2 K) of half the cells; the other half mirrors them.

    Codes of one seed have independent dithers when they have different ``channel`` numbers.
    """

    design: DitherDesign
    seed: int
    half: Ints
    channel: int = 0

    @classmethod
    def of(cls, design: DitherDesign, seed: int, channel: int = 0) -> "DitherCode":
        """The code of a design: its tables made integers, once."""
        return cls(design, seed, shares(cell_masses(design.law, design.step)[: CELLS // 2]), channel)

    @property
    def tables(self) -> Ints:
        """Tables of all cells, shape (CELLS, 2 K)."""
        return np.concatenate([self.half, self.half[::-1, ::-1]])

    @property
    def lowest(self) -> int:
        """The integer that a table's first entry stands for, -K."""
        return -(int(self.half.shape[1]) // 2)

    def encode(self, source: ArrayLike) -> bytes:
        """The file of numbers (n,); what lies beyond 8.5 standard deviations is coded as if it lay there.

        docs/simulate.md, "The file". Raises UsageError for numbers that are not finite, or not in a row.
        """
        numbers = np.asarray(source, np.float64)
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise UsageError("source symbols are finite numbers in a row")
        design = self.design
        scaled = np.clip((numbers - design.source_mean) / design.source_std, -REACH, REACH) / design.step
        found = QUANTISERS[design.quantiser].quantise(scaled, self._words(numbers.size))
        writer, integers = RangeWriter(), found.integers.astype(np.int32)
        writer.put_each(integers - np.int32(self.lowest), self.tables, found.cells)
        return SimulatedFile(DITHER, self._head(), numbers.size, symbol_digest(integers), writer.data()).to_bytes()

    def decode(self, file: SimulatedFile) -> Floats:
        """The output (n,) of a file that this code wrote. Raises CorruptData."""
        words, reader = self._words(file.symbols), RangeReader(file.payload)
        found = QUANTISERS[self.design.quantiser].read(reader, self.tables, self.lowest, words)
        if symbol_digest(found.integers.astype(np.int32)) != file.digest:
            raise CorruptData("the integers read are not those written: the payload is damaged")
        normal = self.design.normal_map(found.values * self.design.step)
        return self.design.output_mean + self.design.output_std * normal

    def _words(self, count: int) -> Words:
        return draw_bits(self.seed, STREAM, self.channel, count)

    def _head(self) -> bytes:
        design = self.design
        numbers = (design.source_mean, design.source_std, design.output_mean, design.output_std, design.step)
        parts = [self.seed.to_bytes(8, "little"), bytes([_NAMES.index(design.quantiser)]), _NUMBERS.pack(*numbers)]
        parts += [varint(self.channel)]
        return b"".join([*parts, varint(-self.lowest), *(varint(f - 1) for f in self.half.ravel().tolist())])

    @classmethod
    def from_file(cls, file: SimulatedFile) -> "DitherCode":
        """The code that a file says it was written by. Raises CorruptData."""
        reader = ByteReader(file.head, "the head of the code")
        seed, number = int.from_bytes(reader.take(8), "little"), reader.take(1)[0]
        numbers, channel = _NUMBERS.unpack(reader.take(_NUMBERS.size)), reader.varint("channel")
        columns = 2 * reader.varint("table size", _MOST_ENTRIES)
        entries = [reader.varint("frequency", TOTAL) + 1 for _ in range(CELLS // 2 * columns)]
        half = np.array(entries, np.int64).reshape(CELLS // 2, columns)
        if reader.remaining or columns == 0 or (half.sum(axis=1) != TOTAL).any() or number >= len(_NAMES):
            raise CorruptData("the tables of the code are damaged: frequencies are 1 or more and sum to 2^24")
        try:
            mean, std, output_mean, output_std, step = numbers
            return cls(DitherDesign(mean, std, output_mean, output_std, step, _NAMES[number]), seed, half, channel)
        except UsageError as error:
            raise CorruptData(f"the code is damaged: {error}") from None
