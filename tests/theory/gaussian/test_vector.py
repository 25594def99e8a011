"""Vector Gaussians: against splitting the rate by search, a semidefinite program, and the scalar form."""

import cvxpy
import numpy as np
import pytest
from scipy.linalg import sqrtm

from crosscodec.theory import GaussianTransport, Normal, VectorGaussianTransport


def random_covariance(generator, n):
    root = generator.normal(size=(n, n + 1))
    return root @ root.T / n


def test_commuting_covariances_agree_with_search_over_the_split_of_the_rate():
    generator = np.random.default_rng(1)
    worst = 0.0
    for _ in range(500):
        s, t = np.exp(generator.normal(0, 1, (2, 2)))
        shift = generator.normal(size=2)
        rate = generator.exponential(1.5, 20)
        ours = VectorGaussianTransport(np.zeros(2), np.diag(s**2), shift, np.diag(t**2)).distortion(rate)
        low, high = np.zeros(20), rate.copy()

        def cost(first, rate=rate, s=s, t=t):
            rho = [np.sqrt(1 - 4.0**-first), np.sqrt(np.maximum(1 - 4.0 ** (first - rate), 0))]
            return -2 * (s[0] * t[0] * rho[0] + s[1] * t[1] * rho[1])

        for _ in range(100):
            third = (high - low) / 3
            better = cost(low + third) <= cost(high - third)
            low, high = np.where(better, low, low + third), np.where(better, high - third, high)
        truth = shift @ shift + (s**2).sum() + (t**2).sum() + cost((low + high) / 2)
        worst = max(worst, np.abs(ours.value - truth).max())
    assert worst < 1e-6


def test_one_dimension_is_the_scalar_form():
    rates = np.linspace(0, 5, 50)
    scalar = GaussianTransport(Normal(1, 2), Normal(-0.5, 0.7))
    vector = VectorGaussianTransport([1.0], [[4.0]], [-0.5], [[0.49]])
    assert vector.distortion(rates).value == pytest.approx(scalar.distortion(rates).value, abs=1e-12)
    limits = np.linspace(4, 8, 50)
    assert vector.rate(limits).value == pytest.approx(scalar.rate(limits).value, abs=1e-9)


@pytest.mark.parametrize("n", [2, 3])
def test_semidefinite_program_over_cross_covariances(n):
    generator = np.random.default_rng(n)
    for rate in (0.3, 1.5):
        source, target = random_covariance(generator, n), random_covariance(generator, n)
        a = cvxpy.Variable((n, n))
        overlap = cvxpy.trace(a @ np.real(sqrtm(target)) @ np.real(sqrtm(source)))
        block = cvxpy.bmat([[np.eye(n), a], [a.T, np.eye(n)]])
        program = cvxpy.Problem(cvxpy.Maximize(overlap), [cvxpy.log_det(block) >= -2 * rate * np.log(2)])
        program.solve(solver="CLARABEL")
        truth = np.trace(source) + np.trace(target) - 2 * program.value
        ours = VectorGaussianTransport(np.zeros(n), source, np.zeros(n), target).distortion(rate)
        assert ours.value == pytest.approx(truth, abs=1e-5)


def test_plan_reproduces_rate_distortion_and_a_joint_law():
    generator = np.random.default_rng(9)
    for n in (1, 2, 4, 7):
        source, target = random_covariance(generator, n), random_covariance(generator, n)
        problem = VectorGaussianTransport(generator.normal(size=n), source, generator.normal(size=n), target)
        for rate in (0.01, 0.5, 3.0):
            ours = problem.distortion(rate)
            assert ours.plan.distortion == pytest.approx(ours.value)
            assert ours.plan.rate == pytest.approx(rate)
            joint = np.block([[source, ours.plan.cross_cov], [ours.plan.cross_cov.T, target]])
            determinant = [np.linalg.slogdet(m)[1] for m in (source, target, joint)]
            assert 0.5 * (determinant[0] + determinant[1] - determinant[2]) / np.log(2) == pytest.approx(rate)


def test_limits_are_bures_wasserstein_and_independence():
    generator = np.random.default_rng(4)
    source, target = random_covariance(generator, 3), random_covariance(generator, 3)
    problem = VectorGaussianTransport(np.ones(3), source, np.zeros(3), target)
    root = np.real(sqrtm(source))
    bures = 3 + np.trace(source + target - 2 * np.real(sqrtm(root @ target @ root)))
    assert problem.distortion().value == pytest.approx(bures)
    assert problem.distortion(400.0).value == pytest.approx(bures)
    assert problem.distortion(0.0).value == pytest.approx(3 + np.trace(source) + np.trace(target))
    assert problem.rate(bures * 0.99).feasible is False
    assert "distortion limit" in problem.rate(bures * 0.99).reason


def test_rate_inverts_distortion_and_curves_are_convex():
    generator = np.random.default_rng(6)
    for n in (1, 3, 5):
        source, target = random_covariance(generator, n), random_covariance(generator, n)
        problem = VectorGaussianTransport(np.zeros(n), source, np.ones(n), target)
        rates = np.linspace(0, 8, 81)
        curve = problem.distortion(rates).value
        assert (np.diff(curve) < 0).all()
        assert (np.diff(curve, 2) > -1e-9).all()
        assert problem.rate(curve).value == pytest.approx(rates, abs=1e-6)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_equal_laws_keep_their_digits_at_all_rates(n):
    cov = random_covariance(np.random.default_rng(n), n)
    problem = VectorGaussianTransport(np.ones(n), cov, np.ones(n), cov)
    rates = np.array([0.0, 1.0, 27.0, 60.0, 300.0, 480.0]) * n
    told = problem.distortion(rates)
    assert told.plan.rate == pytest.approx(rates, rel=1e-12)
    assert problem.rate(told.value).value == pytest.approx(rates, rel=1e-9, abs=1e-9)
    # At high rates all directions have the same distortion: 1 - rho_i is half of 2**(-2 R_i).
    high = n * 2.0 ** (-2 * rates[2:] / n) * np.linalg.det(cov) ** (1 / n)
    assert told.value[2:] == pytest.approx(high, rel=1e-10, abs=0)
    assert problem.distortion().value == 0
    assert problem.rate(0.0).value == np.inf


def test_one_dimension_is_the_scalar_form_at_high_rates():
    rates = np.linspace(0, 500, 101)
    scalar = GaussianTransport(Normal(0, 2), Normal(0, 2)).distortion(rates).value
    vector = VectorGaussianTransport([0.0], [[4.0]], [0.0], [[4.0]]).distortion(rates).value
    assert vector == pytest.approx(scalar, rel=1e-10, abs=0)


def test_plan_distortion_is_that_of_the_joint_law():
    generator = np.random.default_rng(12)
    source, target = random_covariance(generator, 3), random_covariance(generator, 3)
    plan = VectorGaussianTransport(np.ones(3), source, np.zeros(3), target).distortion([0.1, 2.0, 9.0, np.inf]).plan
    joint = 3 + np.trace(source + target) - 2 * np.trace(plan.cross_cov, axis1=-2, axis2=-1)
    assert plan.distortion == pytest.approx(joint, abs=1e-12)


def test_rank_deficient_covariances_have_no_spurious_directions():
    root = np.random.default_rng(2).normal(size=(4, 2))
    problem = VectorGaussianTransport(np.zeros(4), root @ root.T, np.zeros(4), np.eye(4))
    assert (problem.weights > 0).sum() == 2
    assert problem.distortion(200.0).plan.rates[2:].tolist() == [0, 0]
    assert np.isinf(problem.rate(problem.distortion().value - 1e-15).value)
    assert problem.rate(problem.distortion(10.0).value).value == pytest.approx(10)


def test_a_constant_vector_needs_no_rate():
    problem = VectorGaussianTransport([0.1, 0], np.zeros((2, 2)), [0, 0.3], np.eye(2) * 0.49)
    told = problem.rate(0.01 + 0.09 + 0.98)
    assert told.feasible
    assert told.value == 0


def test_singular_covariances_are_allowed():
    problem = VectorGaussianTransport([0, 0], np.diag([1.0, 0.0]), [0, 0], np.diag([4.0, 9.0]))
    scalar = GaussianTransport(Normal(0, 1), Normal(0, 2))
    assert problem.distortion(0.7).value == pytest.approx(scalar.distortion(0.7).value + 9)
    nothing = VectorGaussianTransport([0, 0], np.zeros((2, 2)), [0, 0], np.eye(2))
    assert nothing.distortion([0.0, 1.0, np.inf]).value.tolist() == [2.0, 2.0, 2.0]
    assert nothing.rate(2.0).value == 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit", [1e-120, 1e-5, 1e6, 1e120])
def test_the_unit_of_length_changes_no_rate(unit):
    source, target = np.array([[2.0, 0.3], [0.3, 0.5]]), np.diag([1.0, 0.2])
    problem = VectorGaussianTransport([0, 0], source, [0, 0], target)
    scaled = VectorGaussianTransport([0, 0], source * unit**2, [0, 0], target * unit**2)
    limits = problem.distortion([0.0, 0.1, 2.0, 10.0]).value
    assert scaled.rate(limits * unit**2).value == pytest.approx(problem.rate(limits).value, rel=1e-6, abs=1e-6)


def test_the_rate_binds_nothing_without_a_common_direction():
    along, across = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    assert VectorGaussianTransport([0, 0], along, [0, 0], across).distortion(1.0).binding == "transport"
    assert VectorGaussianTransport([0, 0], 0 * along, [0, 0], 0 * along).distortion(1.0).binding == "none"
    assert VectorGaussianTransport([0, 0], along, [0, 0], np.eye(2)).distortion(1.0).binding == "rate"


def test_impossible_parameters_are_refused():
    eye = np.eye(2)
    with pytest.raises(ValueError, match="source_cov must be positive semidefinite"):
        VectorGaussianTransport([0, 0], -eye, [0, 0], eye)
    with pytest.raises(ValueError, match="target_cov must be symmetric"):
        VectorGaussianTransport([0, 0], eye, [0, 0], [[1, 1], [0, 1]])
    with pytest.raises(ValueError, match="source_mean must have shape"):
        VectorGaussianTransport([0], eye, [0, 0], eye)
    with pytest.raises(ValueError, match="one shape"):
        VectorGaussianTransport([0, 0], eye, [0], np.eye(1))
    with pytest.raises(ValueError, match="must be a square covariance matrix"):
        VectorGaussianTransport([0, 0], [1, 2], [0, 0], eye)


def test_a_limit_that_independence_meets_up_to_rounding_costs_nothing():
    # The covariances are nothing beside the distance of the means: all rates give one distortion.
    problem = VectorGaussianTransport([1e6, 0], 1e-12 * np.eye(2), [0, 0], 1e-12 * np.eye(2))
    assert problem.rate(problem.distortion(0).value).value == 0
