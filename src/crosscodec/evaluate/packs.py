"""Many small pictures in one coded file: written by one process, read by another for each decoder, kept on disk.

    degraded (N,H,W,C) ─► degraded.npy ─► [encoder process] ─► coded.xcd ─► [decoder process] ─► restored-NAME.npy

The pictures of a small set share one file, as its user would have it: a header each would cost more than they do.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.package import Package
from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.evaluate.children import decode_pack_in_child, encode_pack_in_child
from crosscodec.files import read_bytes, write_atomically

CODED = "coded.xcd"
_BATCH = 256

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PackCost:
    """What the pictures of a pack cost, each on average: bits by the model, of the payload and of the whole file on
    disk; `seconds` is for all of them together, pixels in memory to bytes in memory.
    """

    bits_model: float
    bits_payload: float
    bits_file: float
    file_bytes: int
    seconds: float


@dataclass(frozen=True, eq=False)
class RestoredPack:
    """The pictures of a pack from one decoder, float32 (N, H, W, planes) unrounded; `seconds` for all of them."""

    pictures: Floats
    seconds: float


def write_pack(degraded: Floats, package: str, folder: Path, seed: int = 0) -> PackCost:
    """Encode pictures, float32 (N, H, W, C), into coded.xcd of an existing folder, in a process of its own.

    `package` is a name or a path, `seed` that of the dither. Errors as in `codec.encode_arrays`.
    """
    source, coded = folder / "degraded.npy", folder / CODED
    sink = io.BytesIO()
    np.save(sink, np.ascontiguousarray(degraded), allow_pickle=False)
    write_atomically(source, sink.getvalue(), overwrite=True)
    try:
        written = encode_pack_in_child(package, source, coded, seed)
    finally:
        source.unlink(missing_ok=True)
    count, size = len(degraded), coded.stat().st_size
    return PackCost(
        bits_model=written.model_bits / count,
        bits_payload=8 * written.payload_bytes / count,
        bits_file=8 * size / count,
        file_bytes=size,
        seconds=written.seconds,
    )


def read_pack(package: str, folder: Path, decoder: str, keep: bool = False) -> RestoredPack:
    """Decode coded.xcd of a folder in a process of its own; with `keep`, restored-NAME.npy stays beside it.

    Errors as in `codec.decode_arrays`.
    """
    target = folder / f"restored-{decoder}.npy"
    try:
        read = decode_pack_in_child(package, folder / CODED, target, decoder)
        pictures = np.load(io.BytesIO(read_bytes(target)), allow_pickle=False)
    finally:
        if not keep:
            target.unlink(missing_ok=True)
    return RestoredPack(pictures, read.seconds)


def with_planes(images: Floats, planes: int) -> Floats:
    """Pictures (N, H, W, C) with the channels of a package's networks: gray ones are repeated for three planes.

    UnsupportedData when three channels meet one plane.
    """
    if images.ndim != 4 or images.shape[3] not in (1, 3):
        raise UsageError(f"a set of pictures is (N, H, W, C) with C = 1 or 3, not {images.shape}")
    if images.shape[3] == planes:
        return images
    if images.shape[3] == 3:
        raise UnsupportedData("pictures of three channels do not go through networks of one plane")
    return np.broadcast_to(images, (*images.shape[:3], planes))


def judge_outputs(package: Package, judge: str, images: Floats) -> NDArray[np.float64]:
    """What a judge of the package says of pictures (N, H, W, C) in 0..1: float64 (N, K), logits or features.

    UsageError for a judge that the package does not have.
    """
    graph = package.judge(judge)
    ready = with_planes(images, package.card.planes)
    starts = range(0, len(ready), _BATCH)
    batches = [np.ascontiguousarray(ready[start : start + _BATCH].transpose(0, 3, 1, 2)) for start in starts]
    outputs = [graph(batch.astype(np.float32, copy=False)) for batch in batches]
    return np.concatenate([output.reshape(len(output), -1) for output in outputs]).astype(np.float64)
