"""NIQE against the paper written out once more, slowly; against laws of known shape; and on photographs."""

import os
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import gamma
from skimage import data

from crosscodec.domains.photos import kodak
from crosscodec.errors import CorruptData, InputMissing, UsageError
from crosscodec.measure.niqe import BLOCK, Niqe, _asymmetric, _halved, load_niqe

HAVE_MODEL = pytest.mark.skipif(not os.environ.get("CROSSCODEC_DATA"), reason="CROSSCODEC_DATA is not set")


def window() -> np.ndarray:
    """7 x 7, sigma 7/6, sum 1."""
    along = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
    return np.outer(along, along) / along.sum() ** 2


@cache
def stand_in() -> Niqe:
    """A model of features that no photograph had: for tests without the real one."""
    generator = np.random.default_rng(0)
    root = generator.normal(size=(36, 36))
    return Niqe(generator.normal(size=36), root @ root.T / 36, window())


def gray_photo() -> np.ndarray:
    return data.astronaut()[:192, :288].mean(axis=2).round().astype(np.uint8)


def slow_aggd(values: np.ndarray) -> tuple[float, float, float]:
    shapes = np.arange(0.2, 10.0005, 0.001)
    table = gamma(2 / shapes) ** 2 / (gamma(1 / shapes) * gamma(3 / shapes))
    left, right = np.sqrt(np.mean(values[values < 0] ** 2)), np.sqrt(np.mean(values[values > 0] ** 2))
    skew, ratio = left / right, np.mean(np.abs(values)) ** 2 / np.mean(values**2)
    wanted = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    shape = shapes[np.argmin((table - wanted) ** 2)]
    scale = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
    return shape, left * scale, right * scale


def slow_features(luma: np.ndarray) -> np.ndarray:
    """The 36 features of each block, from loops over pixels of padded pictures."""
    parts = []
    for side in (96, 48):
        padded = np.pad(luma, 3, mode="edge")
        mean, square = np.zeros_like(luma), np.zeros_like(luma)
        for i in range(7):
            for j in range(7):
                part = padded[i : i + luma.shape[0], j : j + luma.shape[1]]
                mean += window()[i, j] * part
                square += window()[i, j] * part**2
        normal = (luma - mean) / (np.sqrt(np.abs(square - mean**2)) + 1)
        rows = []
        for top in range(0, luma.shape[0], side):
            for left in range(0, luma.shape[1], side):
                block = normal[top : top + side, left : left + side]
                shape, low, high = slow_aggd(block)
                row = [shape, (low + high) / 2]
                for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    shape, low, high = slow_aggd(block * np.roll(np.roll(block, down, 0), across, 1))
                    row += [shape, (high - low) * gamma(2 / shape) / gamma(1 / shape), low, high]
                rows.append(row)
        parts.append(np.array(rows))
        luma = slow_half(slow_half(luma).T).T
    return np.hstack(parts)


def cubic(x: float) -> float:
    x = abs(x)
    if x <= 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0


def slow_half(luma: np.ndarray) -> np.ndarray:
    """MATLAB's contributions(): output i looks at 2 i + 1/2, kernel cubic(x / 2) / 2, edges mirrored."""
    count = len(luma)
    made = np.zeros((count // 2, luma.shape[1]))
    for i in range(count // 2):
        weights = {p: cubic((p - 2 * i - 0.5) / 2) / 2 for p in range(2 * i - 5, 2 * i + 7)}
        for place, weight in weights.items():
            inside = place if 0 <= place < count else (-1 - place if place < 0 else 2 * count - 1 - place)
            made[i] += weight * luma[inside]
    return made


def test_features_are_those_of_the_paper_written_out():
    gray = gray_photo()
    expected = slow_features(gray.astype(np.float64))
    assert stand_in().features(gray) == pytest.approx(expected, abs=1e-8)


def test_halving_is_that_of_matlab():
    luma = np.random.default_rng(0).uniform(0, 255, (24, 10))
    assert _halved(luma) == pytest.approx(slow_half(luma), abs=1e-10)
    assert _halved(np.full((24, 4), 7.0)) == pytest.approx(np.full((12, 4), 7.0))


def test_the_distance_is_that_of_two_gaussians():
    gray, model = gray_photo(), stand_in()
    features = slow_features(gray.astype(np.float64))
    shift = model.mean - features.mean(axis=0)
    joint = (model.covariance + np.cov(features.T)) / 2
    assert model.measure(gray) == pytest.approx(np.sqrt(shift @ np.linalg.inv(joint) @ shift), rel=1e-6)


@pytest.mark.parametrize(("shape", "left", "right"), [(2.0, 1.0, 1.0), (1.0, 0.5, 1.5), (0.7, 2.0, 1.0)])
def test_the_fit_finds_the_law_that_values_were_drawn_from(shape, left, right):
    generator = np.random.default_rng(1)
    size = generator.gamma(1 / shape, size=400_000) ** (1 / shape)
    side = generator.uniform(size=size.size) < left / (left + right)
    found = _asymmetric(np.where(side, -left * size, right * size))
    assert found == pytest.approx((shape, left, right), rel=0.02)


def test_bytes_and_floats_and_planes_agree():
    gray, model = gray_photo(), stand_in()
    value = model.measure(gray)
    assert model.measure(gray[..., None]) == value
    assert model.measure(gray / 255.0) == pytest.approx(value, rel=1e-9)
    assert model.measure(np.repeat(gray[..., None], 3, axis=2)) == pytest.approx(value, rel=1e-3)


def test_what_lies_beyond_whole_blocks_is_not_looked_at():
    gray, model = gray_photo(), stand_in()
    more = np.pad(gray, ((0, 50), (0, 95)), constant_values=7)
    assert model.measure(more) == model.measure(gray)


def test_flat_blocks_are_left_out():
    gray = gray_photo()
    gray[:BLOCK, :BLOCK] = 255
    features = stand_in().features(gray)
    assert np.isnan(features).any(axis=1).tolist() == [True] + [False] * 5
    assert np.isfinite(stand_in().measure(gray))
    with pytest.raises(UsageError, match="one value"):
        stand_in().measure(np.full_like(gray, 9))


@pytest.mark.parametrize("shape", [(96, 96), (191, 191), (95, 400), (0, 0), (200, 200, 2), (200,)])
def test_pictures_of_other_shapes_are_refused(shape):
    with pytest.raises(UsageError):
        stand_in().measure(np.zeros(shape, np.uint8))
    with pytest.raises(UsageError, match="uint8"):
        stand_in().measure(np.zeros((192, 192), np.int32))


def test_files_that_are_no_model(tmp_path):
    with pytest.raises(InputMissing, match="utlive"):
        load_niqe(data=tmp_path)
    np.savez(tmp_path / "a.npz", mu_pris_param=np.zeros((1, 36)))
    with pytest.raises(CorruptData, match="cov_pris_param"):
        load_niqe(tmp_path / "a.npz")


@HAVE_MODEL
def test_photographs_lie_at_two_to_five_and_harm_is_seen():
    model, clean = load_niqe(), kodak().clean(4)
    noise = np.random.default_rng(0).normal(size=clean.shape)
    natural = model.measure(clean)
    noisy = [model.measure(np.clip(clean + sigma * noise, 0, 255).astype(np.uint8)) for sigma in (10, 25, 50)]
    blurred = [model.measure(gaussian_filter(clean, (sigma, sigma, 0))) for sigma in (1.0, 2.0, 3.0)]
    assert 2 < natural < 5
    assert [natural, *noisy] == sorted([natural, *noisy])
    assert noisy[1] > 2 * natural
    assert [natural, *blurred] == sorted([natural, *blurred])
