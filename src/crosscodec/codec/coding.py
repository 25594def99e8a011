"""Pictures to coded bytes and back: the run-time of the codec.

    pixels ─► planes (3,H,W) in 0..1, padded ─► encoder ─► round ─► symbols (C,h*w) ─► range coder ─► container
    container ─► CRCs ─► range decoder ─► digest of symbols ─► decoder network ─► crop ─► pixels

Everything after rounding is integer arithmetic; the networks' last bits may differ between machines, the symbols
read may not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.coder import decode_symbols, encode_and_price, model_bits
from crosscodec.bitstream.container import (
    CodedFile,
    ImageHeader,
    courtesy_name,
    read_coded,
    symbol_digest,
    write_coded,
)
from crosscodec.bitstream.contexts import Grid
from crosscodec.codec.package import Package, package_by_identity
from crosscodec.codec.tiling import analyse_tiled, synthesise_tiled
from crosscodec.errors import CorruptData, PackageUnavailable, UnsupportedData, UsageError

Pixels = NDArray[np.uint8] | NDArray[np.float32]
SYMBOL_LIMIT = 1 << 20  # larger latents come from damaged or absurd input and are cut to this


@dataclass(frozen=True)
class Encoded:
    """A coded file in memory and what it costs. Bytes: ``len(data) == payload_bytes + container_bytes``."""

    data: bytes
    payload_bytes: int
    container_bytes: int
    model_bits: float  # what the tables say the symbols cost
    shapes: tuple[tuple[int, ...], ...]  # of the pictures, in order

    @property
    def pixels(self) -> int:
        """Number of pixels in all pictures together."""
        return sum(shape[0] * shape[1] for shape in self.shapes)

    @property
    def bits_per_pixel(self) -> float:
        """Bits of the whole file a pixel."""
        return 8 * len(self.data) / self.pixels


@dataclass(frozen=True)
class Restored:
    """A decoded picture: (H,W) or (H,W,3) bytes, and which decoder of which package made it."""

    pixels: NDArray[np.uint8]
    decoder: str
    package_name: str


@dataclass(frozen=True)
class Verified:
    """A coded file that passed every check short of synthesis."""

    package_name: str
    images: int
    symbols: int
    payload_bytes: int
    model_bits: float


def encode_pixels(pixels: Pixels, package: Package, force: bool = False) -> Encoded:
    """Encode one picture: (H,W) gray or (H,W,3) RGB, uint8 or float32 in 0..1 (noise may leave that range).

    Raises UsageError for an array of another kind and UnsupportedData for a picture outside the package's card
    unless ``force``.
    """
    return encode_many([pixels], package, force)


def encode_many(pictures: Sequence[Pixels], package: Package, force: bool = False) -> Encoded:
    """Encode pictures into one file with one range-coder stream, so that small pictures do not each pay for a
    header.
    """
    if not pictures:
        raise UsageError("a coded file holds at least one picture")
    latents = [picture_symbols(p, package, force) for p in pictures]
    grids = [Grid(*latent.shape[1:]) for latent in latents]
    symbols = np.concatenate([latent.reshape(package.entropy.channels, -1) for latent in latents], 1)
    payload = encode_and_price(symbols, package.entropy, grids)
    headers = tuple(ImageHeader(p.shape[0], p.shape[1], 1 if p.ndim == 2 else 3) for p in pictures)
    coded = CodedFile(
        package_id=package.identity,
        package_name=courtesy_name(package.name, len(payload.data)),
        quality=0,
        images=headers,
        dither=None,
        symbol_count=symbols.size,
        digest=symbol_digest(symbols),
        payload=payload.data,
    )
    data = write_coded(coded)
    shapes = tuple(p.shape for p in pictures)
    return Encoded(data, len(payload.data), len(data) - len(payload.data), payload.model_bits, shapes)


def decode_bytes(data: bytes, package: Package | None = None, decoder: str = "fidelity") -> Restored:
    """Decode a file that holds one picture. Raises UsageError when it holds more (see decode_many)."""
    restored = decode_many(data, package, decoder)
    if len(restored) != 1:
        raise UsageError(f"the file holds {len(restored)} pictures; decode them with decode_many or into a folder")
    return restored[0]


def decode_many(data: bytes, package: Package | None = None, decoder: str = "fidelity") -> list[Restored]:
    """Decode every picture of a file, in order.

    The package is found by the identity in the file unless given. Raises CorruptData, PackageUnavailable or UsageError.
    """
    opened = open_coded(data, package)
    graph = opened.package.decoder(decoder)
    card = opened.package.card
    restored, start = [], 0
    for header, grid in zip(opened.coded.images, opened.grids, strict=True):
        stop = start + grid.rows * grid.columns
        piece = opened.symbols[:, start:stop].reshape(-1, grid.rows, grid.columns)
        start = stop
        planes = synthesise_tiled(graph, piece, card.block, card.halo)
        restored.append(Restored(_pixels(planes, header), decoder, card.name))
    return restored


def verify_bytes(data: bytes, package: Package | None = None) -> Verified:
    """Check a coded file down to the digest of its symbols, without synthesis; raises what decoding would raise."""
    opened = open_coded(data, package)
    return Verified(
        package_name=opened.package.name,
        images=len(opened.coded.images),
        symbols=opened.symbols.size,
        payload_bytes=len(opened.coded.payload),
        model_bits=model_bits(opened.symbols, opened.package.entropy, opened.grids),
    )


@dataclass(frozen=True)
class OpenedFile:
    """A coded file with its package and its symbols (C, positions), all checks passed."""

    coded: CodedFile
    package: Package
    symbols: NDArray[np.int32]
    grids: list[Grid]


def open_coded(data: bytes, package: Package | None) -> OpenedFile:
    """Container checks, package, entropy decoding and digest, in that order."""
    coded = read_coded(data)
    if package is None:
        package = package_by_identity(coded.package_id, coded.package_name)
    elif package.identity != coded.package_id:
        written_by = coded.package_id.hex() + (f"… ({coded.package_name})" if coded.package_name else "…")
        raise PackageUnavailable(
            f"the file was written by the package with SHA-256 {written_by}, "
            f"not by {package.name} ({package.sha256[:16]}…)"
        )
    grids = [latent_grid(header, package.card.block) for header in coded.images]
    positions = sum(grid.rows * grid.columns for grid in grids)
    needed = positions * package.entropy.channels
    if coded.symbol_count != needed:
        raise CorruptData(f"the header claims {coded.symbol_count} symbols; its pictures need {needed}")
    symbols = decode_symbols(coded.payload, positions, package.entropy, grids)
    if symbol_digest(symbols) != coded.digest:
        raise CorruptData(
            "the decoded symbols do not match the digest in the header: decoder and encoder are out of step"
        )
    return OpenedFile(coded, package, symbols, grids)


def latent_grid(header: ImageHeader, block: int) -> Grid:
    """Rows and columns of latent positions for a picture."""
    return Grid(-(-header.height // block), -(-header.width // block))


def picture_symbols(pixels: Pixels, package: Package, force: bool = False) -> NDArray[np.int32]:
    """The integers (C,h,w) that the encoder network gives for one picture."""
    planes = _planes(pixels, package, force)
    latents = analyse_tiled(package.encoder, planes, package.card.block, package.card.halo)
    return np.clip(np.rint(latents), -SYMBOL_LIMIT, SYMBOL_LIMIT).astype(np.int32)


def _planes(pixels: Pixels, package: Package, force: bool) -> NDArray[np.float32]:
    """Padded (3,H,W) float32 planes of a picture, checked against the card."""
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3) or 0 in pixels.shape:
        raise UsageError(f"a picture is an array (H,W) or (H,W,3) with H, W >= 1; this one has shape {pixels.shape}")
    if pixels.dtype not in (np.uint8, np.float32):
        raise UsageError(f"a picture is uint8, or float32 in 0..1; this one is {pixels.dtype}")
    kind = "gray" if pixels.ndim == 2 else "rgb"
    if kind not in package.card.channels and not force:
        raise UnsupportedData(
            f"package {package.name} was made for {', '.join(package.card.channels)} pictures, not {kind}"
        )
    values = pixels.astype(np.float32) / np.float32(255) if pixels.dtype == np.uint8 else pixels.astype(np.float32)
    if not np.isfinite(values).all():
        raise UsageError("the picture holds values that are infinite or not a number")
    planes = np.broadcast_to(values, (3, *values.shape)) if values.ndim == 2 else values.transpose(2, 0, 1)
    block = package.card.block
    bottom, right = -planes.shape[1] % block, -planes.shape[2] % block
    # Mirrored padding keeps the noise statistics that the encoder expects; repeated edges would not.
    return np.pad(planes, ((0, 0), (0, bottom), (0, right)), mode="symmetric")


def _pixels(planes: NDArray[np.uint8], header: ImageHeader) -> NDArray[np.uint8]:
    """Bytes (H,W) or (H,W,3) of decoded planes, cropped to the picture."""
    cropped = planes[:, : header.height, : header.width]
    if header.channels == 3:
        return np.ascontiguousarray(cropped.transpose(1, 2, 0))
    gray: NDArray[np.uint8] = np.round(cropped.mean(axis=0)).astype(np.uint8)
    return gray
