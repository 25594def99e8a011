"""Costs are those of real files, and a run that was stopped goes on with what it has."""

import numpy as np
import pytest
import torch

from crosscodec.codec import decode_bytes, encode_pixels, load_package
from crosscodec.codec.grain import NUMBERS, grain
from crosscodec.learn.choice import costs as module
from crosscodec.learn.choice.costs import Costs, measured_costs
from crosscodec.learn.photo.data import load_training_pictures
from crosscodec.learn.photo.loop import quality_of
from crosscodec.learn.photo.quality import lambda_of
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.photo.start import recipe_of

pytestmark = pytest.mark.training

AMONG = "default", "wide"


@pytest.fixture
def source():
    settings = DataSettings(sets=("builtin",), crop=64, scales=(0.25,), camera=0.4, stored=0.5, gray=0.3, noise_high=50)
    return load_training_pictures(settings, None).training


def test_a_cost_is_bits_and_error_of_a_file(base, source, tmp_path):
    package = load_package(base)
    found = measured_costs(package, AMONG, source, 3, 6, tmp_path / "costs.npy")
    for step in range(6):
        crops = source.crops(3, step, 1)
        batch = crops.batch(torch.device("cpu"))
        degraded, clean = (picture[0].permute(1, 2, 0).numpy() for picture in (batch.degraded, batch.clean))
        whole = np.allclose(255 * degraded, np.rint(255 * degraded), atol=1e-3)
        pixels = np.rint(255 * degraded).astype(np.uint8) if whole else np.ascontiguousarray(degraded)
        np.testing.assert_allclose(found.grains[step], grain(pixels), rtol=1e-5)
        quality = quality_of(step, 3)
        for place, encoder in enumerate(AMONG):
            coded = encode_pixels(pixels, package, quality=quality, encoder=encoder)
            error = np.square(decode_bytes(coded.data, package).pixels - 255 * clean).mean()
            cost = coded.bits_per_pixel + lambda_of(quality, recipe_of(package).objective) * error
            assert found.costs[step, place] == pytest.approx(np.log(cost), rel=1e-5)


def test_what_was_measured_is_not_measured_again(base, source, tmp_path, monkeypatch):
    package, kept = load_package(base), tmp_path / "costs.npy"
    monkeypatch.setattr(module, "SAVED_EVERY", 2)
    whole = measured_costs(package, AMONG, source, 1, 5, tmp_path / "whole.npy")
    measured_costs(package, AMONG, source, 1, 3, kept)
    made, row = [], module._row
    monkeypatch.setattr(module, "_row", lambda *about: made.append(about[-1]) or row(*about))
    resumed = measured_costs(package, AMONG, source, 1, 5, kept)
    assert made == [3, 4]
    np.testing.assert_array_equal(resumed.costs, whole.costs)
    np.testing.assert_array_equal(resumed.grains, whole.grains)
    assert np.load(kept).shape == (5, NUMBERS + 2)


def test_excess_is_beside_the_best():
    costs = Costs(np.zeros((2, NUMBERS), np.float32), np.array([[1, 3], [2, 0.5]], np.float32))
    assert costs.excess.tolist() == [[0, 2], [1.5, 0]]
