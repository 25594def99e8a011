"""The critic's loss on critics whose slope is known."""

import pytest
import torch
from learn.slope import Slope

from crosscodec.learn.critics import PENALTY, critic_loss


@pytest.fixture
def clean():
    torch.manual_seed(1)
    return torch.rand(6, 1, 8, 8)


@pytest.fixture
def restored():
    torch.manual_seed(2)
    return torch.rand(6, 1, 8, 8, requires_grad=True)


@pytest.mark.parametrize(("length", "penalty"), [(1.0, 0.0), (3.0, 4.0), (0.5, 0.25)])
def test_the_penalty_is_that_of_the_slope(clean, restored, length, penalty):
    critic = Slope(length)
    mix = torch.rand(6, 1, 1, 1)
    found = critic_loss(critic, clean, restored, mix)
    expected = critic(restored).mean() - critic(clean).mean() + PENALTY * penalty
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


def test_the_critic_does_not_train_the_codec(clean, restored):
    critic_loss(Slope(1.0), clean, restored, torch.rand(6, 1, 1, 1)).backward()
    assert restored.grad is None
