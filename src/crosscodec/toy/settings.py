"""Settings of a toy run: which source, at which rate, and how much training."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from crosscodec.errors import UsageError

SOURCES = ("gaussian", "vector", "bernoulli")
BLOCKS = (1, 2, 4, 8, 16)
QUANTISERS = ("rounding", "vector")
DITHER_LEVELS = 32  # of "rounding"; a codebook has no dither
CODEWORDS = 512
MOST_NAME_BITS = 6.0  # that names may cost a block: with more, so few words would bind
# A rate below the first is not worth its tables; above the second a letter's tables leave the quantiser's reach.
RATES = {"gaussian": (0.2, 4.0), "vector": (0.2, 8.0), "bernoulli": (0.0625, 0.625)}


@dataclass(frozen=True)
class ToySettings:
    """One toy point. ``rate`` is in bits a symbol: a number, a vector, or a pixel of a picture of bits."""

    source: str = "gaussian"
    rate: float = 1.0
    block: int = 1  # "gaussian": how many numbers the networks see at once
    quantiser: str = "rounding"  # "gaussian": or "vector", for "fidelity" alone; bits have a codebook always
    target_mean: float = 0.5  # "gaussian": law of the decoder "target"
    target_std: float = 1.5
    seed: int = 0  # of training and of the samples that are coded
    symbols: int = 2**17  # that are coded and measured
    steps: int = 800  # of encoder, quantiser and fidelity decoder; the other decoders take half as many
    batch: int = 1024
    hidden: int = 48  # units of the networks

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise UsageError(f"the source must be one of {', '.join(SOURCES)}, not {self.source!r}")
        lowest, highest = RATES[self.source]
        if not lowest <= self.rate <= highest:
            raise UsageError(f"the rate of {self.source} lies in {lowest:g} … {highest:g} bits, not {self.rate:g}")
        if self.block not in BLOCKS:
            raise UsageError(f"a block has one of {', '.join(map(str, BLOCKS))} numbers, not {self.block}")
        if self.quantiser not in QUANTISERS:
            raise UsageError(f"the quantiser must be one of {', '.join(QUANTISERS)}, not {self.quantiser!r}")
        if self.quantiser == "vector" and (self.source != "gaussian" or self.rate * self.block > MOST_NAME_BITS):
            raise UsageError(f"a codebook is for gaussian blocks of up to {MOST_NAME_BITS:g} bits")
        if not 0.1 <= self.target_std <= 2 or not abs(self.target_mean) <= 2:
            raise UsageError("the target's standard deviation lies in 0.1 … 2, its mean in -2 … 2")
        if min(self.steps, self.batch, self.hidden) < 1 or self.symbols < 1000 or self.seed < 0:
            raise UsageError("steps, batch and hidden are 1 or more, symbols 1000 or more, seed 0 or more")

    @property
    def codebook(self) -> bool:
        """Whether blocks are named by codewords, not by whole numbers with dither."""
        return self.source == "bernoulli" or self.quantiser == "vector"

    def as_dict(self) -> dict[str, Any]:
        """The settings, ready for JSON."""
        return dataclasses.asdict(self)


def smoke(settings: ToySettings) -> ToySettings:
    """The same point with a few seconds of training: far from its best, and on the right side of the bound."""
    return dataclasses.replace(settings, steps=150, batch=512, hidden=24, symbols=2**16)
