import math

import torch

from crosscodec.learn.density import FactorisedDensity


def example(reach=3):
    density = FactorisedDensity(2, reach)
    torch.manual_seed(0)
    torch.nn.init.normal_(density.logits)
    return density


def test_bits_are_those_of_the_rounded_symbols():
    density = example()
    table = density.probabilities()
    latents = torch.tensor([0.4, -1.6, 2.9]).view(1, 1, 1, 3).expand(1, 2, 1, 3)
    bits = density(latents)
    for channel in range(2):
        for position, symbol in enumerate((0, -2, 3)):
            expected = -math.log2(table[channel, symbol + 3].item())
            assert abs(bits[0, channel, 0, position].item() - expected) < 1e-5


def test_rows_are_laws_and_the_edge_serves_beyond_the_reach():
    density = example()
    torch.testing.assert_close(density.probabilities().sum(1), torch.ones(2))
    far = density(torch.full((1, 2, 1, 1), 50.0))
    edge = density(torch.full((1, 2, 1, 1), 3.0))
    torch.testing.assert_close(far, edge)


def test_gradient_in_the_latent_is_the_slope_between_neighbours():
    density = example()
    latents = torch.full((1, 2, 1, 1), 0.3, requires_grad=True)
    density(latents).sum().backward()
    table = -torch.log2(density.probabilities())
    torch.testing.assert_close(latents.grad.flatten(), table[:, 4] - table[:, 3])


def test_fitting_the_table_reaches_the_entropy():
    """Minimising the bits of fixed symbols over the table must give their empirical law and its entropy."""
    density = FactorisedDensity(1, 2)
    symbols = torch.tensor([0.0] * 8 + [1.0] * 4 + [-1.0] * 2 + [2.0] * 2).view(1, 1, 1, 16)
    optimiser = torch.optim.Adam(density.parameters(), lr=0.1)
    for _ in range(400):
        optimiser.zero_grad()
        density(symbols).mean().backward()
        optimiser.step()
    assert abs(density(symbols).mean().item() - 1.75) < 0.01


def test_laplace_start_follows_the_spread():
    density = FactorisedDensity(2, 20)
    latents = torch.stack([torch.linspace(-0.1, 0.1, 50), torch.linspace(-8, 8, 50)]).view(1, 2, 1, 50)
    density.start_from(latents)
    law = density.probabilities()
    assert law[0, 20] > 0.99
    assert law[1, 20] < 0.2
