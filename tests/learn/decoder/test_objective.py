"""The objective by hand, and the critic of patches."""

import pytest
import torch

from crosscodec.learn.decoder.objective import PatchCritic, decoder_losses
from crosscodec.learn.decoder.settings import ObjectiveSettings


class Mean(torch.nn.Module):
    """A critic that likes what is bright."""

    def forward(self, pictures):
        """Values (B,)."""
        return pictures.mean(dim=(1, 2, 3))


def test_each_weight_charges_its_own_part():
    clean, restored = torch.full((2, 3, 8, 8), 0.5), torch.full((2, 3, 8, 8), 0.6)
    weights = ObjectiveSettings(lambda_distortion=0.01, lambda_features=2.0, lambda_perception=0.5)
    losses = decoder_losses(restored, clean, weights, lambda a, b: (a - b).mean(), Mean())
    assert losses.squared_error.item() == pytest.approx(25.5**2, rel=1e-5)
    assert losses.features.item() == pytest.approx(0.1, rel=1e-5)
    assert losses.wasserstein.item() == pytest.approx(-0.6, rel=1e-5)
    assert losses.total.item() == pytest.approx(0.01 * 25.5**2 + 2 * 0.1 - 0.5 * 0.6, rel=1e-5)
    assert next(iter(losses.numbers())) == "loss", "the frame looks at the first number"


def test_a_weight_of_zero_asks_nobody():
    def never(*_):
        raise AssertionError("asked in vain")

    weights = ObjectiveSettings(lambda_features=0.0, lambda_perception=0.0)
    losses = decoder_losses(torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8), weights, None, never)
    assert losses.total.item() == pytest.approx(0.002 * 255**2)


def test_the_critic_is_a_mean_over_patches():
    """Told apart by it are pictures by what is in them, not by where it lies."""
    torch.manual_seed(0)
    critic = PatchCritic(4)
    tile = torch.rand(1, 3, 64, 64)
    once, twice = critic(tile.repeat(1, 1, 4, 4)), critic(tile.repeat(1, 1, 4, 8))
    assert once.shape == (1,)
    assert once.item() == pytest.approx(twice.item(), rel=0.05)
    moved = critic(tile.roll((16, 24), (2, 3)).repeat(1, 1, 4, 4))
    assert moved.item() == pytest.approx(once.item(), rel=0.05)
