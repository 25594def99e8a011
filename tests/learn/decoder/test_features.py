"""LPIPS as a loss beside LPIPS as a measure."""

import numpy as np
import pytest
import torch
from lpipsweights import random_weights

from crosscodec.learn.decoder.features import FeatureDistance
from crosscodec.measure.lpips import Lpips


@pytest.fixture(params=["alex", "squeeze"])
def lpips(request):
    return Lpips(request.param, random_weights(request.param))


def planes(pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


def test_the_loss_is_the_mean_of_the_measure(lpips):
    drawn = np.random.default_rng(4).random((4, 51, 64, 3)).astype(np.float32)
    expected = np.mean([lpips.distance(drawn[0], drawn[1]), lpips.distance(drawn[2], drawn[3])])
    found = FeatureDistance(lpips)(planes(drawn[1::2]), planes(drawn[0::2]))
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_its_slope_is_finite_where_the_network_sees_nothing(lpips):
    """Equal pictures are at distance zero, and flat ones may have no features at all."""
    distance = FeatureDistance(lpips)
    flat = torch.full((1, 3, 40, 40), 0.5, requires_grad=True)
    dead = Lpips(lpips.network, {name: -abs(array) for name, array in lpips.weights.items()})
    for judge in (distance, FeatureDistance(dead)):
        (slope,) = torch.autograd.grad(judge(flat, torch.full((1, 3, 40, 40), 0.4)), flat)
        assert torch.isfinite(slope).all()
    assert distance(flat, flat.detach()).item() == 0.0


def test_going_down_its_slope_brings_pictures_together(lpips):
    torch.manual_seed(0)
    clean, distance = torch.rand(1, 3, 48, 48), FeatureDistance(lpips)
    restored = torch.rand(1, 3, 48, 48, requires_grad=True)
    (slope,) = torch.autograd.grad(distance(restored, clean), restored)
    nearer = restored.detach() - 0.1 * slope / slope.norm()
    assert distance(nearer, clean) < distance(restored.detach(), clean)


def test_nothing_in_it_is_trained(lpips):
    assert not list(FeatureDistance(lpips).parameters())
    assert not FeatureDistance(lpips).state_dict(), "a checkpoint does not hold weights that a file holds"
