"""The polygon of binary codes: its ends hold with equality, its feasibility is the theory page's t_lo <= t_hi."""

import numpy as np

from crosscodec.theory.bernoulli import region

DRAWS = 10_000


def draws():
    generator = np.random.default_rng(0)
    a, b, s_rate = generator.uniform(0.001, 0.999, (3, DRAWS))
    return a, b, s_rate, generator.uniform(0, 1, DRAWS) ** 2


def test_feasibility_is_the_page_criterion():
    a, b, s_rate, s_label = draws()
    k = 1 - 2 * a
    high = np.minimum.reduce([s_rate, b / a, (1 - b) / (1 - a)])
    high = np.minimum(high, np.where(k > 0, (2 * (1 - b) - s_label) / k, (2 * b - s_label) / -k))
    low = np.maximum.reduce([-s_rate, -b / (1 - a), -(1 - b) / a])
    low = np.maximum(low, np.where(k > 0, (s_label - 2 * b) / k, (s_label - 2 * (1 - b)) / -k))
    page = (s_label <= s_rate) & (low <= high)
    ours_low, ours_high, feasible = region.ends(a, b, s_rate, s_label)
    assert np.array_equal(page, feasible)
    assert np.abs(ours_low - low)[feasible].max() < 1e-12
    assert np.abs(ours_high - high)[feasible].max() < 1e-12


def test_information_is_convex_with_zero_at_zero():
    a, b, s_rate, _ = draws()
    low, high = region.transport_ends(a, b)
    points = [region.information_at(a, b, low + share * (high - low)) for share in (0.2, 0.4, 0.6)]
    assert (points[0] + points[2] - 2 * points[1] >= -1e-12).all()
    assert np.abs(region.information_at(a, b, np.zeros(DRAWS))).max() < 1e-12
    assert (s_rate > 0).all()


def test_blind_label_entropy_is_concave_with_its_maximum_at_zero():
    a, b, _, share = draws()
    n = share / 2
    low, high = region.transport_ends(a, b)
    top = region.label_entropy_at(a, n, b, np.zeros(DRAWS))
    for end in (low, high):
        middle, outer = (region.label_entropy_at(a, n, b, part * end) for part in (0.5, 1.0))
        assert (2 * middle >= top + outer - 1e-12).all()
        assert (top >= middle - 1e-12).all()


def test_mass_and_label_entropy_are_inverse():
    a, n, mass = np.array([0.3, 0.6]), np.array([0.1, 0.2]), np.array([0.25, 0.75])
    assert np.abs(region.label_mass(a, n, region.label_entropy_of_mass(a, n, mass), np.ones(2)) - mass).max() < 1e-12


def test_a_label_entropy_below_the_source_given_is_never_met():
    s = region.label_mass(np.array([0.3, 0.3]), np.array([0.1, 0.1]), np.array([0.4, 0.9]), np.ones(2))
    assert np.isinf(s[0])
    assert 0 <= s[1] <= 1
