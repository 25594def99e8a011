"""A finite-alphabet problem, its deterministic maps, and the codes that mix them.

S ── X ──► f_U ──► Y        a map f is a row of |X| integers, a code a probability vector over maps (section 1)
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy
from numpy.typing import NDArray

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E, conditional_entropy, entropy, mutual_information, plogp
from crosscodec.theory.finite.linear import solve_program

Maps: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FiniteProblem:
    """The laws and costs of one problem, checked.

    Section 1. ``joint`` P(s, x), ``cost`` d(x, y), ``target`` P(y) or None (any law), ``distance`` between outputs.
    """

    joint: Array
    cost: Array
    target: Array | None
    distance: Array

    @property
    def source(self) -> Array:
        """P(x)."""
        return np.asarray(self.joint.sum(axis=0))

    @property
    def inputs(self) -> int:
        """|X|."""
        return int(self.cost.shape[0])

    @property
    def outputs(self) -> int:
        """|Y|."""
        return int(self.cost.shape[1])


@dataclass(frozen=True, eq=False)
class Functional:
    """A linear functional of codes: ``sum_x table[x, f(x)] + entropy H(f(X)) + label H(S|f(X))`` for each map f.

    Section 1: distortion, rate, label entropy and output law all have this form.
    """

    table: Array
    entropy: float = 0.0
    label: float = 0.0

    def plus(self, other: "Functional", weight: float) -> "Functional":
        """Return ``self + weight * other``.

        Lagrangians of section 1 are such sums.
        """
        return Functional(
            self.table + weight * other.table, self.entropy + weight * other.entropy, self.label + weight * other.label
        )

    def of(self, problem: FiniteProblem, maps: Maps) -> Array:
        """Return the functional of each map, shape (k,).

        Section 1; bits for entropies, the cost's unit for tables.
        """
        total = self.table[np.arange(problem.inputs), maps].sum(axis=1)
        if self.entropy:
            total = total + self.entropy * map_rate(problem, maps)
        if self.label:
            total = total + self.label * map_label_entropy(problem, maps)
        return np.asarray(total)


def distortion_functional(problem: FiniteProblem) -> Functional:
    """Return E d(X, Y).

    Section 1.
    """
    return Functional(problem.source[:, None] * problem.cost)


def rate_functional(problem: FiniteProblem) -> Functional:
    """Return H(Y|U) in bits.

    Section 1.
    """
    return Functional(np.zeros_like(problem.cost), entropy=1.0)


def label_functional(problem: FiniteProblem) -> Functional:
    """Return H(S|Y,U) in bits.

    Section 1.
    """
    return Functional(np.zeros_like(problem.cost), label=1.0)


def map_outputs(problem: FiniteProblem, maps: Maps) -> Array:
    """Return P(f(X) = y) of each map, shape (k, |Y|).

    Section 1.
    """
    hits = maps[:, :, None] == np.arange(problem.outputs)
    return np.asarray(np.einsum("x,kxy->ky", problem.source, hits))


def map_rate(problem: FiniteProblem, maps: Maps) -> Array:
    """Return H(f(X)) of each map in bits, shape (k,).

    Section 1.
    """
    return entropy(map_outputs(problem, maps))


def map_label_entropy(problem: FiniteProblem, maps: Maps) -> Array:
    """Return H(S|f(X)) of each map in bits, shape (k,).

    Section 1.
    """
    hits = (maps[:, :, None] == np.arange(problem.outputs)).astype(np.float64)
    table = np.einsum("sx,kxy->ksy", problem.joint, hits)
    return np.asarray(plogp(table).sum(axis=(1, 2)) - entropy(table.sum(axis=1)))


def every_map(problem: FiniteProblem) -> Maps:
    """Return all |Y|**|X| maps, shape (|Y|**|X|, |X|).

    Section 1; for small alphabets only.
    """
    grids = np.indices((problem.outputs,) * problem.inputs)
    return np.asarray(grids.reshape(problem.inputs, -1).T, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class MapMixture:
    """A one-shot code: maps (k, |X|) drawn with weights (k,) by the common randomness.

    Section 1. Every quantity is computed from maps and weights alone.
    """

    problem: FiniteProblem
    maps: Maps
    weights: Array

    @property
    def channel(self) -> Array:
        """P(y|x), shape (|X|, |Y|)."""
        hits = self.maps[:, :, None] == np.arange(self.problem.outputs)
        return np.asarray(np.einsum("k,kxy->xy", self.weights, hits))

    @property
    def coupling(self) -> Array:
        """P(x, y)."""
        return np.asarray(self.problem.source[:, None] * self.channel)

    @property
    def output(self) -> Array:
        """P(y)."""
        return np.asarray(self.coupling.sum(axis=0))

    @property
    def distortion(self) -> float:
        """E d(X, Y)."""
        return float((self.coupling * self.problem.cost).sum())

    @property
    def rate(self) -> float:
        """H(Y|U) in bits."""
        return float(self.weights @ map_rate(self.problem, self.maps))

    @property
    def label_entropy(self) -> float:
        """H(S|Y,U) in bits."""
        return float(self.weights @ map_label_entropy(self.problem, self.maps))

    @property
    def label_entropy_without_randomness(self) -> float:
        """H(S|Y) in bits."""
        return conditional_entropy(self.problem.joint @ self.channel)

    @property
    def information(self) -> float:
        """I(X;Y) in bits, of the pair without U."""
        return mutual_information(self.coupling)


@dataclass(frozen=True, eq=False)
class CouplingPlan:
    """An asymptotic code: the coupling P(x, y) whose information is the rate.

    Section 5. Every quantity is computed from the coupling alone.
    """

    problem: FiniteProblem
    coupling: Array

    @property
    def channel(self) -> Array:
        """P(y|x)."""
        return np.asarray(self.coupling / self.coupling.sum(axis=1, keepdims=True))

    @property
    def output(self) -> Array:
        """P(y)."""
        return np.asarray(self.coupling.sum(axis=0))

    @property
    def distortion(self) -> float:
        """E d(X, Y)."""
        return float((self.coupling * self.problem.cost).sum())

    @property
    def rate(self) -> float:
        """I(X;Y) in bits."""
        return mutual_information(self.coupling)

    @property
    def information(self) -> float:
        """I(X;Y) in bits: the same as the rate in the asymptotic setting."""
        return self.rate

    @property
    def label_entropy(self) -> float:
        """H(S|Y) in bits."""
        return conditional_entropy((self.problem.joint / self.problem.source) @ self.coupling)


def output_divergence(problem: FiniteProblem, output: Array, name: str) -> float:
    """Return TV (probability), KL(output || target) in bits, or W1 in the problem's distance.

    Section 1, the perception measures; 0 where there is no target.
    """
    if problem.target is None:
        return 0.0
    if name == "tv":
        return float(0.5 * np.abs(output - problem.target).sum())
    if name == "kl":
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(output > 0, output * np.log(output / problem.target), 0.0)
        return float(ratio.sum() * LOG2_E)
    return transport_cost(output, problem.target, problem.distance)


def transport_cost(p: Array, q: Array, cost: Array) -> float:
    """Return the least ``E cost`` over couplings of p and q, by linear programming.

    Kantorovich's problem; the unit of the cost.
    """
    return transport_plan(p, q, cost).value


@dataclass(frozen=True, eq=False)
class Transport:
    """An optimal coupling of p and q, its cost, and potentials that prove it: ``f[x] + g[y] <= cost[x, y]``.

    For any output law q' the least cost is at least ``f @ p + g @ q'`` (Kantorovich's dual).
    """

    coupling: Array
    value: float
    f: Array
    g: Array


def transport_plan(p: Array, q: Array, cost: Array) -> Transport:
    """Return an optimal coupling of p and q and its cost.

    Kantorovich's problem, solved by HiGHS.
    """
    m, n = cost.shape
    sparse = scipy.sparse
    rows = sparse.kron(sparse.eye(m), np.ones((1, n)))
    columns = sparse.kron(np.ones((1, m)), sparse.eye(n)).tocsr()[:-1]
    solved = solve_program(
        cost.ravel(), equal=sparse.vstack([rows, columns]).tocsr(), equal_to=np.concatenate([p, q[:-1]])
    )
    # Lifted by what rounding has left: the largest g that f allows.
    f = solved.price_equal[:m]
    return Transport(solved.point.reshape(m, n), solved.value, f, (cost - f[:, None]).min(axis=0))
