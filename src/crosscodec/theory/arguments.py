"""What may be passed to a trade-off function: checks that turn arguments into arrays or say what is wrong.

Every check takes the argument's name first, so that the message names what the caller wrote.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crosscodec.errors import UsageError

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

SUM_TOLERANCE = 1e-9


def numbers(name: str, value: ArrayLike) -> Array:
    """Return the value as a float64 array without NaN.

    House rule of the theory wing: an impossible parameter is an error, an unreachable limit is an answer.

    UsageError (a ValueError): the value is no number or contains NaN.
    """
    array = _floats(name, value)
    if np.isnan(array).any():
        raise UsageError(f"{name} contains NaN; give a number (use inf for 'no limit')")
    return array


def _floats(name: str, value: ArrayLike) -> Array:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be a number or an array of numbers, not {value!r}") from error


def finite(name: str, value: ArrayLike) -> Array:
    """Return the value as an array of finite numbers.

    Means, standard deviations and costs; limits may be infinite, parameters may not.
    """
    array = numbers(name, value)
    if not np.isfinite(array).all():
        raise UsageError(f"{name} must be finite")
    return array


def nonnegative(name: str, value: ArrayLike) -> Array:
    """Return the value as an array of numbers >= 0; infinity means 'no limit'.

    Rates, distortions, perception limits and label entropies of discrete labels.
    """
    array = _floats(name, value)
    # One test for the usual case: NaN fails it too.
    if not (array >= 0).all():
        raise UsageError(f"{name} must be at least 0, got {numbers(name, array).min():.6g}")
    return array


def probability(name: str, value: ArrayLike) -> Array:
    """Return the value as an array of probabilities.

    UsageError (a ValueError): a number outside [0, 1].
    """
    array = _floats(name, value)
    if not ((array >= 0) & (array <= 1)).all():
        numbers(name, array)
        worst = array.min() if (array < 0).any() else array.max()
        raise UsageError(f"{name} is a probability and must lie in [0, 1], got {worst:.6g}")
    return array


def distribution(name: str, value: ArrayLike) -> Array:
    """Return a probability vector, renormalised exactly.

    UsageError (a ValueError): not a vector, entries outside [0, 1], or a sum that is not 1 (to 1e-9).
    """
    array = probability(name, value)
    if array.ndim != 1 or array.size == 0:
        raise UsageError(f"{name} must be a vector of probabilities, got shape {array.shape}")
    return _normalised(name, array)


def joint_distribution(name: str, value: ArrayLike) -> Array:
    """Return a two-dimensional table of probabilities, renormalised exactly.

    UsageError (a ValueError): not a table, entries outside [0, 1], or a sum that is not 1 (to 1e-9).
    """
    array = probability(name, value)
    if array.ndim != 2 or array.size == 0:
        raise UsageError(f"{name} must be a table of probabilities P(s, x), shape (|S|, |X|), got shape {array.shape}")
    return _normalised(name, array)


def _normalised(name: str, array: Array) -> Array:
    total = float(array.sum())
    if abs(total - 1) > SUM_TOLERANCE:
        raise UsageError(f"{name} must sum to 1, its sum is {total:.9g}")
    return array / total


def matrix(name: str, value: ArrayLike, shape: tuple[int, int]) -> Array:
    """Return a finite matrix of exactly this shape.

    UsageError (a ValueError): another shape, or an entry that is not finite.
    """
    array = finite(name, value)
    if array.shape != shape:
        raise UsageError(f"{name} must have shape {shape}, got {array.shape}")
    return array


def distance(name: str, value: ArrayLike, points: int) -> Array:
    """Return a table of distances between this many points: at least 0, and 0 from each to itself.

    UsageError (a ValueError): another shape or number. A transport cost of anything else is no divergence: it is below
    0, or not 0 between a law and itself.
    """
    array = nonnegative(name, matrix(name, value, (points, points)))
    if np.diagonal(array).any():
        raise UsageError(
            f"{name} must be 0 from each point to itself, got {np.diagonal(array).max():.6g} on its diagonal"
        )
    return array


def covariance(name: str, value: ArrayLike) -> Array:
    """Return a symmetric positive semidefinite matrix.

    UsageError (a ValueError): not square, not symmetric (to 1e-9 of its size) or with a negative eigenvalue.
    """
    array = finite(name, value)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or array.size == 0:
        raise UsageError(f"{name} must be a square covariance matrix, got shape {array.shape}")
    size = float(np.abs(array).max())
    if np.abs(array - array.T).max() > 1e-9 * size:
        raise UsageError(f"{name} must be symmetric")
    symmetric = (array + array.T) / 2
    least = float(np.linalg.eigvalsh(symmetric)[0])
    if least < -1e-9 * max(size, np.finfo(float).tiny):
        raise UsageError(f"{name} must be positive semidefinite, its least eigenvalue is {least:.6g}")
    return symmetric


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return the word if it is one of those allowed.

    UsageError (a ValueError): another word; the message lists the right ones.
    """
    if value not in allowed:
        raise UsageError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return value


def same_shape(**arrays: Array) -> tuple[Array, ...]:
    """Broadcast the named arrays against each other.

    UsageError (a ValueError): shapes that do not broadcast; the message lists them.
    """
    try:
        shape = np.broadcast(*arrays.values()).shape
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise UsageError(f"these shapes do not broadcast together: {shapes}") from error
    return tuple(_spread(array, shape) for array in arrays.values())


def _spread(array: Array, shape: tuple[int, ...]) -> Array:
    """Return a read-only view in a shape; a single number, the usual case, without the overhead of numpy's function."""
    if array.shape == shape:
        return array
    if array.ndim:
        return np.broadcast_to(array, shape)
    view: Array = np.ndarray(shape, array.dtype, array, strides=(0,) * len(shape))
    view.flags.writeable = False
    return view


def shrunk(*arrays: Array) -> tuple[Array, ...]:
    """Return arrays of one shape, cut to length 1 along the axes on which none of them varies.

    What was broadcast (stride 0) needs computing once; `numpy.broadcast_to` spreads the answer again.
    """
    still = [all(array.strides[axis] == 0 for array in arrays) for axis in range(arrays[0].ndim)]
    # The ellipsis keeps arrays of no axes arrays.
    return tuple(array[(*(slice(0, 1) if flat else slice(None) for flat in still), ...)] for array in arrays)
