"""What symbols cost by tables of free probabilities, differentiable in the tables and in the latents.

The rate is that of the rounded symbols, which is what the file will hold. Rounding has no useful derivative, so the
gradient with respect to a latent is the slope of the piecewise linear curve through the costs of the integers:
towards zero this is a weighted L1 penalty, the relaxation that makes transform coefficients sparse. Uniform noise
in place of rounding would charge 0.44 bit for every coefficient that is always zero, because a law of unit
resolution cannot be narrower than the noise: half a bit per pixel for the photo codec.
"""

import math

import torch
from torch import Tensor


def table_bits(logits: Tensor, table: Tensor, latents: Tensor, low: int | None = None) -> Tensor:
    """Bits of each rounded latent by the table that serves it, of the shape of ``latents``.

    ``logits`` (T, S): unnormalised log-probabilities of the symbols low … low + S - 1 in T tables (default: centred
    on 0). ``table``: whole numbers below T that broadcast to the latents' shape. Beyond a table's ends the cost is that
    of its end.
    """
    costs = -torch.log_softmax(logits, dim=1).flatten() / math.log(2)
    size = logits.shape[1]
    bits = costs[table_cells(size, table, latents, low)]
    position = _position(size, latents, low)
    below = position.detach().floor().clamp_max(size - 2)
    index = below.long() + table * size
    fixed = costs.detach()
    slope_carrier = torch.lerp(fixed[index], fixed[index + 1], position - below)
    return bits + (slope_carrier - slope_carrier.detach())


def table_cells(size: int, table: Tensor, latents: Tensor, low: int | None = None) -> Tensor:
    """Where each rounded latent stands among all cells of tables of ``size`` symbols; arguments as of table_bits."""
    return _position(size, latents, low).detach().round().long() + table * size


def _position(size: int, latents: Tensor, low: int | None) -> Tensor:
    # What is no number stands somewhere too: whoever looks at the loss sees it there, and goes back.
    return (latents - (-(size // 2) if low is None else low)).nan_to_num().clamp(0, size - 1)
