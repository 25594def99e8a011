"""Graphs in integers with their features laid out channels last: the same numbers in a seventh less time.

    picture ─► conv ─► ┌───────────────────────────────────────────────────────────────────────────┐ ─► coefficients
    (1,C,H,W)          │ (1,H,W,C): integer convolutions, what is added to them, pixel shuffles      │   (1,C,H,W)
                       └───────────────────────────────────────────────────────────────────────────┘

ONNX knows convolutions of channels-first tensors alone, and ONNX Runtime computes those in integers channels last: it
turns the features over before and after. Here every convolution is written between two transpositions, of which the
runtime cancels those that meet, and all else between convolutions is written channels last, so that nearly all of them
meet. A pixel shuffle then copies runs of 2 C bytes instead of single floats; for that the outputs of the convolution
before it are put in the order of the cells that they fill, and to a multiple of what the kernel computes at a time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from crosscodec.learn.onnxfile import CELLS, INTEGER_KERNEL, OUTPUTS, WHOLE

TO_LAST, TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
TOGETHER = 16  # output channels that an integer kernel computes at a time; a rest takes longer than all sixteen
Array = NDArray[Any]
ELEMENTWISE = ("Add", "QuantizeLinear", "DequantizeLinear")
SHUFFLE = "DepthToSpace"


def channels_last(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph of a network of pictures (1,C,H,W), its convolutions in integers as ONNX Runtime's tool leaves them,
    with the features around those channels last. Inputs, outputs and what is computed stay.
    """
    graph = model.graph
    writer = _Writer(graph)
    for node in graph.node:
        writer.write(node)
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(_needed(writer.nodes, [value.name for value in graph.output]))
    used = {name for node in graph.node for name in node.input}
    graph.initializer.extend(value for name, value in writer.constants.items() if name in used)
    onnx.checker.check_model(model)
    return model


def in_cells(array: Array, channels: int) -> Array:
    """Outputs (4 C,...) of a convolution before a shuffle of 2 x 2 in the order of cells, (4 ``channels``,...): all
    channels of one, then those of the next. Channels that are not there are zeros.
    """
    apart = array.reshape(-1, 4, *array.shape[1:]).swapaxes(0, 1)
    missing = [(0, 0), (0, channels - apart.shape[1]), *[(0, 0)] * (array.ndim - 1)]
    return np.pad(apart, missing).reshape(4 * channels, *array.shape[1:])


def of_cells(array: Array, outputs: int | None = None) -> Array:
    """The inverse of ``in_cells``; ``outputs``: how many channels C were there, None for all."""
    apart = array.reshape(4, -1, *array.shape[1:]).swapaxes(0, 1)[:outputs]
    return apart.reshape(-1, *array.shape[1:])


@dataclass(frozen=True)
class _Whole:
    """Whole numbers channels last, the node that makes floats of them, and how many channels count if not all do."""

    node: onnx.NodeProto
    value: str
    outputs: str | None = None


class _Writer:
    """The nodes of a graph anew, one after the other."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.constants = {constant.name: constant for constant in graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self._makers = {output: node for node in graph.node for output in node.output}
        self._features = self._found_features(graph)
        self._shuffled = self._found_shuffled(graph)
        self._last: dict[str, str] = {}  # of values that are there channels last, how they are called
        self._first: dict[str, str] = {}  # of features that were turned over, likewise
        self._whole: dict[str, _Whole] = {}  # of features that were dequantised, the whole numbers
        self._outputs: dict[str, str] = {}  # of cells with channels too many, the constant that says how many count
        self._names = 0

    def _found_features(self, graph: onnx.GraphProto) -> set[str]:
        """Values that are connected with an integer convolution by elementwise nodes and shuffles, and with neither
        end of the graph.
        """
        group: dict[str, set[str]] = {}
        for node in graph.node:
            if node.op_type in (*ELEMENTWISE, SHUFFLE):
                names = [n for n in (*node.input, *node.output) if n not in self.constants]
                joined = set().union(*(group.get(name, {name}) for name in names))
                group.update(dict.fromkeys(joined, joined))
        ends = {value.name for value in (*graph.input, *graph.output)}
        around = [n for node in graph.node if node.op_type == INTEGER_KERNEL for n in (node.input[0], node.output[0])]
        found = [group.get(name, {name}) for name in around]
        return set().union(*(names for names in found if not names & ends))

    def _found_shuffled(self, graph: onnx.GraphProto) -> set[str]:
        """Outputs of convolutions whose channels a shuffle of features distributes."""
        found = set()
        for node in graph.node:
            if node.op_type == SHUFFLE and node.output[0] in self._features:
                source = node.input[0]
                if self._makers[source].op_type == "DequantizeLinear":
                    source = self._makers[source].input[0]
                found.add(source)
        return found

    def write(self, node: onnx.NodeProto) -> None:
        """The nodes that do what this one did."""
        result = node.output[0]
        if node.op_type in ("Conv", INTEGER_KERNEL):
            self._write_convolution(_copy(node))
        elif result not in self._features or node.op_type not in (*ELEMENTWISE, SHUFFLE):
            copied = _copy(node)
            for place, name in enumerate(node.input):
                copied.input[place] = self._as_first(name)
            self.nodes.append(copied)
        elif node.op_type == SHUFFLE:
            self._write_shuffle(node)
        elif node.op_type == "DequantizeLinear":
            self._keep_whole(result, _Whole(node, self._as_last(node.input[0])))
        else:
            copied = _copy(node)
            for place, name in enumerate(node.input if node.op_type == "Add" else node.input[:1]):
                copied.input[place] = self._as_last(name)
            copied.output[0] = self._last[result] = f"{result}.last"
            self.nodes.append(copied)

    def _write_convolution(self, node: onnx.NodeProto) -> None:
        result, source = node.output[0], node.input[0]
        if source in self._last:
            node.input[0] = self._add("Transpose", [self._last[source]], perm=TO_FIRST)
        if result in self._shuffled:
            self._put_in_cells(node)
        self.nodes.append(node)
        if result not in self._features:
            return
        node.output[0] = f"{result}.first"
        turned = self._add("Transpose", [node.output[0]], perm=TO_LAST)
        if node.op_type == "Conv":
            # A reshape to the same shape stops the runtime from drawing the transposition into the features behind it.
            channels = self.constants[node.input[1]].dims[0]
            turned = self._add("Reshape", [turned, self._whole_numbers(0, 0, -1, channels)])
        self._last[result] = turned

    def _put_in_cells(self, node: onnx.NodeProto) -> None:
        """The outputs of a convolution before a shuffle, cell after cell."""
        integers = node.op_type == INTEGER_KERNEL
        outputs = self.constants[node.input[3 if integers else 1]].dims[0] // 4
        channels = -(-4 * outputs // TOGETHER) * TOGETHER // 4 if integers else outputs
        for place in range(3 if integers else 1, len(node.input)):
            constant = self.constants[node.input[place]]
            if constant.dims:  # scale and zero of the result are one number each
                array = numpy_helper.to_array(constant)
                name = _name_in_cells(constant.name)
                filled = in_cells(array, channels)
                if place == 4:
                    filled[filled == 0] = 1  # the scale of zeros: any but zero
                self._store(name, filled)
                node.input[place] = name
        if channels > outputs:
            name = f"{node.input[3].removesuffix(WHOLE).removesuffix(CELLS).rpartition('.')[0]}{OUTPUTS}"
            self._store(name, np.array([outputs]))
            self._outputs[node.output[0]] = name

    def _write_shuffle(self, node: onnx.NodeProto) -> None:
        """Cells (1,h,w,2*2*C) to their places (1,2h,2w,C), as bytes where they are dequantised afterwards."""
        result, source = node.output[0], node.input[0]
        maker = self._makers[source]
        after = maker if maker.op_type == "DequantizeLinear" else None
        source = maker.input[0] if after else source
        cells = self._last[source]
        shape = self._add("Shape", [cells])
        convolution = self._makers[source]
        name = convolution.input[3 if convolution.op_type == INTEGER_KERNEL else 1]
        channels = self.constants[_name_in_cells(name)].dims[0] // 4
        apart = self._add("Reshape", [cells, self._whole_numbers(0, 0, 0, 2, 2 * channels)])
        rows = self._add("Transpose", [apart], perm=[0, 1, 3, 2, 4])
        sizes = self._add("Slice", [shape, self._whole_numbers(0), self._whole_numbers(3)])
        doubled = self._add("Mul", [sizes, self._whole_numbers(1, 2, 2)])
        whole = self._add("Concat", [doubled, self._whole_numbers(channels)], axis=0)
        placed = self._add("Reshape", [rows, whole])
        if after is None:
            self._last[result] = placed
            return
        self._keep_whole(result, _Whole(after, placed, self._outputs.get(source)))

    def _keep_whole(self, name: str, whole: _Whole) -> None:
        """Features that were dequantised, channels last."""
        self._whole[name] = whole
        self._last[name] = self._dequantised(whole, self._counting(whole, whole.value, 3), f"{name}.last")

    def _counting(self, whole: _Whole, value: str, axis: int) -> str:
        """A value without the channels that do not count."""
        if whole.outputs is None:
            return value
        return self._add("Slice", [value, self._whole_numbers(0), whole.outputs, self._whole_numbers(axis)])

    def _dequantised(self, whole: _Whole, value: str, result: str) -> str:
        copied = _copy(whole.node)
        copied.input[0], copied.output[0], copied.name = value, result, result
        self.nodes.append(copied)
        return result

    def _as_last(self, name: str) -> str:
        if name in self.constants and not self.constants[name].dims:
            return name
        if name not in self._last:
            self._first[name] = name
            self._last[name] = self._add("Transpose", [name], perm=TO_LAST)
        return self._last[name]

    def _as_first(self, name: str) -> str:
        if name not in self._last or name not in self._features:
            return name
        if name not in self._first:
            self._first[name] = self._turned_first(name)
        return self._first[name]

    def _turned_first(self, name: str) -> str:
        """Features channels first: bytes are turned over before they become floats."""
        whole = self._whole.get(name)
        if whole is None:
            return self._add("Transpose", [self._last[name]], perm=TO_FIRST)
        turned = self._counting(whole, self._add("Transpose", [whole.value], perm=TO_FIRST), 1)
        return self._dequantised(whole, turned, f"{name}.first")

    def _add(self, kind: str, inputs: Iterable[str], **attributes: Any) -> str:
        """A node more; the name of its result."""
        self._names += 1
        result = f"{kind.lower()}.{self._names}"
        self.nodes.append(helper.make_node(kind, list(inputs), [result], result, **attributes))
        return result

    def _whole_numbers(self, *numbers: int) -> str:
        name = "numbers." + ".".join(map(str, numbers))
        if name not in self.constants:
            self._store(name, np.array(numbers))
        return name

    def _store(self, name: str, array: Array) -> None:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)


def _name_in_cells(name: str) -> str:
    """What a convolution's constant is called once its outputs lie in cells."""
    return f"{name.removesuffix(WHOLE)}{CELLS}" + WHOLE * name.endswith(WHOLE)


def _copy(node: onnx.NodeProto) -> onnx.NodeProto:
    copied = onnx.NodeProto()
    copied.CopyFrom(node)
    return copied


def _needed(nodes: list[onnx.NodeProto], outputs: list[str]) -> list[onnx.NodeProto]:
    """Those of the nodes that the outputs depend on."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]
