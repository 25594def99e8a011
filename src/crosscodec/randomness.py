"""Counter-based random numbers that are the same on every machine: one draw is a function of (seed, stream, index).

    seed, stream ──SHA-256──► 128-bit key ─┐
                                           ├─► Philox4x64-10 ─► bits ─► uniform ─► normal
    index ───────────────────► counter ────┘                     └────► integers

Written for the dither and the shared seed of a coded file, and for the noise of a degraded picture. There is no state:
nothing depends on what was drawn before, on the batch, the worker or the number of threads, and a longer draw begins
with the shorter one. Bits, uniforms and integers are exact everywhere. Normals pass through a logarithm in the tails,
so that two C libraries may differ in the last place of a float64; nothing that a decoder needs for synchrony may be
built on them.
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError
from crosscodec.extras import load_module

Shape = int | Sequence[int]

_KEY_PREFIX = b"crosscodec/randomness/1\x00"
_WORD = 2**64
_HALF_WORD = np.uint64(32)
_LOW_HALF = np.uint64(2**32 - 1)
_UNIFORM_SHIFT = np.uint64(12)


def philox_key(seed: int, stream: str) -> tuple[int, int]:
    """The two 64-bit words of the Philox key that belongs to a seed and the name of a stream.

    First 16 bytes of SHA-256("crosscodec/randomness/1", a zero byte, seed as 8 little-endian bytes, stream in UTF-8),
    read as two little-endian words. `seed` lies in 0 .. 2^64 - 1, otherwise UsageError.
    """
    _require_word("seed", seed)
    digest = hashlib.sha256(_KEY_PREFIX + int(seed).to_bytes(8, "little") + stream.encode("utf-8")).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")


def draw_bits(seed: int, stream: str, index: int, count: int) -> NDArray[np.uint64]:
    """Draw `count` words of 64 random bits.

    Philox4x64-10 (Salmon et al. 2011) in NumPy's order: block b = 1, 2, … is the cipher of the counter words
    (b, 0, index, 0). Returns shape (count,), uint64. `index` lies in 0 .. 2^64 - 1, count >= 0, otherwise UsageError.
    """
    _require_word("index", index)
    if count < 0:
        raise UsageError(f"a draw of {count} words is not possible: count must be 0 or more")
    counter = np.array([0, 0, index, 0], np.uint64)
    generator = np.random.Philox(key=np.array(philox_key(seed, stream), np.uint64), counter=counter)
    words: NDArray[np.uint64] = generator.random_raw(int(count))
    return words


def draw_uniform(seed: int, stream: str, index: int, shape: Shape) -> NDArray[np.float64]:
    """Draw uniform numbers strictly between 0 and 1.

    The centres of 2^52 equal cells, (k + 1/2) 2^-52 with k the upper 52 bits of each word. One bit more could not be
    centred: (2^53 - 1/2) 2^-53 rounds to exactly 1 in float64. Exact on every machine. Returns float64 of the given
    shape, in C order.
    """
    words = draw_bits(seed, stream, index, _count(shape))
    centred = ((words >> _UNIFORM_SHIFT).astype(np.float64) + 0.5) * 2.0**-52
    return centred.reshape(shape)


def draw_normal(seed: int, stream: str, index: int, shape: Shape) -> NDArray[np.float64]:
    """Draw standard normal numbers, one word of bits each.

    Inverse distribution function of `draw_uniform`: |z| <= 8.3, and the i-th normal belongs to the i-th uniform.
    Returns float64 of the given shape, in C order.
    """
    # SciPy takes as long to load as the rest of an encoder, and coding a photo draws no normal numbers.
    normal: NDArray[np.float64] = load_module("scipy.special").ndtri(draw_uniform(seed, stream, index, shape))
    return normal


def draw_integers(seed: int, stream: str, index: int, shape: Shape, low: int, high: int) -> NDArray[np.int64]:
    """Draw integers in low .. high - 1.

    Upper half of the 128-bit product word × (high - low) (Lemire 2019, without rejection): every value has probability
    1/(high - low) up to 2^-64. Exact on every machine. Needs low < high, high - low <= 2^32 and both within
    int64, otherwise UsageError. Returns int64 of the given shape, in C order.
    """
    span = high - low
    if not 0 < span <= 2**32 or low < -(2**63) or high > 2**63:
        raise UsageError(f"integers from {low} to {high}: needs low < high, high - low <= 2**32 and both within int64")
    words = draw_bits(seed, stream, index, _count(shape))
    # 64 × 33 bits in two steps that cannot overflow: the carry of the lower half is added before the last shift.
    factor = np.uint64(span)
    carry = ((words & _LOW_HALF) * factor) >> _HALF_WORD
    offsets = ((words >> _HALF_WORD) * factor + carry) >> _HALF_WORD
    return (offsets.astype(np.int64) + np.int64(low)).reshape(shape)


def _count(shape: Shape) -> int:
    return shape if isinstance(shape, int) else math.prod(shape)


def _require_word(name: str, value: int) -> None:
    if not 0 <= value < _WORD:
        raise UsageError(f"{name} {value} is outside 0 .. 2**64 - 1")
