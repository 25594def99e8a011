"""The four numbers of every rate line: what theory allows, what the model promises, what the coder wrote, what the disk
holds.

    bound  <=  model estimate  ~  payload  <=  file        all in bits; divided by pixels: bits per pixel

Reporting the second as if it were the fourth is the field's oldest trap; `bpp` is always the fourth.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from crosscodec.errors import UsageError


@dataclass(frozen=True)
class RateLine:
    """Bits that one coded file, or a sum of files, spends on `pixels` pixels.

    `bound`: lower bound from theory in bits, None where none is known. `model_bits`: entropy-model estimate.
    `payload_bits`: what the range coder wrote. `file_bits`: the whole file. UsageError when a number is negative or not
    finite, when the file is smaller than its payload, or when there is no pixel.
    """

    bound: float | None
    model_bits: float
    payload_bits: int
    file_bits: int
    pixels: int

    def __post_init__(self) -> None:
        numbers = (0.0 if self.bound is None else self.bound, self.model_bits, self.payload_bits, self.file_bits)
        if not all(math.isfinite(number) and number >= 0 for number in numbers):
            raise UsageError(f"bits are finite and 0 or more, not {numbers}")
        if self.file_bits < self.payload_bits:
            raise UsageError(f"a file of {self.file_bits} bits cannot hold a payload of {self.payload_bits} bits")
        if self.pixels < 1:
            raise UsageError(f"a rate needs at least one pixel, not {self.pixels}")

    @property
    def bpp(self) -> float:
        """Bits per pixel of the whole file: the rate to report."""
        return self.file_bits / self.pixels

    @property
    def payload_bpp(self) -> float:
        """Bits per pixel of the payload alone."""
        return self.payload_bits / self.pixels

    @property
    def model_bpp(self) -> float:
        """Bits per pixel that the entropy model estimates."""
        return self.model_bits / self.pixels

    @property
    def bound_bpp(self) -> float | None:
        """Bits per pixel of the theoretical bound, None where none is known."""
        return None if self.bound is None else self.bound / self.pixels

    @property
    def within_budget(self) -> bool:
        """Whether payload <= model estimate + 64 bit + 0.1 % (codec.md, "Rate accounting")."""
        return self.payload_bits <= self.model_bits + self.model_bits / 1000.0 + 64.0

    @property
    def below_bound(self) -> bool:
        """Whether the payload is smaller than the bound allows: a bug in one of the two, never a success."""
        return self.bound is not None and self.payload_bits < self.bound

    def describe(self) -> str:
        """The line for people, for example "0.512 bpp file (payload 0.498, model 0.497, bound 0.310)"."""
        bound = "unknown" if self.bound_bpp is None else f"{self.bound_bpp:.3f}"
        return f"{self.bpp:.3f} bpp file (payload {self.payload_bpp:.3f}, model {self.model_bpp:.3f}, bound {bound})"


def total_rate(lines: Iterable[RateLine]) -> RateLine:
    """The rate of several files together: sums of bits over sums of pixels.

    The bound is the sum of the bounds, or None when one of them is unknown. UsageError for no line at all.
    """
    every = tuple(lines)
    bounds = [line.bound for line in every if line.bound is not None]
    return RateLine(
        bound=math.fsum(bounds) if len(bounds) == len(every) else None,
        model_bits=math.fsum(line.model_bits for line in every),
        payload_bits=sum(line.payload_bits for line in every),
        file_bits=sum(line.file_bits for line in every),
        pixels=sum(line.pixels for line in every),
    )
