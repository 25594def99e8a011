"""Crops are a function of seed and step, and what befalls them."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from learn.photo.tiny import DATA

from crosscodec.domains.camera import through_jpeg
from crosscodec.learn.photo.crops import CropsAhead, CropSource
from crosscodec.learn.photo.data import load_training_pictures, source_of
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


@pytest.mark.parametrize("steps", [(0, 1, 2, 3), (5, 6, 2, 3, 3, 7, 6), (4, 4, 4)])
def test_crops_cut_ahead_are_those_of_the_source_in_and_out_of_order(steps):
    pictures = load_training_pictures(DATA, None).training
    ahead = CropsAhead(pictures, 1, 4)
    for step in steps:
        found, wanted = ahead.at(step), pictures.crops(1, step, 4)
        for one, other in ((found, wanted), (found.shots, wanted.shots)):
            for name in vars(other).keys() - {"shots"}:
                np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert digest(found.batch(torch.device("cpu"))) == digest(pictures.batch(1, step, 4))


def test_crops_are_bytes_of_the_pictures_and_what_befalls_each():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    crops = CropSource((pixels,), np.array([1.0]), DataSettings(crop=32, gray=0.5, stored=0.5)).crops(3, 1, 64)
    turned = {np.rot90(side, k).tobytes() for k in range(4) for side in (pixels, pixels.swapaxes(0, 1))}
    assert {crop.tobytes() for crop in crops.pixels} == turned
    assert 16 < crops.gray.sum() < 48
    assert 16 < crops.stored.sum() < 48
    batch = crops.batch(torch.device("cpu"))
    for place, crop in enumerate(crops.pixels.transpose(0, 3, 1, 2) / 255):
        clean, noise = batch.clean[place].numpy(), (batch.degraded - batch.clean)[place].numpy()
        luma = np.tensordot((0.299, 0.587, 0.114), crop, axes=1)
        np.testing.assert_allclose(clean, [luma] * 3 if crops.gray[place] else crop, atol=1e-6)
        if not crops.stored[place]:
            assert noise.std() == pytest.approx(crops.sigma[place], rel=0.1)


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


def test_nothing_befalls_some_crops():
    both = load_training_pictures(DATA, None).training
    seen = replace(both, settings=replace(both.settings, camera=0.4, gray=0.2, clean=0.3))
    batch = seen.crops(1, 2, 96).batch(torch.device("cpu"))
    errors = (batch.degraded - batch.clean).abs().flatten(1).amax(1).numpy()
    assert 0.15 < (errors <= 0.5 / 255 + 1e-6).mean() < 0.45


def test_some_stored_crops_that_no_camera_took_are_jpeg_and_the_others_stay_as_they_were():
    both = load_training_pictures(DATA, None).training
    plain = replace(both, settings=replace(both.settings, camera=0.3, clean=0.3, stored=0.6))
    seen = replace(plain, settings=replace(plain.settings, stored_jpeg=0.5))
    without, crops = plain.crops(1, 2, 64), seen.crops(1, 2, 64)
    assert 16 < (crops.jpeg > 0).sum() < 48
    before, after = (c.batch(torch.device("cpu")).degraded for c in (without, crops))
    changed = (before - after).abs().flatten(1).amax(1).numpy() > 0
    assert np.array_equal(changed, (crops.jpeg > 0) & crops.stored & ~(crops.camera & ~crops.gray))
    assert changed.sum() > 8
    for place in np.flatnonzero(changed):
        was, became = (np.rint(255 * c[place].permute(1, 2, 0).numpy()).astype(np.uint8) for c in (before, after))
        quality = int(crops.jpeg[place])
        assert np.array_equal(became, through_jpeg(was, quality, halved=bool(quality % 2)))
    assert torch.equal(
        seen.simulated().crops(1, 2, 8).batch(torch.device("cpu")).degraded,
        plain.simulated().crops(1, 2, 8).batch(torch.device("cpu")).degraded,
    )


def test_some_crops_are_a_cameras_and_the_others_stay_as_they_were():
    both = load_training_pictures(DATA, None).training
    seen = replace(both, settings=replace(both.settings, camera=0.5, gray=0.3))
    plain, crops = replace(both, settings=replace(both.settings, gray=0.3)).crops(1, 2, 64), seen.crops(1, 2, 64)
    before, after = (c.batch(torch.device("cpu")).degraded for c in (plain, crops))
    assert 16 < crops.camera.sum() < 48
    changed = (before - after).abs().flatten(1).amax(1).numpy() > 0
    assert np.array_equal(changed, crops.camera & ~crops.gray)
    photos = 255 * after[torch.from_numpy(changed)]
    torch.testing.assert_close(photos, photos.round(), atol=1e-3, rtol=0)
    again = seen.simulated().crops(1, 2, 64)
    assert not again.camera.any()
    assert torch.equal(again.batch(torch.device("cpu")).degraded, before)


def test_crops_of_pairs_are_as_they_were_recorded(recorded):
    pictures = load_training_pictures(recorded, None)
    crops = pictures.training.crops(1, 2, 32)
    batch = crops.batch(torch.device("cpu"))
    darker = (255 * (batch.clean - batch.degraded)).flatten(1)
    assert ((darker - darker[:, :1]).abs() < 1e-3).all(), "cut and turned alike, and nothing else befell them"
    assert set(darker[:, 0].round().int().tolist()) == {6, 15, 35}
    assert crops.stored.all()
    assert not (crops.camera | crops.gray).any()
    assert len({float(picture[0, 0, 0]) for picture in batch.clean}) > 8
    assert digest(pictures.training.batch(1, 2, 32)) == digest(batch), "a function of seed and step, as resuming needs"
    other = pictures.training.simulated().batch(1, 2, 32)
    assert (other.degraded - other.clean).abs().mean() > 5 / 255


def test_gray_pairs_of_16_bits_keep_their_precision(recorded):
    only = load_training_pictures(replace(recorded, held_out=3), None)
    deep = only.held_out[0]
    assert deep.recorded.shape == (48, 40)
    assert deep.recorded[0, 0] == np.float32(25 * 257 / 65535)
    crops = source_of(only.held_out, recorded).crops(1, 2, 4)
    assert not crops.stored.any()
    assert crops.recorded.degraded.shape == (4, 32, 32, 3)


def test_some_crops_are_of_pairs_and_the_others_of_sets(recorded):
    mixed = replace(recorded, sets=("builtin",), recorded=0.4, scales=(0.25,), gray=0.0, held_out=5)
    crops = load_training_pictures(mixed, None).training.crops(1, 2, 64)
    assert 15 < len(crops.recorded.places) < 36
    others = np.setdiff1d(np.arange(64), crops.recorded.places)
    assert 0.3 < crops.camera[others].mean() < 0.7
    plain = load_training_pictures(replace(mixed, degraded_folder="", clean_folder=""), None).training
    assert np.array_equal(plain.crops(1, 2, 64).pixels, crops.pixels), "what is not of pairs is as without them"
