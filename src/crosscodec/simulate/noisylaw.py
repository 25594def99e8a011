"""The law of Z + N: a standard normal and the error of a dithered quantiser, which does not depend on it.

    Z ~ N(0,1)    N: constant density between edges, symmetric    V = Z + N ─┬─ P(V <= v) ─► normal output T(V)
                                                                             └─ E(Z | V) ─► correlation of Z and T(V)

A dither that is uniform over a period of the quantiser makes the error independent of the source (Zamir & Feder 1992),
so that everything a code needs is an integral over one number. All of it is computed at v <= 0 and mirrored: no digits
are lost in the upper tail.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

REACH = 8.5  # standard deviations of the source that a code covers; the rest, 2e-17, is cut to this
_POINTS = 2**15


@dataclass(frozen=True, eq=False)
class NoisyNormal:
    """Z + N in standard deviations of Z: the error N has probability ``masses[i]`` between ``edges[i]``, ``[i+1]``."""

    edges: Floats
    masses: Floats

    @property
    def reach(self) -> float:
        """The largest |V| of a source within `REACH`."""
        return float(REACH + self.edges[-1])

    @property
    def variance(self) -> float:
        """E V^2."""
        low, high = self.edges[:-1], self.edges[1:]
        return float(1 + self.masses @ (low * low + low * high + high * high) / 3)

    def below(self, v: Floats) -> Floats:
        """P(V <= v) at v <= 0, shape (n,)."""
        return self._sum(lambda low, high: (_integral(v - low) - _integral(v - high)) / (high - low), v)

    def density(self, v: Floats) -> Floats:
        """Density of V at v <= 0, shape (n,)."""
        return self._sum(lambda low, high: (ndtr(v - low) - ndtr(v - high)) / (high - low), v)

    def moment(self, v: Floats) -> Floats:
        """Density of V times E(Z | V = v), at v <= 0, shape (n,)."""
        return self._sum(lambda low, high: (_normal(v - high) - _normal(v - low)) / (high - low), v)

    def _sum(self, term: Callable[[float, float], Floats], v: Floats) -> Floats:
        total = np.zeros_like(v)
        for low, high, mass in zip(self.edges[:-1], self.edges[1:], self.masses, strict=True):
            total += mass * term(low, high)
        return total

    def normal_map(self) -> "NormalMap":
        """The increasing map that makes V standard normal, and what it keeps of Z."""
        v = np.linspace(-self.reach, 0.0, _POINTS)
        values = ndtri(np.maximum(self.below(v), np.finfo(np.float64).tiny))
        values[-1] = 0.0
        correlation = 2 * np.trapezoid(self.moment(v) * values, v)
        return NormalMap(v, values, float(correlation))


@dataclass(frozen=True, eq=False)
class NormalMap:
    """T(v) = Phi^-1(P(V <= v)) at points v <= 0, an odd function; ``correlation`` is that of Z and T(V)."""

    points: Floats
    values: Floats
    correlation: float

    def __call__(self, v: Floats) -> Floats:
        """T at v (n,): linear between the points, which errs by less than 1e-5."""
        return -np.sign(v) * np.interp(-np.abs(v), self.points, self.values)


def _integral(z: Floats) -> Floats:
    """The integral of the normal distribution function from minus infinity to z."""
    return np.asarray(z * ndtr(z) + _normal(z))


def _normal(z: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))
