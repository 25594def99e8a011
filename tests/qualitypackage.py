"""The toy package of several qualities: a 4 x 4 cosine transform and its way back, and eight anchors.

    picture ─► cosine transform of each plane = coefficients (1,48,h,w) ─► gain, dead zone, round ─► symbols
    symbols x step, and a channel of quality / 100 ─► transform back, + glow x quality / 100 ─► picture

Channel 3 f + p holds frequency f of plane p. Decoder "perception" is a tenth darker. The encoder "best", if there is
one, mixes a little of the blocks around into each block.
"""

from dataclasses import replace

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from crosscodec.bitstream.contexts import ContextLayout, Source
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
from crosscodec.codec.card import GRAINS
from crosscodec.codec.package import (
    CHOICE,
    ENCODER,
    QUALITIES,
    PackageCard,
    Qualities,
    QualityCard,
    contexts_part,
    decoder_part,
    encoder_part,
    pack,
    tables_part,
)

BLOCK = 4
CHANNELS = 3 * BLOCK**2
ANCHORS = (0, 10, 24, 40, 54, 70, 84, 100)  # 5, 17, 32, 47, 62, 77 and 92 are as far from one as from the next
DEFAULT = 55
FINEST = 60.0  # symbols on the scale 0..1 at quality 100; a fifteenth of that at 0
DEAD = 0.3  # at quality 0; none at 100


def quality_card(name: str = "steps", best: bool = False) -> PackageCard:
    """The card of the package, with or without the encoder "best"."""
    return PackageCard(
        name=name,
        task="cosines, for tests",
        degradation="noise:25",
        training_data=("none",),
        channels=("gray", "rgb"),
        block=BLOCK,
        halo=0,
        decoders=("fidelity", "perception"),
        licence="MIT",
        qualities=QualityCard(ANCHORS, DEFAULT),
        encoders={"best": BLOCK} if best else {},
    )


def toy_qualities() -> Qualities:
    """Gains that rise with quality and fall with frequency, and steps that are not quite their inverse."""
    falling = 1 / (1 + 0.1 * frequencies())
    share = np.array(ANCHORS)[:, np.newaxis] / 100
    gain = FINEST * 15 ** (share - 1) * falling
    dead = np.repeat(DEAD * (1 - share), CHANNELS, 1)
    return Qualities(ANCHORS, *(array.astype(np.float32) for array in (gain, dead, 1.01 / gain)))


def frequencies() -> np.ndarray:
    """The sum of horizontal and vertical frequency of each channel (C,)."""
    rows, columns = np.divmod(np.arange(BLOCK**2), BLOCK)
    return np.repeat(rows + columns, 3)


def entropy_model(anchor: int) -> EntropyModel:
    """Even odds for means; two-sided geometric laws for other frequencies, wider where the lowest of them are large."""
    layout = ContextLayout(2, (3, 6, CHANNELS - 9), ((), (), (Source(1, 1),)), ((), (), (20 + 8 * anchor,)))
    gain = toy_qualities().gain[anchor]
    counts, lows = [], []
    for channel in range(CHANNELS):
        for context in range(2):
            if channel < 3:
                counts.append(np.ones(int(BLOCK * gain[channel]) + 2))
                lows.append(0)
                continue
            reach = min(24, int(BLOCK * gain[channel]) + 2)
            width = 0.2 + gain[channel] * (0.02, 0.1)[context] / frequencies()[channel]
            counts.append(1e6 * np.exp(-np.abs(np.arange(-reach, reach + 1)) / width))
            lows.append(-reach)
    return EntropyModel(FrequencyTables.from_counts(counts, lows), layout)


def quality_parts(glow: float = 0.0, best: bool = False) -> dict[str, bytes]:
    """The parts of the package; ``glow`` is added to every sample in proportion to the level."""
    transform = cosines().reshape(CHANNELS, 3, BLOCK, BLOCK)
    back = np.concatenate([transform, np.full((1, 3, BLOCK, BLOCK), glow)])
    parts = {
        ENCODER: _network("Conv", transform),
        decoder_part("fidelity"): _network("ConvTranspose", back),
        decoder_part("perception"): _network("ConvTranspose", back * 0.9),
        QUALITIES: toy_qualities().to_bytes(),
    }
    if best:
        around = np.tile(0.01 * transform, (1, 1, 3, 3))
        around[:, :, BLOCK:-BLOCK, BLOCK:-BLOCK] = 0.9 * transform
        parts[encoder_part("best")] = _network("Conv", around, BLOCK)
    for anchor in range(len(ANCHORS)):
        model = entropy_model(anchor)
        parts |= {tables_part(anchor): model.tables.to_bytes(), contexts_part(anchor): model.layout.to_bytes()}
    return parts


def quality_package_bytes(glow: float = 0.0, name: str = "steps", best: bool = False) -> bytes:
    """The bytes of a whole package; the same bytes each time."""
    return pack(quality_card(name, best), quality_parts(glow, best))


def choosing_package_bytes(name: str = "steps", mosaic: bool = False) -> bytes:
    """The same package with both encoders, of which `auto` takes "best" where luma has noise: it costs 4 less the first
    of the numbers of the grain, the other one nothing. With ``mosaic``, in a package of format 9, it takes "best" where
    blue is coarser at some places of a mosaic than at others: it costs 4 less eight times the number that tells so.
    """
    weights = np.zeros((GRAINS[mosaic], 2), np.float32)
    weights[14 if mosaic else 0, 1] = -8 if mosaic else -1
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["grain", "weights", "costs"], ["out"])],
        "choice",
        [helper.make_tensor_value_info("grain", TensorProto.FLOAT, [1, len(weights)])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 2])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([0, 4], np.float32), "costs"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    card = replace(quality_card(name, best=True), automatic=("default", "best"), grain=GRAINS[mosaic])
    return pack(card, quality_parts(best=True) | {CHOICE: model.SerializeToString()})


def cosines() -> np.ndarray:
    """Orthonormal kernels (C,3,16): channel 3 f + p is frequency f of plane p."""
    places = np.arange(BLOCK)
    rows = np.cos(np.pi * np.outer(places, places + 0.5) / BLOCK) * np.sqrt(2 / BLOCK)
    rows[0] /= np.sqrt(2)
    pairs = np.einsum("ai,bj->abij", rows, rows).reshape(BLOCK**2, BLOCK**2)
    kernels = np.zeros((BLOCK**2, 3, 3, BLOCK**2))
    for plane in range(3):
        kernels[:, plane, plane] = pairs
    return kernels.reshape(CHANNELS, 3, BLOCK**2)


def _network(operator: str, kernel: np.ndarray, around: int = 0) -> bytes:
    graph = helper.make_graph(
        [helper.make_node(operator, ["in", "kernel"], ["out"], strides=[BLOCK, BLOCK], pads=[around] * 4)],
        "steps",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, [1, None, "height", "width"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, None, "rows", "columns"])],
        [numpy_helper.from_array(kernel.astype(np.float32), "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
