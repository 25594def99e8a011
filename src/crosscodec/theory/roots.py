"""A bracketed root finder for arrays: one root per element, elements leave as they converge."""

from collections.abc import Callable

import numpy as np

from crosscodec.theory.arguments import Array

# Elements that are worked on together: few enough for their arrays to stay in the processor's cache.
_BLOCK = 16_384


def bracketed_root(
    function: Callable[..., Array], low: Array, high: Array, *arguments: Array, steps: int = 120, width: float = 4e-16
) -> Array:
    """Return x in [low, high] with ``function(x, *arguments) = 0``, elementwise.

    Chandrupatla's method (1997): inverse quadratic interpolation where it is safe, bisection elsewhere.
    An end at which the function is 0 is returned as it is; without a change of sign the end nearer to 0 is returned.

    Shapes: low, high and arguments broadcast; the function sees flat arrays of the elements still open.
    """
    spread = np.broadcast_arrays(np.asarray(low, dtype=np.float64), high, *arguments)
    shape, flat = spread[0].shape, [x.reshape(-1) for x in spread]
    answer = np.empty(flat[0].size)
    for start in range(0, answer.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        answer[block] = _block_root(function, [np.array(x[block], dtype=np.float64) for x in flat], steps, width)
    return answer.reshape(shape)


def _block_root(function: Callable[..., Array], block: list[Array], steps: int, width: float) -> Array:
    a, b, *extra = block
    fa, fb = function(a, *extra), function(b, *extra)
    answer = np.where(np.abs(fa) <= np.abs(fb), a, b)
    index = np.flatnonzero(fa * fb < 0)
    a, b, fa, fb = a[index], b[index], fa[index], fb[index]
    arguments_open = [x[index] for x in extra]
    c, fc, t = a.copy(), fa.copy(), np.full(index.shape, 0.5)
    for _ in range(steps):
        if index.size == 0:
            break
        x = a + t * (b - a)
        fx = function(x, *arguments_open)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        answer[index] = best
        smallest = (2 * width * np.abs(best) + 1e-300) / np.maximum(np.abs(b - a), 1e-300)
        keep = (smallest < 0.5) & (np.minimum(np.abs(fa), np.abs(fb)) > 0)
        t = _next_fraction(a, b, c, fa, fb, fc)
        t = np.clip(t, np.minimum(smallest, 0.5), 1 - np.minimum(smallest, 0.5))
        index, t = index[keep], t[keep]
        a, b, c, fa, fb, fc = a[keep], b[keep], c[keep], fa[keep], fb[keep], fc[keep]
        arguments_open = [y[keep] for y in arguments_open]
    return answer


def _next_fraction(a: Array, b: Array, c: Array, fa: Array, fb: Array, fc: Array) -> Array:
    """Return where between a and b to look next: interpolated where Chandrupatla's test allows, else the middle."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi = (a - b) / (c - b)
        phi = (fa - fb) / (fc - fb)
        safe = (phi * phi < xi) & ((1 - phi) * (1 - phi) < 1 - xi)
        quadratic = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return np.where(safe & np.isfinite(quadratic), quadratic, 0.5)
