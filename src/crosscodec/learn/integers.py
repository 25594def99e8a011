"""Residual blocks, and named layers, in 8-bit integers: quantisation after training, by ONNX Runtime's tool.

    x ──┬───────────────────────────────────────────────────────── + ─►   float32, as trained
        └─► 0..255 ─► conv, relu ─► 0..255 ─► conv ─► 0..255 ─► float32 ┘   whole numbers, sums of 32 bits

Jacob et al. 2018. Of a block only what it adds is rounded, so that errors do not pile up along the network; of a named
layer, what it gives. Each kernel has a scale of its own for every channel; those of the features come from inputs that
are like what the network will see. Of whole numbers all machines compute the same.
"""

import contextlib
import io
import logging
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

from crosscodec.learn.channels_last import channels_last
from crosscodec.learn.onnxfile import shrink_weights, weights_as_bytes, widen_weights

KEPT = 99.999  # per cent of the features lie within the scale; with 99.9 what is clipped costs 1 % of rate and error

Array = NDArray[np.float32]


def in_integers(graph: bytes, inputs: Iterable[Array], further: Collection[str] = ()) -> bytes:
    """A graph with its residual blocks in integers, scaled for these inputs; the same bytes where it has none.

    ``further``: modules ("net.to_quarter") whose convolution, with a kernel of that name, is to be in integers too.
    """
    model = widen_weights(onnx.load_from_string(graph))
    blocks = residual_layers(model)
    if not blocks:
        return graph
    kernels = {f"{module}.weight" for module in further}
    names = blocks + [node.name for node in model.graph.node if node.op_type == "Conv" and node.input[1] in kernels]
    logging.getLogger().addFilter(_unasked)
    try:
        # The tool works on files, and prints how it gets on.
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            source, target = Path(folder) / "floats.onnx", Path(folder) / "integers.onnx"
            onnx.save(model, source)
            quantize_static(
                source,
                target,
                _Inputs(model.graph.input[0].name, inputs),
                quant_format=QuantFormat.QOperator,
                nodes_to_quantize=names,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                # Kernels of 7 bits: processors that have AVX2 alone add pairs of products in 16 bits.
                reduce_range=True,
                calibrate_method=CalibrationMethod.Percentile,
                extra_options={"CalibPercentile": KEPT},
            )
            quantised = onnx.load(target)
    finally:
        logging.getLogger().removeFilter(_unasked)
    data: bytes = weights_as_bytes(shrink_weights(channels_last(quantised))).SerializeToString()
    return data


def residual_layers(model: onnx.ModelProto) -> list[str]:
    """Names of the nodes of all residual blocks ``x + conv(relu(conv(x)))``; nodes without a name get one."""
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"node_{number}"
    maker = {output: node for node in model.graph.node for output in node.output}
    names = []
    for add in (node for node in model.graph.node if node.op_type == "Add"):
        for stream, branch in (tuple(add.input), tuple(reversed(add.input))):
            chain = _chain(maker, branch, ("Conv", "Relu", "Conv"))
            if chain and chain[-1].input[0] == stream:
                names += [node.name for node in reversed(chain)]
    return names


def _chain(maker: dict[str, onnx.NodeProto], name: str, kinds: tuple[str, ...]) -> list[onnx.NodeProto]:
    """The nodes of those kinds that made a value, the last first; empty where they are of other kinds."""
    chain: list[onnx.NodeProto] = []
    for kind in kinds:
        node = maker.get(name)
        if node is None or node.op_type != kind:
            return []
        chain.append(node)
        name = node.input[0]
    return chain


class _Inputs(CalibrationDataReader):  # type: ignore[misc]  # the tool has no types
    """The inputs one after the other, as the tool takes them."""

    def __init__(self, name: str, inputs: Iterable[Array]) -> None:
        self._rows: Iterator[dict[str, Array]] = iter({name: array} for array in inputs)

    def get_next(self) -> dict[str, Array] | None:
        """The next input, or None behind the last."""
        return next(self._rows, None)


def _unasked(record: logging.LogRecord) -> bool:
    """Not what the tool says on the root logger: that its own pre-processing was not run, which here has no effect."""
    return "pre-processing" not in record.getMessage()
