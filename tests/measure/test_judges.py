"""Judges that need weights: there or not, and pictures too small for them."""

import numpy as np
import pytest
from lpipsweights import data_with_weights

from crosscodec.errors import CorruptData
from crosscodec.measure.judges import load_judges
from crosscodec.measure.lpips import load_lpips
from crosscodec.measure.niqe import FILE


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_without_weights_there_are_no_numbers(tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    for data in (None, tmp_path):
        judges = load_judges(data)
        assert judges.distance(judges.features(picture(64, 64)), picture(64, 64, 1)) is None
        assert judges.naturalness(picture(200, 200)) is None


def test_one_that_is_there_judges_alone(tmp_path):
    judges = load_judges(data_with_weights(tmp_path))
    clean, restored = picture(64, 40), picture(64, 40, 1)
    expected = load_lpips(data=tmp_path).distance(clean, restored)
    assert judges.distance(judges.features(clean), restored) == expected > 0
    assert judges.niqe is None


def test_pictures_that_are_too_small_have_no_number(tmp_path):
    judges = load_judges(data_with_weights(tmp_path))
    assert judges.distance(judges.features(picture(31, 64)), picture(31, 64)) is None


def test_a_file_that_is_none_is_told(tmp_path):
    data_with_weights(tmp_path)
    (tmp_path / "metric-weights" / FILE).write_bytes(b"no archive")
    with pytest.raises(CorruptData):
        load_judges(tmp_path)
