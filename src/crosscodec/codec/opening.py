"""From the bytes of a coded file to its symbols, every check on the way; no network runs here.

bytes ─► container, CRCs ─► package ─► sizes and counts ─► levels of a common dither ─► numbers ─► symbols ─► digest
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.coder import decode_symbols, require_room
from crosscodec.bitstream.container import CodedFile, ImageHeader, read_coded
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.prediction import differences, undo_differences
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.card import PackageCard
from crosscodec.codec.dither import PRIVATE_STREAM, STREAM, draw_levels, offsets
from crosscodec.codec.package import Package, package_by_identity
from crosscodec.codec.qualities import QualityLevel
from crosscodec.errors import CorruptData, PackageUnavailable, UsageError


@dataclass(frozen=True)
class OpenedFile:
    """A coded file with its package and its symbols (C, positions), all checks passed.

    levels: those of a common dither (C, positions), None without one.
    """

    coded: CodedFile
    package: Package
    symbols: NDArray[np.int32]
    grids: list[Grid]
    levels: NDArray[np.int64] | None = None

    def private_seed(self, seed: int | None) -> int:
        """The seed of what the decoder draws for itself: as asked, or the digest, so that a file decodes as ever."""
        return self.coded.digest if seed is None else seed

    def chosen(self, only: Sequence[int] | None) -> list[int]:
        """Places in the file of the pictures asked for; all by default. UsageError for one that is not there."""
        count = len(self.coded.images)
        for place in only or ():
            if not 0 <= place < count:
                raise UsageError(f"the file holds pictures 0 to {count - 1}; there is no picture {place}")
        return list(range(count)) if only is None else list(only)

    @property
    def quality(self) -> int | None:
        """The quality in the header; None for a package of one quality."""
        return None if self.package.qualities is None else self.coded.quality

    @cached_property
    def level(self) -> QualityLevel | None:
        """How symbols of that quality become values; None for a package of one quality."""
        return self.package.level(self.coded.quality)

    @property
    def entropy(self) -> EntropyModel:
        """The tables and contexts of the payload."""
        return self.package.entropy_at(self.coded.quality)

    @property
    def numbers(self) -> NDArray[np.int32]:
        """What the payload holds (C, positions): the symbols, of predicted channels their differences."""
        return differences(self.symbols, self.grids, self.package.card.predicted, self.package.predicted_passes)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(grid.rows * grid.columns for grid in self.grids)]

    def span(self, picture: int) -> slice:
        """Positions of one picture among those of the whole file."""
        return slice(self._starts[picture], self._starts[picture + 1])

    def places(self, pictures: Sequence[int]) -> NDArray[np.int64]:
        """Positions of these pictures among those of the whole file, one picture after the other."""
        spans = map(self.span, pictures)
        return np.fromiter(chain.from_iterable(range(s.start, s.stop) for s in spans), np.int64)

    def dither(self, pictures: Sequence[int], seed: int | None) -> NDArray[np.float32] | None:
        """What the decoder adds to the symbols of these pictures: the encoder's dither, or one of its own, or None.

        docs/format.md, "Dither".
        """
        card = self.package.card.dither
        if card is None:
            return None
        if self.levels is not None:
            return offsets(self.levels[:, self.places(pictures)], card.levels)
        drawn = draw_levels(
            self.private_seed(seed), PRIVATE_STREAM, card.levels, len(self.symbols), self.grids, pictures
        )
        return offsets(drawn, card.levels)


def open_coded(data: bytes, package: Package | None) -> OpenedFile:
    """Container checks, package, entropy decoding and digest, in that order.

    Raises CorruptData, UnsupportedData, ResourceLimit or PackageUnavailable.
    """
    coded = read_coded(data)
    if package is None:
        package = package_by_identity(coded.package_id, coded.package_name)
    elif package.identity != coded.package_id:
        written_by = coded.package_id.hex() + (f"… ({coded.package_name})" if coded.package_name else "…")
        raise PackageUnavailable(
            f"the file was written by the package with SHA-256 {written_by}, "
            f"not by {package.name} ({package.sha256[:16]}…)"
        )
    _require_card(coded, package.card)
    grids = [latent_grid(header, package.card) for header in coded.images]
    positions = sum(grid.rows * grid.columns for grid in grids)
    entropy = package.entropy_at(coded.quality)
    needed = positions * entropy.channels
    if coded.symbol_count != needed:
        raise CorruptData(f"the header claims {coded.symbol_count} symbols; its pictures need {needed}")
    require_room(coded.payload, positions, entropy)  # before anything is drawn for them
    levels = None
    if coded.dither is not None and package.card.dither is not None:
        count = package.card.dither.levels
        levels = draw_levels(coded.dither.seed, STREAM, count, entropy.channels, grids, range(len(grids)))
    symbols = decode_symbols(coded.payload, positions, entropy, grids, levels)
    undo_differences(symbols, grids, package.card.predicted, package.predicted_passes)
    if symbol_digest(symbols) != coded.digest:
        raise CorruptData(
            "the decoded symbols do not match the digest in the header: decoder and encoder are out of step"
        )
    return OpenedFile(coded, package, symbols, grids, levels)


def latent_grid(header: ImageHeader, card: PackageCard) -> Grid:
    """Rows and columns of latent positions for a picture; one position where the card has a size."""
    if card.size is not None:
        return Grid(1, 1)
    return Grid(-(-header.height // card.block), -(-header.width // card.block))


def _require_card(coded: CodedFile, card: PackageCard) -> None:
    """Raise CorruptData unless the package could have written pictures, dither and quality like these."""
    card.require_quality(coded.quality)
    for image in set(coded.images):
        if card.size is not None and (image.height, image.width) != card.size:
            raise CorruptData(
                f"the header claims a picture of {image.height} x {image.width}; "
                f"package {card.name} writes {card.size[0]} x {card.size[1]} alone"
            )
        if image.channels > card.planes:
            raise CorruptData(f"the header claims an RGB picture; package {card.name} writes gray alone")
    common = card.dither is not None and card.dither.common
    if common != (coded.dither is not None):
        claim = "lacks the dither" if common else "claims a dither"
        raise CorruptData(f"the header {claim} that package {card.name} {'always' if common else 'never'} writes")
