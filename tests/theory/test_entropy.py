"""Entropies in bits: textbook values, ends, inverses."""

import mpmath
import numpy as np
import pytest

from crosscodec.theory import entropy as e


def test_known_values():
    assert e.binary_entropy(0.5) == 1
    assert e.binary_entropy(0.11) == pytest.approx(0.499916, abs=1e-6)
    assert e.entropy([0.5, 0.25, 0.25]) == 1.5
    assert e.plogp([0.0, 1.0]).tolist() == [0, 0]
    assert e.convolve(0.1, 0.2) == pytest.approx(0.26)


def test_binary_entropy_is_zero_at_both_ends():
    assert e.binary_entropy([0.0, 1.0]).tolist() == [0.0, 0.0]


def test_binary_entropy_keeps_all_digits_of_a_rare_outcome():
    for p in (1e-300, 1e-17, 1e-9, 1e-3):
        truth = p * np.log2(1 / p) + (p - p**2 / 2 - p**3 / 6 - p**4 / 12) * e.LOG2_E
        assert e.binary_entropy(p) == pytest.approx(truth, rel=1e-12, abs=0)
    assert e.inverse_binary_entropy(e.binary_entropy(1e-17)) == pytest.approx(1e-17, rel=1e-12, abs=0)
    p = np.random.default_rng(0).uniform(0.5, 1, 1000)
    assert (e.binary_entropy(p) == e.binary_entropy(1 - p)).all()


def test_inverse():
    bits = np.linspace(0, 1, 1001)
    p = e.inverse_binary_entropy(bits)
    assert np.abs(e.binary_entropy(p) - bits).max() < 1e-14
    assert p.max() <= 0.5
    assert p[0] == 0


def test_joint_tables():
    joint = np.array([[0.3, 0.1], [0.2, 0.4]])
    h_x, h_y, h_xy = e.entropy(joint.sum(1)), e.entropy(joint.sum(0)), e.entropy(joint, axis=None)
    assert e.mutual_information(joint) == pytest.approx(h_x + h_y - h_xy)
    assert e.conditional_entropy(joint) == pytest.approx(h_xy - h_y)
    assert e.mutual_information(np.outer([0.3, 0.7], [0.6, 0.4])) == pytest.approx(0, abs=1e-15)


def test_binary_divergence():
    q, r = 0.3, 0.45
    truth = r * np.log2(r / q) + (1 - r) * np.log2((1 - r) / (1 - q))
    assert e.binary_divergence(r - q, q) == pytest.approx(truth)
    assert e.binary_divergence(-0.3, 0.3) == pytest.approx(-np.log2(0.7))
    assert e.binary_divergence(0.0, 0.0) == 0
    assert e.binary_divergence(0.1, 0.0) == np.inf
    assert e.binary_divergence(1e-9, 0.3) == pytest.approx(1e-18 / (2 * 0.21) / np.log(2), rel=1e-6)


@pytest.mark.parametrize("reference", [1e-300, 1e-3, 0.3, 0.5, 0.999])
@pytest.mark.parametrize("shift", [1e-14, -1e-14, 1e-9, 1e-5, -1e-5, 9e-4, 0.25, -0.25, 0.4])
def test_binary_divergence_keeps_its_digits_at_every_shift(reference, shift):
    if not 0 < reference + shift < 1:
        return
    with mpmath.workdps(60):
        q, d = mpmath.mpf(reference), mpmath.mpf(shift)
        truth = (q + d) * mpmath.log((q + d) / q, 2) + (1 - q - d) * mpmath.log((1 - q - d) / (1 - q), 2)
        assert float(e.binary_divergence(shift, reference) / truth) == pytest.approx(1, abs=1e-12)


def test_excess_over_log_is_exact_near_zero():
    with mpmath.workdps(60):
        for v in (1e-12, -1e-12, 9.9e-4, -9.9e-4, 1.1e-3, 0.4, -0.4):
            truth = mpmath.mpf(v) - mpmath.log1p(mpmath.mpf(v))
            assert float(e.excess_over_log(np.array(v)) / truth) == pytest.approx(1, abs=1e-12)


def test_masses_whose_product_underflows_add_nothing():
    assert e.mutual_information([[1.0, 1e-200], [1e-200, 1e-320]]) == pytest.approx(0, abs=1e-12)
