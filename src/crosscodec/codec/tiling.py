"""Networks over pictures of any size in bounded memory: overlapping tiles whose overlap covers what the network sees.

Inside a tile's core the result is that of the whole picture (to the last bits of float32), because the halo is at
least the receptive field and tile edges that are picture edges stay picture edges. Memory is that of one tile plus
the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.graph import Graph

CORE = 1024  # pixels along one side of a tile's core; a multiple of every block size


@dataclass(frozen=True)
class Span:
    """One tile along one axis, in latent positions: the core and the core with its halo."""

    start: int
    stop: int
    outer_start: int
    outer_stop: int


def spans(length: int, core: int, halo: int) -> Iterator[Span]:
    """Cut ``length`` positions into cores with halos clipped at the ends."""
    for start in range(0, length, core):
        stop = min(start + core, length)
        yield Span(start, stop, max(0, start - halo), min(length, stop + halo))


def analyse_tiled(graph: Graph, picture: NDArray[np.float32], block: int, halo: int) -> NDArray[np.float32]:
    """Latents (C, H/block, W/block) of a picture (3, H, W) whose sides are multiples of ``block``."""
    rows, columns = picture.shape[1] // block, picture.shape[2] // block
    latents: NDArray[np.float32] | None = None
    for v in spans(rows, CORE // block, -(-halo // block)):
        for h in spans(columns, CORE // block, -(-halo // block)):
            tile = picture[
                :, v.outer_start * block : v.outer_stop * block, h.outer_start * block : h.outer_stop * block
            ]
            result = graph(np.ascontiguousarray(tile[None]))[0]
            if latents is None:
                latents = np.empty((result.shape[0], rows, columns), np.float32)
            latents[:, v.start : v.stop, h.start : h.stop] = _core(result, v, h, 1)
    assert latents is not None, "a picture has at least one block"
    return latents


def synthesise_tiled(graph: Graph, symbols: NDArray[np.int32], block: int, halo: int) -> NDArray[np.uint8]:
    """A picture (3, H, W) of bytes from symbols (C, h, w)."""
    rows, columns = symbols.shape[1], symbols.shape[2]
    picture = np.empty((3, rows * block, columns * block), np.uint8)
    for v in spans(rows, CORE // block, -(-halo // block)):
        for h in spans(columns, CORE // block, -(-halo // block)):
            tile = symbols[:, v.outer_start : v.outer_stop, h.outer_start : h.outer_stop]
            result = graph(tile[None].astype(np.float32))[0]
            core = _core(result, v, h, block)
            bytes_of_core = np.round(np.clip(core, 0, 1) * np.float32(255)).astype(np.uint8)
            picture[:, v.start * block : v.stop * block, h.start * block : h.stop * block] = bytes_of_core
    return picture


def _core(result: NDArray[np.float32], v: Span, h: Span, block: int) -> NDArray[np.float32]:
    """The core of a tile's result, ``block`` result samples to a latent position."""
    top, left = (v.start - v.outer_start) * block, (h.start - h.outer_start) * block
    return result[:, top : top + (v.stop - v.start) * block, left : left + (h.stop - h.start) * block]
