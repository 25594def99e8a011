import hashlib

import numpy as np
import pytest
from learn.photo.tiny import DATA

from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.photo.data import CropSource, load_training_pictures, scaled_copies
from crosscodec.learn.photo.settings import DataSettings


def source(**changes):
    flat = np.full((40, 50, 3), 100, np.uint8)
    return CropSource((flat,), np.array([1.0]), DataSettings(crop=32, **changes))


def digest(batch):
    return hashlib.sha256(batch.degraded.numpy().tobytes() + batch.clean.numpy().tobytes()).hexdigest()


def test_a_batch_is_a_function_of_seed_and_step():
    pictures = load_training_pictures(DATA, None).training
    assert digest(pictures.batch(1, 5, 4)) == digest(pictures.batch(1, 5, 4))
    assert len({digest(pictures.batch(seed, step, 4)) for seed in (1, 2) for step in (5, 6)}) == 4


def test_noise_level_lies_in_the_range():
    batch = source(noise_low=10.0, noise_high=20.0, stored=0.0, gray=0.0).batch(0, 0, 64)
    spread = (batch.degraded - batch.clean).flatten(1).std(1) * 255
    assert spread.min() > 9
    assert spread.max() < 21
    assert spread.max() - spread.min() > 5


def test_stored_crops_are_whole_bytes_and_gray_ones_have_one_noise():
    stored = source(stored=1.0, noise_high=200.0).batch(0, 0, 8).degraded.numpy() * 255
    assert stored.min() >= 0
    assert stored.max() <= 255
    np.testing.assert_allclose(stored, np.round(stored), atol=1e-4)
    gray = source(gray=1.0, stored=0.0).batch(0, 0, 8)
    assert (gray.degraded[:, :1] == gray.degraded).all()
    colour = source(gray=0.0, stored=0.0).batch(0, 0, 8)
    assert not (colour.degraded[:, :1] == colour.degraded).all()


def test_held_out_pictures_are_apart():
    both = load_training_pictures(DATA, None)
    assert len(both.held_out) == 1
    assert len(both.training.pictures) == 4
    assert both.training.chances.sum() == pytest.approx(1)


def test_scaled_copies_hold_a_crop():
    copies = scaled_copies(np.zeros((100, 200, 3), np.uint8), DataSettings(crop=64, scales=(1.0, 0.7, 0.5)))
    assert [c.shape for c in copies] == [(100, 200, 3), (70, 140, 3)]


def test_errors_name_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match=r"as large as data.crop = 4096"):
        load_training_pictures(DataSettings(sets=("builtin",), crop=4096), None)
    with pytest.raises(InputMissing):
        load_training_pictures(DataSettings(sets=("bsds500:train",)), tmp_path)
