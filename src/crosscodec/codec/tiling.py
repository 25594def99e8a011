"""Networks over pictures of any size in bounded memory: overlapping tiles whose overlap covers what the network sees.

Inside a tile's core the result is that of the whole picture (to the last bits of float32), because the halo is at
least the receptive field and tile edges that are picture edges stay picture edges. Memory is that of one tile plus
the result.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from crosscodec.codec.mirrored import Network
from crosscodec.codec.pictures import to_bytes
from crosscodec.codec.samples import Samples

CORE = 1024  # pixels along one side of a tile's core; a multiple of every block size


class Planes(Protocol):
    """An array (P, H, W), or what gives pieces of one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Planes, height, width."""
        ...

    def __getitem__(self, window: tuple[slice, slice, slice], /) -> NDArray[np.float32]:
        """The planes in a window."""
        ...


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


def analyse_tiled(
    graph: Network,
    picture: Planes,
    block: int,
    halo: int,
    finish: Callable[[NDArray[np.float32]], NDArray[Any]] = np.asarray,
) -> NDArray[Any]:
    """Latents (C, H/block, W/block) of a picture (P, H, W) whose sides are multiples of ``block``.

    What is kept of the latents of a tile is ``finish`` of them, of the same shape: symbols, for instance.
    """
    rows, columns = picture.shape[1] // block, picture.shape[2] // block
    latents: NDArray[Any] | None = None
    for v in spans(rows, CORE // block, -(-halo // block)):
        for h in spans(columns, CORE // block, -(-halo // block)):
            tile = picture[
                :, v.outer_start * block : v.outer_stop * block, h.outer_start * block : h.outer_stop * block
            ]
            core = finish(_core(graph(np.ascontiguousarray(tile[None]))[0], v, h, 1))
            if latents is None:
                latents = np.empty((len(core), rows, columns), core.dtype)
            latents[:, v.start : v.stop, h.start : h.stop] = core
    assert latents is not None, "a picture has at least one block"
    return latents


def as_floats(symbols: NDArray[np.int32]) -> NDArray[np.float32]:
    """What a decoder of one quality is given for symbols: the same numbers."""
    return symbols.astype(np.float32)


def synthesise_tiled(
    network: Network,
    symbols: NDArray[np.int32],
    block: int,
    halo: int,
    dither: NDArray[np.float32] | None = None,
    planes: int = 3,
    values: Callable[[NDArray[np.int32]], NDArray[np.float32]] = as_floats,
    finish: Callable[[NDArray[np.float32]], Samples] = to_bytes,
) -> Samples:
    """A picture (planes, H, W) from symbols (C, h, w) and what dither (C, h, w) adds to them.

    ``values`` makes of a tile's symbols what the network is given, ``finish`` samples of what it gives: bytes unless
    told otherwise.
    """
    rows, columns = symbols.shape[1], symbols.shape[2]
    picture: Samples | None = None
    for v in spans(rows, CORE // block, -(-halo // block)):
        for h in spans(columns, CORE // block, -(-halo // block)):
            outer = np.s_[:, v.outer_start : v.outer_stop, h.outer_start : h.outer_stop]
            tile = values(symbols[outer])
            result = network((tile if dither is None else tile + dither[outer])[np.newaxis])[0]
            core = finish(_core(result, v, h, block))
            if picture is None:
                picture = np.empty((planes, rows * block, columns * block), core.dtype)
            picture[:, v.start * block : v.stop * block, h.start * block : h.stop * block] = core
    assert picture is not None, "a picture has at least one block"
    return picture


def _core(result: NDArray[np.float32], v: Span, h: Span, block: int) -> NDArray[np.float32]:
    """The core of a tile's result, ``block`` result samples to a latent position."""
    top, left = (v.start - v.outer_start) * block, (h.start - h.outer_start) * block
    return result[:, top : top + (v.stop - v.start) * block, left : left + (h.stop - h.start) * block]
