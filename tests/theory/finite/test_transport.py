"""The finite solver's door: against the binary closed forms, both label views, both settings, refusals."""

import numpy as np
import pytest

from crosscodec.theory import BernoulliTransport, FiniteTransport
from crosscodec.theory.finite.problem import output_divergence


def binary(a, b, n):
    joint = np.array([[(1 - a) * (1 - n), a * n], [(1 - a) * n, a * (1 - n)]])
    return FiniteTransport(joint, [1 - b, b], 1 - np.eye(2)), BernoulliTransport(a, b, n)


def same(ours, closed, tolerance=1e-8):
    assert ours.feasible == closed.feasible
    if closed.feasible:
        assert ours.value == pytest.approx(closed.value, abs=tolerance)
        assert ours.gap < 1e-7
        assert ours.certified


def test_one_shot_agrees_with_the_binary_closed_forms():
    generator = np.random.default_rng(0)
    for trial in range(120):
        a, b, n = generator.uniform(0.05, 0.95, 3)
        rate, label = generator.uniform(0, 1, 2)
        finite, closed = binary(a, b, n)
        divergence = ("tv", "kl", "w1")[trial % 3]
        options = {"perception": [0.0, 0.08][trial % 2], "divergence": divergence}
        same(finite.distortion(rate, label, **options), closed.distortion(rate, label, **options))
        same(finite.rate(rate / 2, label, **options), closed.rate(rate / 2, label, **options))
        same(finite.information(rate, label), closed.information(rate, label))


def test_blind_classifier_is_bracketed_around_the_closed_form():
    generator = np.random.default_rng(1)
    equal = 0
    for _ in range(40):
        a, b = generator.uniform(0.1, 0.9, 2)
        n, rate, label = generator.uniform([0, 0, 0.5], [0.3, 1, 1])
        finite, closed = binary(a, b, n)
        ours, truth = finite.distortion(rate, label, label_given="y"), closed.distortion(rate, label, label_given="y")
        if ours.feasible:
            assert truth.feasible
            assert ours.value >= truth.value - 1e-8
            assert ours.value - ours.gap <= truth.value + 1e-8
            assert ours.plan.label_entropy_without_randomness <= label + 1e-8
        equal += ours.feasible == truth.feasible and (not truth.feasible or abs(ours.value - truth.value) < 1e-6)
    # The tangents find the optimum nearly always; it is the bound that is loose.
    assert equal >= 36


def test_binding_agrees_with_the_closed_forms():
    finite, closed = binary(0.3, 0.4, 0.1)
    for rate in (0.2, 0.6, 2.0):
        assert finite.distortion(rate).binding == closed.distortion(rate).binding
    tight = finite.distortion(0.05, 0.5)
    assert tight.binding == "classification"
    assert tight.reason == closed.distortion(0.05, 0.5).reason
    assert finite.rate(0.05).reason == closed.rate(0.05).reason
    assert finite.rate(0.05).binding == "distortion"


def test_plans_reproduce_everything_in_every_setting():
    generator = np.random.default_rng(2)
    finite = FiniteTransport(
        generator.dirichlet(np.ones(15)).reshape(3, 5), [0.3, 0.3, 0.4], generator.uniform(size=(5, 3))
    )
    for setting in ("one-shot", "asymptotic"):
        for divergence in ("tv", "kl", "w1"):
            for perception in (0.0, 0.1, np.inf):
                options = {"perception": perception, "divergence": divergence, "setting": setting}
                ours = finite.distortion(0.4, **options)
                assert ours.certified
                assert ours.plan.distortion == pytest.approx(ours.value, abs=1e-8)
                assert ours.plan.rate <= 0.4 + 1e-7
                assert output_divergence(finite.problem, ours.plan.output, divergence) <= perception + 1e-7
                back = finite.rate(ours.value + 1e-9, **options)
                assert back.value == pytest.approx(0.4, abs=1e-4)


def test_asymptotic_is_never_worse_than_one_shot_and_free_output_is_never_worse_than_a_target():
    generator = np.random.default_rng(3)
    joint, cost = generator.dirichlet(np.ones(8)).reshape(2, 4), generator.uniform(size=(4, 3))
    bound, free = FiniteTransport(joint, [0.2, 0.3, 0.5], cost), FiniteTransport(joint, None, cost)
    rates = np.array([0.1, 0.5, 1.0])
    one, many = bound.distortion(rates).value, bound.distortion(rates, setting="asymptotic").value
    assert (many <= one + 1e-9).all()
    assert (free.distortion(rates).value <= one + 1e-9).all()
    assert (free.distortion(rates, setting="asymptotic").value <= many + 1e-9).all()
    unlimited = bound.distortion(rates, perception=np.inf, setting="asymptotic").value
    assert unlimited == pytest.approx(free.distortion(rates, setting="asymptotic").value, abs=1e-9)


def test_asymptotic_label_limit_is_feasible_and_says_it_is_not_certified():
    finite, _ = binary(0.4, 0.4, 0.1)
    free = finite.distortion(0.3, setting="asymptotic", perception=np.inf)
    limited = finite.distortion(0.3, 0.86, setting="asymptotic", perception=np.inf)
    assert limited.feasible
    assert limited.value >= free.value
    ours = FiniteTransport(finite.joint, None, [[0, 0.2], [0.7, 0]])
    loose = ours.distortion(0.5, setting="asymptotic").plan.label_entropy
    tight = ours.distortion(0.5, loose - 0.01, setting="asymptotic")
    assert tight.feasible
    assert tight.plan.label_entropy <= loose - 0.01
    assert not tight.certified
    assert tight.status == "alternation"
    assert tight.gap > 0
    impossible = ours.distortion(0.5, 0.3, setting="asymptotic")
    assert not impossible.feasible
    assert impossible.certified


def test_asymptotic_rate_under_a_label_limit_is_mrs_gerber():
    # X ~ Bern(.4), S = X xor Bern(.1): R = h(a) - h(c1) with h(c1 * n) = C.
    def h(p):
        return -p * np.log2(p) - (1 - p) * np.log2(1 - p)

    finite, _ = binary(0.4, 0.4, 0.1)
    crossover = 0.15
    limit = h(crossover * 0.9 + (1 - crossover) * 0.1)
    ours = FiniteTransport(finite.joint, None, 1 - np.eye(2)).rate(0.4, limit, setting="asymptotic")
    assert ours.value == pytest.approx(h(0.4) - h(crossover), abs=2e-3)
    assert ours.plan.label_entropy <= limit


def test_shapes_of_answers():
    finite, _ = binary(0.3, 0.4, 0.1)
    ours = finite.distortion(np.array([[0.1], [0.5]]), np.array([0.2, 0.9, np.inf]))
    assert ours.value.shape == ours.feasible.shape == ours.gap.shape == ours.plan.shape == (2, 3)
    assert ours.plan[0, 0] is None
    assert ours.reason[0, 0].startswith("classification limit 0.2 bit")
    assert ours.status[0, 2] == "optimal"


def test_inputs_of_probability_zero_change_nothing():
    cost = np.array([[0, 1], [1, 0], [0.3, 0.2]])
    with_zero = FiniteTransport([[0.3, 0.7, 0.0]], [0.5, 0.5], cost)
    without = FiniteTransport([[0.3, 0.7]], [0.5, 0.5], cost[:2])
    for setting in ("one-shot", "asymptotic"):
        ours, truth = (f.distortion(0.4, setting=setting).value for f in (with_zero, without))
        assert ours == pytest.approx(truth)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[0.5, 0.6]], [0.5, 0.5], np.eye(2)), "joint must sum to 1"),
        (([0.5, 0.5], [0.5, 0.5], np.eye(2)), "joint must be a table"),
        (([[0.5, 0.5]], [0.5, 0.6], np.eye(2)), "target must sum to 1"),
        (([[0.5, 0.5]], [0.5, 0.5], np.eye(3)), "cost must have shape"),
        (([[0.5, 0.5]], [0.2, 0.3, 0.5], np.eye(2)), "target must have 2 entries"),
        (([[0.5, 0.5]], None, [[0, np.nan], [1, 0]]), "cost contains NaN"),
        (([[0.5, 0.5]], None, np.eye(2), np.eye(3)), "output_distance must have shape"),
        (([[0.5, 0.5]], None, np.eye(2), [[0, -1], [-1, 0]]), "output_distance must be at least 0, got -1"),
        (
            ([[0.5, 0.5]], None, np.eye(2), [[0, 1], [1, 2]]),
            "output_distance must be 0 from each point to itself, got 2",
        ),
    ],
)
def test_impossible_parameters_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        FiniteTransport(*arguments)


def test_impossible_options_are_refused():
    finite, _ = binary(0.3, 0.4, 0.1)
    with pytest.raises(ValueError, match="setting must be one of 'one-shot', 'asymptotic'"):
        finite.distortion(1, setting="block")
    with pytest.raises(ValueError, match="divergence must be one of"):
        finite.distortion(1, divergence="w2")
    with pytest.raises(ValueError, match="rate must be at least 0"):
        finite.distortion(-1)
    with pytest.raises(ValueError, match="perception is a distance from the target, and this problem has none"):
        FiniteTransport([[0.5, 0.5]], None, 1 - np.eye(2)).distortion(0.5, perception=[0.0, 0.1])
