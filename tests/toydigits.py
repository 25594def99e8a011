"""A toy package of small labelled pictures, 28 x 28 gray: class k is a bright block k of 4 x 4, and all is linear.

encoder: means of the 16 blocks · decoders: "fidelity" paints them, "perception" adds one private normal number to all ·
judges: "clean" and a surer one on what fidelity makes, logits are block means · "clean-features": the 16 means
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.codec.package import ENCODER, TABLES, PackageCard, decoder_part, judge_part, pack

SIDE, BLOCK, BLOCKS = 28, 7, 16
STEPS = 8  # latents count in 1/8 of the scale 0..1
CLASSES = tuple(map(str, range(10)))
DEGRADATION = "noise:50"


def toy_digits_bytes() -> bytes:
    """The bytes of a whole package; the same bytes each time."""
    tables = FrequencyTables.from_counts([np.ones(64, np.int64)] * BLOCKS, [-24] * BLOCKS)
    card = PackageCard(
        name="toy-digits",
        task="averaging of digits, for tests",
        degradation=DEGRADATION,
        training_data=("none",),
        channels=("gray",),
        block=1,
        halo=0,
        decoders=("fidelity", "perception"),
        licence="MIT",
        training={"degradation": DEGRADATION},
        planes=1,
        size=(SIDE, SIDE),
        noise={"perception": 1},
        classes=CLASSES,
        judges=("clean", "on-fidelity", "clean-features"),
    )
    masks = block_masks()
    means = masks / BLOCK**2
    painted = masks / STEPS
    parts = {
        TABLES: tables.to_bytes(),
        ENCODER: _network("Conv", means * STEPS),
        decoder_part("fidelity"): _network("ConvTranspose", painted),
        decoder_part("perception"): _network(
            "ConvTranspose", np.concatenate([painted, np.full((1, 1, SIDE, SIDE), 0.05)])
        ),
        judge_part("clean"): _network("Conv", 10 * means[:10], flat=True),
        judge_part("on-fidelity"): _network("Conv", 30 * means[:10], flat=True),
        judge_part("clean-features"): _network("Conv", means, flat=True),
    }
    return pack(card, parts)


def block_masks() -> np.ndarray:
    """The 16 blocks as pictures of ones and zeros, (16, 1, 28, 28)."""
    masks = np.zeros((BLOCKS, 1, SIDE, SIDE))
    for number in range(BLOCKS):
        top, left = BLOCK * (number // 4), BLOCK * (number % 4)
        masks[number, 0, top : top + BLOCK, left : left + BLOCK] = 1
    return masks


def toy_digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Clean pictures (N, 28, 28, 1) uint8 of the classes 0, 1, ... in turn, and their labels; no two alike."""
    labels = np.arange(count) % 10
    grays = 255 - 3 * (np.arange(count) // 10)
    images = block_masks()[labels].transpose(0, 2, 3, 1) * grays[:, None, None, None]
    return images.astype(np.uint8), labels.astype(np.int64)


def _network(operator: str, kernel: np.ndarray, flat: bool = False) -> bytes:
    nodes = [helper.make_node(operator, ["in", "kernel"], ["wide" if flat else "out"])]
    if flat:
        nodes.append(helper.make_node("Flatten", ["wide"], ["out"]))
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(kernel.astype(np.float32), "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
