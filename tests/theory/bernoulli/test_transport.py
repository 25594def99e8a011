"""Binary closed forms against enumeration of all codes, 10,000 random parameter sets each; the laws; the plans."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.theory import BernoulliTransport

from ..oracles import binary_rows, h, information_of, optimum

DRAWS = 10_000
BITS = 1e-9


@pytest.fixture(scope="module")
def draws():
    generator = np.random.default_rng(20261120)
    a, b, n = generator.uniform(0.001, 0.999, (3, DRAWS))
    a[:200] = b[:200] = 0.5
    b[200:500] = a[200:500]
    rate, label, perception = generator.uniform(0, 1, (3, DRAWS))
    # Half the label limits between the least and the most, where they matter.
    mixed = a * (1 - n) + (1 - a) * n
    label[::2] = (h(n) + label * (h(mixed) - h(n)))[::2]
    rate[::7] = np.inf
    label[::5] = np.inf
    return a, b, n, rate, label, 0.3 * perception**2


def compare(ours, truth):
    assert np.array_equal(ours.feasible, np.isfinite(truth))
    assert np.abs(ours.value - truth)[ours.feasible].max() <= BITS
    assert np.isnan(ours.value[~ours.feasible]).all()


def check_plan(plan, feasible, a, b=None, rate=None, label=None, output=None):
    ok = feasible
    total = plan.identity + plan.flip + plan.zero + plan.one
    assert np.abs(total[ok] - 1).max() < 1e-12
    assert min(part[ok].min() for part in (plan.identity, plan.flip, plan.zero, plan.one)) >= 0
    if b is not None:
        assert np.abs(plan.output - b)[ok].max() < BITS
    if rate is not None:
        assert (plan.rate - rate)[ok].max() < BITS
    if label is not None:
        assert (label(plan) - label.limit)[ok].max() < BITS


class LabelLimit:
    def __init__(self, limit, name="label_entropy"):
        self.limit, self.name = limit, name

    def __call__(self, plan):
        return getattr(plan, self.name)


def test_distortion_agrees_with_the_linear_program(draws):
    a, b, n, rate, label, _ = draws
    rows = binary_rows(a, n)
    truth = optimum(lambda p: (rows.distortion * p).sum(-1), [(rows.ones, b)], [(rows.rate, rate), (rows.label, label)])
    ours = BernoulliTransport(a, b, n).distortion(rate, label)
    compare(ours, truth)
    assert 0.2 < ours.feasible.mean() < 0.9
    check_plan(ours.plan, ours.feasible, a, b, rate, LabelLimit(label))
    assert np.abs(ours.plan.distortion - ours.value)[ours.feasible].max() < BITS


@pytest.mark.parametrize("divergence", ["tv", "kl", "w1"])
def test_distortion_under_perception_agrees_with_the_linear_program(draws, divergence):
    a, b, n, rate, label, perception = draws
    low, high = ball(b, perception, divergence)
    rows = binary_rows(a, n)
    truth = optimum(
        lambda p: (rows.distortion * p).sum(-1),
        [],
        [(rows.rate, rate), (rows.label, label), (rows.ones, high), (-rows.ones, -low)],
    )
    ours = BernoulliTransport(a, b, n).distortion(rate, label, perception, divergence)
    compare(ours, truth)
    check_plan(ours.plan, ours.feasible, a, None, rate, LabelLimit(label))
    inside = (ours.plan.output >= low - BITS) & (ours.plan.output <= high + BITS)
    assert inside[ours.feasible].all()
    assert np.abs(ours.plan.distortion - ours.value)[ours.feasible].max() < BITS


def ball(b, perception, divergence):
    """Bisection for the ball of marginals, from the definition of the divergence."""
    if divergence != "kl":
        return np.maximum(b - perception, 0), np.minimum(b + perception, 1)
    found = []
    for end in (0.0, 1.0):
        near, far = b.copy(), np.full_like(b, end)
        for _ in range(200):
            middle = (near + far) / 2
            x, y = np.clip(middle, 1e-300, 1), np.clip(1 - middle, 1e-300, 1)
            inside = x * np.log2(x / b) + y * np.log2(y / (1 - b)) <= perception
            near, far = np.where(inside, middle, near), np.where(inside, far, middle)
        found.append(near)
    return found


@pytest.mark.parametrize("perceptive", [False, True])
def test_rate_agrees_with_the_linear_program(draws, perceptive):
    a, b, n, distortion, label, perception = draws
    distortion = np.where(np.isinf(distortion), distortion, 0.7 * distortion)
    perception = perception if perceptive else np.zeros_like(perception)
    rows = binary_rows(a, n)
    room = [(rows.ones, b + perception), (-rows.ones, perception - b)] if perceptive else []
    truth = optimum(
        lambda p: (rows.rate * p).sum(-1),
        [] if perceptive else [(rows.ones, b)],
        [(rows.distortion, distortion), (rows.label, label), *room],
    )
    ours = BernoulliTransport(a, b, n).rate(distortion, label, perception)
    compare(ours, truth)
    check_plan(ours.plan, ours.feasible, a, None if perceptive else b, ours.value, LabelLimit(label))
    assert (ours.plan.distortion - distortion)[ours.feasible].max() < BITS


@pytest.mark.parametrize("dependence", ["best", "positive", "negative"])
def test_information_agrees_with_enumeration_of_vertices(draws, dependence):
    a, b, n, rate, label, _ = draws
    rows = binary_rows(a, n)
    sign = {"best": 0, "positive": 1, "negative": -1}[dependence]
    half = [] if sign == 0 else [(np.broadcast_to(sign * np.array([-1.0, 1.0, 0, 0]), (DRAWS, 4)), np.zeros(DRAWS))]
    room = [(rows.rate, rate), (rows.label, label), *half]
    truth = optimum(lambda p: information_of(p, a, b), [(rows.ones, b)], room, largest=True)
    ours = BernoulliTransport(a, b, n).information(rate, label, dependence)
    compare(ours, np.where(np.isfinite(truth), np.maximum(truth, 0), truth))
    check_plan(ours.plan, ours.feasible, a, b, rate, LabelLimit(label))
    assert np.abs(ours.plan.information - ours.value)[ours.feasible].max() < BITS


def test_the_examples_of_the_theory_page():
    example = BernoulliTransport(0.3, 0.4)
    assert example.information(0.4, dependence="negative").value == pytest.approx(0.1505, abs=5e-5)
    assert example.information(0.4, dependence="positive").value == pytest.approx(0.1307, abs=5e-5)
    assert example.information(0.4).value == example.information(0.4, dependence="negative").value
    tight = BernoulliTransport(0.5, 0.5, 0.1).distortion(0.2, 0.55)
    assert not tight.feasible
    assert np.isnan(tight.value)
    assert tight.binding == "classification"
    assert "0.55 bit is below the least possible 0.893799 bit" in tight.reason
    clamped = BernoulliTransport(0.4, 0.3, 0.1).distortion(0.9, 0.99)
    assert clamped.value == pytest.approx(0.1, abs=1e-12)
    assert clamped.binding == "transport"


def test_scalars_in_scalars_out_and_arrays_broadcast():
    problem = BernoulliTransport(0.3, 0.4, 0.1)
    one = problem.distortion(0.3)
    assert isinstance(one.value, float)
    assert one.feasible is True
    assert one.binding == "rate"
    assert one.reason == ""
    many = problem.distortion(np.linspace(0, 1, 5)[:, None], np.array([0.6, 0.8, np.inf]))
    assert many.value.shape == many.feasible.shape == many.binding.shape == many.reason.shape == (5, 3)
    assert (many.reason[~many.feasible] != "").all()
    assert (many.reason[many.feasible] == "").all()


def test_binding_names_the_limit_whose_release_helps(draws):
    a, b, n, rate, label, perception = draws
    problem = BernoulliTransport(a, b, n)
    ours, exact = problem.distortion(rate, label, perception), problem.distortion(rate, label)
    step = 1e-6
    for limit, before, eased in [
        ("rate", ours, problem.distortion(rate + step, label, perception)),
        ("perception", ours, problem.distortion(rate, label, perception + step)),
        ("rate", exact, problem.distortion(rate + step, label)),
        ("classification", exact, problem.distortion(rate, label + step)),
        ("transport", exact, problem.distortion(rate, label, step)),
    ]:
        named = before.feasible & (before.binding == limit)
        assert named.any(), limit
        assert (eased.value[named] < before.value[named]).all()
    free = ours.feasible & (ours.binding == "none")
    assert free.any()
    assert (ours.value[free] <= 1e-9).all()


def mixed_draws(view):
    """Parameters and limits (rate, distortion, label entropy, perception), some infinite, some at a = 1/2 or P = 0."""
    generator = np.random.default_rng(11)
    # The hole is searched point by point.
    size = 120 if view == "y" else 1_000
    a, b = generator.uniform(0.05, 0.95, (2, size))
    n, share = generator.uniform(0, [[0.35], [1]], (2, size))
    rate, distortion, perception = generator.uniform(0, [[1], [0.8], [0.6]], (3, size))
    # Some below the h(n) that no code reaches.
    label = np.maximum(h(n) + (1.1 * share - 0.1) * (h(a * (1 - n) + (1 - a) * n) - h(n)), 0)
    a[: size // 10] = 0.5
    for place, limit in enumerate((rate, label, distortion, perception)):
        limit[place :: 9 + place] = np.inf
    return BernoulliTransport(a, b, n), rate, distortion, label, np.where(np.arange(size) % 5 == 0, 0, perception**2)


VIEWS = [(view, quantity) for view in ("y,u", "y") for quantity in ("distortion", "rate")]


@pytest.mark.parametrize(("view", "quantity"), VIEWS)
@pytest.mark.parametrize("divergence", ["tv", "kl"])
def test_binding_is_what_a_small_release_says(view, quantity, divergence):
    problem, rate, distortion, label, perception = mixed_draws(view)
    first = {"distortion": "rate", "rate": "distortion"}[quantity]
    asked = {first: rate if quantity == "distortion" else distortion, "label_entropy": label, "perception": perception}
    names = {first: first, "label_entropy": "classification", "perception": "perception"}

    def ask(**limits):
        return getattr(problem, quantity)(**{**asked, **limits}, divergence=divergence, label_given=view)

    ours = ask()
    assert 0.3 < ours.feasible.mean() < 1
    helped = {}
    for key, name in names.items():
        # P = 0 is the exact target, not a limit.
        step = np.where(perception > 0, 1e-5, 0) if key == "perception" else 1e-5
        helped[name] = ours.feasible & (ours.value - ask(**{key: asked[key] + step}).value > 1e-10)
        named = ours.feasible & (ours.binding == name)
        assert np.isfinite(asked[key][named]).all()
        assert helped[name][named].all()
    assert not sum(helped.values())[ours.binding == "none"].any()
    # A limit whose release alone helps is named: releasing one that is not named beside it changes nothing.
    alone = sum(x.astype(int) for x in helped.values()) == 1
    for name, where in helped.items():
        assert np.isin(ours.binding[where & alone], [name, "transport"]).all()
    expected = {"distortion": {"rate", "perception", "transport", "none"}, "rate": {"distortion", "none"}}[quantity]
    assert expected | {"classification"} == set(ours.binding[ours.feasible])


@pytest.mark.parametrize(("view", "quantity"), VIEWS)
@pytest.mark.parametrize("divergence", ["tv", "kl"])
def test_the_least_possible_is_possible_and_no_less_is(view, quantity, divergence):
    problem, rate, distortion, label, perception = mixed_draws(view)
    asked = {"first": rate if quantity == "distortion" else distortion, "classification": label}

    def feasible(first, classification):
        return getattr(problem, quantity)(first, classification, perception, divergence, view).feasible

    ours = getattr(problem, quantity)(asked["first"], label, perception, divergence, view)
    assert ((ours.reason == "") == ours.feasible).all()
    assert (np.char.find(ours.reason[~ours.feasible].astype(str), "nan") < 0).all()
    both = sum(shortfall.where.astype(int) for shortfall in ours.shortfalls) == 2
    for shortfall in ours.shortfalls:
        where = shortfall.where
        assert where.any()
        assert (shortfall.asked < shortfall.least)[where].all()
        key = "classification" if shortfall.limit == "classification" else "first"
        # The other limits as they were asked for; where another cannot be met at all, without it.
        others = {name: np.where(both, np.inf, limit) for name, limit in asked.items()}
        for least, possible in ((shortfall.least + 1e-7, True), (shortfall.least - 1e-7, False)):
            limit = np.maximum(np.where(where, least, asked[key]), 0)
            found = feasible(**{**others, key: limit})
            assert (found == possible)[where & (least >= 0)].all()


def test_ends_of_the_parameters_are_limits_of_the_inside():
    inside = [(0, 0.3, 0.1), (1, 0.3, 0.1), (0.3, 0, 0.1), (0.3, 1, 0.1), (0.3, 0.4, 0), (0.3, 0.4, 0.5)]
    for a, b, n in [*inside, (0, 0, 0), (1, 0, 0.5)]:
        for rate, label in [(0, 1), (0.4, 1), (0.4, 0.6), (2, 0.0)]:
            inner = [min(max(x, 1e-10), 1 - 1e-10) if x in (0, 1) else x for x in (a, b, n)]
            at_end, near = (BernoulliTransport(*x).distortion(rate, label) for x in ((a, b, n), inner))
            if at_end.feasible and near.feasible:
                assert at_end.value == pytest.approx(near.value, abs=1e-6)
            assert not np.isinf(at_end.value)


chances = st.floats(0.01, 0.99)


@settings(max_examples=60, deadline=None)
@given(chances, chances, st.floats(0, 0.5), st.floats(0, 1))
def test_laws_monotone_convex_inverse(a, b, n, label):
    problem = BernoulliTransport(a, b, n)
    rates = np.linspace(0, 1, 41)
    curve = problem.distortion(rates, label)
    values = curve.value[curve.feasible]
    assert (np.diff(curve.feasible.astype(int)) >= 0).all()
    assert (np.diff(values) <= 1e-12).all()
    assert (np.diff(values, 2) >= -1e-9).all()
    back = problem.rate(values, label)
    assert back.feasible.all()
    assert (back.value <= rates[curve.feasible] + 1e-9).all()
    again = problem.distortion(back.value, label)
    assert np.abs(again.value - values).max(initial=0) < 1e-9


@settings(max_examples=40, deadline=None)
@given(chances, chances, st.floats(0, 0.5), st.floats(0, 1))
def test_limits_no_label_no_perception_and_full_rate(a, b, n, rate):
    problem = BernoulliTransport(a, b, n)
    assert problem.distortion(rate, np.inf).value == problem.distortion(rate, 1.0).value
    assert problem.distortion(np.inf).value == pytest.approx(abs(a - b), abs=1e-12)
    small = min(a, 1 - a)
    expected = small * (1 - min(1, rate / float(h(np.array(a)))))
    for divergence in ("tv", "kl", "w1"):
        free = problem.distortion(rate, perception=np.inf, divergence=divergence)
        assert free.value == pytest.approx(expected, abs=1e-9)
    assert problem.distortion(0.0).value == pytest.approx(a + b - 2 * a * b, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": 1.2, "target": 0.5}, "source is a probability"),
        ({"source": 0.2, "target": -0.5}, "target is a probability"),
        ({"source": 0.2, "target": 0.5, "label_noise": np.nan}, "label_noise contains NaN"),
        ({"source": "x", "target": 0.5}, "source must be a number"),
    ],
)
def test_impossible_parameters_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        BernoulliTransport(**arguments)


def test_impossible_limits_are_refused():
    problem = BernoulliTransport(0.3, 0.4)
    with pytest.raises(ValueError, match="rate must be at least 0"):
        problem.distortion(-0.1)
    with pytest.raises(ValueError, match="label_entropy contains NaN"):
        problem.distortion(0.1, np.nan)
    with pytest.raises(ValueError, match="divergence must be one of"):
        problem.distortion(0.1, divergence="hellinger")
    with pytest.raises(ValueError, match="label_given must be one of"):
        problem.rate(0.1, label_given="u")
    with pytest.raises(ValueError, match="dependence must be one of"):
        problem.information(0.1, dependence="none")
    with pytest.raises(ValueError, match="do not broadcast"):
        problem.distortion(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize(
    ("quantity", "limits"),
    [
        ("distortion", {"label_entropy": 0.8}),
        ("distortion", {"label_entropy": 0.8, "perception": 0.05, "divergence": "kl"}),
        ("distortion", {"label_entropy": 0.8, "label_given": "y"}),
        ("rate", {"label_entropy": 0.8, "perception": 0.05}),
        ("information", {"label_entropy": 0.8}),
    ],
)
def test_a_million_points_take_about_a_second(quantity, limits):
    ask = getattr(BernoulliTransport(0.3, 0.4, 0.1), quantity)
    start = time.process_time()
    ask(np.linspace(0, 1, 1_000_000), **limits)
    # About 0.25 s of one processor; up to a second without AVX-512.
    assert time.process_time() - start < 2


EXTREMES = np.array([0, 1e-300, 1e-12, 1e-3, 0.1, 0.27, 0.5 - 1e-9, 0.5, 0.5 + 1e-12, 0.7, 1 - 1e-9, 1])
NOISES = np.array([0, 1e-12, 1e-6, 0.1, 0.49, 0.4999, 0.5 - 1e-6, 0.5 - 1e-8, 0.5, 0.9, 1])


@pytest.mark.parametrize("view", ["y,u", "y"])
@pytest.mark.parametrize("rate", [0, 1e-12, 1e-3, 0.2, 1, np.inf])
def test_the_least_label_entropy_is_accepted_wherever_a_limit_is_taken(view, rate):
    problem = BernoulliTransport(*np.meshgrid(EXTREMES, EXTREMES, NOISES, indexing="ij"))
    least = problem.least_label_entropy(rate, label_given=view)
    nearest = problem.distortion(rate, least, label_given=view)
    assert nearest.feasible.all()
    assert problem.information(rate, least, label_given=view).feasible.all()
    assert problem.rate(np.inf, least, label_given=view).feasible.all()
    assert problem.rate(nearest.value, least, label_given=view).feasible.all()
    assert not problem.distortion(rate, np.maximum(least - 1e-9, 0), label_given=view).feasible[least > 1e-9].any()


@pytest.mark.parametrize("view", ["y,u", "y"])
def test_what_a_refusal_calls_the_least_is_accepted(view):
    problem = BernoulliTransport(*np.meshgrid(EXTREMES, EXTREMES, NOISES, indexing="ij"))
    for distortion, label, perception, divergence in [(0, 0, 0, "tv"), (0.05, 0.2, 0, "tv"), (0.3, 0.2, 0.02, "kl")]:
        if perception and view == "y":
            continue
        refused = problem.rate(distortion, label, perception, divergence, view)
        limits = {
            "distortion": np.full(problem.target.shape, float(distortion)),
            "classification": np.full(problem.target.shape, float(label)),
        }
        for shortfall in refused.shortfalls:
            limits[shortfall.limit] = np.where(shortfall.where, shortfall.least, limits[shortfall.limit])
        # Where both are missed, each is the least without the other.
        one = sum(shortfall.where.astype(int) for shortfall in refused.shortfalls) < 2
        assert (
            problem.rate(limits["distortion"], limits["classification"], perception, divergence, view)
            .feasible[one]
            .all()
        )
    for dependence in ("positive", "negative"):
        refused = problem.information(0.2, 0.0, dependence, view)
        least = np.where(refused.feasible, 1.0, refused.shortfalls[0].least)
        assert problem.information(0.2, least, dependence, view).feasible.all()


def test_no_rounding_at_even_sources_beats_the_frechet_bound():
    problem = BernoulliTransport(0.499999999, 0.04097352393619469, 0.0)
    found = problem.distortion(label_entropy=problem.least_label_entropy())
    assert found.value >= abs(problem.source - problem.target) - 1e-14
