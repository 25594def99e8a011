"""The coupling of least entropy of two small marginals, by branch and bound over vertices.

Entropy is concave, so a vertex of the transport polytope is optimal; its support is a forest, and a forest has a leaf:
some pair of states shares the smaller of their masses, and what remains is a smaller problem of the same kind.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crosscodec.theory.arguments import Array

_DUST = 1e-14


@dataclass
class _Search:
    """The best vertex so far and the remainders seen, each with the least entropy spent to reach it."""

    best: float
    atoms: list[tuple[int, int, float]]
    seen: dict[tuple[tuple[float, ...], tuple[float, ...]], float] = field(default_factory=dict)

    def visit(
        self, p: dict[int, float], q: dict[int, float], spent: float, atoms: list[tuple[int, int, float]]
    ) -> None:
        """Try every leaf of the remaining problem, the largest first."""
        if not p or not q:
            if spent < self.best - 1e-13:
                self.best, self.atoms = spent, list(atoms)
            return
        if spent + _floor(p, q) >= self.best - 1e-13:
            return
        key = (_signature(p), _signature(q))
        if self.seen.get(key, np.inf) <= spent + 1e-15:
            return
        self.seen[key] = spent
        leaves = sorted(((min(a, b), i, j) for i, a in p.items() for j, b in q.items()), reverse=True)
        tried: set[tuple[float, float]] = set()
        for mass, i, j in leaves:
            # States of equal mass are interchangeable.
            pair = (round(p[i], 13), round(q[j], 13))
            if pair in tried:
                continue
            tried.add(pair)
            atoms.append((i, j, mass))
            self.visit(_without(p, i, mass), _without(q, j, mass), spent - mass * float(np.log2(mass)), atoms)
            atoms.pop()


def least_entropy_vertex(p: Array, q: Array, places: NDArray[np.intp], masses: Array) -> tuple[NDArray[np.intp], Array]:
    """Return places (k, 2) and masses (k,) of the coupling of least entropy, starting from a known one.

    Section 8, exact for small alphabets.
    """
    start = [(int(i), int(j), float(mass)) for (i, j), mass in zip(places, masses, strict=True)]
    spent = float(-(masses * np.log2(masses)).sum())
    search = _Search(spent, start)
    search.visit(
        {i: float(v) for i, v in enumerate(p) if v > _DUST},
        {j: float(v) for j, v in enumerate(q) if v > _DUST},
        0.0,
        [],
    )
    found = np.array([mass for _, _, mass in search.atoms])
    return np.array([[i, j] for i, j, _ in search.atoms], dtype=np.intp), found / found.sum()


def _without(law: dict[int, float], state: int, mass: float) -> dict[int, float]:
    left = dict(law)
    left[state] -= mass
    if left[state] <= _DUST:
        del left[state]
    return left


def _floor(p: dict[int, float], q: dict[int, float]) -> float:
    """Return a lower bound on what the remaining masses cost: each side unsplit."""
    return max(-sum(v * float(np.log2(v)) for v in law.values()) for law in (p, q))


def _signature(law: dict[int, float]) -> tuple[float, ...]:
    return tuple(sorted(round(v, 13) for v in law.values()))
