"""From trained weights to the codec package: ONNX graphs of dynamic size, integer tables, card.

Weights are stored as float16 with a cast in front (half the file; ONNX Runtime folds the casts when it starts), the
tables are the counts of the symbols that the exported encoder itself gives on training crops, joined with the
learned density, as integers.
"""

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from crosscodec.bitstream.tables import FrequencyTables
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from crosscodec.codec.package import ENCODER, TABLES, PackageCard, decoder_part, pack
from crosscodec.learn.blockdct import BLOCK
from crosscodec.learn.data import CropSource
from crosscodec.learn.model import PhotoCodec
from crosscodec.learn.settings import ModelSettings, Recipe

SMALLEST_SHARED = 64  # weights with fewer elements stay float32: biases and gains cost nothing
TABLE_SEED = 977  # crops for the tables are not those of the last training steps


@dataclass(frozen=True)
class SymbolCounts:
    """How often each symbol occurred, per channel: counts (C, high - low + 1) from ``low``."""

    low: int
    counts: NDArray[np.int64]


def export_package(model: PhotoCodec, recipe: Recipe, pictures: CropSource, training: dict[str, Any]) -> bytes:
    """The bytes of the package of a trained photo codec; ``training`` goes into its card."""
    counts = count_symbols(model, pictures, batches=64)
    parts = {
        ENCODER: onnx_bytes(model.analysis, torch.zeros(1, 3, 5 * BLOCK, 7 * BLOCK)),
        decoder_part("fidelity"): onnx_bytes(model.synthesis, torch.zeros(1, counts.counts.shape[0], 5, 7)),
        TABLES: integer_tables(model, counts).to_bytes(),
    }
    return pack(make_card(recipe, training), parts)


def make_card(recipe: Recipe, training: dict[str, Any]) -> PackageCard:
    """The card of a photo codec, without the hashes that ``pack`` adds."""
    data = recipe.data
    return PackageCard(
        name=recipe.package.name,
        task=recipe.package.task,
        degradation=f"additive Gaussian noise, sigma {data.noise_low:g} to {data.noise_high:g} of 255, level unknown",
        training_data=data.sets,
        channels=("gray", "rgb"),
        block=BLOCK,
        halo=receptive_halo(recipe.model),
        decoders=("fidelity",),
        licence=recipe.package.licence,
        training={"recipe": recipe.as_dict(), "run": recipe.identity()} | training,
        notes=recipe.package.notes,
    )


def receptive_halo(settings: ModelSettings) -> int:
    """Pixels on each side that either network sees, rounded up to whole blocks."""
    # Space-to-depth cells straddle the window, hence one more cell of the coarsest level.
    reach = 8 + max(pyramid_reach(settings.analysis_blocks), pyramid_reach(settings.synthesis_blocks))
    return -(-reach // BLOCK) * BLOCK


def pyramid_reach(blocks: tuple[int, ...]) -> int:
    """Pixels that a PyramidNet sees on each side: two 3x3 convolutions a block, and one at either end at 1/2
    resolution.
    """
    half, quarter, eighth = blocks[0] + blocks[4], blocks[1] + blocks[3], blocks[2]
    return 2 * (2 + 2 * half) + 4 * 2 * quarter + 8 * 2 * eighth


@torch.no_grad()
def count_symbols(model: PhotoCodec, pictures: CropSource, batches: int) -> SymbolCounts:
    """Symbols of each channel over training crops with fresh noise."""
    found: list[Tensor] = []
    for step in range(batches):
        batch = pictures.batch(TABLE_SEED, step, 16)
        symbols = model.analysis(batch.degraded).round().to(torch.int64)
        found.append(symbols.permute(1, 0, 2, 3).flatten(1))
    symbols = torch.cat(found, 1)
    low, high = int(symbols.min()), int(symbols.max())
    rows = [torch.bincount(channel - low, minlength=high - low + 1) for channel in symbols]
    return SymbolCounts(low, torch.stack(rows).numpy())


def integer_tables(model: PhotoCodec, found: SymbolCounts) -> FrequencyTables:
    """One integer table a channel, over the symbols that occurred; rarer ones take the escape.

    The count of a symbol is what was seen plus the learned density's expectation on a tenth as many draws, which
    smooths the tails.
    """
    density = model.density.probabilities().detach().numpy().astype(np.float64)
    reach = model.density.reach
    counts, lows = [], []
    for channel, row in enumerate(found.counts):
        seen = np.flatnonzero(row >= 2) if (row >= 2).any() else np.flatnonzero(row)
        first, last = int(seen[0]), int(seen[-1])
        symbols = np.clip(np.arange(first, last + 1) + found.low + reach, 0, 2 * reach)
        counts.append(row[first : last + 1] + 0.1 * row.sum() * density[channel, symbols])
        lows.append(first + found.low)
    return FrequencyTables.from_counts(counts, lows)


def onnx_bytes(network: nn.Module, example: Tensor) -> bytes:
    """A network as ONNX with dynamic height and width and float16 weights."""
    # The exporter warns of operators of torchvision, which nothing here uses.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    size = {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch copies its own deprecated classes
        program = torch.onnx.export(network.eval(), (example,), dynamo=True, dynamic_shapes=(size,), verbose=False)
    assert program is not None
    data: bytes = shrink_weights(program.model_proto).SerializeToString()
    return data


def shrink_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with large float32 weights stored as float16 and cast back in front of their use."""
    graph = model.graph
    casts = []
    for index, weight in enumerate(graph.initializer):
        array = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or array.size < SMALLEST_SHARED:
            continue
        stored = f"{weight.name}.half"
        casts.append(helper.make_node("Cast", [stored], [weight.name], to=TensorProto.FLOAT))
        graph.initializer[index].CopyFrom(numpy_helper.from_array(array.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return model
