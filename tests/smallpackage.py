"""The toy package of small pictures: four means of a quarter of the picture each, and their way back.

    (B,P,6,8) ─► means of the quarters x 8 = latent (B,4,1,1) ─► - u, round ─► 0 … 8 ─► + u' ─► / 8 ─► (B,P,6,8)

Decoder "perception" adds noise / 4 to each quarter, and is a tenth brighter so that it differs without noise too. The
judge "clean" tells dark from bright pictures by their mean.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from crosscodec.bitstream.contexts import ContextLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.codec.package import CONTEXTS, ENCODER, TABLES, DitherCard, PackageCard, decoder_part, judge_part, pack

SIZE = (6, 8)
STEPS = 8  # latents count in 1/8 of the scale 0..1
CHANNELS = 4


def small_package_bytes(
    dither: DitherCard | None = None, noise: int = 0, planes: int = 1, name: str = "small", levels: bool = True
) -> bytes:
    """The bytes of a whole package; ``noise`` is 0 or 4 normal numbers for the decoder "perception"."""
    contexts = dither.levels if dither and dither.common else 1
    card = PackageCard(
        name=name,
        task="quarters, for tests",
        degradation="noise:25",
        training_data=("none",),
        channels=("gray",) if planes == 1 else ("gray", "rgb"),
        block=1,
        halo=0,
        decoders=("fidelity", "perception"),
        licence="MIT",
        planes=planes,
        size=SIZE,
        levels=(STEPS + 1,) * CHANNELS if levels else None,
        dither=dither,
        noise={"perception": noise} if noise else {},
        classes=("dark", "bright"),
        judges=("clean",),
    )
    layout = ContextLayout(contexts, (1,) * CHANNELS, ((),) * CHANNELS, ((),) * CHANNELS)
    parts = {
        ENCODER: _network("Conv", _quarters(planes) * (STEPS / (planes * 12))),
        decoder_part("fidelity"): _network("ConvTranspose", _quarters(planes) / STEPS),
        decoder_part("perception"): _network("ConvTranspose", _perception(planes, noise)),
        judge_part("clean"): _judge(planes),
        TABLES: _tables(contexts).to_bytes(),
        CONTEXTS: layout.to_bytes(),
    }
    return pack(card, parts)


def quarters(image: np.ndarray) -> np.ndarray:
    """Means (4,) of the quarters of a picture (6,8), from left to right and from top to bottom."""
    return np.array([image[i : i + 3, j : j + 4].mean() for i in (0, 3) for j in (0, 4)])


def _tables(contexts: int) -> FrequencyTables:
    """Symbols 0 … 8 of each channel; in context k the symbols with the remainder k are likelier."""
    rows = [np.where(np.arange(STEPS + 1) % contexts == k, 3, 1) for _ in range(CHANNELS) for k in range(contexts)]
    return FrequencyTables.from_counts(rows, [0] * len(rows))


def _quarters(planes: int) -> np.ndarray:
    kernel = np.zeros((CHANNELS, planes, *SIZE), np.float32)
    for c in range(CHANNELS):
        top, left = 3 * (c // 2), 4 * (c % 2)
        kernel[c, :, top : top + 3, left : left + 4] = 1
    return kernel


def _perception(planes: int, noise: int) -> np.ndarray:
    own = _quarters(planes) * np.float32(1.1 / STEPS)
    return np.concatenate([own, _quarters(planes)[:noise] / 4])


def _network(operator: str, kernel: np.ndarray) -> bytes:
    """One convolution over the whole picture (operator "Conv"), or its way back (operator "ConvTranspose")."""
    node = helper.make_node(operator, ["in", "kernel"], ["out"])
    given, planes = len(kernel), kernel.shape[1]
    latent, picture = [given, 1, 1], [planes, *SIZE]
    return _model([node], kernel, *((picture, latent) if operator == "Conv" else (latent, picture)))


def _judge(planes: int) -> bytes:
    """Numbers for dark and for bright: 0 and 10 (mean - 1/2)."""
    kernel = np.stack([np.zeros((planes, *SIZE)), np.full((planes, *SIZE), 10 / (48 * planes))]).astype(np.float32)
    shift = numpy_helper.from_array(np.array([0, -5], np.float32), "shift")
    nodes = [
        helper.make_node("Conv", ["in", "kernel", "shift"], ["logits"]),
        helper.make_node("Flatten", ["logits"], ["out"]),
    ]
    return _model(nodes, kernel, [planes, *SIZE], [2], shift)


def _model(nodes: list, kernel: np.ndarray, taken: list[int], given: list[int], *more: TensorProto) -> bytes:
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, ["batch", *taken])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", *given])],
        [numpy_helper.from_array(kernel.astype(np.float32), "kernel"), *more],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
