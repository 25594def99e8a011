"""Several qualities of one network: how its coefficients become symbols at each, and symbols values again.

    coefficient x ─► v = gain x ─► dead zone: sign(v) max(|v| - dead, 0) ─► round ─► symbol q ─► coder
    coder ─► symbol q ─► q step, and behind the channels one that holds the level quality / 100 ─► decoder network

Gain, dead zone and step are numbers of a channel, given at the anchors (part ``qualities.bin``) and interpolated
between them; each anchor has frequency tables of its own, and a quality takes those of the nearest. docs/format.md,
"Several qualities".
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.bitstream.tables import MOST_TABLES
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.codec.card import MOST_ANCHORS
from crosscodec.codec.dither import quantise
from crosscodec.errors import CorruptData, UsageError

MAGIC = b"XCDQ"
VERSION = 1
WIDEST_DEAD = 8  # steps on either side of 0
AT_ONCE = 2**18  # numbers that become symbols in one step, unless a single channel has more

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Place:
    """Where a quality lies: at ``share`` from anchor ``below`` to ``above``; the tables of ``nearest`` serve it."""

    below: int
    above: int
    share: float
    nearest: int


def place_of(quality: int, anchors: tuple[int, ...]) -> Place:
    """The place of a quality 0 … 100 among anchors that rise from 0 to 100; of two equally near the lower serves.

    docs/format.md, "Several qualities". Training asks here too. UsageError for another quality.
    """
    if not 0 <= quality <= BEST_QUALITY:
        raise UsageError(f"a quality is a whole number of 0 to {BEST_QUALITY}, not {quality}")
    below = bisect_right(anchors, quality) - 1
    above = min(below + 1, len(anchors) - 1)
    share = (quality - anchors[below]) / max(anchors[above] - anchors[below], 1)
    return Place(below, above, share, above if share > 0.5 else below)


@dataclass(frozen=True, eq=False)
class QualityLevel:
    """One quality: ``gain``, ``dead`` and ``step`` of each channel (C,), and the place of the anchor whose tables code
    it.
    """

    gain: Floats
    dead: Floats
    step: Floats
    anchor: int
    quality: int

    @property
    def level(self) -> float:
        """Quality / 100, which the decoder network is told."""
        return self.quality / BEST_QUALITY

    def symbols(self, coefficients: Floats) -> NDArray[np.int32]:
        """Symbols (C,h,w) of coefficients (C,h,w) at unit gain.

        docs/format.md, "Several qualities". Raises CorruptData for another number of channels: the encoder network
        does not go with the package's qualities.
        """
        if len(coefficients) != self.gain.size:
            raise CorruptData(f"the encoder of the package gives {len(coefficients)} channels, not {self.gain.size}")
        symbols = np.empty(coefficients.shape, np.int32)
        # Some channels after the others: copies of all would multiply the memory of a large picture.
        step = max(1, AT_ONCE // max(1, coefficients[0].size))
        for first in range(0, len(coefficients), step):
            channels = slice(first, first + step)
            with np.errstate(over="ignore"):  # infinity is cut as any large symbol is
                scaled = coefficients[channels] * self.gain[channels, np.newaxis, np.newaxis]
            kept = np.abs(scaled)
            kept -= self.dead[channels, np.newaxis, np.newaxis]
            np.maximum(kept, 0, out=kept)
            symbols[channels] = quantise(np.copysign(kept, scaled, out=kept))
        return symbols

    def values(self, symbols: NDArray[np.int32]) -> Floats:
        """What the decoder network is given for symbols (C,h,w): (C+1,h,w), the last channel holding the level.

        docs/format.md, "Several qualities".
        """
        count, rows, columns = symbols.shape
        values = np.empty((count + 1, rows, columns), np.float32)
        values[:count] = symbols
        values[:count] *= self.step[:, np.newaxis, np.newaxis]
        values[count] = self.level
        return values


@dataclass(frozen=True, eq=False)
class Qualities:
    """Gain, dead zone and step (A,C), float32, of C channels at A anchors, which are qualities that rise from 0 to 100.

    The part ``qualities.bin`` holds the three arrays, the card the anchors. Gains and steps are positive, dead zones
    0 … 8, all of them finite; UsageError otherwise.
    """

    anchors: tuple[int, ...]
    gain: Floats
    dead: Floats
    step: Floats

    def __post_init__(self) -> None:
        if len({(of.shape, of.dtype == np.float32) for of in (self.gain, self.dead, self.step)}) > 1:
            raise UsageError("gain, dead zone and step are float32 arrays of one shape (anchors, channels)")
        if self.gain.dtype != np.float32 or self.gain.ndim != 2 or not 1 <= self.gain.shape[1] <= MOST_TABLES:
            raise UsageError(f"gains are float32 (anchors, channels); these are {self.gain.dtype} {self.gain.shape}")
        if len(self.anchors) != len(self.gain) or not 2 <= len(self.gain) <= MOST_ANCHORS:
            raise UsageError(f"{len(self.gain)} rows of gains do not serve {len(self.anchors)} anchors")
        for name, of in (("gain", self.gain), ("step", self.step)):
            if not (np.isfinite(of).all() and (of > 0).all()):
                raise UsageError(f"every {name} is finite and above 0")
        if not ((self.dead >= 0) & (self.dead <= WIDEST_DEAD)).all():
            raise UsageError(f"dead zones lie in 0 … {WIDEST_DEAD}")

    @property
    def channels(self) -> int:
        """Number of channels C."""
        return int(self.gain.shape[1])

    def at(self, quality: int) -> QualityLevel:
        """The level of a quality 0 … 100: log gain, dead zone and log step linear in quality between two anchors.

        docs/format.md, "Several qualities". UsageError for another number.
        """
        place = place_of(quality, self.anchors)
        return QualityLevel(
            np.exp(_between(np.log(self.gain.astype(np.float64)), place)).astype(np.float32),
            _between(self.dead.astype(np.float64), place).astype(np.float32),
            np.exp(_between(np.log(self.step.astype(np.float64)), place)).astype(np.float32),
            place.nearest,
            quality,
        )

    def to_bytes(self) -> bytes:
        """The part ``qualities.bin``: magic, version, sizes, gain, dead, step, CRC-32.

        docs/format.md, "Several qualities".
        """
        sizes = varint(len(self.gain)) + varint(self.channels)
        arrays = [np.ascontiguousarray(of, "<f4").tobytes() for of in (self.gain, self.dead, self.step)]
        return seal(MAGIC, VERSION, sizes, *arrays)

    @classmethod
    def from_bytes(cls, data: bytes, anchors: tuple[int, ...]) -> Self:
        """The qualities in ``data`` at the anchors of the card, checked; the inverse of `to_bytes`.

        docs/format.md, "Several qualities". Raises CorruptData, or UnsupportedData for an undamaged later version.
        """
        body = unseal(data, MAGIC, VERSION, "qualities")
        reader = ByteReader(body, "the part with the qualities")
        shape = reader.varint("number of anchors", MOST_ANCHORS), reader.varint("number of channels", MOST_TABLES)
        if reader.remaining != 3 * 4 * shape[0] * shape[1]:
            raise CorruptData(f"the qualities hold {reader.remaining} bytes of numbers, not those of {shape}")
        gain, dead, step = np.frombuffer(reader.take(reader.remaining), "<f4").reshape(3, *shape).astype(np.float32)
        try:
            return cls(anchors, gain, dead, step)
        except UsageError as error:
            raise CorruptData(f"the qualities are damaged: {error}") from None


def _between(rows: NDArray[np.float64], place: Place) -> NDArray[np.float64]:
    """The rows of the anchors on either side, mixed."""
    mixed: NDArray[np.float64] = (1 - place.share) * rows[place.below] + place.share * rows[place.above]
    return mixed
