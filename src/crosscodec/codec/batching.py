"""Networks over many pictures of one size, some hundreds at a time: memory is that of one batch plus the result."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.blend import Blend
from crosscodec.codec.card import PackageCard
from crosscodec.codec.mirrored import Network
from crosscodec.errors import CorruptData

BATCH = 256  # pictures that a network is given at a time


def slices(count: int) -> Iterator[slice]:
    """Cut ``count`` pictures into batches."""
    yield from (slice(start, stop) for start, stop in pairwise([*range(0, count, BATCH), count]))


def analyse_batches(graph: Network, planes: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Latents (C,N) of pictures (N,P,H,W), C being ``channels``.

    Raises CorruptData when the network gives something else than (B,C,1,1).
    """
    latents = np.empty((channels, len(planes)), np.float32)
    for batch in slices(len(planes)):
        result = graph(np.ascontiguousarray(planes[batch]))
        _require_shape("encoder", result, (batch.stop - batch.start, channels, 1, 1))
        latents[:, batch] = result[:, :, 0, 0].T
    return latents


def synthesise_batches(
    blend: Blend, values: NDArray[np.float32], pictures: Sequence[int], card: PackageCard
) -> Iterator[NDArray[np.float32]]:
    """Planes (B,P,H,W), unrounded, batch after batch, from values (C,N) that belong to these N pictures of a file.

    Raises CorruptData when the network gives planes of another shape than its card says.
    """
    for batch in slices(len(pictures)):
        inputs = np.ascontiguousarray(values[:, batch].T)[:, :, np.newaxis, np.newaxis]
        planes = blend(inputs, pictures[batch])
        _require_shape(f"decoder {blend.name}", planes, (len(inputs), card.planes, *(card.size or ())))
        yield planes


def _require_shape(network: str, result: NDArray[np.float32], expected: tuple[int, ...]) -> None:
    if result.shape != expected:
        raise CorruptData(f"the {network} of the package gives shape {result.shape}; its card says {expected}")
