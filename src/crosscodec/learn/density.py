"""Factorised density of the latents: what a symbol of each channel costs, as a table from the start.

A table of 2*reach + 1 free probabilities a channel is the most general (non-parametric) law of integer symbols, and after
training it is what the entropy coder uses: nothing has to be tabulated from a network, as in Balle et al. 2018, 6.1.

The rate is that of the rounded symbols, which is what the file will hold. Rounding has no useful derivative, so the gradient
with respect to a latent is the slope of the piecewise linear curve through the costs of the integers: towards zero this is a
weighted L1 penalty, the relaxation that makes transform coefficients sparse. Uniform noise in place of rounding would charge
0.44 bit for every coefficient that is always zero, because a law of unit resolution cannot be narrower than the noise: half a
bit per pixel for the photo codec, measured.
"""

import torch
from torch import Tensor, nn


class FactorisedDensity(nn.Module):
    """One table of ``2*reach + 1`` probabilities a channel."""

    def __init__(self, channels: int, reach: int) -> None:
        super().__init__()
        self.reach = reach
        self.logits = nn.Parameter(torch.zeros(channels, 2 * reach + 1))

    def probabilities(self) -> Tensor:
        """Probability of every integer symbol, shape (channels, 2*reach + 1), rows summing to 1."""
        return torch.softmax(self.logits, dim=1)

    def forward(self, latents: Tensor) -> Tensor:
        """Bits of each rounded element of latents (B, C, h, w), differentiable in the latents and the tables.

        Beyond the reach the cost is that of the edge.
        """
        costs = -torch.log_softmax(self.logits, dim=1).flatten() / torch.log(torch.tensor(2.0))
        size = 2 * self.reach + 1
        offsets = torch.arange(latents.shape[1], device=latents.device).view(1, -1, 1, 1) * size
        position = (latents + self.reach).clamp(0, size - 1)
        bits = costs[position.detach().round().long() + offsets]
        below = position.detach().floor().clamp_max(size - 2)
        index = below.long() + offsets
        fixed = costs.detach()
        slope_carrier = torch.lerp(fixed[index], fixed[index + 1], position - below)
        return bits + (slope_carrier - slope_carrier.detach())

    @torch.no_grad()
    def start_from(self, latents: Tensor) -> None:
        """Set every table to a Laplace law with the mean absolute value of the given latents (B, C, h, w)."""
        scale = latents.abs().mean(dim=(0, 2, 3)).clamp_min(0.02)
        symbols = torch.arange(-self.reach, self.reach + 1, device=latents.device).abs()
        self.logits.copy_((-symbols[None, :] / scale[:, None]).clamp_min(-12.0))
