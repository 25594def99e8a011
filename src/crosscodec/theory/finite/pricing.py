"""The best map for given prices: exact by dynamic programming over subsets of the source alphabet.

A map is a partition of X into labelled cells; its Lagrangian cost is a sum over cells, each a function of the cell:

    F_y(A) = min over B within A of  F_(y-1)(A without B) + c_y(B)        3**|X| steps for each y, vectorised

Section 1's pricing step. The entropies of a cell make it non-linear in the map but not in the partition.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import plogp
from crosscodec.theory.finite.problem import FiniteProblem, Functional, Maps

# 3**13 pairs of subsets take about 60 MB.
LARGEST_EXACT = 13


@dataclass(frozen=True, eq=False)
class Priced:
    """Candidate maps, best first, their costs, and a lower bound on the cost of any map."""

    maps: Maps
    costs: Array
    bound: float


class SubsetPricer:
    """The subset tables of one problem, ready for many prices.

    Section 1; |X| <= 13. ``masses`` and entropies of all 2**|X| cells, and all pairs (A, B within A).
    """

    def __init__(self, problem: FiniteProblem) -> None:
        n = problem.inputs
        self.problem = problem
        self.bits = ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1).astype(np.float64)
        self.cell_entropy = plogp(self.bits @ problem.source)
        table = self.bits @ problem.joint.T
        self.cell_label = plogp(table).sum(axis=1) - plogp(table.sum(axis=1))
        self.whole, self.part, self.starts = _subset_pairs(n)

    def best(self, functional: Functional, count: int) -> Priced:
        """Return the best maps for the functional, at most `count`, the first exactly optimal.

        Section 1, pricing.
        """
        cells = self.bits @ functional.table
        cells += (functional.entropy * self.cell_entropy + functional.label * self.cell_label)[:, None]
        layers = [cells[:, 0]]
        for y in range(1, self.problem.outputs - 1):
            layers.append(np.minimum.reduceat(layers[-1][self.whole ^ self.part] + cells[self.part, y], self.starts))
        full = len(cells) - 1
        every = np.arange(full + 1)
        if self.problem.outputs == 1:
            return Priced(np.zeros((1, self.problem.inputs), dtype=np.intp), cells[[full], 0], float(cells[full, 0]))
        totals = layers[-1][full ^ every] + cells[:, -1]
        order = np.argsort(totals)[:count]
        maps = np.array([self._trace(layers, cells, int(last)) for last in order], dtype=np.intp)
        return Priced(maps, totals[order], float(totals[order[0]]))

    def _trace(self, layers: list[Array], cells: Array, last: int) -> NDArray[np.intp]:
        """Return the map whose last cell is `last` and whose other cells are optimal."""
        image = np.zeros(self.problem.inputs, dtype=np.intp)
        left, cell = len(cells) - 1, last
        for y in range(self.problem.outputs - 1, 0, -1):
            if y < self.problem.outputs - 1:
                begin = self.starts[left]
                end = self.starts[left + 1] if left + 1 < len(cells) else len(self.part)
                inside = self.part[begin:end]
                cell = int(inside[np.argmin(layers[y - 1][left ^ inside] + cells[inside, y])])
            image[self.bits[cell] > 0] = y
            left ^= cell
        return image


class LocalPricer:
    """A pricer for source alphabets too large for subsets: coordinate descent, and a bound that drops the entropies.

    Section 1; the bound is valid but loose, so answers carry an honest gap.
    """

    def __init__(self, problem: FiniteProblem) -> None:
        self.problem = problem
        conditional = problem.joint / np.maximum(problem.source, np.finfo(float).tiny)
        self.least_label = problem.source * plogp(conditional).sum(axis=0)
        self.likeliest = problem.joint.argmax(axis=0)  # label of each x

    def best(self, functional: Functional, count: int, draws: int = 6, seed: int = 0) -> Priced:
        """Return locally optimal maps from several starts, best first; ``draws`` of them are random.

        Section 1, pricing; H(f(X)) >= 0 and H(S|f(X)) >= H(S|X) give the bound.
        """
        generator = np.random.default_rng(seed)
        additive = functional.table.argmin(axis=1)
        starts = [additive, *generator.integers(0, self.problem.outputs, (draws, self.problem.inputs))]
        starts += [np.full(self.problem.inputs, y, dtype=np.intp) for y in range(min(self.problem.outputs, 8))]
        starts.append(self._by_label(functional))
        found = np.unique([self._descend(functional, np.asarray(start, dtype=np.intp)) for start in starts], axis=0)
        costs = functional.of(self.problem, found)
        order = np.argsort(costs)[:count]
        floor = functional.table.min(axis=1).sum() + functional.label * self.least_label.sum()
        return Priced(found[order], costs[order], float(floor))

    def _by_label(self, functional: Functional) -> NDArray[np.intp]:
        """The cheapest map that keeps the likeliest labels apart, as far as there are outputs for them."""
        labels = len(self.problem.joint)
        together = np.zeros((labels, self.problem.outputs))
        np.add.at(together, self.likeliest, functional.table)
        image = together.argmin(axis=1)
        chosen, outputs = scipy.optimize.linear_sum_assignment(together)
        image[chosen] = outputs
        return np.asarray(image[self.likeliest], dtype=np.intp)

    def _descend(self, functional: Functional, image: NDArray[np.intp]) -> NDArray[np.intp]:
        best = float(functional.of(self.problem, image[None])[0])
        for _ in range(20):
            before = best
            for x in range(self.problem.inputs):
                trials = np.repeat(image[None], self.problem.outputs, axis=0)
                trials[:, x] = np.arange(self.problem.outputs)
                costs = functional.of(self.problem, trials)
                choice = int(costs.argmin())
                if costs[choice] < best - 1e-15:
                    image, best = trials[choice], float(costs[choice])
            if best >= before - 1e-14:
                break
        return image


def _subset_pairs(n: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Return all pairs (A, B) with B within A, sorted by A, and where each A begins: 3**n pairs."""
    whole, part = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)
    for bit in (np.int32(1 << i) for i in range(n)):
        whole, part = (
            np.concatenate([whole, whole | bit, whole | bit]),
            np.concatenate([part, part, part | bit]),
        )
    order = np.argsort(whole, kind="stable")
    whole, part = whole[order], part[order]
    return whole, part, np.searchsorted(whole, np.arange(1 << n))
