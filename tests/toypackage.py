"""The toy package of the tests: encoder and decoder are averages over 4 x 4 pixels and their way back."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.codec.package import ENCODER, TABLES, PackageCard, decoder_part, pack

BLOCK = 4
STEPS = 32  # latents count in 1/32 of the scale 0..1


def toy_package_bytes() -> bytes:
    """The bytes of a whole package; the same bytes each time."""
    tables = FrequencyTables.from_counts([np.ones(192, np.int64)] * 3, [-64] * 3)
    card = PackageCard(
        name="toy",
        task="averaging, for tests",
        degradation="noise:25",
        training_data=("none",),
        channels=("gray", "rgb"),
        block=BLOCK,
        halo=0,
        decoders=("fidelity",),
        licence="MIT",
    )
    networks = {ENCODER: _network("Conv"), decoder_part("fidelity"): _network("ConvTranspose")}
    return pack(card, {TABLES: tables.to_bytes(), **networks})


def _network(operator: str) -> bytes:
    """Means times 32 (operator "Conv"), or their way back (operator "ConvTranspose"), as an ONNX graph."""
    kernel = np.zeros((3, 3, BLOCK, BLOCK), np.float32)
    for channel in range(3):
        kernel[channel, channel] = STEPS / BLOCK**2 if operator == "Conv" else 1 / STEPS
    graph = helper.make_graph(
        [helper.make_node(operator, ["in", "kernel"], ["out"], strides=[BLOCK, BLOCK])],
        "toy",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, "rows", "columns"])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
