"""Linear programs: HiGHS through scipy, with tight tolerances and dual prices.

scipy loads its submodules when they are first named, so importing this file costs nothing.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy

from crosscodec.errors import CrosscodecError
from crosscodec.theory.arguments import Array

# scipy publishes no types; its sparse matrices are anything.
Sparse: TypeAlias = Any

PRIMAL = 1e-10  # by how much a row may be missed: costs and rows are meant to be of size 1
_TOLERANCES = {"primal_feasibility_tolerance": PRIMAL, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True, eq=False)
class Solved:
    """An optimal point with its prices, or ``feasible=False``.

    Prices: reduced cost = cost - at_most' @ price_at_most - equal' @ price_equal; price_at_most <= 0.
    """

    feasible: bool
    value: float
    point: Array
    price_at_most: Array
    price_equal: Array


def solve_program(
    cost: Array,
    at_most: Array | Sparse | None = None,
    at_most_to: Array | None = None,
    equal: Array | Sparse | None = None,
    equal_to: Array | None = None,
) -> Solved:
    """Return the minimiser of ``cost @ x`` with ``at_most @ x <= at_most_to``, ``equal @ x = equal_to``, ``x >= 0``.

    Section 1's programs; raises CrosscodecError when the solver gives up (neither solved nor infeasible).
    """
    width = cost.size
    found = None
    # The simplex is exact at vertices; presolve or the default choice may stumble over near-degenerate rows.
    for options in ({**_TOLERANCES}, {**_TOLERANCES, "presolve": False}, {}):
        found = scipy.optimize.linprog(
            cost, A_ub=at_most, b_ub=at_most_to, A_eq=equal, b_eq=equal_to, method="highs", options=options
        )
        if found.status == 0:
            point = np.maximum(np.asarray(found.x, dtype=np.float64), 0.0)
            return Solved(True, float(found.fun), point, _prices(found.ineqlin), _prices(found.eqlin))
        if found.status == 2:
            empty = np.full(width, np.nan)
            return Solved(False, np.nan, empty, np.zeros(0), np.zeros(0))
    raise CrosscodecError(f"the linear program could not be solved: {found.message if found else 'no answer'}")


def _prices(side: object) -> Array:
    return np.asarray(getattr(side, "marginals", np.zeros(0)), dtype=np.float64)
