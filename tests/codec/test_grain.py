"""The grain of a picture: what white noise, a camera's and none look like, whatever the picture and its size."""

import numpy as np
import pytest
from scipy.fft import dctn

from crosscodec.codec import grain as module
from crosscodec.codec.card import GRAINS
from crosscodec.codec.grain import NUMBERS, grain
from crosscodec.domains.degradation import CameraNoise


def smooth(height=160, width=200):
    rows, columns = np.mgrid[:height, :width] / 200
    return np.stack([0.3 + 0.4 * rows, 0.6 - 0.2 * columns, 0.4 + 0.2 * rows * columns], axis=2).astype(np.float32)


def with_noise(sigma, shape=(160, 200)):
    noise = np.random.default_rng(0).standard_normal((*shape, 3)) * sigma / 255
    return (smooth(*shape) + noise).astype(np.float32)


def test_the_transform_is_the_cosine_transform():
    blocks = np.random.default_rng(0).random((5, 8, 8))
    expected = dctn(blocks, axes=(1, 2), norm="ortho").reshape(5, 64)
    np.testing.assert_allclose((module._DCT @ blocks.reshape(5, 64, 1))[..., 0], expected, atol=1e-5)


@pytest.mark.parametrize("sigma", [5, 20, 50])
def test_white_noise_has_its_energy_in_all_bands(sigma):
    found = grain(with_noise(sigma))
    weights = np.square(module.COLOURS).sum(axis=1)
    expected = np.log2(sigma**2 * weights)
    np.testing.assert_allclose(found[:9].reshape(3, 3), np.tile(expected[:, None], 3), atol=0.45)
    assert (found[9:12] > 0).all()
    assert (found[9:12] < 1.5).all()


def test_noise_of_a_camera_falls_towards_fine_grain_and_is_strong_in_colour():
    seen = grain(CameraNoise(150).apply(smooth(), 0, "s", 0)).astype(float)
    white = grain(with_noise(20)).astype(float)
    for colour in range(3):
        assert seen[3 * colour] - seen[3 * colour + 2] > 1 > abs(white[3 * colour] - white[3 * colour + 2])
    stored = grain(CameraNoise(150, 75).apply(smooth(), 0, "s", 0))
    assert (stored[[5, 8]] < seen[[5, 8]] - 1).all(), "JPEG cuts the finest colours off"


def test_without_noise_there_is_nothing():
    assert (grain(np.full((64, 64, 3), 99, np.uint8))[:9] == np.float32(np.log2(module.FLOOR))).all()
    texture = smooth()
    texture[:, 40:160] += 0.2 * np.sin(np.arange(120) * 1.1)[None, :, None]
    assert grain(texture)[:3].max() < grain(with_noise(5))[:3].min(), "the quiet part decides"


@pytest.mark.parametrize("electrons", [600, 20000])
def test_the_mosaic_of_a_camera_shows(electrons):
    texture = smooth(256, 256)
    texture += 0.1 * np.random.default_rng(1).standard_normal((256, 256, 1)).astype(np.float32)
    texture = np.clip(texture, 0, 1)
    seen, stored = (grain(CameraNoise(electrons, *jpeg).apply(texture, 0, "s", 0))[12:] for jpeg in ((), (75,)))
    without = grain(texture)[12:]
    assert (seen[:3] > 0.25).all(), "red, green and blue"
    assert (without < 0.1).all()
    assert stored.max() < seen.max() / 2, "JPEG hides it"


def test_where_a_mosaic_begins_does_not_matter():
    pixels = CameraNoise(600).apply(np.clip(with_noise(20, (128, 136)), 0, 1), 0, "s", 0)
    numbers = [grain(pixels[top : top + 120, left : left + 128])[12:] for top in (0, 1) for left in (0, 1)]
    assert np.ptp(numbers, axis=0).max() < 0.3
    assert np.min(numbers) > 0.3


def test_two_rows_of_one_kind_are_no_diagonal():
    pixels = with_noise(20)
    pixels[::2] = smooth()[::2] + (pixels[::2] - smooth()[::2]) / 4
    found = grain(pixels)[12:]
    np.testing.assert_allclose(found[:3], 3.2, atol=0.2)  # what goes to coarse frequencies is taken away
    assert found[3:].max() < 0.1


def test_bytes_floats_and_gray_agree():
    pixels = np.rint(255 * np.clip(with_noise(20), 0, 1)).astype(np.uint8)
    np.testing.assert_allclose(grain(pixels), grain((pixels / 255).astype(np.float32)), atol=1e-3)
    gray = grain(pixels[:, :, 0])
    np.testing.assert_allclose(gray, grain(np.repeat(pixels[:, :, :1], 3, axis=2)), atol=1e-3)
    np.testing.assert_allclose(gray[3:9], np.log2(module.FLOOR), atol=1e-2)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (8, 8), (9, 17), (70, 7)])
def test_pictures_of_all_sizes_have_a_grain(shape):
    found = grain(np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8))
    assert found.shape == (NUMBERS,) == GRAINS[-1:]
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_large_pictures_are_looked_at_in_places():
    large = with_noise(20, (1200, 1600))
    assert len(module._blocks(large)) <= module.MOST_BLOCKS
    np.testing.assert_allclose(grain(large), grain(large[:400, :400]), atol=0.5)


def test_what_is_cut_off_at_black_and_white_does_not_count():
    half = with_noise(20)
    half[:, :100] = 0
    np.testing.assert_allclose(grain(half)[:9], grain(with_noise(20))[:9], atol=0.4)
