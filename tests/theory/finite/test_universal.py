"""The program over partitions: one demand gives the single rate, more demands never less, plans alone bound it; and
KL balls between two polytopes, against exponential cones.
"""

from itertools import product

import cvxpy
import numpy as np
import pytest

from crosscodec.theory import FiniteTransport, rate_penalty
from crosscodec.theory.entropy import entropy, plogp
from crosscodec.theory.finite import universal
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.problem import output_divergence


def random_transport(seed):
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(8)).reshape(2, 4)
    return FiniteTransport(joint, generator.dirichlet(np.ones(3)), generator.uniform(size=(4, 3)))


def test_one_demand_is_the_single_rate():
    for seed in range(4):
        problem = random_transport(seed)
        limit = problem.distortion(0.4).value
        assert rate_penalty(problem, [limit]).rate == pytest.approx(0.4, abs=1e-6)


def test_more_demands_never_cost_less_and_the_restricted_program_bounds_from_above(monkeypatch):
    for seed in range(4):
        problem = random_transport(seed)
        perception = np.array([0.0, 0.1])
        limits = problem.distortion(np.array([0.4, 0.3]), perception=perception).value
        exact = rate_penalty(problem, limits, perception=perception)
        assert exact.certified
        assert exact.rate >= 0.4 - 1e-6
        monkeypatch.setattr(universal, "LARGEST_EXACT", 0)
        loose = rate_penalty(problem, limits, perception=perception)
        monkeypatch.undo()
        assert loose.rate >= exact.rate - 1e-8
        assert loose.lower == 0


def test_partitions_are_counted_by_bell():
    assert [len(list(universal._partitions(n))) for n in (1, 2, 3, 4, 5)] == [1, 2, 5, 15, 52]


def universal_program(source, joint, cost, target, demands):
    """Return the least rate in bits for demands ``(distortion, label entropy, bits of KL)``, by exponential cones."""
    inputs, outputs = cost.shape
    named = {tuple(map(cells.index, cells)) for cells in product(range(inputs), repeat=inputs)}
    parts = [[[x for x in range(inputs) if name[x] == first] for first in sorted(set(name))] for name in sorted(named)]
    weight = cvxpy.Variable(len(parts), nonneg=True)
    masses = [np.array([source[cell].sum() for cell in part]) for part in parts]
    limits = [cvxpy.sum(weight) == 1]
    for distortion, label_entropy, bits in demands:
        far, told, law = 0, 0, 0
        for k, part in enumerate(parts):
            images = list(product(range(outputs), repeat=len(part)))
            share = cvxpy.Variable(len(images), nonneg=True)
            limits.append(cvxpy.sum(share) == weight[k])
            of = np.zeros((inputs, len(images)), dtype=int)
            for cell, row in zip(part, np.array(images).T, strict=True):
                of[cell] = row
            hits = of[:, :, None] == np.arange(outputs)
            far += share @ np.einsum("x,xky,xy->k", source, hits, cost)
            law += share @ np.einsum("x,xky->ky", source, hits)
            table = np.einsum("sx,xky->ksy", joint, hits)
            mass = table.sum(axis=1, keepdims=True)
            told += share @ (plogp(table).sum(axis=(1, 2)) - plogp(mass).sum(axis=(1, 2)))
        limits += [far <= distortion] if np.isfinite(distortion) else []
        limits += [told <= label_entropy] if np.isfinite(label_entropy) else []
        limits += [cvxpy.sum(cvxpy.rel_entr(law, target)) <= bits * np.log(2)] if np.isfinite(bits) else []
    rate = weight @ np.array([-(m * np.log2(m)).sum() for m in masses])
    return cvxpy.Problem(cvxpy.Minimize(rate), limits).solve(solver="CLARABEL")


def random_demands(seed, inputs, outputs, count):
    """A problem and demands that can be met with something to spare, some of them on the label."""
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(2 * inputs)).reshape(2, inputs)
    target, cost = generator.dirichlet(np.ones(outputs)), generator.uniform(size=(inputs, outputs))
    problem = FiniteTransport(joint, target, cost)
    radius = 10 ** generator.uniform(-4, 0, count)
    distortion = problem.distortion(generator.uniform(0.1, 1.2, count), perception=radius, divergence="kl").value
    told = [plan.label_entropy for plan in problem.distortion(perception=radius, divergence="kl").plan]
    label = np.where(generator.random(count) < 0.6, told + generator.uniform(0.005, 0.1, count), np.inf)
    return problem, distortion + generator.uniform(1e-3, 0.05, count), label, radius


@pytest.mark.parametrize(
    ("seed", "inputs", "outputs", "count"),
    [(0, 2, 2, 2), (1, 3, 2, 3), (2, 5, 2, 2), (3, 4, 3, 2), (4, 3, 4, 2), (5, 2, 5, 2), (6, 5, 3, 1), (7, 4, 2, 3)],
)
def test_kl_balls_agree_with_exponential_cones_and_are_certified(seed, inputs, outputs, count):
    problem, distortion, label, radius = random_demands(seed, inputs, outputs, count)
    found = rate_penalty(problem, distortion, label, radius, "kl")
    demands = list(zip(distortion, label, radius, strict=True))
    cones = universal_program(problem.problem.source, problem.joint, problem.cost, problem.target, demands)
    # What cones miss of a limit is worth some bits.
    assert found.rate == pytest.approx(cones, abs=2e-6)
    assert found.certified


def test_kl_limits_of_crossing_demands_cost_more_together():
    # As in the test of `rate_penalty`: log2 3 bits together, h(1/3) each. Both codes have the target's output law.
    joint, cost = np.array([[1, 0, 0], [0, 1, 1]]) / 3, np.array([[0, 1], [0, 1], [1, 0]], dtype=float)
    found = rate_penalty(FiniteTransport(joint, [0.6, 0.4], cost), [0.0, np.inf], [np.inf, 0.0], 0.02, "kl")
    assert found.certified
    assert found.rate == pytest.approx(np.log2(3), abs=1e-6)
    assert found.lower == pytest.approx(2 / 3, abs=1e-6)


def test_no_kl_radius_is_the_exact_target_an_infinite_one_no_limit_and_between_the_rate_falls():
    problem = random_transport(0)
    limits = problem.distortion(np.array([0.4, 0.3])).value
    rates = [rate_penalty(problem, limits, perception=bits, divergence="kl") for bits in (0, 1e-8, 0.01, 0.3, np.inf)]
    assert all(rate.upper - rate.lower < 1e-6 for rate in rates)
    assert np.all(np.diff([rate.rate for rate in rates]) < 0)
    assert rates[0].rate == rate_penalty(problem, limits).rate
    assert rates[-1].rate == rate_penalty(problem, limits, perception=np.inf).rate
    assert rates[1].rate == pytest.approx(rates[0].rate, abs=1e-4)


@pytest.mark.parametrize("bits", [1e-3, 0.1])
def test_kl_lies_between_total_variations_of_pinsker_and_its_reverse(bits):
    problem = random_transport(2)
    # TV <= sqrt(KL / 2) in nats; KL <= log(1 + chi2) and chi2 <= 2 TV^2 / min target.
    wide = np.sqrt(bits * np.log(2) / 2)
    narrow = np.sqrt((2**bits - 1) * problem.target.min() / 2)
    demands = problem.distortion(np.array([0.5, 0.3]), perception=narrow).value
    low, high = (rate_penalty(problem, demands, perception=tv).rate for tv in (wide, narrow))
    assert low < rate_penalty(problem, demands, perception=bits, divergence="kl").rate < high


def test_restricted_programs_bound_from_above_in_kl_balls_too(monkeypatch):
    problem, distortion, label, radius = random_demands(3, 4, 3, 2)
    exact = rate_penalty(problem, distortion, label, radius, "kl")
    monkeypatch.setattr(universal, "LARGEST_EXACT", 0)
    loose = rate_penalty(problem, distortion, label, radius, "kl")
    assert exact.rate - 1e-8 <= loose.rate <= entropy(problem.problem.source)
    assert loose.lower == 0


@pytest.mark.parametrize("divergence", ["tv", "kl"])
def test_demands_at_the_very_least_distortion_are_met_as_single_codes_meet_them(divergence):
    problem = random_transport(0)
    least = problem.distortion(perception=0.02, divergence=divergence).value
    for below in (0.0, 5e-8):
        found = rate_penalty(problem, [least - below, least + 0.1], perception=0.02, divergence=divergence)
        assert found.feasible
        assert found.rate == pytest.approx(found.largest_single_rate, abs=1e-6)
        assert found.certified


def test_balls_smaller_than_what_programs_can_tell_prove_no_penalty():
    problem = random_transport(0)
    found = rate_penalty(problem, problem.distortion(np.array([0.4, 0.3])).value, perception=1e-10, divergence="kl")
    assert found.lower == 0
    assert found.rate == pytest.approx(0.4, abs=1e-4)


def test_polytopes_grow_towards_the_ball_from_both_sides():
    problem, generator = random_transport(1).problem, np.random.default_rng(0)
    ball = Ball("kl", 0.05)
    inscribed = universal._Inscribed(problem, ball, problem.target)
    for law in generator.dirichlet(np.ones(3), 40):
        inscribed.grow(law)
    assert len(inscribed.cuts) > 35
    assert all(output_divergence(problem, law, "kl") <= 0.05 + 1e-15 for law in inscribed.laws)
    cuts = np.array([cut for cut, _ in inscribed.cuts]), np.array([side for _, side in inscribed.cuts])
    seen = 0
    for law in problem.target + 0.3 * (generator.dirichlet(np.ones(3), 400) - problem.target):
        inside = output_divergence(problem, law, "kl") <= 0.05
        within = bool((cuts[0] @ law <= cuts[1] + 1e-12).all())
        assert within or not inside
        seen += inside
    assert 50 < seen < 350


def test_prices_lead_to_the_law_of_least_mean_and_tell_it():
    problem, prices = random_transport(1).problem, np.array([0.3, -1.0, 0.5])
    inscribed = universal._Inscribed(problem, Ball("kl", 0.05), problem.target)
    least = inscribed.priced(prices)
    assert least == pytest.approx(float(inscribed.laws[-1] @ prices), abs=1e-9)
    assert least < min(float(law @ prices) for law in inscribed.laws[:-1])
    # Where all laws cost something, the corners are cheap enough.
    assert inscribed.priced(prices + 2) == 0


def test_penalties_that_took_many_tangents_are_certified_in_few_rounds(monkeypatch):
    rounds, solve = [], universal._Program._solve
    monkeypatch.setattr(universal._Program, "_solve", lambda *given: rounds.append(0) or solve(*given))
    generator = np.random.default_rng(5)
    joint = generator.dirichlet(np.ones(8)).reshape(2, 4)
    problem = FiniteTransport(joint, generator.dirichlet(np.ones(4)), generator.uniform(size=(4, 4)))
    radius = np.array([1e-3, 0.05, 0.3])
    demands = problem.distortion(np.array([1.3, 0.9, 0.5]), perception=radius, divergence="kl").value + 1e-3
    label = [np.inf, problem.distortion(perception=0.05, divergence="kl").plan.label_entropy + 5e-3, np.inf]
    found = rate_penalty(problem, demands, label, radius, "kl")
    assert found.certified
    # Two programs a round; tangents alone take all the 60 rounds that there are.
    assert len(rounds) < 80
