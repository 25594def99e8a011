"""Samples of a source: their law, and that a seed is all they depend on."""

import numpy as np

from crosscodec.simulate.sources import draw_normals, draw_pairs
from crosscodec.theory import GaussianTransport, Normal

JOINT = np.array([[0.3, 0.0, 0.2], [0.1, 0.35, 0.05]])


def test_pairs_have_the_joint_law():
    found = draw_pairs(JOINT, 5, 200_000)
    counts = np.zeros_like(JOINT)
    np.add.at(counts, (found.label, found.source), 1)
    assert np.abs(counts / 200_000 - JOINT).max() < 4 * np.sqrt(0.25 / 200_000)
    assert counts[0, 1] == 0


def test_a_longer_draw_begins_with_the_shorter():
    longer, shorter = draw_pairs(JOINT, 5, 1000), draw_pairs(JOINT, 5, 10)
    assert np.array_equal(longer.source[:10], shorter.source)
    assert np.array_equal(longer.label[:10], shorter.label)
    assert not np.array_equal(draw_pairs(JOINT, 6, 1000).source, longer.source)


def test_normals_have_means_deviations_and_correlation():
    found = draw_normals(GaussianTransport(Normal(2.0, 3.0), Normal(0, 1), -0.6, 0.5), 1, 200_000)
    near = 4 / np.sqrt(200_000)
    assert abs(found.source.mean() - 2) < 3 * near
    assert abs(found.source.std() - 3) < 3 * near
    assert abs(found.label.std() - 0.5) < 0.5 * near
    assert abs(np.corrcoef(found.source, found.label)[0, 1] + 0.6) < near
