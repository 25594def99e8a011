"""Coded bytes to pictures.

    container ─► CRCs ─► range decoder ─► digest of symbols ─► + dither ─► decoder network ─► crop ─► pixels

With several qualities steps stand where the dither comes back (qualities.py). Everything up to the symbols is integer
arithmetic: the networks' last bits may differ between machines, the symbols read may not. Pictures of any size pass
tile by tile (tiling.py), small ones of one size in batches (batching.py); arrays.py gives whole arrays of the latter.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.appearance import PLAIN, Appearance
from crosscodec.bitstream.coder import model_bits
from crosscodec.bitstream.container import read_header
from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec.batching import synthesise_batches
from crosscodec.codec.blend import Blend
from crosscodec.codec.opening import OpenedFile, open_coded
from crosscodec.codec.package import Package
from crosscodec.codec.pictures import cropped_picture, to_bytes
from crosscodec.codec.samples import Samples, from_unit, to_unit
from crosscodec.codec.tiling import as_floats, synthesise_tiled
from crosscodec.errors import UsageError


@dataclass(frozen=True)
class Restored:
    """A decoded picture (H,W) or (H,W,3), and which decoder of which package made it ("balance 0.5": a mix).

    Samples are bytes or, of a file with a sample range, on that range: uint8, uint16 or float32. Their colours are
    those of the ICC profile ``profile``, or where it is empty of sRGB.
    """

    samples: Samples
    decoder: str
    package_name: str
    appearance: Appearance = PLAIN

    @property
    def sample_range(self) -> SampleRange | None:
        """The range that samples lie on; None: bytes."""
        return self.appearance.sample_range

    @property
    def profile(self) -> bytes:
        """The ICC profile of the colours; empty: sRGB."""
        return self.appearance.profile

    @property
    def exif(self) -> bytes:
        """The EXIF data of the picture, as a TIFF file; empty: none."""
        return self.appearance.exif

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture in bytes, as it is looked at: of a file with a sample range, that range from black to white."""
        if self.sample_range is None:
            return self.samples.astype(np.uint8, copy=False)
        return to_bytes(to_unit(self.samples, self.sample_range))


@dataclass(frozen=True)
class Verified:
    """A coded file that passed every check short of synthesis; ``quality`` is None for a package of one quality."""

    package_name: str
    images: int
    symbols: int
    payload_bytes: int
    model_bits: float
    quality: int | None


def decode_bytes(
    data: bytes,
    package: Package | None = None,
    decoder: str = "fidelity",
    balance: float | None = None,
    seed: int | None = None,
) -> Restored:
    """Decode a file that holds one picture. Raises UsageError when it holds more (see decode_many), before any work."""
    count = len(read_header(data).images)
    if count != 1:
        raise UsageError(
            f"the file holds {count} pictures: `crosscodec decode` makes one .tif or a folder of them, decode_stack a "
            "list"
        )
    return decode_many(data, package, decoder, balance, seed)[0]


def decode_many(
    data: bytes,
    package: Package | None = None,
    decoder: str = "fidelity",
    balance: float | None = None,
    seed: int | None = None,
    only: Sequence[int] | None = None,
) -> list[Restored]:
    """Decode every picture of a file, in order, or only those at the places that ``only`` lists.

    The package is found by the identity in the file unless given. ``balance`` between 0 and 1 mixes the decoders
    fidelity and perception before rounding (blend.py). ``seed`` draws another sample of what the decoder draws for
    itself, which otherwise follows from the file. Raises CorruptData, PackageUnavailable or UsageError.
    """
    opened = open_coded(data, package)
    blend = Blend.of(opened.package, decoder, balance, opened.private_seed(seed))
    chosen = opened.chosen(only)
    headers = [opened.coded.images[i] for i in chosen]
    planes = _tiled_samples if opened.package.card.size is None else _batched_samples
    return [
        Restored(
            cropped_picture(piece, h.height, h.width, h.channels),
            blend.name,
            opened.package.name,
            opened.coded.appearance,
        )
        for piece, h in zip(planes(opened, blend, chosen, seed), headers, strict=True)
    ]


def verify_bytes(data: bytes, package: Package | None = None) -> Verified:
    """Check a coded file down to the digest of its symbols, without synthesis; raises what decoding would raise."""
    opened = open_coded(data, package)
    return Verified(
        package_name=opened.package.name,
        images=len(opened.coded.images),
        symbols=opened.symbols.size,
        payload_bytes=len(opened.coded.payload),
        model_bits=model_bits(opened.numbers, opened.entropy, opened.grids, opened.levels),
        quality=opened.quality,
    )


def decoded_planes(
    opened: OpenedFile, blend: Blend, chosen: Sequence[int], seed: int | None
) -> Iterator[NDArray[np.float32]]:
    """Planes (B,P,H,W), unrounded, of the chosen pictures of one size, batch after batch."""
    values = opened.symbols[:, opened.places(chosen)].astype(np.float32)
    dither = opened.dither(chosen, seed)
    yield from synthesise_batches(blend, values if dither is None else values + dither, chosen, opened.package.card)


def _to_samples(opened: OpenedFile) -> Callable[[NDArray[np.float32]], Samples]:
    """What becomes of a decoder's planes: bytes, or samples on the range that the file names."""
    wanted = opened.coded.appearance.sample_range
    return to_bytes if wanted is None else partial(from_unit, on=wanted)


def _batched_samples(opened: OpenedFile, blend: Blend, chosen: Sequence[int], seed: int | None) -> Iterator[Samples]:
    finish = _to_samples(opened)
    for batch in decoded_planes(opened, blend, chosen, seed):
        yield from finish(batch)


def _tiled_samples(opened: OpenedFile, blend: Blend, chosen: Sequence[int], seed: int | None) -> Iterator[Samples]:
    card = opened.package.card
    for i in chosen:
        shape = (-1, opened.grids[i].rows, opened.grids[i].columns)
        dither = opened.dither([i], seed)
        yield synthesise_tiled(
            blend,
            opened.symbols[:, opened.span(i)].reshape(shape),
            card.block,
            card.halo,
            None if dither is None else dither.reshape(shape),
            card.planes,
            as_floats if opened.level is None else opened.level.values,
            _to_samples(opened),
        )
