import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from crosscodec.errors import UsageError
from crosscodec.measure.distortion import mse, psnr, ssim


def pair(shape: tuple[int, ...] = (40, 50, 3)) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    first = generator.integers(0, 256, shape, dtype=np.uint8)
    return first, np.clip(first.astype(int) + generator.integers(-9, 10, shape), 0, 255).astype(np.uint8)


def test_mse_by_hand() -> None:
    black, white = np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)
    assert mse(black, white) == 1.0
    one = black.copy()
    one[0, 0] = 51
    assert mse(black, one) == pytest.approx(0.04 / 4, rel=1e-15)
    assert mse(np.float32([[0.0]]), np.float32([[1.5]])) == 2.25


def test_bytes_and_floats_are_on_one_scale() -> None:
    first, second = pair()
    floats = first / 255.0, second / 255.0
    assert mse(first, second) == pytest.approx(mse(*floats), rel=1e-12)
    assert psnr(first, second) == pytest.approx(psnr(*floats), abs=1e-10)
    assert ssim(first, second) == pytest.approx(ssim(*floats), abs=1e-9)


@pytest.mark.parametrize("sigma", [5, 25])
def test_psnr_of_known_noise(sigma: float) -> None:
    noise = np.random.default_rng(1).normal(0, sigma / 255, (300, 300))
    clean = np.full((300, 300), 0.5)
    assert psnr(clean, clean + noise) == pytest.approx(20 * math.log10(255 / sigma), abs=0.05)


def test_equal_pictures() -> None:
    first, _ = pair()
    assert mse(first, first) == 0.0
    assert psnr(first, first) == math.inf
    assert ssim(first, first) == pytest.approx(1.0)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.001, 0.2), st.floats(1.1, 3.0))
def test_more_error_is_worse(amount: float, factor: float) -> None:
    clean = np.full((24, 24), 0.5)
    error = np.random.default_rng(2).normal(0, amount, clean.shape)
    assert mse(clean, clean + factor * error) == pytest.approx(factor**2 * mse(clean, clean + error), rel=1e-9)
    assert psnr(clean, clean + factor * error) < psnr(clean, clean + error)


def test_ssim_is_the_formula_of_wang_2004() -> None:
    first, second = (pixels.astype(np.float64) for pixels in pair((40, 50)))

    def smooth(pixels: np.ndarray) -> np.ndarray:
        return gaussian_filter(pixels, 1.5, truncate=3.5)

    mean_1, mean_2 = smooth(first), smooth(second)
    var_1, var_2 = smooth(first**2) - mean_1**2, smooth(second**2) - mean_2**2
    cov = smooth(first * second) - mean_1 * mean_2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    local = (2 * mean_1 * mean_2 + c1) * (2 * cov + c2) / ((mean_1**2 + mean_2**2 + c1) * (var_1 + var_2 + c2))
    assert ssim(*pair((40, 50))) == pytest.approx(local[5:-5, 5:-5].mean(), abs=1e-9)


def test_ssim_of_colour_is_the_mean_of_its_channels() -> None:
    first, second = pair()
    channels = [ssim(first[..., c], second[..., c]) for c in range(3)]
    assert ssim(first, second) == pytest.approx(np.mean(channels), abs=1e-12)
    assert ssim(first[..., :1], second[..., :1]) == pytest.approx(channels[0], abs=1e-12)


@pytest.mark.parametrize("measure", [mse, psnr, ssim])
def test_pictures_that_cannot_be_compared_are_refused(measure) -> None:
    gray = np.zeros((16, 16), np.uint8)
    for other in (np.zeros((16, 15), np.uint8), np.zeros((16, 16), np.float32), np.zeros((16, 16, 1), np.uint8)):
        with pytest.raises(UsageError):
            measure(gray, other)
    with pytest.raises(UsageError):
        measure(gray.astype(np.int64), gray.astype(np.int64))
    with pytest.raises(UsageError):
        measure(gray[:0], gray[:0])


def test_ssim_needs_a_whole_window() -> None:
    assert ssim(*pair((11, 11))) < 1
    with pytest.raises(UsageError, match="11 x 11"):
        ssim(*pair((10, 40)))
