"""The least rate of one one-shot encoder for several demands: a linear program over partitions of the source.

A representation is a partition drawn by U; each decoder maps its cells to outputs. With a weight for each partition
and, for each demand, weights for the maps that are constant on its cells, everything is linear (section 6).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from crosscodec.errors import UsageError
from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import entropy
from crosscodec.theory.finite.ball import ball_rows
from crosscodec.theory.finite.linear import solve_program
from crosscodec.theory.finite.oneshot import Limits
from crosscodec.theory.finite.problem import (
    FiniteProblem,
    MapMixture,
    Maps,
    distortion_functional,
    every_map,
    label_functional,
    map_outputs,
)

# All partitions and maps while they are at most this many; beyond, those of the single plans (an upper bound).
LARGEST_EXACT = 20_000


def universal_rate(
    problem: FiniteProblem, demands: Sequence[Limits], plans: Sequence[MapMixture]
) -> tuple[float, bool]:
    """Return R(Theta) in bits and whether it is exact (else an upper bound).

    Section 6. ``plans`` are the optimal codes of the single demands.
    """
    if any(d.ball.divergence == "kl" and 0 < d.ball.radius < np.inf for d in demands):
        raise UsageError("the universal rate of finite alphabets takes 'tv' or 'w1' perception, not 'kl'")
    exact = problem.inputs <= 6 and len(demands) * _size(problem) <= LARGEST_EXACT
    if exact:
        partitions, maps = np.array(list(_partitions(problem.inputs))), every_map(problem)
    else:
        constants = np.repeat(np.arange(problem.outputs)[:, None], problem.inputs, axis=1)
        maps = np.unique(np.vstack([constants, *(plan.maps for plan in plans)]), axis=0)
        found = [_kernel(row) for row in maps] + [np.arange(problem.inputs)]
        found += [_kernel(a * (problem.outputs + 1) + b) for a in maps for b in maps]
        partitions = np.unique(np.array(found), axis=0)
    return _program(problem, demands, partitions, maps), exact


def _size(problem: FiniteProblem) -> int:
    return sum(problem.outputs ** (int(part.max()) + 1) for part in _partitions(problem.inputs))


def _partitions(n: int) -> Iterator[Maps]:
    """Yield all partitions of n points as restricted growth strings (cells are numbered in order of appearance)."""

    def grow(prefix: list[int], top: int) -> Iterator[list[int]]:
        if len(prefix) == n:
            yield prefix
            return
        for cell in range(top + 2):
            yield from grow([*prefix, cell], max(top, cell))

    for cells in grow([0], 0):
        yield np.array(cells)


def _kernel(image: Maps) -> Maps:
    """Return the partition into preimages, cells numbered in order of appearance."""
    _, first, cell = np.unique(image, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[cell], dtype=np.intp)


def _program(problem: FiniteProblem, demands: Sequence[Limits], partitions: Maps, maps: Maps) -> float:
    """Minimise ``sum_pi w_pi H(pi)`` where every demand mixes maps that the drawn partition resolves."""
    costs = [_partition_entropy(problem, part) for part in partitions]
    pairs = [(i, j) for i, part in enumerate(partitions) for j, image in enumerate(maps) if _resolves(part, image)]
    of_partition, of_map = np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])
    outputs = map_outputs(problem, maps)[of_map]
    distortion, label = (
        f.of(problem, maps)[of_map] for f in (distortion_functional(problem), label_functional(problem))
    )
    balls = [ball_rows(problem, demand.ball, []) for demand in demands]
    starts = np.cumsum([len(partitions), *(len(pairs) + ball.extra for ball in balls)])
    width = int(starts[-1])
    at_most, at_most_to, equal, equal_to = [], [], [], []

    def row(start: int, values: Array) -> Array:
        full = np.zeros(width)
        full[start : start + values.size] = values
        return full

    for demand, ball, start in zip(demands, balls, starts, strict=False):
        belongs = of_partition == np.arange(len(partitions))[:, None]
        for i in range(len(partitions)):
            tie = row(int(start), belongs[i].astype(np.float64))
            tie[i] = -1
            equal.append(tie)
            equal_to.append(0.0)
        for values, limit in ((distortion, demand.distortion), (label, demand.label_entropy)):
            if np.isfinite(limit):
                at_most.append(row(int(start), values))
                at_most_to.append(limit + 1e-10)
        for on, extra, to in zip(ball.at_most, ball.at_most_extra, ball.at_most_to, strict=True):
            at_most.append(row(int(start), np.concatenate([outputs @ on, extra])))
            at_most_to.append(float(to))
        for on, extra, to in zip(ball.equal, ball.equal_extra, ball.equal_to, strict=True):
            equal.append(row(int(start), np.concatenate([outputs @ on, extra])))
            equal_to.append(float(to))
    equal.append(row(0, np.ones(len(partitions))))
    equal_to.append(1.0)
    cost = row(0, np.array(costs))
    rows = np.array(at_most) if at_most else None
    limits = np.array(at_most_to) if at_most else None
    return solve_program(cost, rows, limits, np.array(equal), np.array(equal_to)).value


def _partition_entropy(problem: FiniteProblem, part: Maps) -> float:
    return float(entropy(np.bincount(part, weights=problem.source)))


def _resolves(part: Maps, image: Maps) -> bool:
    """Whether the map is constant on the cells of the partition."""
    representative = np.zeros(int(part.max()) + 1, dtype=image.dtype)
    representative[part] = image
    return bool((representative[part] == image).all())
