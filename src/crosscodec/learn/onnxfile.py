"""Networks as ONNX bytes: dynamic axes, float16 weights, nothing of the machine that exported them.

    networks ─► side by side ─► torch's exporter, once ─► apart again ─► axes freed, tried ─► float16 ─► bytes of each

Weights are stored as float16 with a cast in front (half the file; ONNX Runtime folds the casts when it starts), the
largest of a package in integers as bytes with a scale for each output channel.
"""

import logging
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from inspect import signature
from itertools import chain, count
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from crosscodec.codec.graph import Graph
from crosscodec.extras import load_module

HALVED = ".half"  # ends the names of weights stored as float16
BYTES, WORTH = ".bytes", ".worth"  # end the names of weights stored as whole numbers, and of what one is worth
INTEGER_KERNEL = "QLinearConv"  # node of a convolution in integers (learn/integers.py)
WHOLE = "_quantized"  # ends the names of its kernel and bias
CELLS = ".cells"  # ends the names of kernel and bias whose outputs lie in cells (learn/channels_last.py)
OUTPUTS = ".outputs"  # ends the name of how many channels such cells have, where zeros follow them
EXACT = "_exact"  # ends the names of constants that stay float32
SMALLEST_IN_BYTES = 2**18  # weights with fewer elements are not worth their rounding
AGREES = 1e-3  # how far a graph may be from its network, of the largest number
_NETWORKS = "networks."  # begins the names of weights in a `_Together`
SMALLEST_HALVED = 64  # weights with fewer elements stay float32: biases and gains cost nothing


class Sketch(NamedTuple):
    """A network with one input, an example of it, and which of the input's axes may have any size."""

    network: nn.Module
    example: Tensor
    dynamic: tuple[int, ...] = (2, 3)


def onnx_bytes(network: nn.Module, example: Tensor, dynamic: tuple[int, ...] = (2, 3)) -> bytes:
    """A network with one input as ONNX with float16 weights; the axes ``dynamic`` of the input may have any size."""
    return onnx_files({"": Sketch(network, example, dynamic)})[""]


def onnx_files(sketches: Mapping[str, Sketch]) -> dict[str, bytes]:
    """Each of these networks as `onnx_bytes` has it, under the same names.

    They are traced in one go, since to get ready takes the exporter ten times as long as a small network.
    """
    networks = [sketch.network.eval() for sketch in sketches.values()]
    examples = tuple(sketch.example for sketch in sketches.values())
    models = _traced(networks, examples, ((),) * len(examples))
    files: dict[str, bytes] = {}
    for (name, sketch), model in zip(sketches.items(), models, strict=True):
        # To trace sizes as symbols takes the exporter up to twice as long, and mostly comes to the same graph.
        if sketch.dynamic and not _free_axes(model, *sketch):
            (model,) = _traced([sketch.network], (sketch.example,), (sketch.dynamic,))
        files[name] = shrink_weights(model).SerializeToString()
    return files


class _Together(nn.Module):
    """Networks side by side, each with its input and its output."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return tuple(network(given) for network, given in zip(self.networks, inputs, strict=True))


def _traced(
    networks: Sequence[nn.Module], examples: tuple[Tensor, ...], symbols: tuple[tuple[int, ...], ...]
) -> list[onnx.ModelProto]:
    """The graphs of what networks do, each with its example, whose axes ``symbols`` have no size."""
    # The exporter warns of operators of torchvision, which nothing here uses.
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)
    # Of `forward(*inputs)` all shapes are one argument.
    shapes = (tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for axes in symbols),)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch copies its own deprecated classes
        program = torch.onnx.export(
            _Together(networks).eval(), examples, dynamo=True, dynamic_shapes=shapes, verbose=False, optimize=False
        )
    assert program is not None
    # Apart first: the optimiser makes one of equal constants, by the name of one, and such names are those of weights.
    optimise = load_module("onnxscript.optimizer").optimize  # a second to load, as the exporter does
    models = [optimise(model) for model in _apart(program.model_proto, networks)]
    for network, model in zip(networks, models, strict=True):
        del model.graph.value_info[:]  # shapes between the nodes
        _rename(model.graph, _counted_anew(model.graph, network))
        used = list(dict.fromkeys(name for node in model.graph.node for name in node.input))
        model.graph.initializer.sort(key=lambda weight: used.index(weight.name))
    return models


def _apart(together: onnx.ModelProto, networks: Sequence[nn.Module]) -> list[onnx.ModelProto]:
    """The graph of each network of a `_Together`, from its output back to its input and weights, by the names that
    these have in the network.
    """
    graph = together.graph
    made = {name: node for node in graph.node for name in node.output}
    models = []
    for place, (network, result) in enumerate(zip(networks, graph.output, strict=True)):
        needed, open_names = set[str](), [result.name]
        while open_names:
            name = open_names.pop()
            if name not in needed:
                needed.add(name)
                open_names += made[name].input if name in made else ()
        model = onnx.ModelProto()
        model.CopyFrom(together)
        kept = model.graph
        for values, wanted in (
            (kept.node, [node for node in graph.node if needed.intersection(node.output)]),
            (kept.initializer, [weight for weight in graph.initializer if weight.name in needed]),
            (kept.input, [given for given in graph.input if given.name in needed]),
            (kept.output, [result]),
            (kept.value_info, [shape for shape in graph.value_info if shape.name in needed]),
        ):
            del values[:]
            values.extend(wanted)
        (given,) = kept.input
        (name,) = signature(network.forward).parameters
        _rename(kept, {given.name: name} | _own_names(kept, place))
        models.append(model)
    return models


def _own_names(graph: onnx.GraphProto, place: int) -> dict[str, str]:
    """The names that weights have in the network at that place. What several share has the name that it has in the
    first.
    """
    names = [weight.name for weight in graph.initializer]
    own = {name: name.removeprefix(f"{_NETWORKS}{place}.") for name in names}
    for name in names:
        short = re.sub(rf"^{_NETWORKS}\d+\.", "", name)
        if short not in own.values():
            own[name] = short
    return own


def _counted_anew(graph: onnx.GraphProto, network: nn.Module) -> dict[str, str]:
    """Names for constants and for what nodes make that count from none, whatever was traced before: val, val_1."""
    weights = chain(network.named_parameters(), network.named_buffers())
    taken = {name for name, _ in weights} | {given.name for given in graph.input}
    names: dict[str, str] = {}
    for name in (name for node in graph.node for name in chain(node.input, node.output)):
        if name and name not in taken and name not in names:
            stem = re.sub(r"_\d+$", "", name)
            numbered = chain([stem], (f"{stem}_{number}" for number in count(1)))
            used = taken.union(names.values())
            names[name] = next(new for new in numbered if new not in used)
    return names


def _rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    for value in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        node.name = f"node_{node.output[0]}"


def _free_axes(model: onnx.ModelProto, network: nn.Module, example: Tensor, axes: tuple[int, ...]) -> bool:
    """Give these axes of the input of a graph any size, and those of its output that follow them; whether it then does
    what the network does with an input of twice the size.
    """
    larger = torch.rand(
        [2 * size if axis in axes else size for axis, size in enumerate(example.shape)],
        generator=torch.Generator().manual_seed(0),
    )
    with torch.no_grad():
        expected = network(larger).numpy()
    (given,), (result,) = model.graph.input, model.graph.output
    for axis in axes:
        given.type.tensor_type.shape.dim[axis].dim_param = f"size{axis}"
    for axis, dim in enumerate(result.type.tensor_type.shape.dim):
        if dim.dim_value != expected.shape[axis]:
            dim.dim_param = f"result{axis}"
    if 0 in axes:
        _free_count(model.graph, len(example))
    try:
        found = Graph(model.SerializeToString(), "just traced")(larger.numpy())
    except Exception:  # ONNX Runtime raises many unrelated classes where sizes do not fit
        return False
    return found.shape == expected.shape and np.allclose(found, expected, atol=AGREES * (1 + np.abs(expected).max()))


def _free_count(graph: onnx.GraphProto, count: int) -> None:
    """Where features of ``count`` pictures are laid out anew, let there be as many pictures as there are."""
    shapes = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for constant in graph.initializer:
        if constant.name in shapes:
            first, *others = numpy_helper.to_array(constant).tolist() or [0]
            if first == count and min(others, default=1) > 0:
                constant.CopyFrom(numpy_helper.from_array(np.array([-1, *others], np.int64), constant.name))


def shrink_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with large float32 weights stored as float16 and cast back in front of their use.

    Scales of integer kernels stay float32: theirs are numbers too small for float16. So does what is called exact.
    """
    graph = model.graph
    casts = []
    scales = {name for node in graph.node if node.op_type == INTEGER_KERNEL for name in node.input}
    for index, weight in enumerate(graph.initializer):
        array = numpy_helper.to_array(weight)
        stays = weight.name in scales or weight.name.endswith(EXACT)
        if weight.data_type != TensorProto.FLOAT or array.size < SMALLEST_HALVED or stays:
            continue
        stored = f"{weight.name}{HALVED}"
        casts.append(helper.make_node("Cast", [stored], [weight.name], to=TensorProto.FLOAT))
        graph.initializer[index].CopyFrom(numpy_helper.from_array(array.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    forget_origin(model)
    onnx.checker.check_model(model)
    return model


def weights_as_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph with its largest halved weights (O,...) as int8 with a scale for each of O channels."""
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    weights = {weight.name: weight for weight in graph.initializer}
    for node in graph.node:
        halved = weights.get(node.input[0]) if node.op_type == "Cast" else None
        if halved is None or math.prod(halved.dims) < SMALLEST_IN_BYTES:
            nodes.append(node)
            continue
        array = numpy_helper.to_array(halved).astype(np.float32)
        largest = np.abs(array).max(axis=tuple(range(1, array.ndim)), keepdims=True)
        scale = np.maximum(largest, np.float32(1e-30)) / np.float32(127)
        name, wide = node.output[0], f"{node.output[0]}.wide"
        whole = np.rint(array / scale).astype(np.int8)
        weights[halved.name] = numpy_helper.from_array(whole, f"{name}{BYTES}")
        weights[f"{name}{WORTH}"] = numpy_helper.from_array(scale, f"{name}{WORTH}")
        nodes.append(helper.make_node("Cast", [f"{name}{BYTES}"], [wide], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [wide, f"{name}{WORTH}"], [name]))
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights.values())
    onnx.checker.check_model(model)
    return model


def widen_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph as it was before ``shrink_weights``: float32 weights, no casts."""
    graph = model.graph
    halved = {weight.name: weight for weight in graph.initializer if weight.data_type == TensorProto.FLOAT16}
    nodes, weights = [], [weight for weight in graph.initializer if weight.name not in halved]
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in halved:
            array = numpy_helper.to_array(halved[node.input[0]]).astype(np.float32)
            weights.append(numpy_helper.from_array(array, node.output[0]))
        else:
            nodes.append(node)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
    return model


def forget_origin(model: onnx.ModelProto) -> None:
    """Drop what the exporter notes about the code it came from: paths and stack traces of the machine that trained."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
