"""From trained modules to the codec package: graphs that take batches, integer tables, judges, card.

encoder.onnx             (B,C,H,W) ─► latents (B,symbols,1,1), in steps
decoder-<name>.onnx      (B,symbols + noise,1,1) ─► (B,C,H,W)
classifier-<judge>.onnx  (B,C,H,W) ─► logits (B,K)
tables.bin               what symbols of the training pictures showed; one table a channel, or a dither level
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.card import DitherCard, PackageCard
from crosscodec.codec.package import CONTEXTS, ENCODER, TABLES, decoder_part, judge_part, pack
from crosscodec.learn.onnxfile import Sketch, onnx_files
from crosscodec.learn.transport.data import TrainingData
from crosscodec.learn.transport.model import Representation
from crosscodec.learn.transport.networks import Decoder
from crosscodec.learn.transport.quantisers import Quantiser
from crosscodec.learn.transport.settings import TransportRecipe

TABLE_SEED = 977
DRAWS = 4  # of the dither for each training picture
PRIOR = 0.5  # sightings that every listed symbol is worth before any is counted


class EncoderGraph(nn.Module):
    """Pictures to latents, as the run-time calls it."""

    def __init__(self, representation: Representation) -> None:
        super().__init__()
        self.encoder, self.quantiser = representation.encoder, representation.quantiser

    def forward(self, pictures: Tensor) -> Tensor:
        """Latents (B,C,1,1)."""
        return self.quantiser.latents(self.encoder(self.encoder.prepare(pictures)))[:, :, None, None]


class DecoderGraph(nn.Module):
    """Values and private noise to pictures, as the run-time calls it."""

    def __init__(self, quantiser: Quantiser, channels: int, decoder: Decoder) -> None:
        super().__init__()
        self.quantiser, self.channels, self.decoder = quantiser, channels, decoder

    def forward(self, inputs: Tensor) -> Tensor:
        """Pictures (B,C,H,W) of (B, channels + noise, 1, 1)."""
        flat = inputs[:, :, 0, 0]
        restored: Tensor = self.decoder(self.quantiser.features_of(flat[:, : self.channels]), flat[:, self.channels :])
        return restored


@dataclass(frozen=True, eq=False)
class TrainedDecoder:
    """A decoder, and the classifier that was trained on its reconstructions."""

    name: str
    decoder: Decoder
    head: nn.Module | None


@dataclass(frozen=True, eq=False)
class TrainedParts:
    """Everything that goes into a package. ``latents`` (N,C) are those of the training pictures; the judge of clean
    pictures is a module, or the graph of another package's, or there is none.
    """

    representation: Representation
    latents: Tensor
    decoders: tuple[TrainedDecoder, ...]
    clean_judge: nn.Module | None
    shipped_judge: bytes | None = None


def export_package(parts: TrainedParts, recipe: TransportRecipe, data: TrainingData, training: dict[str, Any]) -> bytes:
    """The bytes of the package; ``training`` goes into its card."""
    quantiser, channels = parts.representation.quantiser, parts.latents.shape[1]
    entropy = fit_entropy_model(quantiser, parts.latents)
    picture = torch.zeros(3, *data.degraded.shape[1:])
    networks = {ENCODER: Sketch(EncoderGraph(parts.representation), picture, (0,))}
    judges: dict[str, nn.Module] = {} if parts.clean_judge is None else {"clean": parts.clean_judge}
    for trained in parts.decoders:
        graph = DecoderGraph(quantiser, channels, trained.decoder)
        values = torch.zeros(3, channels + trained.decoder.noise, 1, 1)
        networks[decoder_part(trained.name)] = Sketch(graph, values, (0,))
        if trained.head is not None:
            judges[f"on-{trained.name}"] = trained.head
    networks |= {judge_part(name): Sketch(judge, picture, (0,)) for name, judge in judges.items()}
    files = onnx_files(networks) | {TABLES: entropy.tables.to_bytes(), CONTEXTS: entropy.layout.to_bytes()}
    names = tuple(judges)
    if parts.shipped_judge is not None:
        names = ("clean", *names)
        files[judge_part("clean")] = parts.shipped_judge
    return pack(make_card(parts, recipe, data, names, training), files)


def make_card(
    parts: TrainedParts, recipe: TransportRecipe, data: TrainingData, judges: tuple[str, ...], training: dict[str, Any]
) -> PackageCard:
    """The card, without the hashes that ``pack`` adds."""
    shape, settings = data.shape, recipe.quantiser
    # A shared folder of judges is a matter of the machine, not of the package.
    portable = replace(recipe, judges=replace(recipe.judges, folder=""))
    dither = DitherCard(settings.dither, settings.common) if settings.dither else None
    return PackageCard(
        name=recipe.package.name,
        task=recipe.package.task,
        degradation=data.samples.degradation or f"that of {data.samples.name}",
        training_data=(data.samples.name,),
        channels=("gray",) if shape.channels == 1 else ("rgb",),
        block=shape.height,
        halo=0,
        decoders=tuple(d.name for d in parts.decoders),
        licence=recipe.package.licence,
        training={"recipe": portable.as_dict(), "run": portable.identity(), "degradation": data.samples.degradation}
        | training,
        notes=recipe.package.notes,
        planes=shape.channels,
        size=(shape.height, shape.width),
        levels=parts.representation.quantiser.level_counts,
        dither=dither,
        noise={d.name: d.decoder.noise for d in parts.decoders if d.decoder.noise},
        classes=data.samples.classes,
        judges=judges,
    )


@torch.no_grad()
def fit_entropy_model(quantiser: Quantiser, latents: Tensor) -> EntropyModel:
    """Integer tables of the symbols that the latents (N,C) of the training pictures become."""
    settings, channels = quantiser.settings, latents.shape[1]
    contexts = settings.dither if settings.dither and settings.common else 1
    counts = _counts(quantiser, latents, contexts)
    tables = FrequencyTables.from_counts([c for _, c in counts], [low for low, _ in counts])
    if contexts == 1:
        return EntropyModel.factorised(tables)
    return EntropyModel(tables, ContextLayout(contexts, (1,) * channels, ((),) * channels, ((),) * channels))


def _counts(quantiser: Quantiser, latents: Tensor, contexts: int) -> list[tuple[int, NDArray[np.float64]]]:
    """For each channel, and each dither level of it, the lowest symbol and the counts from there on; channels that
    share a table are counted together.
    """
    generator = torch.Generator().manual_seed(TABLE_SEED)
    seen: list[tuple[Tensor, Tensor]] = []
    for _ in range(DRAWS if quantiser.settings.dither else 1):
        dither = quantiser.draw(len(latents), generator)
        context = torch.zeros_like(latents) if contexts == 1 or dither is None else dither.encoder
        seen.append((quantiser.symbols(latents, dither), context))
    symbols = torch.cat([s for s, _ in seen]).to(torch.int64).numpy()
    chosen = torch.cat([c for _, c in seen]).to(torch.int64).numpy()
    rows = []
    levels, share = quantiser.level_counts, quantiser.share
    for first in range(0, latents.shape[1], share):
        together, served_by = symbols[:, first : first + share], chosen[:, first : first + share]
        low = 0 if levels else int(together.min())
        high = levels[first] - 1 if levels else int(together.max())
        counted: list[tuple[int, NDArray[np.float64]]] = []
        for served in range(contexts):
            inside = together[served_by == served] - low
            counts: NDArray[np.float64] = np.bincount(inside, minlength=high - low + 1).astype(np.float64) + PRIOR
            counted.append((low, counts))
        rows += counted * share
    return rows
