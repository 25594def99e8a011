"""LPIPS beside the same network in torch: with small random weights of the files' layout, and with the authors'."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from lpipsweights import random_weights
from torch.nn import functional

from crosscodec.domains.photos import kodak
from crosscodec.errors import CorruptData, InputMissing, UsageError
from crosscodec.measure.lpips import FILES, Lpips, load_lpips

HAVE_WEIGHTS = pytest.mark.skipif(not os.environ.get("CROSSCODEC_DATA"), reason="CROSSCODEC_DATA is not set")


def in_torch(weights: dict[str, np.ndarray], network: str, first: np.ndarray, second: np.ndarray) -> float:
    """The same distance from torch's convolutions and poolings, in float64."""
    w = {name: torch.from_numpy(array).double() for name, array in weights.items()}

    def conv(x: torch.Tensor, name: str, stride: int = 1, padding: int = 0) -> torch.Tensor:
        return functional.relu(
            functional.conv2d(x, w[f"features.{name}.weight"], w[f"features.{name}.bias"], stride, padding)
        )

    def fire(x: torch.Tensor, name: str) -> torch.Tensor:
        few = conv(x, f"{name}.squeeze")
        return torch.cat([conv(few, f"{name}.expand1x1"), conv(few, f"{name}.expand3x3", 1, 1)], 1)

    def features(picture: np.ndarray) -> list[torch.Tensor]:
        x = torch.from_numpy(picture / 255.0).permute(2, 0, 1)[None] * 2 - 1
        shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
        x = (x - shift.double().view(1, 3, 1, 1)) / scale.double().view(1, 3, 1, 1)
        if network == "alex":
            one = conv(x, "0", 4, 2)
            two = conv(functional.max_pool2d(one, 3, 2), "3", 1, 2)
            three = conv(functional.max_pool2d(two, 3, 2), "6", 1, 1)
            four = conv(three, "8", 1, 1)
            return [one, two, three, four, conv(four, "10", 1, 1)]
        found = [conv(x, "0", 2)]
        for pair in (("3", "4"), ("6", "7")):
            x = functional.max_pool2d(found[-1], 3, 2, ceil_mode=True)
            found.append(fire(fire(x, pair[0]), pair[1]))
        x = functional.max_pool2d(found[-1], 3, 2, ceil_mode=True)
        for name in ("9", "10", "11", "12"):
            x = fire(x, name)
            found.append(x)
        return found

    total = 0.0
    for place, (a, b) in enumerate(zip(features(first), features(second), strict=True)):
        a, b = (x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10) for x in (a, b))
        total += float((w[f"lin{place}"].view(1, -1, 1, 1) * (a - b).square()).sum(1).mean())
    return total


def pair(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    first = np.kron(generator.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3)), np.ones((8, 8, 1)))
    first = first[:height, :width].astype(np.uint8)
    return first, np.clip(first + generator.normal(0, 30, first.shape), 0, 255).astype(np.uint8)


@pytest.fixture(params=["alex", "squeeze"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Lpips:
    np.savez(tmp_path / "weights.npz", **random_weights(request.param))
    return load_lpips(tmp_path / "weights.npz", request.param)


@pytest.mark.parametrize("size", [(32, 32), (33, 40), (70, 51), (64, 95)])
def test_it_is_what_torch_computes(small, size):
    first, second = pair(*size)
    expected = in_torch(small.weights, small.network, first, second)
    assert expected > 0.01
    assert small.distance(first, second) == pytest.approx(expected, abs=1e-4, rel=1e-4)


def test_rows_in_several_parts_are_the_same(small, monkeypatch):
    first, second = pair(70, 51)
    whole = small.distance(first, second)
    monkeypatch.setattr("crosscodec.measure.lpips._MOST_VALUES", 1)
    assert small.distance(first, second) == pytest.approx(whole, rel=1e-5)


def test_zero_for_equal_pictures_and_symmetric(small):
    first, second = pair(48, 64)
    assert small.distance(first, first) == 0.0
    assert small.distance(first, second) == pytest.approx(small.distance(second, first), rel=1e-6)


def test_it_grows_with_noise(small):
    first, _ = pair(64, 64)
    noise = np.random.default_rng(1).normal(size=first.shape)
    found = [small.distance(first / 255.0, first / 255.0 + sigma * noise) for sigma in (0, 0.02, 0.05, 0.1)]
    assert found == sorted(found)
    assert found[3] > 2 * found[1]


def test_kinds_of_pictures(small):
    first, second = pair(40, 40)
    value = small.distance(first, second)
    assert small.distance(first / 255.0, second / 255.0) == pytest.approx(value, rel=1e-4)
    gray = small.distance(first[..., 0], second[..., 0])
    assert small.distance(first[..., :1], second[..., :1]) == gray
    threefold = [np.repeat(pixels[..., :1], 3, axis=2) for pixels in (first, second)]
    assert small.distance(*threefold) == pytest.approx(gray, rel=1e-6)


def test_features_of_one_picture_serve_many(small):
    first, second = pair(40, 48)
    kept = small.features(first)
    assert small.between(kept, small.features(second)) == small.distance(first, second)


@pytest.mark.parametrize("shape", [(31, 64, 3), (64, 31, 3), (64, 64, 2), (64,)])
def test_pictures_of_other_shapes_are_refused(small, shape):
    with pytest.raises(UsageError):
        small.distance(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))


def test_pictures_that_cannot_be_compared_are_refused(small):
    with pytest.raises(UsageError, match="one shape"):
        small.distance(np.zeros((40, 40), np.uint8), np.zeros((40, 41), np.uint8))
    with pytest.raises(UsageError, match="uint8"):
        small.features(np.zeros((40, 40), np.int32))


def test_missing_and_foreign_weights(tmp_path, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    with pytest.raises(InputMissing, match="CROSSCODEC_DATA"):
        load_lpips()
    with pytest.raises(InputMissing, match="PerceptualSimilarity"):
        load_lpips(data=tmp_path)
    with pytest.raises(UsageError, match="alex, squeeze"):
        load_lpips(network="vgg")
    np.savez(tmp_path / "weights.npz", **random_weights("alex"))
    with pytest.raises(CorruptData, match="no weights of LPIPS squeeze"):
        load_lpips(tmp_path / "weights.npz", "squeeze")


@HAVE_WEIGHTS
@pytest.mark.parametrize("network", FILES)
def test_the_authors_weights_give_what_torch_gives(network):
    lpips, clean = load_lpips(network=network), kodak().clean(0)[:193, :250]
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 25, clean.shape), 0, 255).astype(np.uint8)
    expected = in_torch(lpips.weights, network, clean, noisy)
    assert lpips.distance(clean, noisy) == pytest.approx(expected, abs=1e-4)
    assert 0.1 < expected < 0.8
