"""One-shot codes as linear programs over maps: all maps at once, or columns generated as prices ask for them.

    restricted program ──prices──► best map (pricing) ──column──► restricted program ... until none is better

Section 1. The Lagrangian bound ``value + least reduced cost`` comes with every step, so the gap is a certificate.
"""

from dataclasses import dataclass, field

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.finite.ball import Ball, ball_rows, divergence_cut, left
from crosscodec.theory.finite.linear import Solved, solve_program
from crosscodec.theory.finite.pricing import LARGEST_EXACT, LocalPricer, Priced, SubsetPricer
from crosscodec.theory.finite.problem import FiniteProblem, Functional, MapMixture, Maps, every_map, map_outputs

# Enumerate up to this many maps; beyond, generate columns.
LARGEST_ENUMERATION = 4096
TIGHT = 1e-9
# Limits count as met when what is missing adds up to no more than this.
MET = 1e-10


@dataclass(frozen=True, eq=False)
class CodeProgram:
    """Minimise a functional of the code under upper limits on others, with the output law inside a ball.

    Section 1. ``limits``: pairs of functional and number, infinite ones left out.
    """

    objective: Functional
    limits: tuple[tuple[Functional, float], ...]
    ball: Ball


@dataclass(frozen=True, eq=False)
class CodeAnswer:
    """The optimal mixture, its value, a lower bound, and the prices of the limits (0 where a limit is slack).

    ``proven``: where infeasible, whether no code at all meets the limits, or none was found.
    """

    feasible: bool
    value: float
    bound: float
    plan: MapMixture | None
    prices: tuple[float, ...] = ()
    ball_price: float = 0.0
    steps: int = 0
    proven: bool = True


@dataclass
class MapSolver:
    """A solver for many programs over one problem; it keeps the columns and the subset tables.

    Section 1.
    """

    problem: FiniteProblem
    maps: Maps = field(init=False)
    complete: bool = field(init=False)
    _pricer: SubsetPricer | LocalPricer | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Enumerate the maps if they are few, else begin with constants and the nearest output."""
        problem = self.problem
        self.complete = problem.inputs * np.log(problem.outputs) <= np.log(LARGEST_ENUMERATION) + 1e-9
        if self.complete:
            self.maps = every_map(problem)
            return
        constants = np.repeat(np.arange(problem.outputs)[:, None], problem.inputs, axis=1)
        self.maps = np.unique(np.vstack([constants, problem.cost.argmin(axis=1)[None]]), axis=0)
        exact = problem.inputs <= LARGEST_EXACT
        self._pricer = SubsetPricer(problem) if exact else LocalPricer(problem)

    @property
    def exact(self) -> bool:
        """Whether all maps are looked at, one by one or by exact pricing."""
        return not isinstance(self._pricer, LocalPricer)

    def solve(self, program: CodeProgram, steps: int = 400) -> CodeAnswer:
        """Return the optimum of the program with its Lagrangian bound.

        Section 1. Infeasible is proven where the enumeration is complete, pricing is exact, or its bound says that no
        map can lower the infeasibility; otherwise the answer says that it is not.
        """
        cuts: list[tuple[Array, float]] = []
        for _ in range(60):
            found = self._solve_with_cuts(program, cuts, steps)
            if not found.feasible or found.plan is None:
                return found
            if not left(self.problem, program.ball, found.plan.output):
                return found
            cuts.append(divergence_cut(self.problem, program.ball, found.plan.output))
        return found

    def _solve_with_cuts(self, program: CodeProgram, cuts: list[tuple[Array, float]], steps: int) -> CodeAnswer:
        master = _Master(self.problem, program, cuts)
        if self.complete:
            solved = master.solve(self.maps, elastic=False)
            if not solved.feasible:
                return CodeAnswer(False, np.nan, np.inf, None)
            return master.answer(self.maps, solved, float(solved.value), 1)
        feasible, proven, used = self._make_feasible(master, steps)
        if not feasible:
            return CodeAnswer(False, np.nan, np.inf, None, steps=used, proven=proven)
        bound = -np.inf
        for _ in range(steps):
            used += 1
            solved = master.solve(self.maps, elastic=False)
            lowest = self._add_columns(master.lagrangian(solved, elastic=False))
            bound = max(bound, master.constant(solved, elastic=False) + lowest)
            if solved.value - bound <= TIGHT * max(1.0, abs(solved.value)) or not self._grew:
                break
        return master.answer(self.maps, master.solve(self.maps, elastic=False), bound, used)

    _grew: bool = field(init=False, default=True)

    def _make_feasible(self, master: "_Master", steps: int) -> tuple[bool, bool, int]:
        """Generate columns until the limits can be met, or no map lowers what is missing: whether they can, whether
        that is proven, and the steps it took.
        """
        for step in range(steps):
            solved = master.solve(self.maps, elastic=True)
            if solved.value <= MET:
                return True, True, step
            lowest = self._add_columns(master.lagrangian(solved, elastic=True))
            if master.constant(solved, elastic=True) + lowest > MET:
                return False, True, step
            if not self._grew and (self.exact or not self._look_further(master.lagrangian(solved, elastic=True))):
                return False, self.exact, step
        return False, False, steps

    def _look_further(self, lagrangian: Functional) -> bool:
        """Whether many more starts of a local search find a map that is new."""
        assert isinstance(self._pricer, LocalPricer)
        self._take(self._pricer.best(lagrangian, 12, draws=100, seed=1))
        return self._grew

    def _add_columns(self, lagrangian: Functional) -> float:
        assert self._pricer is not None
        priced = self._pricer.best(lagrangian, 12)
        self._take(priced)
        return priced.bound

    def _take(self, priced: Priced) -> None:
        before = len(self.maps)
        self.maps = np.unique(np.vstack([self.maps, priced.maps]), axis=0)
        self._grew = len(self.maps) > before


class _Master:
    """The restricted program: map weights, then the ball's own variables, then (elastic) one shortfall per row."""

    def __init__(self, problem: FiniteProblem, program: CodeProgram, cuts: list[tuple[Array, float]]) -> None:
        self.problem, self.program = problem, program
        self.rows = ball_rows(problem, program.ball, cuts)
        self.limits = [(functional, limit) for functional, limit in program.limits if np.isfinite(limit)]

    def solve(self, maps: Maps, elastic: bool) -> Solved:
        """Solve over these maps; elastic: minimise the sum of shortfalls instead of the objective."""
        k, extra = len(maps), self.rows.extra
        outputs = map_outputs(self.problem, maps)
        limited = [np.concatenate([f.of(self.problem, maps), np.zeros(extra)]) for f, _ in self.limits]
        at_most = np.vstack([*limited, np.hstack([self.rows.at_most @ outputs.T, self.rows.at_most_extra])])
        at_most_to = np.concatenate([[limit for _, limit in self.limits], self.rows.at_most_to])
        total = np.concatenate([np.ones(k), np.zeros(extra)])
        equal = np.vstack([total, np.hstack([self.rows.equal @ outputs.T, self.rows.equal_extra])])
        equal_to = np.concatenate([[1.0], self.rows.equal_to])
        cost = np.concatenate([self.program.objective.of(self.problem, maps), np.zeros(extra)])
        if elastic:
            m, e = len(at_most), len(equal)
            slack_equal = np.vstack([np.zeros((1, e - 1)), np.eye(e - 1)])
            at_most = np.hstack([at_most, -np.eye(m), np.zeros((m, 2 * (e - 1)))])
            equal = np.hstack([equal, np.zeros((e, m)), slack_equal, -slack_equal])
            cost = np.concatenate([0 * cost, np.ones(m + 2 * (e - 1))])
        return solve_program(cost, at_most, at_most_to, equal, equal_to)

    def lagrangian(self, solved: Solved, elastic: bool) -> Functional:
        """Return the objective minus the priced rows: what pricing minimises over maps (the constant left out)."""
        start = Functional(np.zeros_like(self.problem.cost)) if elastic else self.program.objective
        for (functional, _), price in zip(self.limits, solved.price_at_most, strict=False):
            start = start.plus(functional, -float(price))
        on_output = self.rows.at_most.T @ solved.price_at_most[len(self.limits) :]
        on_output = on_output + self.rows.equal.T @ solved.price_equal[1:]
        return start.plus(Functional(self.problem.source[:, None] * on_output[None, :]), -1.0)

    def constant(self, solved: Solved, elastic: bool) -> float:
        """Return the priced right sides: with the least Lagrangian cost of a map it bounds the optimum from below."""
        sides = np.concatenate([[limit for _, limit in self.limits], self.rows.at_most_to])
        return float(solved.price_at_most @ sides + solved.price_equal[1:] @ self.rows.equal_to)

    def answer(self, maps: Maps, solved: Solved, bound: float, steps: int) -> CodeAnswer:
        """Return the record: the maps of positive weight, prices of limits (>= 0), price of the ball's radius."""
        weights = solved.point[: len(maps)]
        used = weights > 1e-13
        plan = MapMixture(self.problem, maps[used], weights[used] / weights[used].sum())
        finite = iter(-solved.price_at_most[: len(self.limits)])
        prices = tuple(float(next(finite)) if np.isfinite(limit) else 0.0 for _, limit in self.program.limits)
        radius = solved.price_at_most[len(self.limits) :]
        return CodeAnswer(True, solved.value, bound, plan, prices, float(-radius.sum()), steps)
