"""Which samples of a picture are black and which white: what --range and `sample_range` ask for.

"full"   0 to the largest number of so many bits         "100,3000"   these two
"auto"   from the darkest to the brightest of the picture, isolated pixels left out
│ pictures
▼
SampleRange ─► pictures on the scale 0..1 ─► encode; its three numbers go into the file (bitstream/samplerange.py), and
so do the colour profile and the EXIF data that the pictures share (bitstream/appearance.py)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.appearance import LARGEST_TEXT, Appearance, deflated
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.samples import to_unit
from crosscodec.errors import UsageError
from crosscodec.images.exif import without_account
from crosscodec.images.picture import Picture

FULL, AUTO_RANGE = "full", "auto"
# Bytes in a coded file: profiles of cameras and screens take 300 to 1,000, tables of a scanner more.
MOST_TEXT = 4096


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


@dataclass(frozen=True)
class Keep:
    """What of a picture, beside its pixels, goes into a coded file where it is there."""

    profile: bool = True
    exif: bool = True


KEEP_ALL = Keep()


@dataclass(frozen=True, eq=False)
class Scaled:
    """Pictures on the scale of the codec, how they are to be given back, and what to say of that."""

    pixels: list[NDArray[np.uint8] | NDArray[np.float32]]
    appearance: Appearance
    notices: tuple[str, ...] = ()


def scaled(pictures: Sequence[Picture], choice: RangeChoice | None, keep: Keep = KEEP_ALL) -> Scaled:
    """The pictures as the codec takes them. Raises as `RangeChoice.of`.

    They keep a colour profile and EXIF data that they share, unless these are so large that they would be felt.
    """
    profiles = [picture.profile for picture in pictures]
    profile, told = _shared(profiles, "colour profile") if keep.profile else (b"", ())
    if any(profiles) and not keep.profile:  # it will look otherwise; EXIF data are not missed by who leaves them out
        told = ("colour profile dropped, pixel values kept",)
    exif, also = _shared_exif([picture.exif for picture in pictures]) if keep.exif else (b"", ())
    found = None
    if choice is not None:
        for picture in pictures:
            if picture.pixels.ndim not in (2, 3) or 0 in picture.pixels.shape:
                raise UsageError(f"a picture is (H, W) or (H, W, 3), H, W >= 1, not {picture.pixels.shape}")
        found = choice.of(pictures)
    pixels = [picture.pixels if found is None else to_unit(picture.samples(), found) for picture in pictures]
    return Scaled(pixels, Appearance(found, profile, exif), told + also)


def _shared_exif(texts: Sequence[bytes]) -> tuple[bytes, tuple[str, ...]]:
    """As `_shared`; where a program's account of the pages is what makes them too large, they are kept without it."""
    found, told = _shared(texts, "EXIF data")
    if found or len(set(texts)) > 1 or (rest := without_account(texts[0])) == texts[0]:
        return found, told
    kept, more = _shared([rest], "EXIF data")
    return kept, more or tuple(notice.replace("EXIF data", "description of the pages") for notice in told)


def _shared(texts: Sequence[bytes], what: str) -> tuple[bytes, tuple[str, ...]]:
    """The profile or the EXIF data to keep, and a notice where there are some that are not kept."""
    there = set(texts)
    if there == {b""}:
        return b"", ()
    if len(there) > 1:
        return b"", (f"{what} dropped: pictures of one file share theirs, and these do not",)
    (text,) = there
    size = len(deflated(text)) if len(text) <= LARGEST_TEXT else len(text)
    if size > MOST_TEXT:
        return b"", (f"{what} dropped: {size:,} bytes of the file would be more than {MOST_TEXT:,}",)
    return text, ()


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
