import math

import pytest
import torch
from learn.slope import Steep
from torch import nn

from crosscodec.learn.descent import TrainingDiverged, descend, without_return
from crosscodec.learn.workers import Workers


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def adam_of(module):
    return torch.optim.Adam(module.parameters(), 0.1)


def state_of(module, optimiser):
    moments = [value for kept in optimiser.state.values() for value in kept.values()]
    return [value.detach().clone() for value in (*module.parameters(), *moments)]


def test_a_step_is_that_of_the_optimiser_on_the_clipped_gradient(layer):
    other = nn.Linear(3, 1)
    other.load_state_dict(layer.state_dict())
    one, two = adam_of(layer), adam_of(other)
    for _ in range(3):
        descend(one, layer(torch.ones(1, 3)).square().sum(), clip=0.5)
        two.zero_grad()
        other(torch.ones(1, 3)).square().sum().backward()
        nn.utils.clip_grad_norm_(other.parameters(), 0.5)
        two.step()
    assert torch.equal(layer.weight, other.weight)
    assert float(torch.cat([p.grad.flatten() for p in layer.parameters()]).norm()) == pytest.approx(0.5, rel=1e-4)


def test_without_a_clip_the_gradient_stays_as_it_is(layer):
    (1e4 * layer(torch.ones(1, 3)).sum()).backward()
    given = layer.weight.grad.clone()
    descend(adam_of(layer), 1e4 * layer(torch.ones(1, 3)).sum())
    assert torch.equal(layer.weight.grad, given)


def test_only_the_optimisers_own_parameters_have_a_gradient(layer):
    critic = nn.Linear(1, 1)
    descend(adam_of(layer), critic(layer(torch.ones(1, 3))).sum())
    assert layer.weight.grad is not None
    assert critic.weight.grad is None


@pytest.mark.parametrize("clip", [1.0, math.inf])
@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("at", ["loss", "gradient"])
def test_what_is_no_number_moves_neither_weights_nor_moments(layer, at, value, clip):
    optimiser = adam_of(layer)
    descend(optimiser, layer(torch.ones(1, 3)).sum(), clip)
    before = state_of(layer, optimiser)
    assert len(before) > 2  # weights and moments
    loss = layer(torch.ones(1, 3)).sum()
    loss = loss + value if at == "loss" else Steep.apply(loss, value)
    assert at == "loss" or loss.isfinite()
    with pytest.raises(TrainingDiverged, match="the loss or its gradient is not finite"):
        descend(optimiser, loss, clip)
    assert all(torch.equal(a, b) for a, b in zip(state_of(layer, optimiser), before, strict=True))


class OfTwo(Workers):
    """One of two processes; the other one has a loss and a gradient of its own."""

    def __init__(self, loss=0.0, gradient=0.0):
        super().__init__()
        self.loss, self.gradient = loss, gradient

    def average_gradients(self, parameters):
        """With the other one's."""
        for parameter in parameters:
            parameter.grad.add_(self.gradient).mul_(0.5)

    def mean(self, value):
        """With the other one's."""
        return (value + self.loss) / 2


def test_processes_take_a_step_together_or_not_at_all(layer):
    optimiser, start = adam_of(layer), layer.weight.detach().clone()
    for other in (OfTwo(loss=math.nan), OfTwo(gradient=math.inf)):
        with pytest.raises(TrainingDiverged):
            descend(optimiser, layer(torch.ones(1, 3)).sum(), 1.0, other)
        assert torch.equal(layer.weight, start)
    descend(optimiser, layer(torch.ones(1, 3)).sum(), 1.0, OfTwo())
    assert not torch.equal(layer.weight, start)


def test_without_a_way_back_it_is_told_where_and_what_may_help():
    with (
        pytest.raises(TrainingDiverged, match=r"^not finite in pass 3; take less$"),
        without_return("pass 3", "take less"),
    ):
        raise TrainingDiverged("not finite")
