"""From trained weights to the codec package: ONNX graphs of dynamic size, steps of each quality, integer tables, card.

The tables of an anchor are fitted to the symbols that the encoder itself gives on training crops, at the qualities that
will be coded with them.
"""

from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from crosscodec.bitstream.limits import BEST_QUALITY
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.bitstream.weighted import WeightedLayout
from crosscodec.codec.package import (
    QUALITIES,
    PackageCard,
    QualityCard,
    contexts_part,
    decoder_part,
    encoder_part,
    pack,
    tables_part,
)
from crosscodec.codec.qualities import place_of
from crosscodec.learn.onnxfile import Sketch, onnx_bytes, onnx_files
from crosscodec.learn.photo.blockdct import BLOCK, parities
from crosscodec.learn.photo.crops import CropSource
from crosscodec.learn.photo.density import ContextDensity
from crosscodec.learn.photo.model import BEST_ENCODER, PhotoCodec
from crosscodec.learn.photo.networks import Analysis, Synthesis
from crosscodec.learn.photo.settings import ModelSettings, Recipe

TABLE_SEED = 977  # crops for the tables are not those of the last training steps
TABLE_BATCHES = 128  # of 16 crops


def export_package(model: PhotoCodec, recipe: Recipe, pictures: CropSource, training: dict[str, Any]) -> bytes:
    """The bytes of the package of a trained photo codec; ``training`` goes into its card."""
    networks = {encoder_part(name): analysis_sketch(analysis) for name, analysis in model.analyses.items()}
    networks[decoder_part("fidelity")] = synthesis_sketch(model.synthesis)
    parts = onnx_files(networks) | {QUALITIES: model.gains.exported().to_bytes()}
    coefficients = training_coefficients(model, pictures, TABLE_BATCHES)
    for index in range(len(recipe.objective.anchors)):
        density, latents = model.densities[index], latents_of_anchor(model, coefficients, index)
        assert isinstance(density, ContextDensity), "the list holds nothing else"
        entropy = fit_entropy_model(density, recipe.model, latents)
        parts |= {tables_part(index): entropy.tables.to_bytes(), contexts_part(index, True): entropy.layout.to_bytes()}
    return pack(make_card(recipe, training), parts)


def analysis_graph(analysis: Analysis) -> bytes:
    """An encoder's network for pictures of any size, in whole blocks."""
    return onnx_bytes(*analysis_sketch(analysis))


def synthesis_graph(synthesis: Synthesis) -> bytes:
    """A decoder's network for coefficients of any size, and their level."""
    return onnx_bytes(*synthesis_sketch(synthesis))


def analysis_sketch(analysis: Analysis) -> Sketch:
    """What `analysis_graph` is made of."""
    return Sketch(analysis, torch.zeros(1, 3, 5 * BLOCK, 7 * BLOCK))


def synthesis_sketch(synthesis: Synthesis) -> Sketch:
    """What `synthesis_graph` is made of."""
    return Sketch(synthesis, torch.zeros(1, len(synthesis.dct.basis) + 1, 5, 7))


def make_card(recipe: Recipe, training: dict[str, Any]) -> PackageCard:
    """The card of a photo codec, without the hashes that ``pack`` adds."""
    return PackageCard(
        name=recipe.package.name,
        task=recipe.package.task,
        degradation=recipe.data.describe(),
        training_data=recipe.data.sources,
        channels=("gray", "rgb"),
        block=BLOCK,
        halo=receptive_halo(recipe.model.analysis_blocks, recipe.model.synthesis_blocks),
        encoders={BEST_ENCODER: receptive_halo(recipe.model.best_blocks)} if recipe.model.best_widths else {},
        decoders=("fidelity",),
        licence=recipe.package.licence,
        training={"recipe": recipe.as_dict(), "run": recipe.identity()} | training,
        notes=recipe.package.notes,
        qualities=QualityCard(recipe.objective.anchors, recipe.package.quality),
        predicted=recipe.model.predicted_channels,
        weighted=True,
        parities=parities(recipe.model.luma, recipe.model.chroma),
    )


def receptive_halo(*networks: tuple[int, ...]) -> int:
    """Pixels on each side that networks with these blocks see at most, rounded up to whole blocks."""
    # Space-to-depth cells straddle the window, hence one more cell of the coarsest level.
    reach = 8 + max(map(pyramid_reach, networks))
    return -(-reach // BLOCK) * BLOCK


def pyramid_reach(blocks: tuple[int, ...]) -> int:
    """Pixels that a PyramidNet sees on each side: two 3x3 convolutions a block, and one at either end at 1/2
    resolution.
    """
    half, quarter, eighth = blocks[0] + blocks[4], blocks[1] + blocks[3], blocks[2]
    return 2 * (2 + 2 * half) + 4 * 2 * quarter + 8 * 2 * eighth


@torch.no_grad()
def training_coefficients(model: PhotoCodec, pictures: CropSource, batches: int) -> Tensor:
    """Coefficients (B,C,h,w) of training crops with fresh noise, by each of the analyses in turn."""
    analyses = list(model.analyses.values())
    crops = (pictures.batch(TABLE_SEED, step, 16).degraded for step in range(batches))
    return torch.cat([analyses[step % len(analyses)](degraded) for step, degraded in enumerate(crops)])


@torch.no_grad()
def latents_of_anchor(model: PhotoCodec, coefficients: Tensor, index: int) -> Tensor:
    """Whole-number latents (B,C,h,w), in equal shares at each quality that the tables of an anchor serve."""
    served = [q for q in range(BEST_QUALITY + 1) if place_of(q, model.gains.anchors).nearest == index]
    shares = [model.gains.latents(coefficients[k :: len(served)], q) for k, q in enumerate(served)]
    return torch.cat(shares).round()


@torch.no_grad()
def fit_entropy_model(density: ContextDensity, settings: ModelSettings, latents: Tensor) -> EntropyModel:
    """Contexts and tables of a density, fitted to what was seen, as integers.

    Symbols that occurred once in a context take the escape.
    """
    density.start_from(latents)
    activity = density.activity(density.numbers(latents)).transpose(0, 1).flatten(1)
    weights, channels = density.weights.to(torch.int8).numpy(), len(activity)
    ends = list(accumulate(density.sizes, initial=0))
    # Of equal thresholds one is left, and none that nothing reached.
    cuts = [
        tuple(sorted({cut for cut in row if cut <= most}))
        for row, most in zip(density.thresholds.long().tolist(), activity.amax(dim=1).tolist(), strict=True)
    ]
    layout = WeightedLayout(
        settings.contexts,
        tuple(weights[first:end, :first].copy() for first, end in pairwise(ends)),
        tuple(weights[first:end, channels : channels + first].copy() for first, end in pairwise(ends)),
        tuple(cuts),
    )
    seen, expected = density.counts.numpy(), density.expected().double().numpy()
    counts: list[NDArray[np.float64]] = []
    lows: list[int] = []
    for channel, row in enumerate(seen):
        # The density counts equal thresholds singly, the coder once: contexts that are left move up, and the tables
        # behind them, which serve nothing, are as short as can be.
        reached = [0, *((density.thresholds[channel] <= cut).sum().item() for cut in cuts[channel])]
        for place in [*reached, *([None] * (settings.contexts - len(reached)))]:
            own = np.zeros_like(row[0]) if place is None else row[place]
            first, last = coded_range(own, row.sum(axis=0))
            counts.append(expected[channel, place or 0, first : last + 1])
            lows.append(first - density.reach)
    return EntropyModel(FrequencyTables.from_counts(counts, lows), layout)


def coded_range(own: NDArray[np.float32], channel: NDArray[np.float32]) -> tuple[int, int]:
    """First and last place of a context's table: where symbols occurred repeatedly, else the channel's commonest."""
    seen = np.flatnonzero(own >= 2) if (own >= 2).any() else np.flatnonzero(channel == channel.max())[:1]
    return int(seen[0]), int(seen[-1])
