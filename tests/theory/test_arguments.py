"""Every impossible argument is refused by name."""

import numpy as np
import pytest

from crosscodec.theory import arguments


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (arguments.numbers, "text", "must be a number"),
        (arguments.numbers, [1, np.nan], "contains NaN"),
        (arguments.finite, np.inf, "must be finite"),
        (arguments.nonnegative, [0.5, -0.25], "must be at least 0, got -0.25"),
        (arguments.probability, 1.5, "must lie in .0, 1., got 1.5"),
        (arguments.distribution, [[0.5, 0.5]], "must be a vector of probabilities"),
        (arguments.distribution, [0.5, 0.4], "must sum to 1, its sum is 0.9"),
        (arguments.joint_distribution, [0.5, 0.5], "must be a table of probabilities"),
        (arguments.joint_distribution, [[0.5, 0.6]], "must sum to 1"),
        (arguments.covariance, [[1, 2], [2, 1]], "positive semidefinite, its least eigenvalue is -1"),
        (arguments.covariance, [[1, 0.5], [0, 1]], "must be symmetric"),
        (arguments.covariance, [1, 2], "must be a square covariance matrix"),
    ],
)
def test_refusals_name_the_argument_and_what_would_be_right(check, value, words):
    with pytest.raises(ValueError, match=f"the_name .*{words}"):
        check("the_name", value)


def test_other_refusals():
    with pytest.raises(ValueError, match=r"cost must have shape \(2, 3\), got \(3, 2\)"):
        arguments.matrix("cost", np.zeros((3, 2)), (2, 3))
    with pytest.raises(ValueError, match=r"far must have shape \(2, 2\)"):
        arguments.distance("far", np.zeros((3, 3)), 2)
    with pytest.raises(ValueError, match="far must be 0 from each point to itself"):
        arguments.distance("far", np.eye(2), 2)
    with pytest.raises(ValueError, match="mode must be one of 'a', 'b', got 'c'"):
        arguments.choice("mode", "c", ("a", "b"))
    with pytest.raises(ValueError, match=r"first \(2,\), second \(3,\)"):
        arguments.same_shape(first=np.zeros(2), second=np.zeros(3))


def test_sums_within_rounding_are_normalised():
    assert arguments.distribution("p", [0.1] * 10).sum() == pytest.approx(1, abs=1e-15)
    assert arguments.nonnegative("rate", np.inf) == np.inf


def test_what_does_not_vary_is_cut_to_one():
    wide = np.broadcast_to(np.arange(3.0)[:, None], (3, 4))
    flat = np.broadcast_to(1.0, (3, 4))
    first, second = arguments.shrunk(wide, flat)
    assert first.shape == second.shape == (3, 1)
    assert np.broadcast_to(first, (3, 4)).tolist() == wide.tolist()
    assert arguments.shrunk(wide.copy(), flat)[1].shape == (3, 4)
    (point,) = arguments.shrunk(np.array(2.0))
    assert isinstance(point, np.ndarray)
