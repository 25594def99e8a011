import math

import pytest
import torch

from crosscodec.learn.tables import table_bits, table_cells

COSTS = (1.0, 2.0, 3.0, 4.0, 4.0)  # bits; their probabilities sum to one
LOGITS = torch.tensor([[-cost * math.log(2) for cost in COSTS], [0.0] * 5])


@pytest.mark.parametrize(
    ("latent", "bits"), [(-2.4, 1.0), (-1.6, 1.0), (-1.4, 2.0), (0.2, 3.0), (1.7, 4.0), (9.0, 4.0)]
)
def test_the_cost_is_that_of_the_rounded_latent(latent, bits):
    """Centred tables begin at -2; beyond their ends the cost is that of the end."""
    found = table_bits(LOGITS, torch.tensor([0]), torch.tensor([latent]))
    assert found.item() == pytest.approx(bits)


def test_each_latent_is_served_by_its_table():
    found = table_bits(LOGITS, torch.tensor([0, 1]), torch.tensor([[-2.0, -2.0], [1.0, 1.0]]))
    torch.testing.assert_close(found, torch.tensor([[1.0, math.log2(5)], [4.0, math.log2(5)]]))


def test_cells_count_through_all_tables():
    found = table_cells(5, torch.tensor([0, 1]), torch.tensor([[-2.4, -1.6], [0.2, 9.0]]))
    assert found.tolist() == [[0, 5], [2, 9]]


def test_low_says_where_tables_begin():
    found = table_bits(LOGITS, torch.tensor([0]), torch.tensor([0.0, 1.0, 4.0]), low=0)
    torch.testing.assert_close(found, torch.tensor([1.0, 2.0, 4.0]))


@pytest.mark.parametrize(("latent", "slope"), [(-1.8, 1.0), (-0.3, 1.0), (0.4, 1.0), (1.5, 0.0), (-7.0, 0.0)])
def test_gradient_in_the_latent_is_the_slope_between_neighbours(latent, slope):
    value = torch.tensor([latent], requires_grad=True)
    table_bits(LOGITS, torch.tensor([0]), value).sum().backward()
    assert value.grad.item() == pytest.approx(slope, abs=1e-6)


def test_fitting_the_table_reaches_the_entropy():
    """Minimising the bits of fixed symbols over the table must give their empirical law and its entropy."""
    logits = torch.zeros(1, 5, requires_grad=True)
    symbols = torch.tensor([0.0] * 8 + [1.0] * 4 + [-1.0] * 2 + [2.0] * 2)
    optimiser = torch.optim.Adam([logits], lr=0.1)
    for _ in range(400):
        optimiser.zero_grad()
        table_bits(logits, torch.tensor([0]), symbols).mean().backward()
        optimiser.step()
    assert table_bits(logits, torch.tensor([0]), symbols).mean().item() == pytest.approx(1.75, abs=0.01)


def test_what_is_no_number_has_a_place_and_a_cost() -> None:
    # Diverged latents must reach the loss, which sends the run back, and not end it here.
    latents = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.4])
    table = torch.zeros(4, dtype=torch.long)
    assert table_cells(5, table, latents).tolist() == [0, 4, 0, 2]
    assert torch.isfinite(table_bits(torch.zeros(1, 5), table, latents)).all()
