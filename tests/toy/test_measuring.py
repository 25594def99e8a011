"""Measuring, with outputs that are made up: the check must be able to fail, and on the right side."""

import dataclasses

import numpy as np
import pytest

from crosscodec.simulate.rows import BEATS, OK
from crosscodec.toy.measuring import PARTS, Spent, law_distance, measure_point, part_means, standard_error
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import FIDELITY, PERCEPTION, NormalLaw, source_of

BLOCKS = 40_000


def spent(rate):
    return Spent(rate, rate, rate, np.full(PARTS, rate))


def test_a_decoder_that_has_the_test_channel_is_at_the_bound():
    """The best Gaussian channel, which no file can carry: at the bound, and that is allowed."""
    source = source_of(ToySettings())
    drawn = source.draw(0, BLOCKS)
    noise = np.random.default_rng(1).normal(size=drawn.blocks.shape)
    output = 0.75 * drawn.blocks + np.sqrt(0.75 * 0.25) * noise
    point = measure_point(source, FIDELITY, drawn, output, spent(1.0))
    assert not point.complaints
    assert point.gap_bits == pytest.approx(0, abs=0.02)
    assert point.label_entropy == pytest.approx(point.label_bound, abs=0.02)


@pytest.mark.parametrize("source", ["gaussian", "vector", "bernoulli"])
def test_a_decoder_that_peeks_beats_the_bound(source):
    """What was not in the file must be noticed: here the decoder gives the source itself."""
    toy = source_of(ToySettings(source, rate=0.5))
    drawn = toy.draw(0, BLOCKS)
    for decoder in toy.owed:
        point = measure_point(toy, decoder, drawn, drawn.blocks, spent(0.5))
        assert {row.verdict for row in point.rows} == {BEATS}
        assert len(point.complaints) == len(point.rows)


def test_a_law_that_is_not_kept_is_no_excuse():
    """An output of half the spread has less error than the law owed allows, and none that its own would not."""
    source = source_of(ToySettings())
    drawn = source.draw(0, BLOCKS)
    noise = np.random.default_rng(1).normal(size=drawn.blocks.shape)
    output = 0.75 * drawn.blocks + np.sqrt(0.75 * 0.25) * noise
    point = measure_point(source, PERCEPTION, drawn, output, spent(1.0))
    assert point.distortion < point.bound_owed
    assert point.distortion == pytest.approx(point.bound, rel=0.03)
    assert not point.complaints
    assert point.law_distance > 0.01


def test_three_standard_errors_are_allowed_and_no_more():
    source = source_of(ToySettings())
    drawn = source.draw(0, BLOCKS)
    noise = np.random.default_rng(1).normal(size=drawn.blocks.shape)
    fair = measure_point(source, FIDELITY, drawn, 0.75 * drawn.blocks + np.sqrt(0.1875) * noise, spent(1.0))
    row = fair.rows[0]
    # 2.9 and 3.1 of them: the room of a rounding error lies between.
    for errors, verdict in ((2.9, OK), (3.1, BEATS)):
        doctored = dataclasses.replace(row, measured=row.theory - errors * row.standard_error)
        assert doctored.verdict == verdict


def test_standard_errors_know_that_rate_and_distortion_belong_together():
    rng = np.random.default_rng(0)
    each = rng.normal(size=PARTS * 50)
    assert part_means(each).size == PARTS
    assert standard_error(part_means(each)) == pytest.approx(1 / np.sqrt(each.size), rel=0.2)


def test_the_law_distance_of_normals():
    blocks = np.random.default_rng(0).normal(size=(BLOCKS, 2))
    assert law_distance(blocks, NormalLaw(np.zeros(2), np.eye(2))) < 1e-3
    assert law_distance(blocks, NormalLaw(np.ones(2), 4 * np.eye(2))) == pytest.approx(2, rel=0.05)
