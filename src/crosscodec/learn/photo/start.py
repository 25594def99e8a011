"""Training that starts from the networks of a package: their weights are read back from its ONNX graphs.

What the package does not have (blocks that were added, the effect of the level) stays as it was made, which is without
effect; how frequencies of the transform begin that it does not have: frequencies.py. What it has must be of the same
shape.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from crosscodec.codec.package import (
    DEFAULT_ENCODER,
    ENCODER,
    Package,
    Qualities,
    decoder_part,
    encoder_part,
)
from crosscodec.errors import UsageError
from crosscodec.learn.channels_last import of_cells
from crosscodec.learn.onnxfile import BYTES, CELLS, HALVED, INTEGER_KERNEL, OUTPUTS, WHOLE, WORTH
from crosscodec.learn.photo.frequencies import KeptFrequencies
from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.quality import REFERENCE, lambda_of
from crosscodec.learn.photo.settings import ModelSettings, ObjectiveSettings
from crosscodec.learn.recipe import recipe_from_sections

Array = NDArray[np.float32]
Weights = dict[str, Array]
ANALYSIS, SYNTHESIS = "analysis", "synthesis"
_DESCENTS = ("to_half", "to_quarter", "to_eighth", "last")
_FIRST = ".first.weight"  # ends the name of a residual block's first kernel
SCALE = "exp"  # gains and steps in packages of one quality: a channel's exponential, folded into a constant


@torch.no_grad()
def start_from_package(
    model: PhotoCodec, package: Package, decoder: str = "fidelity", without: tuple[str, ...] = ()
) -> frozenset[str]:
    """Take over analyses, synthesis (that of a decoder) and steps of a package of photo codecs; the tables are not
    taken. Returns the names of the encoders that the package has of the model's. Of the residual blocks those are left
    out whose names are in ``without`` ("analysis.deep.0"); later ones of a chain move up.

    Raises UsageError where a weight has another shape, the package has more frequencies, nothing of it fits, or no
    block has such a name.
    """
    require_networks(without, (ANALYSIS, SYNTHESIS))
    kept = KeptFrequencies.of(package, model.settings)
    encoder = kept.of_analysis(pruned(stored_weights(package.parts[ENCODER]), ANALYSIS, without))
    restorer = pruned(stored_weights(package.parts[decoder_part(decoder)]), SYNTHESIS, without)
    taken = take_over(model.analysis, encoder) + take_over(model.synthesis, restorer)
    if not taken:
        raise UsageError(f"training.start: package {package.name} holds no weight of a photo codec")
    further = {name: analysis for name, analysis in model.analyses.items() if name in package.card.encoders}
    for name, analysis in further.items():
        take_over(analysis, kept.of_analysis(stored_weights(package.parts[encoder_part(name)])))
    if package.qualities is not None:
        take_gains(model, package.qualities, kept)
    elif SCALE in encoder and SCALE in restorer:
        take_single_quality(model, encoder[SCALE], restorer[SCALE], package)
    return frozenset((DEFAULT_ENCODER, *further))


def stored_weights(graph: bytes) -> Weights:
    """The constants of an ONNX graph of ours by their parameters' names, float32; those of earlier releases as
    parameters are shaped today, those in integers as the floats that they stand for, those in cells as trained.
    """
    nodes = onnx.load_from_string(graph).graph
    arrays = {c.name.removesuffix(HALVED): numpy_helper.to_array(c) for c in nodes.initializer}
    floats = {name: array.astype(np.float32) for name, array in arrays.items() if array.dtype.kind == "f"}
    for name in [name for name in floats if name.endswith(WORTH)]:
        weight = name.removesuffix(WORTH)
        floats[weight] = arrays[f"{weight}{BYTES}"] * floats.pop(name)
    for node in nodes.node:
        if node.op_type == INTEGER_KERNEL:
            floats |= _as_floats(node, arrays)
    for name in [name for name in floats if name.endswith(CELLS)]:
        weight = name.removesuffix(CELLS)
        outputs = arrays.get(f"{weight.rpartition('.')[0]}{OUTPUTS}")
        floats[weight] = of_cells(floats.pop(name), None if outputs is None else int(outputs[0]))
    return dict(_today(name, array) for name, array in floats.items())


def _as_floats(layer: onnx.NodeProto, arrays: dict[str, NDArray[Any]]) -> Weights:
    """Kernel and bias that a convolution in integers stands for: whole numbers times their scale."""
    of_input, kernel, of_kernel = (layer.input[place] for place in (1, 3, 4))
    scale = arrays[of_kernel].astype(np.float32)
    found: Weights = {kernel.removesuffix(WHOLE): arrays[kernel] * scale[:, None, None, None]}
    for bias in layer.input[8:]:  # one of zeros is left out
        found[bias.removesuffix(WHOLE)] = arrays[bias] * (scale * arrays[of_input])
    return found


def _today(name: str, array: Array) -> tuple[str, Array]:
    """A descent was a space-to-depth and a convolution behind it: item 1 of a sequence."""
    owner, _, kind = name.partition(".1.")
    if owner.rpartition(".")[2] not in _DESCENTS or not kind:
        return name, array
    return f"{owner}.{kind}", strided(array) if array.ndim == 4 else array


def strided(kernel: Array) -> Array:
    """The kernel (O,I,2k,2k) with stride 2 that does what (O,4I,k,k) does behind a space-to-depth of 2 x 2."""
    outputs, inputs, rows, columns = kernel.shape
    cells = kernel.reshape(outputs, inputs // 4, 2, 2, rows, columns)
    return cells.transpose(0, 1, 4, 2, 5, 3).reshape(outputs, inputs // 4, 2 * rows, 2 * columns)


def require_networks(without: tuple[str, ...], networks: tuple[str, ...]) -> None:
    """Raise UsageError for a block of another network than these: nothing would be left out for it."""
    for block in without:
        if block.partition(".")[0] not in networks:
            raise UsageError(f"without: a block's name begins with {' or '.join(networks)}, not {block!r}")


def pruned(weights: Weights, network: str, without: tuple[str, ...]) -> Weights:
    """The weights of a network without some of its residual blocks, named "network.chain.number"; later blocks of the
    chain are counted anew. Raises UsageError for a block that is not there.
    """
    for block in sorted((b for b in without if b.partition(".")[0] == network), key=_number, reverse=True):
        chain, number = f"net.{block.removeprefix(f'{network}.').rpartition('.')[0]}.", _number(block)
        if not any(name.startswith(f"{chain}{number}.") for name in weights):
            there = sorted({".".join((network, *name.split(".")[1:3])) for name in weights if ".second." in name})
            raise UsageError(f"without: the package has no block {block}, only {', '.join(there)}")
        weights = dict(
            _moved_up(name, array, chain, number)
            for name, array in weights.items()
            if not name.startswith(f"{chain}{number}.")
        )
    return weights


def _number(block: str) -> int:
    number = block.rpartition(".")[2]
    return int(number) if number.isdecimal() else -1


def _moved_up(name: str, array: Array, chain: str, gone: int) -> tuple[str, Array]:
    """A weight under its name after block ``gone`` of its chain was taken out."""
    if not name.startswith(chain):
        return name, array
    number, _, inner = name.removeprefix(chain).partition(".")
    return f"{chain}{int(number) - (int(number) > gone)}.{inner}", array


def pyramid_shape(weights: Weights) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Widths and blocks of the analysis or synthesis with these weights. Raises UsageError for others."""
    try:
        widths = tuple(len(weights[f"net.{name}.weight"]) for name in _DESCENTS[:3])
    except KeyError as missing:
        raise UsageError(f"no network of a photo codec has these weights: {missing.args[0]} is missing") from None
    chains = ("down_half", "down_quarter", "deep", "up_quarter", "up_half")
    return widths, tuple(sum(f"net.{chain}.{n}.first.weight" in weights for n in range(99)) for chain in chains)


@torch.no_grad()
def take_over(network: nn.Module, weights: Weights) -> int:
    """Set the parameters of a network that are among the weights; how many they were.

    Raises UsageError where one has another shape, and for residual blocks that the network does not have: what was
    learnt around them would be lost without a word.
    """
    taken, parameters = 0, dict(network.named_parameters())
    lost = sorted(name for name in weights if name.endswith(_FIRST) and name not in parameters)
    if lost:
        blocks = ", ".join(name.removeprefix("net.").removesuffix(_FIRST) for name in lost)
        raise UsageError(
            f"training.start: the package has the residual blocks {blocks}, the recipe has not; give the recipe as "
            "many as the package has, or name them under `without`"
        )
    for name, parameter in parameters.items():
        if name not in weights:
            continue
        if tuple(parameter.shape) != weights[name].shape:
            raise UsageError(
                f"training.start: {name} has shape {weights[name].shape} in the package, {tuple(parameter.shape)} in "
                "the recipe; give the recipe the package's widths"
            )
        parameter.copy_(torch.from_numpy(weights[name]))
        taken += 1
    return taken


@torch.no_grad()
def take_single_quality(model: PhotoCodec, gain: Array, step: Array, package: Package) -> None:
    """Gains and steps of all anchors from those of the one quality of a package, which go with lambda^1/2."""
    recipe = package.card.training.get("recipe", {})
    reference = float(recipe.get("objective", {}).get("lambda_distortion", REFERENCE))
    kept = KeptFrequencies.of(package, model.settings)
    for i, anchor in enumerate(model.gains.anchors):
        shift = 0.5 * math.log(lambda_of(anchor, model.objective) / reference)
        model.gains.log_gain[i, :, 0, 0] = kept.of_channels(np.log(gain.flatten())) + shift
        model.gains.log_step[i, :, 0, 0] = kept.of_channels(np.log(step.flatten())) - shift


@torch.no_grad()
def take_gains(model: PhotoCodec, qualities: Qualities, kept: KeptFrequencies) -> None:
    """Gains, dead zones and steps of a package at the anchors of the recipe."""
    for i, anchor in enumerate(model.gains.anchors):
        level = qualities.at(anchor)
        model.gains.log_gain[i, :, 0, 0] = kept.of_channels(np.log(level.gain))
        model.gains.log_step[i, :, 0, 0] = kept.of_channels(np.log(level.step))
        model.gains.raw_dead[i, :, 0, 0] = kept.of_channels(level.dead).clamp_min(1e-4).expm1().log()


@dataclass(frozen=True)
class CodecRecipe:
    """Of a photo codec's recipe, what decides its networks."""

    model: ModelSettings
    objective: ObjectiveSettings


def recipe_of(package: Package) -> CodecRecipe:
    """What a package's card says of its networks. Raises UsageError for a package that no recipe of the kind ``photo``
    made.
    """
    recipe = package.card.training.get("recipe", {})
    if package.card.qualities is None or not {"model", "objective"} <= recipe.keys():
        raise UsageError(f"{package.name} must be a package with qualities that a recipe of the kind photo made")
    return recipe_from_sections(CodecRecipe, {key: recipe[key] for key in ("model", "objective")})


def codec_of(package: Package, decoder: str) -> PhotoCodec:
    """The codec inside a package, with one of its decoders as synthesis.

    Raises UsageError for a package that no recipe of the kind ``photo`` made.
    """
    kept = recipe_of(package)
    need_decoder(package, decoder)
    codec = PhotoCodec(kept.model, kept.objective)
    start_from_package(codec, package, decoder)
    return codec.eval()


def need_decoder(package: Package, decoder: str) -> None:
    """Raise UsageError unless the package has that decoder."""
    if decoder not in package.decoders:
        raise UsageError(f"decoder.start: {package.name} has the decoders {', '.join(package.decoders)}, no {decoder}")
