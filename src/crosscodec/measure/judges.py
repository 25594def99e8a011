"""Measures by learned statistics, LPIPS (alex) and NIQE, where their weights are at hand.

<data>/metric-weights/ ─► load_judges ─► Judges ─► distance to a clean picture, naturalness of one picture
                             └─ a file is absent: that number is None everywhere
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from crosscodec.errors import InputMissing
from crosscodec.measure.distortion import Pixels
from crosscodec.measure.lpips import SMALLEST, Floats, Lpips, load_lpips
from crosscodec.measure.niqe import BLOCK, Niqe, load_niqe

J = TypeVar("J")


@dataclass(frozen=True)
class Judges:
    """What could be loaded; None for what could not."""

    lpips: Lpips | None
    niqe: Niqe | None

    def features(self, clean: Pixels) -> tuple[Floats, ...] | None:
        """What LPIPS sees of a clean picture, to be compared with many; None without its weights, or too small."""
        return None if self.lpips is None or min(clean.shape[:2]) < SMALLEST else self.lpips.features(clean)

    def distance(self, clean: tuple[Floats, ...] | None, restored: Pixels) -> float | None:
        """LPIPS between the features of a clean picture and a restored one of its shape."""
        if self.lpips is None or clean is None:
            return None
        return self.lpips.between(clean, self.lpips.features(restored))

    def naturalness(self, pixels: Pixels) -> float | None:
        """NIQE of a picture, smaller is better; None without its model, or for less than two blocks."""
        rows, columns = (side // BLOCK for side in pixels.shape[:2])
        return None if self.niqe is None or rows * columns < 2 else self.niqe.measure(pixels)


def load_judges(data: str | Path | None = None) -> Judges:
    """The judges whose weights are in `metric-weights` of the folder `data`, or of that named by CROSSCODEC_DATA.

    CorruptData for a file that is no such file.
    """
    return Judges(_found(load_lpips, data), _found(load_niqe, data))


def _found(load: Callable[..., J], data: str | Path | None) -> J | None:
    try:
        return load(data=data)
    except InputMissing:
        return None
