"""Vectors measured: the bound of the whole vector, and the target's covariance."""

import numpy as np
import pytest

from crosscodec.errors import UsageError
from crosscodec.simulate import simulate_vector
from crosscodec.theory import VectorGaussianTransport

PROBLEM = VectorGaussianTransport(
    [0, 1, 2], [[2, 0.5, 0], [0.5, 1, 0.2], [0, 0.2, 0.3]], [1, 0, 0], [[1, 0, 0.3], [0, 2, 0.1], [0.3, 0.1, 0.8]]
)


@pytest.mark.parametrize(("rate", "quantiser", "most"), [(0, "scalar", 0), (2, "scalar", 0.78), (4, "trellis", 0.16)])
def test_the_plan_is_kept(in_process, rate, quantiser, most):
    report = simulate_vector(PROBLEM, rate, 100_000, 4, quantiser)
    assert report.complaints == ()
    row = report.row("excess")
    assert row.measured <= most + 3 * row.standard_error + 1e-9


def test_two_processes(tmp_path):
    report = simulate_vector(PROBLEM, 2.0, 20_000, 1, keep=tmp_path)
    assert report.complaints == ()
    assert np.load(tmp_path / "output.npy").shape == (20_000, 3)


def test_an_infinite_rate_has_no_code():
    with pytest.raises(UsageError, match="finite rate"):
        simulate_vector(PROBLEM, np.inf, 1000, 1)
