"""Minimum entropy coupling: a joint law of given marginals with the least entropy, and how far from it we may be.

    greedy    largest with largest (Kocaoglu et al. 2017), any number of marginals, n log n
    exact     branch and bound over the vertices of the transport polytope, two small marginals
    bounds    meet in the majorisation lattice (Cicalese et al. 2019), profile (Compton et al. 2023)

Section 8 of the theory page.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crosscodec.errors import UsageError
from crosscodec.theory import tradeoff as limits
from crosscodec.theory.arguments import Array, choice, distribution
from crosscodec.theory.coupling.search import least_entropy_vertex
from crosscodec.theory.entropy import entropy
from crosscodec.theory.tradeoff import Tradeoff

METHODS = ("auto", "greedy", "exact")
# Vertices of larger polytopes take too long.
LARGEST_EXACT = 9


@dataclass(frozen=True, eq=False)
class SparseCoupling:
    """A joint law by its atoms: ``places`` (k, m) states of the m marginals, ``masses`` (k,)."""

    places: NDArray[np.intp]
    masses: Array
    sizes: tuple[int, ...]

    @property
    def entropy(self) -> float:
        """Joint entropy in bits."""
        return float(entropy(self.masses))

    @property
    def table(self) -> Array:
        """The joint law as a dense array of shape `sizes`."""
        table = np.zeros(self.sizes)
        np.add.at(table, tuple(self.places.T), self.masses)
        return table

    def marginal(self, which: int) -> Array:
        """Return one marginal.

        Sums of atoms; equals what was asked for up to rounding.
        """
        counted = np.bincount(self.places[:, which], weights=self.masses, minlength=self.sizes[which])
        return np.asarray(counted, dtype=np.float64)


def minimum_entropy_coupling(
    *marginals: ArrayLike | Sequence[ArrayLike], method: str = "auto"
) -> Tradeoff[SparseCoupling]:
    """Return a coupling of the marginals of small joint entropy (bits), with a certified gap.

    Section 8. Pass two or more probability vectors, or one list of them. "auto" is exact for two marginals of together
    at most 9 states, greedy otherwise; greedy is within 0.53 bit for two marginals.
    """
    choice("method", method, METHODS)
    given: Iterable[Any] = marginals
    if len(marginals) == 1 and isinstance(marginals[0], Iterable):
        given = marginals[0]
    laws = [distribution(f"marginal {i + 1}", law) for i, law in enumerate(given)]
    if len(laws) < 2:
        raise UsageError("a coupling needs at least two marginals")
    small = len(laws) == 2 and laws[0].size + laws[1].size <= LARGEST_EXACT
    if method == "exact" and not small:
        raise UsageError(f"the exact search takes two marginals of together at most {LARGEST_EXACT} states")
    plan = greedy_coupling(laws)
    bound, status = lower_bound(laws), "greedy"
    if small and method != "greedy":
        places, masses = least_entropy_vertex(laws[0], laws[1], plan.places, plan.masses)
        plan = SparseCoupling(places, masses, plan.sizes)
        bound, status = plan.entropy, "exact"
    gap = max(0.0, plan.entropy - bound)
    code = np.asarray(limits.TRANSPORT, dtype=np.int8)
    return Tradeoff(plan.entropy, True, plan, code, (), gap, status, gap <= 1e-9)


def greedy_coupling(laws: list[Array]) -> SparseCoupling:
    """Return the greedy coupling: match the largest remaining masses, remove the least of them, repeat.

    Kocaoglu et al. 2017; any number of marginals, at most sum of sizes - m + 1 atoms.
    """
    heaps = [[(-float(mass), place) for place, mass in enumerate(law) if mass > 0] for law in laws]
    for heap in heaps:
        heapq.heapify(heap)
    places: list[list[int]] = []
    masses: list[float] = []
    if len(heaps) == 2:
        _greedy_pair(heaps[0], heaps[1], places, masses)
    else:
        while all(heaps):
            step = -max(heap[0][0] for heap in heaps)
            places.append([heap[0][1] for heap in heaps])
            masses.append(step)
            for heap in heaps:
                left = heap[0][0] + step
                if left < 0:
                    heapq.heapreplace(heap, (left, heap[0][1]))
                else:
                    heapq.heappop(heap)
    atoms = np.array(masses)
    return SparseCoupling(np.array(places, dtype=np.intp), atoms / atoms.sum(), tuple(law.size for law in laws))


def _greedy_pair(
    first: list[tuple[float, int]], second: list[tuple[float, int]], places: list[list[int]], masses: list[float]
) -> None:
    """The same loop for two marginals, where it is worth being fast: one heap operation on either side."""
    replace, pop = heapq.heapreplace, heapq.heappop
    while first and second:
        (p, i), (q, j) = first[0], second[0]
        places.append([i, j])
        if p < q:
            masses.append(-q)
            replace(first, (p - q, i))
            pop(second)
        elif q < p:
            masses.append(-p)
            replace(second, (q - p, j))
            pop(first)
        else:
            masses.append(-p)
            pop(first)
            pop(second)


def lower_bound(laws: list[Array]) -> float:
    """Return a lower bound on the entropy of every coupling, in bits: the better of meet and profile.

    Section 8. A coupling refines each marginal, so it is majorised by their meet; and every atom lies inside one state
    of each marginal, so the law of atom sizes is dominated by the largest of the marginals' size profiles.
    """
    return max(_meet_bound(laws), _profile_bound(laws))


def _meet_bound(laws: list[Array]) -> float:
    longest = max(law.size for law in laws)
    sums = [np.cumsum(np.pad(np.sort(law)[::-1], (0, longest - law.size))) for law in laws]
    return float(entropy(np.maximum(np.diff(np.min(sums, axis=0), prepend=0.0), 0)))


def _profile_bound(laws: list[Array]) -> float:
    """``E log2 1/size`` under the pointwise largest of ``x -> mass of states of size at most x``."""
    sizes = np.unique(np.concatenate([law[law > 0] for law in laws]))
    profiles = []
    for law in laws:
        ordered = np.sort(law)
        mass = np.concatenate([[0.0], np.cumsum(ordered)])
        profiles.append(mass[np.searchsorted(ordered, sizes, side="right")])
    largest = np.max(profiles, axis=0)
    return float(np.diff(largest, prepend=0.0) @ -np.log2(sizes))
