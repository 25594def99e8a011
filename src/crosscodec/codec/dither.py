"""Latents to symbols and back, with or without dither.

    latent v ─► v - u ─► round ─► cut to levels ─► symbol q ─► coder ─► symbol q ─► q + u' ─► decoder network
                 ▲                                                           ▲
      seed ─► level k ─► u = (k + 1/2)/K - 1/2                       u' = u, or a draw of the decoder's own

Subtractive dither (Zamir & Feder 1992, "On universal quantization by randomized uniform/lattice quantizers"): with a
common seed the error q + u - v is at most half a step and, over the draw of u, uniform and independent of v up to the
K levels. Without common randomness the decoder knows no u and adds a u' of its own: the error then has three times the
variance, a quarter of a squared step (of latents spread over many steps), and reaches beyond a whole step. Levels are
exact integers (crosscodec.randomness), the same on every machine. docs/format.md, "Dither".
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.bitstream.contexts import Grid
from crosscodec.randomness import draw_integers

STREAM = "dither"  # of the encoder, and of a decoder that shares its seed
PRIVATE_STREAM = "dither/private"  # of a decoder that does not
SYMBOL_LIMIT = 1 << 20  # larger latents come from damaged or absurd input and are cut to this


def draw_levels(
    seed: int, stream: str, levels: int, channels: int, grids: Sequence[Grid], pictures: Iterable[int]
) -> NDArray[np.int64]:
    """Dither levels 0 … levels - 1 of every channel and position (C,N) of these pictures, one after the other.

    Picture i, counted within its file, takes draw i of the stream. docs/format.md, "Dither". UsageError for a seed
    outside 0 … 2^64 - 1.
    """
    drawn = [draw_integers(seed, stream, i, (channels, grids[i].rows * grids[i].columns), 0, levels) for i in pictures]
    return np.concatenate(drawn, axis=1) if drawn else np.empty((channels, 0), np.int64)


def offsets(drawn: NDArray[np.int64], levels: int) -> NDArray[np.float32]:
    """The dither u = (k + 1/2)/K - 1/2 of levels k, in steps: K centres of equal cells of -1/2 … 1/2.

    docs/format.md, "Dither".
    """
    return ((drawn + 0.5) / levels - 0.5).astype(np.float32)


def quantise(
    latents: NDArray[np.float32], dither: NDArray[np.float32] | None = None, levels: Sequence[int] | None = None
) -> NDArray[np.int32]:
    """Symbols rint(v - u) of latents (C,N), those of channel c cut to 0 … levels[c] - 1 where levels are given.

    docs/format.md, "Dither". Halves are rounded to even. Without ``levels`` symbols are cut to +-2^20.
    """
    symbols = np.rint(latents if dither is None else latents - dither)
    if levels is None:
        np.clip(symbols, -SYMBOL_LIMIT, SYMBOL_LIMIT, out=symbols)
    else:
        highest = np.array(levels, np.float32)[:, np.newaxis] - 1
        np.clip(symbols, 0, highest, out=symbols)
    return symbols.astype(np.int32)
