"""Linear programs: optimum, prices, infeasibility."""

import numpy as np
import pytest

from crosscodec.theory.finite.linear import solve_program


def test_optimum_and_prices():
    # Least x + 2y with x + y >= 1 and x <= 0.4.
    rows, sides = np.array([[-1.0, -1.0], [1.0, 0.0]]), np.array([-1.0, 0.4])
    solved = solve_program(np.array([1.0, 2.0]), rows, sides)
    assert solved.feasible
    assert solved.value == pytest.approx(1.6)
    assert solved.point == pytest.approx([0.4, 0.6])
    assert solved.price_at_most == pytest.approx([-2.0, -1.0])


def test_duality_and_infeasibility():
    cost, equal, to = np.array([3.0, 1.0, 2.0]), np.array([[1.0, 1.0, 1.0]]), np.array([1.0])
    solved = solve_program(cost, equal=equal, equal_to=to)
    assert solved.price_equal @ to == pytest.approx(solved.value)
    assert not solve_program(cost, np.array([[1.0, 1.0, 1.0]]), np.array([0.5]), equal, to).feasible
