"""How many bytes: a quality, or the largest quality whose file keeps to a size.

    picture ─► encoder, once ─► coefficients ─► code at quality 50, 75, 62 … ─► the file of the largest that fits

Nothing is estimated: every size is that of a whole file. A file does not grow with every step of quality, the less so
where the tables change from one anchor's to the next's; the search therefore looks a few steps beyond the one where
bisection ends. As a rule the file is the one that its quality alone would give. Where that leaves more than a fiftieth
of the target unused, the next quality is taken with a dead zone so much wider that its file fits: the encoder's affair,
of which a decoder need not know.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.appearance import PLAIN, Appearance, text_fields
from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.codec.encoding import Encoded, encode_coefficients, encode_many, picture_encoders, picture_latents
from crosscodec.codec.package import DEFAULT_ENCODER, Package
from crosscodec.codec.pictures import Pixels, picture_shapes
from crosscodec.codec.qualities import Qualities, QualityLevel
from crosscodec.errors import UsageError

BEYOND = 3  # qualities that are tried above the one that bisection finds
FILLED = 0.98  # of a target, that is: full enough
WIDER = 1.0  # steps by which a dead zone may grow to fill a target
HALVINGS = 7


@dataclass(frozen=True)
class RateChoice:
    """What a file may cost: a quality, or a target in bits a pixel or in bytes, for the whole file with its header.

    None of them asks for the default quality. Raises UsageError for two of them, and for targets that are not positive.
    """

    quality: int | None = None
    target_bpp: float | None = None
    target_bytes: int | None = None

    def __post_init__(self) -> None:
        given = [value for value in (self.quality, self.target_bpp, self.target_bytes) if value is not None]
        if len(given) > 1:
            raise UsageError("a quality, a target in bits a pixel and a target in bytes exclude one another: give one")
        for target, what, least in (
            (self.target_bpp, "a positive number of bits a pixel", math.ulp(0)),
            (self.target_bytes, "a number of bytes, at least one", 1),
        ):
            if target is not None and not (isinstance(target, Real) and least <= target < math.inf):
                raise UsageError(f"a target is {what}, not {target!r}")

    def require(self, package: Package) -> None:
        """Raise UsageError unless the package can do this for any picture."""
        if self != DEFAULT:
            package.quality_of(self.quality if self.quality is not None else 0)

    def target(self, pixels: int) -> int | None:
        """The most bytes that a file of so many pixels may have; None where a quality is asked for."""
        if self.target_bpp is not None:
            return math.floor(self.target_bpp * pixels / 8)
        return None if self.target_bytes is None else math.floor(self.target_bytes)


DEFAULT = RateChoice()


def encode_at(
    pictures: Sequence[Pixels],
    package: Package,
    choice: RateChoice = DEFAULT,
    force: bool = False,
    seed: int = 0,
    encoder: str = DEFAULT_ENCODER,
    appearance: Appearance = PLAIN,
) -> Encoded:
    """Encode pictures into one file, at a quality or within a size.

    Of a target the result has the largest quality whose file fits, or the next with a wider dead zone where that fills
    the target better; at quality 100 it may be much smaller than asked (`shortfall`). Other arguments and errors are
    those of `encode_pixels`; UsageError besides when no quality is small enough, naming the smallest file that can be
    had.
    """
    choice.require(package)
    target = choice.target(sum(shape[0] * shape[1] for shape in picture_shapes(pictures)))
    qualities = package.qualities
    if target is None or qualities is None:
        return encode_many(pictures, package, force, seed, choice.quality, encoder, appearance)
    encoders = picture_encoders(pictures, package, force, encoder)
    each = zip(pictures, encoders, strict=True)
    coefficients = [picture_latents(picture, package, force, name) for picture, name in each]
    search = _Search(package, qualities, coefficients, picture_shapes(pictures), target, appearance)
    return replace(search.largest(), target_bytes=target, encoders=encoders)


def shortfall(encoded: Encoded) -> str | None:
    """A sentence for the user when even the highest quality is smaller than the target, otherwise None."""
    if encoded.target_bytes is None or encoded.quality != BEST_QUALITY or len(encoded.data) == encoded.target_bytes:
        return None
    taken = f"{len(encoded.data):,} bytes of the {encoded.target_bytes:,} allowed"
    return f"quality {BEST_QUALITY}, the highest, takes {taken}"


@dataclass
class _Search:
    """The sizes of files that were tried, and the best of those that fit."""

    package: Package
    qualities: Qualities
    coefficients: Sequence[NDArray[np.float32]]
    shapes: tuple[tuple[int, ...], ...]
    target: int
    appearance: Appearance = PLAIN
    sizes: dict[int, int] = field(default_factory=dict)
    best: Encoded | None = None

    def largest(self) -> Encoded:
        """The file with the largest quality that fits."""
        low, high = -1, BEST_QUALITY + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(middle) else (low, middle)
        self.look_beyond(low)
        if self.best is None:
            quality = min(self.sizes, key=self.sizes.__getitem__)
            beside = sum(len(text_fields(text)) for text in (self.appearance.profile, self.appearance.exif) if text)
            told = f", {beside:,} of them colour profile and EXIF data" if beside else ""
            raise UsageError(
                f"no file of package {self.package.name} is as small as {self.target:,} bytes: the smallest has "
                f"{self.sizes[quality]:,} (quality {quality}){told}"
            )
        self.fill((self.best.quality or 0) + 1)
        return self.best

    def look_beyond(self, quality: int) -> None:
        """Try the qualities above one, until so many in a row do not fit."""
        tried = quality + 1
        while tried <= min(quality + BEYOND, BEST_QUALITY):
            quality = tried if self.fits(tried) else quality
            tried += 1

    def fill(self, quality: int) -> None:
        """Use up what is left of the target at a quality whose own file does not fit, by a wider dead zone."""
        if quality > BEST_QUALITY or self.best is None or len(self.best.data) >= FILLED * self.target:
            return
        level, narrow, wide = self.qualities.at(quality), 0.0, WIDER
        for _ in range(HALVINGS):
            wider = (narrow + wide) / 2
            # No dead zone of a package is wider than what its format allows; one of an encoder may be.
            encoded = self.encoded(replace(level, dead=level.dead + np.float32(wider)))
            fits = len(encoded.data) <= self.target
            narrow, wide = (narrow, wider) if fits else (wider, wide)
            if fits and len(encoded.data) > len(self.best.data):
                self.best = encoded

    def encoded(self, level: QualityLevel) -> Encoded:
        """The file of a level."""
        return encode_coefficients(self.coefficients, self.shapes, self.package, level, self.appearance)

    def fits(self, quality: int) -> bool:
        """Whether the file of a quality keeps to the target; the best so far is kept."""
        if quality not in self.sizes:
            encoded = self.encoded(self.qualities.at(quality))
            self.sizes[quality] = len(encoded.data)
            if len(encoded.data) <= self.target and (self.best is None or quality > (self.best.quality or 0)):
                self.best = encoded
        return self.sizes[quality] <= self.target
