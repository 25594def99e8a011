"""The published heuristic for minimum entropy coupling with a bottleneck: what our own programs have to beat.

    X ──► T = g(X), H(T) <= R ──► Y ~ target        merge source symbols until T fits, then couple T and Y greedily

Ebrahimi, Chen and Khisti 2024, "Minimum Entropy Coupling with Bottleneck" (EBIM and its deterministic solver).
"""

from dataclasses import dataclass

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.coupling.minimum import greedy_coupling
from crosscodec.theory.entropy import entropy, mutual_information
from crosscodec.theory.finite.problem import FiniteProblem, MapMixture, Maps

# A bottleneck that is met with equality must not fail by rounding.
_SLACK = 1e-12


@dataclass(frozen=True, eq=False)
class BottleneckCoupling:
    """A map to T and a coupling of T and Y: ``cells`` (|X|,) is T at each x, ``joint`` P(t, y) of shape (|T|, |Y|)."""

    source: Array
    cells: Maps
    joint: Array

    @property
    def rate(self) -> float:
        """H(T) in bits."""
        return float(entropy(self.joint.sum(axis=1)))

    @property
    def channel(self) -> Array:
        """P(y|x), shape (|X|, |Y|)."""
        return np.asarray((self.joint / self.joint.sum(axis=1, keepdims=True))[self.cells])

    @property
    def information(self) -> float:
        """I(X;Y) in bits; X - T - Y with T a function of X, so it equals I(T;Y)."""
        return mutual_information(self.joint)

    def mixture(self, problem: FiniteProblem) -> MapMixture:
        """Return the same channel as a one-shot code: the common randomness draws Y from each cell by its quantile.

        Section 1: every map of the mixture is constant on the cells, so its rate is at most H(T).
        """
        quantiles = np.cumsum(self.joint / self.joint.sum(axis=1, keepdims=True), axis=1)[:, :-1]
        edges = np.unique(np.concatenate([[0.0, 1.0], np.clip(quantiles, 0, 1).ravel()]))
        weights = np.diff(edges)
        drawn = (edges[:-1] + weights / 2)[:, None, None] > quantiles
        return MapMixture(problem, drawn.sum(axis=2)[:, self.cells], weights)


def merged_coupling(source: Array, target: Array, rate: float) -> BottleneckCoupling:
    """Return the better of two greedy mergers, coupled greedily with the target: EBIM, then minimum entropy coupling.

    Ebrahimi et al. 2024: merge the pair that loses the least I(X;T) until H(T) <= rate (bits); or, as their solver
    does, the two largest, until merging the two smallest once is enough. ``source`` has positive entries only.
    """
    return max(merged_couplings(source, target, rate), key=lambda coupling: coupling.information)


def merged_couplings(source: Array, target: Array, rate: float) -> list[BottleneckCoupling]:
    """Return the couplings of both mergers.

    As `merged_coupling`; good places from which to climb further.
    """
    found = []
    for cells in (_merge_least(source, rate), _merge_largest(source, rate)):
        masses = np.asarray(np.bincount(cells, weights=source), dtype=np.float64)
        found.append(BottleneckCoupling(source, cells, greedy_coupling([masses, target]).table))
    return found


def _merge_least(source: Array, rate: float) -> Maps:
    """Merge the two smallest cells until T fits: the loss ``(p+q) h(p/(p+q))`` grows with p and with q."""
    cells, masses = np.arange(source.size), source.copy()
    while masses.size > 1 and float(entropy(masses)) > rate + _SLACK:
        first, second = np.argsort(masses, kind="stable")[:2]
        cells, masses = _merge(cells, masses, int(first), int(second))
    return cells


def _merge_largest(source: Array, rate: float) -> Maps:
    """Merge the two largest cells, each time trying first whether the two smallest would do."""
    cells, masses = np.arange(source.size), source.copy()
    while masses.size > 1 and float(entropy(masses)) > rate + _SLACK:
        order = np.argsort(masses, kind="stable")
        fine = _merge(cells, masses, int(order[0]), int(order[1]))
        if float(entropy(fine[1])) <= rate + _SLACK:
            return fine[0]
        cells, masses = _merge(cells, masses, int(order[-1]), int(order[-2]))
    return cells


def _merge(cells: Maps, masses: Array, first: int, second: int) -> tuple[Maps, Array]:
    """Return cells and masses with two cells made one; the last cell takes the number that becomes free."""
    keep, drop = min(first, second), max(first, second)
    last = masses.size - 1
    merged, renamed = masses.copy(), np.where(cells == drop, keep, cells)
    merged[keep] += merged[drop]
    merged[drop] = merged[last]
    return np.where(renamed == last, drop, renamed) if drop != last else renamed, merged[:last]
