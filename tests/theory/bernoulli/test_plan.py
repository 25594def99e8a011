"""Mixtures of maps: quantities from the joint table, and the examples of the theory page."""

import numpy as np
import pytest

from crosscodec.theory.bernoulli.plan import BinaryMixture, label_entropy_of_channel, mixture

from ..oracles import label_entropy_of


def test_the_page_example_of_two_label_entropies():
    half = BinaryMixture(*(np.array(v) for v in (0.5, 0.1, 0.5, 0.0, 0.25, 0.25)))
    assert float(half.label_entropy) == pytest.approx(0.7345, abs=5e-5)
    assert float(half.label_entropy_without_randomness) == pytest.approx(0.8813, abs=5e-5)


def test_joint_table_reproduces_distortion_output_and_information():
    plan = mixture(*(np.array(v) for v in (0.3, 0.1, 0.4, 0.5, 0.2)), np.array(True))
    joint = plan.joint()
    assert joint.sum() == pytest.approx(1)
    assert joint[0, 1] + joint[1, 0] == pytest.approx(float(plan.distortion))
    assert joint[:, 1].sum() == pytest.approx(0.4)
    product = np.outer(joint.sum(1), joint.sum(0))
    assert float(plan.information) == pytest.approx((joint * np.log2(joint / product)).sum())


def test_infeasible_places_are_nan():
    plan = mixture(*(np.full(2, v) for v in (0.3, 0.1, 0.4, 0.5, 0.2)), np.array([True, False]))
    assert np.isnan(plan.distortion).tolist() == [False, True]


def test_label_entropy_of_a_channel_is_that_of_the_joint_table():
    a, n, up, down = np.random.default_rng(0).uniform(0, 1, (4, 1000))
    assert np.abs(label_entropy_of_channel(a, n, up, down) - label_entropy_of(a, n, up, down)).max() < 1e-12
