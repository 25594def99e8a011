"""A trained toy codec as a codec package: pictures whose rows are blocks, in floating point.

    picture (1, rows, d), values 1/2 + number / 32 ─► encoder.onnx ─► latents, row after row ─► the same tables for each
    symbols + dither ─► decoder-<name>.onnx ─► picture

A picture holds 64 numbers, so that drawing the dither of one costs as little as drawing that of a number; its rows know
nothing of each other. Numbers of +-16 standard deviations become the scale 0..1 on which pictures are.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.network import NetworkLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.card import DitherCard, PackageCard
from crosscodec.codec.package import CONTEXTS, ENCODER, TABLES, decoder_part, pack
from crosscodec.learn.onnxfile import Sketch, onnx_files
from crosscodec.learn.transport.export import fit_entropy_model
from crosscodec.toy.networks import ToyCodec
from crosscodec.toy.settings import DITHER_LEVELS, ToySettings
from crosscodec.toy.training import Draws, Trained

NUMBERS = 64  # in a picture
SPREAD = 32.0  # numbers -16 … 16 are the scale 0..1
TABLE_BLOCKS = 2**16  # fresh blocks that tables are fitted to


def export_toy(trained: Trained, settings: ToySettings) -> bytes:
    """The bytes of the package: graphs, integer tables, card."""
    codec, draws = trained.codec, Draws(settings)
    rows = picture_rows(draws.width)
    with torch.no_grad():
        latents = codec.quantiser.latents(codec.features(draws.blocks(TABLE_BLOCKS)))
    entropy = repeated(fit_entropy_model(codec.quantiser, latents), rows)
    picture, values = torch.full((3, 1, rows, draws.width), 0.5), torch.zeros(3, rows * codec.latents, 1, 1)
    networks = {ENCODER: Sketch(EncoderGraph(codec), picture, (0,))}
    for name in codec.decoders:
        networks[decoder_part(name)] = Sketch(DecoderGraph(codec, name, rows, draws.width), values, (0,))
    parts = onnx_files(networks) | {TABLES: entropy.tables.to_bytes(), CONTEXTS: entropy.layout.to_bytes()}
    return pack(_card(trained, settings, rows, draws.width), parts)


def picture_rows(width: int) -> int:
    """Blocks of d numbers in a picture."""
    return max(1, NUMBERS // width)


def as_pictures(blocks: NDArray[np.float64], binary: bool) -> NDArray[np.float32]:
    """Blocks (N,d) as pictures (M,rows,d,1) float32 on the scale 0..1; N is a whole number of pictures."""
    values = blocks if binary else 0.5 + blocks / SPREAD
    return values.reshape(-1, picture_rows(blocks.shape[1]), blocks.shape[1], 1).astype(np.float32)


def as_blocks(pictures: NDArray[np.float32], binary: bool) -> NDArray[np.float64]:
    """The inverse of `as_pictures`."""
    values = pictures.astype(np.float64).reshape(-1, pictures.shape[2])
    return values if binary else (values - 0.5) * SPREAD


def repeated(model: EntropyModel, rows: int) -> EntropyModel:
    """The tables of one block, for all rows of a picture."""
    tables, layout = model.tables, model.layout
    assert not isinstance(layout, NetworkLayout), "the tables of a toy are factorised or chosen by a dither"
    tables = FrequencyTables(tables.low * rows, tables.frequencies * rows)
    if layout.contexts == 1:
        return EntropyModel.factorised(tables)
    none = ((),) * (rows * model.channels)
    return EntropyModel(tables, ContextLayout(layout.contexts, (1,) * len(none), none, none))


class EncoderGraph(nn.Module):
    """Pictures (B,1,rows,d) to latents (B, rows L, 1, 1)."""

    def __init__(self, codec: ToyCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, pictures: Tensor) -> Tensor:
        """Latents, block after block."""
        numbers = pictures.flatten(0, 2)
        features = self.codec.features(numbers if self.codec.binary else (numbers - 0.5) * SPREAD)
        return self.codec.quantiser.latents(features).reshape(pictures.shape[0], -1, 1, 1)


class DecoderGraph(nn.Module):
    """Values (B, rows L, 1, 1) to pictures (B,1,rows,d)."""

    def __init__(self, codec: ToyCodec, name: str, rows: int, width: int) -> None:
        super().__init__()
        self.codec, self.name, self.rows, self.width = codec, name, rows, width

    def forward(self, values: Tensor) -> Tensor:
        """Pictures on the scale 0..1."""
        blocks = values.reshape(-1, self.codec.latents)
        numbers = self.codec.outputs(self.name, self.codec.quantiser.features_of(blocks))
        pictures = numbers if self.codec.binary else 0.5 + numbers / SPREAD
        return pictures.reshape(values.shape[0], 1, self.rows, self.width)


def _card(trained: Trained, settings: ToySettings, rows: int, width: int) -> PackageCard:
    codec = trained.codec
    counts = codec.quantiser.level_counts
    return PackageCard(
        name=f"toy-{settings.source}",
        task=f"samples of the toy source {settings.source}",
        degradation="none",
        training_data=(f"toy {settings.source}",),
        channels=("gray",),
        block=rows,
        halo=0,
        decoders=tuple(codec.decoders),
        licence="MIT",
        training={"settings": settings.as_dict(), "seconds": round(trained.seconds, 1)},
        notes=("A measuring instrument: its pictures are numbers of a known law.",),
        planes=1,
        size=(rows, width),
        levels=None if counts is None else counts * rows,
        dither=None if codec.codebook else DitherCard(DITHER_LEVELS, True),
    )
