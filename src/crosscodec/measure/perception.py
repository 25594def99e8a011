"""How far a set of pictures is from a set of clean ones as a whole, whichever picture belongs to which.

    pictures (N, H, W, C)  ─► directions ─► sorted projections ─► sliced_wasserstein
    features (N, D)        ─► mean, covariance                 ─► frechet_distance
    pictures               ─► differences of neighbours        ─► sharpness

None of them knows the critic that a perception decoder was trained against: a check from outside.
"""

import math

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError
from crosscodec.randomness import draw_normal

Floats = NDArray[np.float32] | NDArray[np.float64]

_STREAM = "measure/directions"
_ROWS = 4096  # pictures projected at a time: float64 copies stay small


def sliced_wasserstein(a: Floats, b: Floats, projections: int = 256, seed: int = 0) -> float:
    """Sliced 2-Wasserstein distance of two sets of pictures: root of the mean of W2^2 over random directions.

    Bonneel et al. 2015. Directions are uniform on the unit sphere of the H·W·C pixels, a function of `seed`. The square
    is on the scale of a mean squared error a pixel: a shift of every pixel by s gives about s, and it is at most
    W2^2 / (H·W·C) on average over directions. `a` (N, H, W, C) and `b` (M, H, W, C) floats; N and M may differ, the
    one-dimensional distances are exact. UsageError: other shapes, values that are not finite, no direction.
    """
    first, second = _flat(a), _flat(b)
    if a.shape[1:] != b.shape[1:]:
        raise UsageError(f"pictures of one shape are compared, not {a.shape[1:]} and {b.shape[1:]}")
    if projections < 1:
        raise UsageError(f"sliced distances need at least one projection, not {projections}")
    directions = draw_normal(seed, _STREAM, 0, (projections, first.shape[1])).T
    directions /= np.linalg.norm(directions, axis=0)
    squares = squared_wasserstein(_projected(first, directions), _projected(second, directions))
    return float(np.sqrt(np.mean(squares)))


def squared_wasserstein(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exact W2^2 of empirical laws on the line, column by column: (N, P) and (M, P) give (P,).

    Integral over u in 0..1 of the squared difference of the two quantile functions (Villani 2003, section 2.2), both of
    them steps: of sorted samples for N = M, over the union of the steps otherwise.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or 0 in (*a.shape, *b.shape):
        raise UsageError(f"samples (N, P) and (M, P) of one P are compared, not {a.shape} and {b.shape}")
    low, high = np.sort(a, axis=0), np.sort(b, axis=0)
    n, m = len(low), len(high)
    if n == m:
        return np.asarray(np.mean((low - high) ** 2, axis=0), np.float64)
    # Steps end at i/n and j/m; counted in units of 1/(n m) they are whole, and no step is lost to rounding.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    widths = np.diff(ends, prepend=0) / (n * m)
    return np.asarray(widths @ (low[(ends - 1) // m] - high[(ends - 1) // n]) ** 2, np.float64)


def frechet_distance(features_a: Floats, features_b: Floats) -> float:
    """Squared Fréchet distance of the Gaussians with the features' means and covariances (Dowson and Landau 1982).

    |mu_a - mu_b|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2), covariances over N - 1; the "FID" of Heusel et al. 2017 when
    the features are Inception's, which they are not here. Features (N, D) and (M, D) with N, M >= 2, finite, otherwise
    UsageError.
    """
    first, second = _features(features_a), _features(features_b)
    if first.shape[1] != second.shape[1]:
        raise UsageError(f"features of one length are compared, not {first.shape[1]} and {second.shape[1]}")
    shift = first.mean(axis=0) - second.mean(axis=0)
    a, b = _covariance(first), _covariance(second)
    # tr (A^1/2 B A^1/2)^1/2 is the sum of singular values of A^1/2 B^1/2: no root of a rounded eigenvalue near 0.
    cross = float(np.linalg.svd(_root(a) @ _root(b), compute_uv=False).sum())
    return max(0.0, float(shift @ shift + np.trace(a) + np.trace(b)) - 2.0 * cross)


def sharpness(images: Floats) -> float:
    """Mean length of the gradient, sqrt(dx^2 + dy^2) by forward differences, over pixels, channels and pictures.

    In units of the scale 0..1 a pixel; blur lowers it, noise raises it, so it says something beside the value of the
    clean pictures only. `images` (N, H, W, C) floats with H, W >= 2, otherwise UsageError.
    """
    _flat(images)
    if min(images.shape[1:3]) < 2:
        raise UsageError(f"a gradient needs 2 x 2 pixels or more, not {images.shape[1]} x {images.shape[2]}")
    total = math.fsum(_gradients(images[start : start + _ROWS]) for start in range(0, len(images), _ROWS))
    count, height, width, channels = images.shape
    return total / float(count * (height - 1) * (width - 1) * channels)


def _gradients(images: Floats) -> float:
    values = images.astype(np.float64)
    corner = values[:, :-1, :-1]
    return float(np.hypot(values[:, 1:, :-1] - corner, values[:, :-1, 1:] - corner).sum())


def _flat(pictures: Floats) -> Floats:
    if pictures.ndim != 4 or pictures.dtype.kind != "f" or 0 in pictures.shape:
        raise UsageError(f"a set of pictures is float (N, H, W, C), not {pictures.dtype} {pictures.shape}")
    if not np.isfinite(pictures).all():
        raise UsageError("the pictures hold values that are infinite or not a number")
    return pictures.reshape(len(pictures), -1)


def _projected(rows: Floats, directions: NDArray[np.float64]) -> NDArray[np.float64]:
    blocks = [rows[start : start + _ROWS].astype(np.float64) @ directions for start in range(0, len(rows), _ROWS)]
    return np.concatenate(blocks)


def _features(features: Floats) -> NDArray[np.float64]:
    if features.ndim != 2 or len(features) < 2 or features.shape[1] < 1:
        raise UsageError(f"features are (N, D) with N >= 2 and D >= 1, not {features.shape}")
    if not np.isfinite(features).all():
        raise UsageError("the features hold values that are infinite or not a number")
    return features.astype(np.float64)


def _covariance(features: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = features - features.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(features) - 1), np.float64)


def _root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The symmetric square root of a covariance; rounding may leave eigenvalues just below 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T, np.float64)
