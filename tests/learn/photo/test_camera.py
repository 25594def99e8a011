"""Crops by a camera: the camera of domains/camera.py, drawn anew for each crop."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from crosscodec.domains.camera import GAINS, PLAIN, SHARP, developed, light, measured, srgb
from crosscodec.learn.photo.camera import LARGEST, Shots, taken


def shots(count, sharpness=1.0, electrons=1e6, jpeg=0, **other):
    plain = Shots(
        np.full(count, electrons, np.float32),
        np.tile(np.array([[GAINS[0], GAINS[2]]], np.float32), (count, 1)),
        np.full(count, sharpness, np.float32),
        np.full(count, jpeg, np.int64),
        np.zeros((count, 2), np.int64),
        np.ones(count, np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.float32),
    )
    return replace(plain, **{name: np.array(values, getattr(plain, name).dtype) for name, values in other.items()})


def photos_of(crops, how, seed=0):
    return taken(crops, how, torch.Generator().manual_seed(seed))[0]


def smooth_crops(count, side=32):
    rows, columns = np.mgrid[:side, :side] / side
    planes = np.stack([0.2 + 0.5 * rows, 0.6 - 0.3 * columns, 0.3 + 0.2 * rows * columns])
    return torch.from_numpy(np.stack([np.roll(planes, k, 0) for k in range(count)])).float()


FIRST = [(0, 0), (0, 1), (1, 1)]


@pytest.mark.parametrize(("sharpness", "kernels"), [(0.0, PLAIN), (1.0, SHARP)])
def test_without_noise_it_is_the_camera_of_the_domain(sharpness, kernels):
    crops = torch.rand(3, 3, 32, 48)
    found, target = taken(crops, shots(3, sharpness, first=FIRST), None)
    assert torch.equal(target, crops)
    for picture, crop, first in zip(found.numpy(), crops.numpy(), FIRST, strict=True):
        raw = measured(light(crop.transpose(1, 2, 0).astype(np.float64)), first)
        expected = np.rint(255 * srgb(developed(raw, kernels, first))).transpose(2, 0, 1)
        assert np.abs(255 * picture - expected).max() <= 1.001  # a value between two bytes
        assert (np.abs(255 * picture - expected) > 0.5).mean() < 0.01


def test_fewer_electrons_are_noisier():
    crops = smooth_crops(2, 64)
    errors = [(photos_of(crops, shots(2, 1.0, n)) - crops).square().mean().item() for n in (50, 500, 5000)]
    assert errors[0] > 4 * errors[1] > 8 * errors[2]


def test_jpeg_touches_those_crops_alone_that_are_stored_so():
    crops = smooth_crops(3)
    some = shots(3, electrons=200.0, jpeg=(0, 75, 90))
    plain, stored = photos_of(crops, shots(3, electrons=200.0)), photos_of(crops, some)
    assert torch.equal(plain[0], stored[0])
    changed = [(plain[k] - stored[k]).abs().mean().item() for k in (1, 2)]
    assert changed[0] > changed[1] > 0
    torch.testing.assert_close(stored * 255, (stored * 255).round(), atol=1e-3, rtol=0)


def test_smoothed_colours_have_less_noise_and_luma_as_much():
    crops, luma = smooth_crops(2, 64), torch.tensor([0.299, 0.587, 0.114]).view(3, 1, 1)
    noise = photos_of(crops, shots(2, electrons=200.0, smoothed=(0, 1.5))) - crops
    grays = [(part * luma).sum(dim=0) for part in noise]
    colours = [(part - gray).std().item() for part, gray in zip(noise, grays, strict=True)]
    assert colours[1] < 0.6 * colours[0]
    assert grays[1].std().item() == pytest.approx(grays[0].std().item(), rel=0.25)


def test_what_is_sharpened_has_a_sharpened_target_and_stronger_noise():
    edge = torch.full((2, 3, 48, 48), 0.3)
    edge[..., 24:] = 0.6
    photos, target = taken(edge, shots(2, electrons=300.0, sharpened=(0, 1)), torch.Generator().manual_seed(0))
    assert torch.equal(target[0], edge[0])
    assert target[1, :, :, 24].mean() > 0.65
    assert target[1, :, :, 23].mean() < 0.25
    noise = (photos - target)[..., 4:20]
    assert noise[1].std() > 1.2 * noise[0].std()


def test_a_photo_that_was_reduced_has_less_noise_and_the_same_picture():
    crops = smooth_crops(2, 64)
    photos = photos_of(crops, shots(2, electrons=100.0, enlarged=(1, 2)))
    noise = (photos - crops).flatten(1).std(dim=1)
    assert noise[1] < 0.8 * noise[0]
    still = taken(crops, shots(2, enlarged=(1, 2)), None)[0]
    assert (still - crops)[..., 4:-4, 4:-4].abs().max() < 0.02


def test_shots_are_drawn_within_their_limits():
    drawn = Shots.drawn(np.random.Generator(np.random.Philox(key=[1, 2])), 2000, 30.0, 3000.0, 0.5)
    assert drawn.electrons.min() >= 29.9
    assert drawn.electrons.max() <= 3001
    assert np.median(drawn.electrons) == pytest.approx(300, rel=0.15)  # evenly by the logarithm
    assert (drawn.jpeg > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert set(drawn.jpeg.tolist()) <= {0, *range(70, 99)}
    assert drawn.gains.shape == (2000, 2)
    assert {tuple(place) for place in drawn.first.tolist()} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert (drawn.enlarged > 1).mean() == pytest.approx(1 / 3, abs=0.05)
    assert 1 <= drawn.enlarged.min() < drawn.enlarged.max() <= LARGEST
    assert (drawn.smoothed > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert (drawn.sharpened > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert drawn.at(np.array([3, 5])).gains.tolist() == drawn.gains[[3, 5]].tolist()
