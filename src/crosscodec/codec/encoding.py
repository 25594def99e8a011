"""Pictures to coded bytes.

    pixels ─► planes (P,H,W) in 0..1, padded ─► encoder ─► - dither, round ─► symbols (C,N) ─► range coder ─► container

With several qualities gain and dead zone stand where the dither goes off (qualities.py), and of predicted channels the
coder is given differences (bitstream/prediction.py). Everything after rounding is integer arithmetic. Pictures of any
size pass tile by tile (tiling.py), small ones of one size in batches (batching.py); arrays.py takes whole arrays of the
latter. The way back is decoding.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.appearance import PLAIN, Appearance
from crosscodec.bitstream.coder import encode_and_price
from crosscodec.bitstream.container import CodedFile, Dither, ImageHeader, courtesy_name, write_coded
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.digest import symbol_digest
from crosscodec.bitstream.prediction import take_differences
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.batching import analyse_batches
from crosscodec.codec.dither import STREAM, draw_levels, offsets, quantise
from crosscodec.codec.package import DEFAULT_ENCODER, Package
from crosscodec.codec.pictures import BlockPlanes, Pixels, picture_planes, picture_shapes, require_picture
from crosscodec.codec.qualities import QualityLevel
from crosscodec.codec.tiling import CORE, analyse_tiled

_Number = TypeVar("_Number", np.int32, np.float32)

ALGORITHM = 1  # subtractive dither, in the container


@dataclass(frozen=True)
class Encoded:
    """A coded file in memory and what it costs. Bytes: ``len(data) == payload_bytes + container_bytes``.

    ``quality`` is None for a package of one quality, ``target_bytes`` unless a size was asked for (ratecontrol.py).
    ``encoders`` are those that wrote the pictures, in order; nothing in the file says so.
    """

    data: bytes
    payload_bytes: int
    container_bytes: int
    model_bits: float  # what the tables say the symbols cost
    shapes: tuple[tuple[int, ...], ...]  # of the pictures, in order
    quality: int | None = None
    target_bytes: int | None = None
    encoders: tuple[str, ...] = ()
    appearance: Appearance = PLAIN  # on which scale and in which colours the pictures are given back

    @property
    def sample_range(self) -> SampleRange | None:
        """The range on which samples are given back; None: 8 bits."""
        return self.appearance.sample_range

    @property
    def pixels(self) -> int:
        """Number of pixels in all pictures together."""
        return sum(shape[0] * shape[1] for shape in self.shapes)

    @property
    def bits_per_pixel(self) -> float:
        """Bits of the whole file a pixel."""
        return 8 * len(self.data) / self.pixels


def encode_pixels(
    pixels: Pixels,
    package: Package,
    force: bool = False,
    seed: int = 0,
    quality: int | None = None,
    encoder: str = DEFAULT_ENCODER,
    appearance: Appearance = PLAIN,
) -> Encoded:
    """Encode one picture: (H,W) gray or (H,W,3) RGB, uint8 or float32 in 0..1 (noise may leave that range).

    ``seed``, below 2^64, is that of the dither of a package that dithers. ``quality`` is 0 … 100 for a package of
    several qualities, by default the one that its card names. ``encoder`` is one of ``package.encoders``, or "auto",
    which chooses for each picture; every decoder reads the files of all of them. ``appearance`` goes into the file: on
    which scale decoded samples are given back, 0 and 1 of the picture being the ends of its range, in the colours of
    which profile, and with which EXIF data. Raises UsageError for an array of another kind, and for a quality or
    encoder that the package does not have, and UnsupportedData for a picture outside the package's card unless
    ``force`` (its size is never forced).
    """
    return encode_many([pixels], package, force, seed, quality, encoder, appearance)


def encode_many(
    pictures: Sequence[Pixels],
    package: Package,
    force: bool = False,
    seed: int = 0,
    quality: int | None = None,
    encoder: str = DEFAULT_ENCODER,
    appearance: Appearance = PLAIN,
) -> Encoded:
    """Encode pictures into one file with one range-coder stream, so that small pictures do not each pay for a
    header. Arguments and errors are those of `encode_pixels`.
    """
    quality = package.quality_of(quality)
    shapes = picture_shapes(pictures)
    encoders = picture_encoders(pictures, package, force, encoder)
    if package.card.size is not None:
        planes = np.concatenate([picture_planes(picture, package.card, force) for picture in pictures])
        return encode_planes(planes, shapes, package, seed, appearance)
    head = _Head(shapes, seed, quality, appearance)
    each = list(zip(pictures, encoders, strict=True))
    if package.card.dither is None:
        # A tile's latents become symbols at once: the latents of a large picture are never all there.
        symbols = [picture_symbols(picture, package, force, quality, name) for picture, name in each]
        joined, grids = _joined(symbols), _grids(symbols)
        del symbols  # of a stack they are there twice
        coded = _encode_symbols(joined, grids, package, head)
    else:
        latents = [picture_latents(picture, package, force, name) for picture, name in each]
        coded = _encode_latents(_joined(latents), _grids(latents), package, head)
    return replace(coded, encoders=encoders)


def picture_encoders(
    pictures: Sequence[Pixels], package: Package, force: bool = False, encoder: str = DEFAULT_ENCODER
) -> tuple[str, ...]:
    """Which encoder each picture gets: the one that is named, or of "auto" the one that suits it. Raises as
    `encode_many`.
    """
    if len(package.encoders_of(encoder)) > 1:
        for picture in pictures:
            require_picture(picture, package.card, force)
    return tuple(package.encoder_for(picture, encoder) for picture in pictures)


def encode_coefficients(
    coefficients: Sequence[NDArray[np.float32]],
    shapes: tuple[tuple[int, ...], ...],
    package: Package,
    level: QualityLevel,
    appearance: Appearance = PLAIN,
) -> Encoded:
    """Encode what `picture_latents` gave for pictures of those shapes, at one of the package's qualities.

    The file is that of `encode_many` at that quality; whoever tries several runs the network once.
    """
    symbols = [level.symbols(piece) for piece in coefficients]
    head = _Head(shapes, 0, level.quality, appearance)
    return _encode_symbols(_joined(symbols), _grids(symbols), package, head)


def _joined(pieces: Sequence[NDArray[_Number]]) -> NDArray[_Number]:
    """Pieces (C,h,w) as rows (C,N), one piece after the other."""
    rows = [piece.reshape(len(piece), -1) for piece in pieces]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, 1)


def _grids(pieces: Sequence[NDArray[_Number]]) -> list[Grid]:
    return [Grid(*piece.shape[1:]) for piece in pieces]


def encode_planes(
    planes: NDArray[np.float32],
    shapes: tuple[tuple[int, ...], ...],
    package: Package,
    seed: int,
    appearance: Appearance = PLAIN,
) -> Encoded:
    """Encode planes (N,P,H,W) of pictures of those shapes with a package for pictures of one size."""
    latents = analyse_batches(package.encoder, planes, package.entropy.channels)
    coded = _encode_latents(latents, [Grid(1, 1)] * len(planes), package, _Head(shapes, seed, None, appearance))
    return replace(coded, encoders=(DEFAULT_ENCODER,) * len(planes))


def picture_latents(
    pixels: Pixels, package: Package, force: bool = False, encoder: str = DEFAULT_ENCODER
) -> NDArray[np.float32]:
    """The latent (C,h,w) that an encoder network gives for one picture of any size: in steps, or, of a package of
    several qualities, at unit gain.
    """
    return _analysed(pixels, package, force, encoder, np.asarray)


def picture_symbols(
    pixels: Pixels,
    package: Package,
    force: bool = False,
    quality: int | None = None,
    encoder: str = DEFAULT_ENCODER,
) -> NDArray[np.int32]:
    """The symbols (C,h,w) of `picture_latents` without dither, in the memory of the symbols.

    ``quality`` and ``encoder`` are as in `encode_pixels`.
    """
    card = package.card
    quality = package.quality_of(quality)
    level = None if quality is None else package.level(quality)

    def finish(latents: NDArray[np.float32]) -> NDArray[np.int32]:
        return quantise(latents.reshape(len(latents), -1), None, card.levels).reshape(latents.shape)

    return _analysed(pixels, package, force, encoder, finish if level is None else level.symbols)


def _analysed(
    pixels: Pixels,
    package: Package,
    force: bool,
    encoder: str,
    finish: Callable[[NDArray[np.float32]], NDArray[Any]],
) -> NDArray[Any]:
    """What ``finish`` makes of the latents (C,h,w) that an encoder network gives for one picture of any size."""
    card = package.card
    planes, halo = BlockPlanes.of(pixels, card, force), package.encoder_halo(encoder)
    found = analyse_tiled(package.encoder_named(encoder), planes, card.block, halo, finish)
    if max(planes.shape[1:]) > CORE:  # the coder needs the room that the network leaves
        package.rest()
    return found


@dataclass(frozen=True)
class _Head:
    """What a header says besides what is coded."""

    shapes: tuple[tuple[int, ...], ...]
    seed: int
    quality: int | None
    appearance: Appearance


def _encode_latents(latents: NDArray[np.float32], grids: Sequence[Grid], package: Package, head: _Head) -> Encoded:
    """Dither, round, code and wrap latents (C,N) of pictures with these grids."""
    card = package.card
    if card.dither is None:
        return _encode_symbols(quantise(latents, None, card.levels), grids, package, head)
    levels = draw_levels(head.seed, STREAM, card.dither.levels, len(latents), grids, range(len(grids)))
    symbols = quantise(latents, offsets(levels, card.dither.levels), card.levels)
    return _encode_symbols(symbols, grids, package, head, levels if card.dither.common else None)


def _encode_symbols(
    symbols: NDArray[np.int32],
    grids: Sequence[Grid],
    package: Package,
    head: _Head,
    levels: NDArray[np.int64] | None = None,
) -> Encoded:
    """Code and wrap symbols (C,N), whose memory is used up; ``levels`` (C,N) are those of a dither whose seed goes into
    the file.
    """
    card, shapes, quality = package.card, head.shapes, head.quality
    entropy = package.entropy_at(quality or 0)  # checks that the card's channels are there
    digest = symbol_digest(symbols)
    take_differences(symbols, grids, card.predicted, package.predicted_passes)
    payload = encode_and_price(symbols, entropy, grids, levels)
    coded = CodedFile(
        package_id=package.identity,
        package_name=courtesy_name(package.name, len(payload.data)),
        quality=quality or 0,
        images=tuple(ImageHeader(s[0], s[1], 3 if len(s) == 3 and card.planes == 3 else 1) for s in shapes),
        dither=None if levels is None else Dither(ALGORITHM, head.seed),
        symbol_count=symbols.size,
        digest=digest,
        payload=payload.data,
        appearance=head.appearance,
    )
    data = write_coded(coded)
    return Encoded(
        data,
        len(payload.data),
        len(data) - len(payload.data),
        payload.model_bits,
        shapes,
        quality,
        appearance=head.appearance,
    )
