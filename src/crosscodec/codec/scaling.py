"""Which samples of a picture are black and which white: what --range and `sample_range` ask for.

"full"   0 to the largest number of so many bits         "100,3000"   these two
"auto"   from the darkest to the brightest of the picture, isolated pixels left out
│ pictures
▼
SampleRange ─► pictures on the scale 0..1 ─► encode; its three numbers go into the file (bitstream/samplerange.py)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.samples import to_unit
from crosscodec.errors import UsageError
from crosscodec.images.picture import Picture

FULL, AUTO_RANGE = "full", "auto"


@dataclass(frozen=True)
class RangeChoice:
    """A wish: "full", "auto", or two ends (then ``word`` is "")."""

    word: str
    ends: tuple[float, float] = (0.0, 0.0)

    def of(self, pictures: Sequence[Picture]) -> SampleRange:
        """The range of these pictures together. Raises UsageError when their samples differ in kind, when floats have
        no full range, and for ends that are none.
        """
        kinds = {picture.bits for picture in pictures}
        if len(kinds) > 1:
            told = " and ".join(f"{bits} bits" if bits else "floats" for bits in sorted(kinds))
            raise UsageError(f"pictures of one file have one kind of samples; these have {told}")
        (bits,) = kinds
        if self.word == AUTO_RANGE:
            found = [_seen(picture.samples()) for picture in pictures]
            low, high = min(low for low, _ in found), max(high for _, high in found)
            return SampleRange(low, high if high > low else low + 1, bits)
        if self.word == FULL:
            if not bits:
                raise UsageError("floats have no full range: give its ends, LOW,HIGH, or auto")
            return SampleRange(0, 2**bits - 1, bits)
        return SampleRange(*self.ends, bits)


def parse_range(text: str) -> RangeChoice:
    """The wish in "full", "auto" or "LOW,HIGH". Raises UsageError for anything else."""
    if text in (FULL, AUTO_RANGE):
        return RangeChoice(text)
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"a range is full, auto, or two numbers like 100,3000; not {text!r}") from None
    return RangeChoice("", (low, high))


@dataclass(frozen=True, eq=False)
class Scaled:
    """Pictures on the scale of the codec, and the range that they were brought from; None: they came on it."""

    pixels: list[NDArray[np.uint8] | NDArray[np.float32]]
    sample_range: SampleRange | None


def scaled(pictures: Sequence[Picture], choice: RangeChoice | None) -> Scaled:
    """The pictures as the codec takes them. Raises as `RangeChoice.of`."""
    if choice is None:
        return Scaled([picture.pixels for picture in pictures], None)
    for picture in pictures:
        if picture.pixels.ndim not in (2, 3):
            raise UsageError(f"a picture is (H, W) or (H, W, 3), not {picture.pixels.shape}")
    found = choice.of(pictures)
    return Scaled([to_unit(picture.samples(), found) for picture in pictures], found)


def _seen(samples: NDArray[Any]) -> tuple[float, float]:
    """The darkest and the brightest that two neighbours have: a hot pixel stands alone, a star or a cell does not."""
    pairs = [
        (samples[first], samples[second])
        for first, second in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1]))
        if samples[first].size
    ] or [(samples, samples)]
    low = min(float(np.maximum(a, b).min()) for a, b in pairs)
    high = max(float(np.minimum(a, b).max()) for a, b in pairs)
    return (low, high) if low < high else (float(samples.min()), float(samples.max()))
