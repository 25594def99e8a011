"""The least rate of one one-shot encoder for several demands: a linear program over partitions of the source.

A representation is a partition drawn by U; each decoder maps its cells to outputs. With a weight for each partition
and, for each demand, weights for the maps that are constant on its cells, everything is linear (section 6), but for KL
balls. These lie between two polytopes, of tangents and of laws in the ball; round by round they grow a side and a
corner where either has its optimum, and where the prices of the inner one ask for a law (`tilting`), until a bound and
what a code attains agree.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from crosscodec.errors import CrosscodecError
from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E, entropy
from crosscodec.theory.finite.ball import (
    Ball,
    Rows,
    ball_rows,
    curved,
    divergence_cut,
    excess_divergence,
    last_inside,
    mixture_rows,
)
from crosscodec.theory.finite.linear import solve_program
from crosscodec.theory.finite.oneshot import CERTIFIED, Limits
from crosscodec.theory.finite.problem import (
    FiniteProblem,
    MapMixture,
    Maps,
    distortion_functional,
    every_map,
    label_functional,
    map_outputs,
)
from crosscodec.theory.finite.tilting import CHEAPEST, tilted

# All partitions and maps while they are at most this many; beyond, those of the single plans (an upper bound).
LARGEST_EXACT = 20_000
# Rounds of tangents and corners of KL balls, and the gap in bits at which they end.
_ROUNDS, _CLOSED = 60, 1e-8
# In so many rounds a code is found, or none keeps the limits.
_PATIENCE = 30
# By how much linear programs may miss a limit.
_MISSED = 1e-10


@dataclass(frozen=True)
class UniversalRate:
    """R(Theta) in bits: what a code attains, and a bound from below."""

    value: float
    bound: float


def universal_rate(
    problem: FiniteProblem, demands: Sequence[Limits], plans: Sequence[MapMixture], at_least: float = 0.0
) -> UniversalRate:
    """Return R(Theta) in bits, with the bound of all partitions while they are few.

    Section 6. ``plans`` are the optimal codes of the single demands, each of which can be met; ``at_least``: a rate
    that one of the demands needs.
    """
    exact = problem.inputs <= 6 and len(demands) * _size(problem) <= LARGEST_EXACT
    if exact:
        partitions, maps = np.array(list(_partitions(problem.inputs))), every_map(problem)
    else:
        constants = np.repeat(np.arange(problem.outputs)[:, None], problem.inputs, axis=1)
        maps = np.unique(np.vstack([constants, *(plan.maps for plan in plans)]), axis=0)
        found = [_kernel(row) for row in maps] + [np.arange(problem.inputs)]
        found += [_kernel(a * (problem.outputs + 1) + b) for a in maps for b in maps]
        partitions = np.unique(np.array(found), axis=0)
    # Who is told everything can serve every demand that can be met.
    everything = float(entropy(problem.source))
    plans = [replace(plan, problem=problem) for plan in plans]
    # At the very least limits two programs must agree to the last bit: met by what a certificate allows.
    eased = [_eased(demand, plan) for demand, plan in zip(demands, plans, strict=True)]
    for limits in (demands, eased):
        program = _Program(problem, limits, partitions, maps)
        rate = program.bracket([plan.output for plan in plans], at_least)
        if np.isfinite(rate.value):
            break
    return UniversalRate(min(rate.value, everything), rate.bound if exact else at_least)


def _eased(demand: Limits, plan: MapMixture) -> Limits:
    distortion = max(demand.distortion + CERTIFIED, plan.distortion)
    return replace(demand, distortion=distortion, label_entropy=demand.label_entropy + CERTIFIED)


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


class _Inscribed:
    """A KL ball between two polytopes: tangents around it, and mixtures of laws inside it."""

    def __init__(self, problem: FiniteProblem, ball: Ball, law: Array) -> None:
        """Begin with the target and a law of the ball."""
        assert problem.target is not None
        self.problem, self.ball, self.target = problem, ball, problem.target
        self.cuts: list[tuple[Array, float]] = []
        self.laws = [problem.target, last_inside(problem, ball, law)]
        self.grow(law)

    def outside(self) -> Rows:
        """The rows of the tangents."""
        return ball_rows(self.problem, self.ball, self.cuts)

    def inside(self) -> Rows:
        """The rows of the mixtures."""
        return mixture_rows(np.array(self.laws))

    def priced(self, prices: Array) -> float:
        """Grow where the ball has its least mean price, and return this: no more than 0, which the corners have."""
        seen = self.target > 0
        tilt = tilted(self.target[seen], self.ball.radius / LOG2_E, prices[seen], CHEAPEST)
        law = np.zeros_like(self.target)
        law[seen] = tilt.law
        self.grow(law)
        return min(tilt.least, 0.0)

    def grow(self, law: Array) -> None:
        """Meet the ball where the way from the target through a law leaves it: a corner inside, a tangent outside."""
        away = self.target - law
        # As far as no letter falls below 0.
        furthest = float((self.target[away > 0] / away[away > 0]).min()) if (away > 0).any() else 1.0
        beyond = self.target - furthest * away
        self.laws.append(last_inside(self.problem, self.ball, beyond))
        if excess_divergence(self.problem, self.ball, beyond) > 0:
            self.cuts.append(divergence_cut(self.problem, self.ball, beyond))


class _Program:
    """Minimise ``sum_pi w_pi H(pi)`` where every demand mixes maps that the drawn partition resolves.

    Columns: a weight for each partition; then, demand by demand, one for each pair of a partition and a map that it
    resolves, and the auxiliary variables of the demand's ball.
    """

    def __init__(self, problem: FiniteProblem, demands: Sequence[Limits], partitions: Maps, maps: Maps) -> None:
        self.problem, self.demands = problem, demands
        resolved = np.array([[_resolves(part, image) for image in maps] for part in partitions])
        of_partition, of_map = np.nonzero(resolved)
        self.costs = np.array([_partition_entropy(problem, part) for part in partitions])
        self.belongs = (of_partition == np.arange(len(partitions))[:, None]).astype(np.float64)
        self.outputs = map_outputs(problem, maps)[of_map]
        self.distortion = distortion_functional(problem).of(problem, maps)[of_map]
        self.label = label_functional(problem).of(problem, maps)[of_map]

    def bracket(self, laws: Sequence[Array], at_least: float) -> UniversalRate:
        """Return the least rate: what a code attains, infinite where none is found, and a bound; ``laws``: an output
        law for each demand, to begin with.
        """
        balls = [demand.ball for demand in self.demands]
        rows = [ball_rows(self.problem, ball, []) for ball in balls]
        bent = {
            k: _Inscribed(self.problem, ball, law)
            for k, (ball, law) in enumerate(zip(balls, laws, strict=True))
            if curved(self.problem, ball)
        }
        value, bound = np.inf, at_least
        for step in range(_ROUNDS):
            outer, laws, _ = self._solve([bent[k].outside() if k in bent else one for k, one in enumerate(rows)])
            if np.isinf(outer):
                break
            inner, more, prices = (outer, laws, []) if not bent else self._inner(rows, bent)
            value, bound = min(value, inner), max(bound, outer)
            if prices:
                # Corners cost at least 0 each: by the prices of the mixtures no law of the balls can save more.
                bound = max(bound, inner + sum(ball.priced(prices[k]) for k, ball in bent.items()))
            if value - bound <= _CLOSED or (step >= _PATIENCE and np.isinf(value)):
                break
            for k, ball in bent.items():
                for found in filter(None, (laws, more)):
                    ball.grow(found[k])
        return UniversalRate(value, bound)

    def _inner(self, rows: Sequence[Rows], bent: dict[int, _Inscribed]) -> tuple[float, list[Array], list[Array]]:
        try:
            return self._solve([bent[k].inside() if k in bent else one for k, one in enumerate(rows)])
        except CrosscodecError:
            # Two laws that just meet their limits, or just do not: then no code is known yet.
            return np.inf, [], []

    def _solve(self, balls: Sequence[Rows]) -> tuple[float, list[Array], list[Array]]:
        """Return the least rate with these rows for the balls, each demand's output law and the prices of its
        ball's equalities; infinite if there is none.
        """
        partitions, pairs = self.belongs.shape
        starts = np.cumsum([partitions, *(pairs + ball.extra for ball in balls)])
        blocks = [slice(*ends) for ends in pairwise(map(int, starts))]
        at_most, at_most_to, equal, equal_to = [], [], [], []

        def rows(block: slice, values: Array) -> Array:
            full = np.zeros((len(values), int(starts[-1])))
            full[:, block.start : block.start + values.shape[1]] = values
            return full

        for demand, ball, block in zip(self.demands, balls, blocks, strict=True):
            tied = rows(block, self.belongs)
            tied[:, :partitions] = -np.eye(partitions)
            equal += [tied, rows(block, np.hstack([ball.equal @ self.outputs.T, ball.equal_extra]))]
            equal_to += [np.zeros(partitions), ball.equal_to]
            limits = ((self.distortion, demand.distortion), (self.label, demand.label_entropy))
            finite = [(values, limit) for values, limit in limits if np.isfinite(limit)]
            at_most += [rows(block, values[None]) for values, _ in finite]
            at_most.append(rows(block, np.hstack([ball.at_most @ self.outputs.T, ball.at_most_extra])))
            at_most_to += [np.array([limit + _MISSED for _, limit in finite]), ball.at_most_to]
        everything = slice(0, partitions)
        equal.append(rows(everything, np.ones((1, partitions))))
        equal_to.append(np.ones(1))
        cost = rows(everything, self.costs[None])[0]
        solved = solve_program(cost, *map(np.concatenate, (at_most, at_most_to, equal, equal_to)))
        if not solved.feasible:
            return np.inf, [], []
        laws = [solved.point[block][:pairs] @ self.outputs for block in blocks]
        ends = np.cumsum([len(side) for side in equal_to])
        return solved.value, laws, [solved.price_equal[ends[2 * k] : ends[2 * k + 1]] for k in range(len(balls))]


def _partition_entropy(problem: FiniteProblem, part: Maps) -> float:
    return float(entropy(np.bincount(part, weights=problem.source)))


def _resolves(part: Maps, image: Maps) -> bool:
    """Whether the map is constant on the cells of the partition."""
    representative = np.zeros(int(part.max()) + 1, dtype=image.dtype)
    representative[part] = image
    return bool((representative[part] == image).all())
