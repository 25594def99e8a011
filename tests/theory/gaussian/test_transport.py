"""Gaussian closed forms against ternary search over the output law, 10,000 random parameter sets each; laws; plans."""

import time

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.errors import UsageError
from crosscodec.theory import GaussianTransport, Normal

DRAWS = 10_000
CLOSE = 1e-6


@pytest.fixture(scope="module")
def draws():
    generator = np.random.default_rng(11)
    mean, target_mean = generator.normal(0, 1, (2, DRAWS))
    target_mean[: DRAWS // 3] = mean[: DRAWS // 3]
    std, target_std = np.exp(generator.normal(0, 0.7, (2, DRAWS)))
    std[:500] = target_std[:500]
    rate = generator.exponential(1, DRAWS)
    perception = generator.exponential(0.4, DRAWS) ** 2
    correlation = generator.uniform(-1, 1, DRAWS)
    return mean, std, target_mean, target_std, rate, perception, correlation


def transport(mean, std, target_mean, target_std, correlation=0.0, label_std=1.0):
    return GaussianTransport(Normal(mean, std), Normal(target_mean, target_std), correlation, label_std)


def half_width(s, target_std, perception, divergence):
    """How far the output mean may be from the target's when the standard deviation is s; NaN if s itself is too far."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if divergence == "w2":
            return np.sqrt(perception - (s - target_std) ** 2)
        left = 2 * perception * np.log(2) + 1 + 2 * np.log(s / target_std) - (s / target_std) ** 2
        return target_std * np.sqrt(left)


def searched(mean, std, target_mean, target_std, rate, perception, divergence):
    """Least E (X-Y)**2 by searching over s: the mean is clipped to what s leaves, the function of s is convex."""
    rho = np.sqrt(1 - 4.0**-rate)

    def cost(s):
        wide = half_width(s, target_std, perception, divergence)
        m = np.clip(mean, target_mean - wide, target_mean + wide)
        value = (m - mean) ** 2 + std**2 + s**2 - 2 * s * std * rho
        return np.where(np.isnan(wide), np.inf, value)

    low, high = np.zeros_like(std), target_std + np.sqrt(perception)
    if divergence == "kl":
        inside, outside = target_std.copy(), 0 * target_std
        for _ in range(100):
            middle = (inside + outside) / 2
            good = ~np.isnan(half_width(middle, target_std, perception, "kl"))
            inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
        low, inside, outside = inside, target_std.copy(), 100 * target_std * (1 + perception)
        for _ in range(100):
            middle = (inside + outside) / 2
            good = ~np.isnan(half_width(middle, target_std, perception, "kl"))
            inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
        high = inside
    else:
        low = np.maximum(target_std - np.sqrt(perception), 0)
    best = np.minimum(cost(low), cost(high))
    for _ in range(120):
        third = (high - low) / 3
        left, right = cost(low + third), cost(high - third)
        best = np.minimum(best, np.minimum(left, right))
        low, high = np.where(left <= right, low, low + third), np.where(left <= right, high - third, high)
    return best


@pytest.mark.parametrize("divergence", ["w2", "kl"])
def test_distortion_agrees_with_search(draws, divergence):
    mean, std, target_mean, target_std, rate, perception, _ = draws
    problem = transport(mean, std, target_mean, target_std)
    ours = problem.distortion(rate, perception=perception, divergence=divergence)
    truth = searched(mean, std, target_mean, target_std, rate, perception, divergence)
    assert ours.feasible.all()
    assert np.abs(ours.value - truth).max() <= CLOSE
    assert np.abs(ours.plan.distortion - ours.value).max() < 1e-9
    assert np.abs(ours.plan.rate - rate).max() < 1e-9
    assert (ours.plan.divergence(problem.target, divergence) - perception).max() < 1e-9


def test_distortion_with_the_exact_marginal_and_a_label(draws):
    mean, std, target_mean, target_std, rate, perception, correlation = draws
    label_std = 0.5 + perception
    problem = transport(mean, std, target_mean, target_std, correlation, label_std)
    # The label's entropy from the joint covariance of (S, Y), Y of unit variance and correlation rho with X.
    rho = np.sqrt(1 - 4.0**-rate)
    covariance = correlation * label_std * rho
    least = 0.5 * np.log2(2 * np.pi * np.e * (label_std**2 - covariance**2))
    assert np.abs(problem.least_label_entropy(rate) - least).max() < 1e-9
    limit = least + np.random.default_rng(0).choice([-0.01, 1e-6, 0.3], DRAWS)
    ours = problem.distortion(rate, limit)
    assert np.array_equal(ours.feasible, limit >= least)
    truth = (mean - target_mean) ** 2 + std**2 + target_std**2 - 2 * std * target_std * rho
    assert np.abs(ours.value - truth)[ours.feasible].max() <= CLOSE
    assert (ours.plan.label_entropy - limit)[ours.feasible].max() < 1e-9
    assert (ours.binding[~ours.feasible] == "classification").all()


@pytest.mark.parametrize("divergence", ["w2", "kl"])
def test_rate_inverts_distortion(draws, divergence):
    mean, std, target_mean, target_std, rate, perception, _ = draws
    problem = transport(mean, std, target_mean, target_std)
    perception = np.where(np.arange(DRAWS) % 5 == 0, 0.0, perception)
    target = problem.distortion(rate, perception=perception, divergence=divergence).value
    ours = problem.rate(target, perception=perception, divergence=divergence)
    assert ours.feasible.all()
    assert np.abs(ours.value - rate).max() < CLOSE
    assert np.abs(ours.plan.distortion - target).max() < 1e-9
    assert (ours.plan.divergence(problem.target, divergence) - perception).max() < 1e-9


def test_rate_is_infeasible_below_the_transport_cost(draws):
    mean, std, target_mean, target_std, *_ = draws
    problem = transport(mean, std, target_mean, target_std)
    least = (mean - target_mean) ** 2 + (std - target_std) ** 2
    below = problem.rate(0.99 * least - 1e-9 * (least < 1e-6) * 0)
    assert not below.feasible[least > 1e-3].any()
    assert "distortion limit" in below.reason[np.argmax(least)]
    assert np.isinf(problem.rate(least[0] * 0 + least).value).mean() > 0.99


def test_rate_that_the_label_demands(draws):
    mean, std, target_mean, target_std, rate, _, correlation = draws
    problem = transport(mean, std, target_mean, target_std, correlation)
    ours = problem.rate(np.inf, problem.least_label_entropy(rate))
    strong = np.abs(correlation) > 0.01
    assert ours.feasible.all()
    assert np.abs(ours.value - rate)[strong].max() < CLOSE
    assert (ours.binding[strong] == "classification").all()


def test_single_domain_rate_distortion_perception_of_zhang_2021():
    std, distortion, perception = np.meshgrid([0.5, 1.0, 2.0], np.linspace(0.05, 1.9, 21), np.linspace(0, 0.9, 11))
    distortion, perception = distortion * std**2, perception * std**2
    ours = transport(0.3, std, 0.3, std).rate(distortion, perception=perception).value
    near = std - np.sqrt(perception)
    with np.errstate(invalid="ignore", divide="ignore"):
        overlap = (std**2 + near**2 - distortion) / 2
        active = 0.5 * np.log2(std**2 * near**2 / (std**2 * near**2 - np.maximum(overlap, 0) ** 2))
        plain = np.maximum(0.5 * np.log2(std**2 / distortion), 0)
    truth = np.where(np.sqrt(perception) <= std - np.sqrt(np.abs(std**2 - distortion)), active, plain)
    assert np.abs(ours - truth).max() < 1e-9


def test_single_domain_rate_distortion_classification():
    distortion, limit = np.meshgrid(np.linspace(0.1, 2, 20), np.linspace(1.2, 2.2, 20))
    ours = transport(0, 1, 0, 1, 0.9).rate(distortion, limit, perception=np.inf)
    h = 0.5 * np.log2(2 * np.pi * np.e)
    told = np.maximum(1 - 4.0 ** (limit - h), 0) / 0.81
    truth = np.maximum(np.maximum(0.5 * np.log2(1 / distortion), 0), -0.5 * np.log2(1 - np.minimum(told, 1 - 1e-15)))
    feasible = told <= 1
    assert np.array_equal(ours.feasible, feasible)
    assert np.abs(ours.value - truth)[feasible].max() < 1e-9


sizes = st.floats(0.05, 5)
places = st.floats(-3, 3)


@settings(max_examples=50, deadline=None)
@given(places, sizes, places, sizes, st.sampled_from(["w2", "kl"]), st.floats(0, 2))
def test_laws_monotone_convex_and_limits(mean, std, target_mean, target_std, divergence, perception):
    problem = transport(mean, std, target_mean, target_std)
    rates = np.linspace(0, 6, 61)
    curve = problem.distortion(rates, perception=perception, divergence=divergence).value
    scale = curve[0]
    assert (np.diff(curve) <= 1e-12 * scale).all()
    assert (np.diff(curve, 2) >= -1e-9 * scale).all()
    eased = problem.distortion(1.0, perception=np.linspace(0, 4, 41), divergence=divergence).value
    assert (np.diff(eased) <= 1e-12 * scale).all()
    assert (np.diff(eased, 2) >= -1e-9 * scale).all()
    free = problem.distortion(rates, perception=np.inf, divergence=divergence).value
    assert np.abs(free - std**2 * 4.0**-rates).max() < 1e-9 * scale
    transported = (mean - target_mean) ** 2 + (std - target_std) ** 2
    assert problem.distortion().value == pytest.approx(transported, abs=1e-12 * scale)
    assert problem.distortion(60.0).value == pytest.approx(transported, abs=1e-9 * scale)
    least = problem.distortion(0.0).value
    assert least == pytest.approx((mean - target_mean) ** 2 + std**2 + target_std**2)


@pytest.mark.parametrize("constant", ["source", "target"])
def test_a_constant_law_needs_no_rate_at_its_only_distortion(constant):
    generator = np.random.default_rng(3)
    mean, target_mean = np.round(generator.uniform(-1, 1, (2, 3000)), 2)
    spread = np.round(generator.uniform(0.01, 1, 3000), 2)
    stds = (0 * spread, spread) if constant == "source" else (spread, 0 * spread)
    limit = np.round((mean - target_mean) ** 2 + spread**2, 10)
    ours = transport(mean, stds[0], target_mean, stds[1]).rate(limit)
    assert ours.feasible.all()
    assert (ours.value == 0).all()
    assert (ours.binding == "none").all()
    assert (ours.plan.rate == 0).all()
    assert ours.plan.distortion == pytest.approx(limit, abs=1e-9)
    assert not transport(mean, stds[0], target_mean, stds[1]).rate(limit - 1e-6).feasible.any()


@pytest.mark.parametrize("rate", [0.0, 1.0, np.inf])
def test_the_rate_binds_no_constant(rate):
    assert transport(0, 0, 0, 0).distortion(rate).binding == "none"
    assert transport(0, 0, 0, 1).distortion(rate).binding == "transport"
    assert transport(0, 1, 0, 0).distortion(rate).binding == "transport"
    assert transport(0, 0, 0, 1).distortion(rate, perception=0.2).binding == "perception"
    assert transport(0, 0, 0, 1).distortion(rate, perception=np.inf).binding == "none"
    # An output that may vary near a constant target gains from the rate.
    assert transport(0, 1, 0, 0).distortion(1.0, perception=9.0).binding == "rate"


def test_a_constant_law_by_hand():
    assert transport(0.55, 0.64, 0.37, 0).rate(0.442).value == 0
    assert transport(0.38, 0, 0.78, 0.34).rate(0.2756).value == 0


def test_labels_at_high_rates():
    problem = transport(0, 1, 0, 1, 1.0)
    h = 0.5 * np.log2(2 * np.pi * np.e)
    assert problem.least_label_entropy(30) == pytest.approx(h - 30, abs=1e-13)
    assert problem.least_label_entropy(500) == pytest.approx(h - 500, abs=1e-12)
    assert problem.least_label_entropy(np.inf) == -np.inf
    rates = np.array([20.0, 25.0, 27.0, 30.0, 300.0, 500.0])
    ours = problem.rate(label_entropy=h - rates)
    assert ours.value == pytest.approx(rates, rel=1e-13)
    assert ours.plan.label_entropy == pytest.approx(h - rates, abs=1e-12)
    assert not problem.distortion(28, -27.0).feasible
    assert "below the least possible -25.9529 bit" in problem.distortion(28, -27.0).reason
    assert problem.distortion(28, -25.9).feasible


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 500), st.sampled_from([1.0, -1.0, 0.999, 0.5, 1e-3, 0.0]), st.floats(0.01, 10))
def test_feasibility_of_a_label_agrees_everywhere(rate, correlation, label_std):
    problem = transport(0, 1, 0.3, 0.8, correlation, label_std)
    least = problem.least_label_entropy(rate)
    told = problem.distortion(rate, least)
    assert told.feasible
    assert told.plan.label_entropy == pytest.approx(least, abs=1e-12)
    assert not problem.distortion(rate, least - 1e-9).feasible
    demanded = problem.rate(np.inf, least)
    assert demanded.feasible
    if abs(correlation) == 1:
        assert demanded.value == pytest.approx(rate, rel=1e-9, abs=1e-9)
    assert problem.distortion(demanded.value, least).feasible


@settings(max_examples=100, deadline=None)
@given(places, sizes, st.floats(0, 300), st.sampled_from(["same", "free", "inside"]), st.sampled_from(["w2", "kl"]))
def test_rate_inverts_distortion_at_all_rates(mean, std, rate, kind, divergence):
    # Where the least distortion is 0, nothing but the rate decides the distortion, down to the smallest numbers.
    laws = (mean + 0.1, 1.1 * std) if kind == "inside" else (mean, std)
    perception = {"same": 0.0, "free": np.inf, "inside": 10.0}[kind]
    if kind == "inside" and divergence == "kl":
        perception = 100.0
    problem = transport(mean, std, *laws)
    target = problem.distortion(rate, perception=perception, divergence=divergence)
    assert target.plan.distortion == pytest.approx(target.value, rel=1e-9, abs=0)
    back = problem.rate(target.value, perception=perception, divergence=divergence)
    assert back.feasible
    # Below a bit the distortion is flat in the rate and its last digit is worth more than 1e-9 of it.
    assert back.value == pytest.approx(rate, rel=1e-9, abs=1e-12)
    assert back.plan.rate == back.value


def exact_distortion(mean, std, target_mean, target_std, rate, perception):
    """Section 3 for squared W2, in 400 digits."""
    mean, std, target_mean, target_std, perception = map(mpmath.mpf, (mean, std, target_mean, target_std, perception))
    missed = mpmath.mpf(4) ** -mpmath.mpf(rate)
    away = mpmath.hypot(mean - target_mean, target_std - std * mpmath.sqrt(1 - missed))
    return std**2 * missed + max(away - mpmath.sqrt(perception), 0) ** 2


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0.1, 3), st.sampled_from([0.0, 1e-9, -1e-5, 1e-3, 0.4]), st.sampled_from([0.0, 1e-8, 0.01, 0.5]),
    st.floats(0, 500), st.sampled_from([0.0, 1e-30, 3e-11, 1e-5, 0.03]),
)  # fmt: skip
def test_squared_w2_agrees_with_exact_arithmetic(std, stretch, shift, rate, perception):
    laws = (0.0, std, shift, std * (1 + stretch))
    problem = transport(*laws)
    with mpmath.workdps(400):
        ours = problem.distortion(rate, perception=perception)
        truth = exact_distortion(*laws, rate, perception)
        # Left is what one unit in the last place of the radius is worth.
        assert abs(ours.value - truth) <= 1e-12 * truth + 1e-30 * perception
        back = problem.rate(ours.value, perception=perception)
        assert back.feasible
        found = exact_distortion(*laws, min(back.value, 600), perception)
        assert abs(found - ours.value) <= 1e-11 * ours.value + 1e-30 * perception


def test_digits_by_hand():
    assert transport(0, 1e9, 0, 1e9).rate(1.0, perception=np.inf).value == pytest.approx(np.log2(1e9), rel=1e-14)
    assert transport(0, 1, 0, 1).distortion(30).value == pytest.approx(2.0**-60, rel=1e-14, abs=0)
    near = transport(0, 0.5134699639092628, 0, 0.5143650198684646)
    told = near.distortion(7.8928, perception=3.125e-11)
    assert near.rate(told.value, perception=3.125e-11).value == pytest.approx(7.8928, rel=1e-12)


def test_kl_at_high_rates_near_the_target():
    for stretch, shift, perception in ((0, 0, 1e-22), (1e-7, 0, 1e-20), (0, 1e-8, 1e-18), (1e-5, 1e-6, 1e-9)):
        problem = transport(0.0, 1.0, shift, 1 + stretch)
        rates = np.linspace(0.5, 20, 40)
        told = problem.distortion(rates, perception=perception, divergence="kl")
        back = problem.rate(told.value, perception=perception, divergence="kl")
        assert back.value == pytest.approx(rates, rel=1e-9), (stretch, shift)


def test_scalars_and_words():
    problem = transport(0, 1, 0.5, 1.3, 0.8)
    assert isinstance(problem.distortion(0.5).value, float)
    assert isinstance(problem.least_label_entropy(0.5), float)
    assert problem.distortion(0.5).binding == "rate"
    assert problem.distortion(0.5, perception=0.01).binding == "perception"
    assert problem.distortion(0.5, perception=100.0).binding == "rate"
    assert problem.distortion().binding == "transport"
    assert problem.rate(10.0).binding == "none"
    assert problem.rate(10.0).value == 0
    tight = problem.distortion(0.5, 1.0)
    assert not tight.feasible
    assert tight.reason.startswith("classification limit 1 bit is below the least possible 1.")


def test_impossible_parameters_are_refused():
    with pytest.raises(ValueError, match="std is a standard deviation"):
        Normal(0, -1)
    with pytest.raises(ValueError, match="mean must be finite"):
        Normal(np.inf, 1)
    with pytest.raises(ValueError, match=r"label_correlation must lie in \[-1, 1\]"):
        transport(0, 1, 0, 1, 1.5)
    with pytest.raises(UsageError, match=r"source must be a Normal\(mean, std\), not \(0, 1\)"):
        GaussianTransport((0, 1), (0, 1))
    with pytest.raises(UsageError, match="target must be a Normal"):
        GaussianTransport(Normal(), 1.0)
    with pytest.raises(ValueError, match="label_std must be greater than 0"):
        transport(0, 1, 0, 1, 0.5, 0)
    with pytest.raises(ValueError, match="rate must be at least 0"):
        transport(0, 1, 0, 1).distortion(-1)
    with pytest.raises(ValueError, match="divergence must be one of 'w2', 'kl'"):
        transport(0, 1, 0, 1).distortion(1, divergence="tv")
    with pytest.raises(ValueError, match="KL perception needs a target"):
        transport(0, 1, 0, 0).distortion(1, divergence="kl")


@pytest.mark.parametrize(
    ("quantity", "options", "seconds"),
    [
        ("distortion", {}, 2),
        ("distortion", {"perception": 0.1}, 2),
        # 1.2 to 1.5 s without AVX-512; with it less than one.
        ("distortion", {"perception": 0.1, "divergence": "kl"}, 4),
        ("rate", {}, 2),
        ("rate", {"perception": 0.1}, 2),
        # The dearest closed form, a root along the edge of the ball: about 0.9 s and 2.9 s.
        ("rate", {"perception": 0.1, "divergence": "kl"}, 8),
    ],
)
def test_a_million_points_take_seconds(quantity, options, seconds):
    ask = getattr(transport(0, 1, 0.5, 1.3, 0.8), quantity)
    start = time.process_time()
    ask(np.linspace(0, 2.5, 1_000_000), **options)
    assert time.process_time() - start < seconds
