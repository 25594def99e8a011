"""On which scale the samples of a picture lie: which of them are 0 and 1 for the codec, and as what they are stored.

A microscope with 12 bits writes 0 to 4095 into 16; a range of 100 to 3000 says so, and what is decoded has these
levels again. docs/format.md, "Sample range"; what it does to pixels: codec/samples.py.
"""

import math
import struct
from dataclasses import dataclass
from typing import Self

from crosscodec.bitstream.varint import ByteReader
from crosscodec.errors import CorruptData, UsageError

MOST_BITS = 16
_FIELDS = struct.Struct("<Bff")


@dataclass(frozen=True)
class SampleRange:
    """What 0 and 1 stand for, in units of the samples, which are whole numbers of 1 to 16 bits, or with 0 bits floats.

    Ends are rounded to float32, as the file has them. They are no limits: darker and brighter samples stay distinct, as
    far as the number of bits allows. UsageError unless both are finite, and ``high`` above ``low``.
    """

    low: float
    high: float
    bits: int

    def __post_init__(self) -> None:
        low, high = _single(self.low), _single(self.high)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        if not low < high or not math.isfinite(_single(high - low)):
            raise UsageError(f"a range of samples goes from a number up to a larger one; this is {low:g} to {high:g}")
        if not 0 <= self.bits <= MOST_BITS:
            raise UsageError(f"samples have 1 to {MOST_BITS} bits, or 0 for floats; not {self.bits}")

    def describe(self) -> str:
        """For people: "100 to 3000 of 16-bit samples"."""
        kind = f"{self.bits}-bit samples" if self.bits else "floats"
        return f"{self.low:g} to {self.high:g} of {kind}"

    def fields(self) -> bytes:
        """The nine bytes of the header: bits, low, high.

        docs/format.md, "Sample range".
        """
        return _FIELDS.pack(self.bits, self.low, self.high)

    @classmethod
    def read(cls, reader: ByteReader) -> Self:
        """The inverse of `fields`. Raises CorruptData.

        docs/format.md, "Sample range".
        """
        bits, low, high = _FIELDS.unpack(reader.take(_FIELDS.size))
        try:
            return cls(low, high, bits)
        except UsageError as error:
            raise CorruptData(f"the header of the coded file: {error}") from None


def _single(value: float) -> float:
    """The nearest float32, infinite where there is none."""
    try:
        found: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return found
