"""Distances of sets against closed cases: one dimension, shifts, scaled and rotated Gaussians, and known gradients."""

import math

import numpy as np
import ot
import pytest
from scipy.linalg import sqrtm

from crosscodec.errors import UsageError
from crosscodec.measure.perception import frechet_distance, sharpness, sliced_wasserstein, squared_wasserstein


def pictures(count: int, seed: int = 0, shape: tuple[int, ...] = (6, 5, 2)) -> np.ndarray:
    return np.random.default_rng(seed).random((count, *shape))


@pytest.mark.parametrize(("n", "m"), [(7, 7), (12, 8), (5, 9), (1, 6), (64, 48)])
def test_one_dimension_is_exact(n, m) -> None:
    generator = np.random.default_rng(n * m)
    a, b = generator.normal(size=n), 2 + generator.normal(size=m) * 3
    exact = ot.emd2_1d(a, b, metric="sqeuclidean")
    assert squared_wasserstein(a[:, None], b[:, None])[0] == pytest.approx(exact, rel=1e-9)
    # One pixel has two directions, up and down, and both see all.
    found = sliced_wasserstein(a.reshape(n, 1, 1, 1), b.reshape(m, 1, 1, 1), projections=3, seed=5)
    assert found == pytest.approx(math.sqrt(exact), rel=1e-9)


def test_repeated_pictures_are_the_same_law() -> None:
    a = pictures(20)
    assert sliced_wasserstein(a, np.concatenate([a[::-1], a, a])) == pytest.approx(0.0, abs=1e-12)
    assert sliced_wasserstein(a, a[::-1]) == 0.0


def test_a_shift_has_the_scale_of_a_pixel() -> None:
    a = pictures(50)
    assert sliced_wasserstein(a, a + 0.1, projections=4000) == pytest.approx(0.1, rel=0.05)


def test_it_is_symmetric_grows_with_noise_and_follows_the_seed() -> None:
    a, b = pictures(40), pictures(30, 1)
    assert sliced_wasserstein(a, b) == pytest.approx(sliced_wasserstein(b, a), rel=1e-9)
    assert sliced_wasserstein(a, b, seed=1) == sliced_wasserstein(a, b, seed=1) != sliced_wasserstein(a, b, seed=2)
    noise = np.random.default_rng(2).normal(size=a.shape)
    assert sliced_wasserstein(a, a + 0.5 * noise) > 2 * sliced_wasserstein(a, a + 0.1 * noise) > 0


def test_it_is_at_most_the_full_distance() -> None:
    a, b = pictures(40), pictures(40, 1) ** 2
    flat_a, flat_b = a.reshape(40, -1), b.reshape(40, -1)
    full = ot.emd2(np.full(40, 1 / 40), np.full(40, 1 / 40), ot.dist(flat_a, flat_b)) / flat_a.shape[1]
    assert 0 < sliced_wasserstein(a, b, projections=2000) ** 2 < full


def test_float32_of_many_rows_is_taken_in_blocks() -> None:
    a = pictures(5000, shape=(2, 2, 1)).astype(np.float32)
    assert sliced_wasserstein(a, a + np.float32(0.25), projections=8) > 0.05
    assert sharpness(a) == pytest.approx(sharpness(a.astype(np.float64)), rel=1e-6)
    halves = (sharpness(a[:2500]) + sharpness(a[2500:])) / 2
    assert sharpness(a) == pytest.approx(halves, rel=1e-6)


def test_frechet_of_known_gaussians() -> None:
    generator = np.random.default_rng(0)
    white = generator.normal(size=(400, 3))
    white = (white - white.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T)).T)  # identity, exactly
    assert frechet_distance(white, white) == pytest.approx(0.0, abs=1e-9)
    assert frechet_distance(white, white + np.array([3.0, 0.0, 4.0])) == pytest.approx(25.0)
    scaled = white * [1.0, 2.0, 5.0]
    assert frechet_distance(white, scaled) == pytest.approx(0 + 1 + 16)
    assert frechet_distance(white * [2.0, 3.0, 4.0], white[:, [1, 2, 0]] * 5) == pytest.approx(9 + 4 + 1)


def test_frechet_agrees_with_the_matrix_root() -> None:
    generator = np.random.default_rng(1)
    a = generator.normal(size=(300, 5)) @ generator.normal(size=(5, 5))
    b = generator.normal(size=(200, 5)) @ generator.normal(size=(5, 5)) + 1
    first, second = np.cov(a.T), np.cov(b.T)
    trace = np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    expected = float(((a.mean(0) - b.mean(0)) ** 2).sum() + trace)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-9)


def test_frechet_of_singular_covariances() -> None:
    line = np.linspace(-1, 1, 9)
    flat, steep = np.stack([line, 0 * line], 1), np.stack([0 * line, line], 1)
    variance = float(line.var(ddof=1))
    assert frechet_distance(flat, steep) == pytest.approx(2 * variance)  # nothing in common: the traces add up
    assert frechet_distance(flat, 2 * flat) == pytest.approx(variance)


def test_sharpness_of_known_pictures() -> None:
    rows, columns = np.mgrid[0:8, 0:9].astype(float)
    ramp = (0.03 * rows + 0.04 * columns)[None, :, :, None]
    assert sharpness(ramp) == pytest.approx(0.05)
    assert sharpness(np.ones((2, 4, 4, 3))) == 0.0
    edge = (columns >= 4).astype(float)[None, :, :, None]
    assert sharpness(edge) == pytest.approx(1 / 8)
    blurred = (edge[:, :, :-1] + edge[:, :, 1:]) / 2
    noisy = edge + np.random.default_rng(0).normal(size=edge.shape) * 0.1
    assert sharpness(blurred[:, :, 1:]) <= sharpness(edge[:, :, 1:-1]) < sharpness(noisy[:, :, 1:-1])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((2, 3, 3, 1)), np.zeros((2, 3, 4, 1))),
        (np.zeros((2, 3, 3)), np.zeros((2, 3, 3))),
        (np.zeros((0, 3, 3, 1)), np.zeros((2, 3, 3, 1))),
        (np.zeros((2, 3, 3, 1), np.uint8), np.zeros((2, 3, 3, 1), np.uint8)),
        (np.full((2, 3, 3, 1), np.nan), np.zeros((2, 3, 3, 1))),
    ],
)
def test_sets_that_cannot_be_compared_are_refused(a, b) -> None:
    with pytest.raises(UsageError):
        sliced_wasserstein(a, b)


def test_other_mistakes_are_refused() -> None:
    good = np.zeros((3, 4, 4, 1))
    with pytest.raises(UsageError, match="projection"):
        sliced_wasserstein(good, good, projections=0)
    with pytest.raises(UsageError, match="2 x 2"):
        sharpness(good[:, :1])
    with pytest.raises(UsageError, match="samples"):
        squared_wasserstein(np.zeros((3, 2)), np.zeros((3, 1)))
    for a, b in (
        (np.zeros((1, 2)), np.zeros((3, 2))),
        (np.zeros((3, 2)), np.zeros((3, 4))),
        (np.full((3, 2), np.inf), np.zeros((3, 2))),
    ):
        with pytest.raises(UsageError, match="features"):
            frechet_distance(a, b)
