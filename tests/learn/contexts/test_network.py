"""What a context network is while it is trained is what is exported."""

import numpy as np
import pytest
import torch

from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network_inputs import LARGEST_INPUT
from crosscodec.learn.contexts.network import (
    HALF,
    LEAN,
    NARROWEST,
    SCALES_A_UNIT,
    SHARE,
    WIDER,
    ContextNetwork,
    Law,
    WholeLayer,
    _cut,
)
from crosscodec.learn.contexts.symbols import Looks

LOOKS = Looks(
    Pass(1, 2), np.arange(3), np.array([[0, 0, 0], [1, 4, 0]]), np.array([3]), np.array([[3, 11, 0], [4, 13, 0]])
)
INPUTS = 1 + 2 * 3 + 2 + 1 + 2


def random_network(hidden=(7, 5), seed=0):
    torch.manual_seed(seed)
    network = ContextNetwork(INPUTS, hidden, 2)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim:
                parameter.copy_(torch.randn_like(parameter) * (0.4 if parameter.ndim == 2 else 1.0))
    return network


def whole_inputs(count=500):
    return torch.randint(-LARGEST_INPUT, LARGEST_INPUT + 1, (count, INPUTS), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("hidden", [(), (7,), (7, 5)])
def test_the_exported_network_gives_the_same_whole_numbers(hidden):
    network, inputs = random_network(hidden), whole_inputs().float()
    with torch.no_grad():
        law = network(inputs)
    scale, lean = network.exported(LOOKS)(np.ascontiguousarray(inputs.numpy().T))
    # Biases are rounded when they are exported: a whole number may be the next one where it hung on that.
    expected = ((law.width - NARROWEST) * SCALES_A_UNIT).floor().numpy().T
    assert np.mean(scale == expected) > 0.97
    assert np.abs(scale - expected).max() <= 1
    expected = (law.middle / law.width.clamp(NARROWEST - 1, 6.0).exp() * LEAN).floor().numpy().T
    assert np.mean(lean == expected) > 0.9
    assert np.abs(lean - expected).max() <= 2
    assert len(np.unique(scale)) > 5


def test_large_and_tiny_weights_keep_within_bytes():
    layer = WholeLayer(4, 3, 0)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[100.0, 1, 0, 0], [1e-7, 0, 0, 0], [0.5, -0.25, 0.125, 0]]))
        layer.bias.copy_(torch.tensor([1e6, -1e6, 0.1]))
    made = layer.exported(HALF, torch.full((3,), float(HALF)))
    assert np.abs(made.weights).max() <= LARGEST_INPUT
    assert made.weights[2].tolist() == [64, -32, 16, 0]


def test_a_new_network_foretells_one_width_for_all():
    law = ContextNetwork(INPUTS, (4,), 2)(whole_inputs(10).float())
    assert torch.all(law.width == -0.5)
    assert torch.all(law.middle == 0)


def test_bits_are_those_of_a_law():
    network = random_network()
    numbers = torch.arange(-60, 61).float()[:, None]
    width, middle = torch.full((121, 1), 0.7), torch.full((121, 1), 1.3)
    bits = network.bits(Law(width, middle), numbers).double()
    assert (2**-bits).sum().item() == pytest.approx(1, abs=1e-3)
    assert bits.argmin().item() == 61  # the number 1 is the nearest to the middle
    narrow = network.bits(Law(width - 2, middle * 0), torch.zeros(121, 1))
    assert narrow[0] < network.bits(Law(width, middle * 0), torch.zeros(121, 1))[0]


def test_training_finds_width_and_side():
    """Numbers whose spread follows the first input and whose side follows the last."""
    torch.manual_seed(2)
    inputs = torch.randint(-100, 101, (4000, INPUTS)).float()
    spread, side = 4 ** (inputs[:, 1] / 100), 3 * inputs[:, -1].sign()
    numbers = (torch.distributions.Laplace(0.0, 1.0).sample((4000,)) * spread + side).round()[:, None]
    network = ContextNetwork(INPUTS, (8,), 1)
    optimiser = torch.optim.Adam(network.parameters(), 2e-2)
    first = None
    for _ in range(400):
        bits = network.bits(network(inputs), numbers).mean()
        first = first or bits.item()
        optimiser.zero_grad()
        bits.backward()
        optimiser.step()
    assert bits.item() < 0.8 * first
    law = network(inputs)
    busy, calm = (law.width[choice].mean() for choice in (inputs[:, 1] > 50, inputs[:, 1] < -50))
    assert busy - calm > 1.2  # in logarithms; the spread itself is eight times as large
    assert torch.corrcoef(torch.stack([law.middle[:, 0], side]))[0, 1] > 0.9


def test_gradients_are_those_of_the_law():
    """Bits and gradients as autograd has them of the same law, in double precision, widths within and beyond reach."""
    torch.manual_seed(4)
    width = torch.linspace(NARROWEST - 2, 7, 60).repeat(3, 1).T.contiguous().double().requires_grad_()
    middle = torch.randn(60, 3).double().requires_grad_()
    numbers = torch.randint(-4, 5, (60, 3)).double()
    found = random_network().bits(Law(width, middle), numbers)
    scale, expected = width.clamp(NARROWEST - 1, 6.0).exp(), 1e-6
    for share, times in ((SHARE, 1.0), (1 - SHARE, WIDER)):
        ends = ((numbers + half - middle) / (scale * times) for half in (0.5, -0.5))
        above, below = (torch.sigmoid(end) for end in ends)
        expected = expected + share * (above - below)
    expected = -expected.log2()
    assert torch.allclose(found, expected)
    weights = torch.randn(60, 3).double()
    mine, wanted = (torch.autograd.grad((weights * bits).sum(), (width, middle)) for bits in (found, expected))
    for one, other in zip(mine, wanted, strict=True):
        assert torch.allclose(one, other, atol=1e-12)
    assert torch.all(mine[0][width.detach() < NARROWEST - 1] == 0)


def test_units_beyond_their_ends_have_no_gradient():
    sums = torch.tensor([-0.01, 0.0, 3.3, LARGEST_INPUT / 2**HALF, LARGEST_INPUT / 2**HALF + 1.0], requires_grad=True)
    units = _cut(sums)
    assert units.tolist() == [0.0, 0.0, 3.25, LARGEST_INPUT / 2**HALF, LARGEST_INPUT / 2**HALF]
    units.sum().backward()
    assert sums.grad.tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]
