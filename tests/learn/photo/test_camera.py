"""Crops by a camera: the camera of domains/camera.py, drawn anew for each crop."""

import numpy as np
import pytest
import torch

from crosscodec.domains.camera import GAINS, PLAIN, SHARP, developed, light, measured, srgb
from crosscodec.learn.photo.camera import Shots, taken


def shots(count, sharpness=1.0, electrons=1e6, jpeg=0):
    return Shots(
        np.full(count, electrons, np.float32),
        np.tile(np.array([[GAINS[0], GAINS[2]]], np.float32), (count, 1)),
        np.full(count, sharpness, np.float32),
        np.full(count, jpeg, np.int64),
    )


def smooth_crops(count, side=32):
    rows, columns = np.mgrid[:side, :side] / side
    planes = np.stack([0.2 + 0.5 * rows, 0.6 - 0.3 * columns, 0.3 + 0.2 * rows * columns])
    return torch.from_numpy(np.stack([np.roll(planes, k, 0) for k in range(count)])).float()


@pytest.mark.parametrize(("sharpness", "kernels"), [(0.0, PLAIN), (1.0, SHARP)])
def test_without_noise_it_is_the_camera_of_the_domain(sharpness, kernels):
    crops = torch.rand(3, 3, 32, 48)
    found = taken(crops, torch.zeros(3, 1, 32, 48), shots(3, sharpness)).numpy()
    for picture, crop in zip(found, crops.numpy(), strict=True):
        raw = measured(light(crop.transpose(1, 2, 0).astype(np.float64)))
        expected = np.rint(255 * srgb(developed(raw, kernels))).transpose(2, 0, 1)
        assert np.abs(255 * picture - expected).max() <= 1.001  # a value between two bytes
        assert (np.abs(255 * picture - expected) > 0.5).mean() < 0.01


def test_fewer_electrons_are_noisier():
    crops, noise = smooth_crops(2, 64), torch.randn(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    errors = [(taken(crops, noise, shots(2, 1.0, n)) - crops).square().mean().item() for n in (50, 500, 5000)]
    assert errors[0] > 4 * errors[1] > 8 * errors[2]


def test_jpeg_touches_those_crops_alone_that_are_stored_so():
    crops, noise = smooth_crops(3), torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    some = shots(3, electrons=200.0)
    some.jpeg[1:] = (75, 90)
    plain, stored = taken(crops, noise, shots(3, electrons=200.0)), taken(crops, noise, some)
    assert torch.equal(plain[0], stored[0])
    changed = [(plain[k] - stored[k]).abs().mean().item() for k in (1, 2)]
    assert changed[0] > changed[1] > 0
    torch.testing.assert_close(stored * 255, (stored * 255).round(), atol=1e-3, rtol=0)


def test_shots_are_drawn_within_their_limits():
    drawn = Shots.drawn(np.random.Generator(np.random.Philox(key=[1, 2])), 2000, 30.0, 3000.0, 0.5)
    assert drawn.electrons.min() >= 29.9
    assert drawn.electrons.max() <= 3001
    assert np.median(drawn.electrons) == pytest.approx(300, rel=0.15)  # evenly by the logarithm
    assert (drawn.jpeg > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert set(drawn.jpeg.tolist()) <= {0, *range(70, 99)}
    assert drawn.gains.shape == (2000, 2)
