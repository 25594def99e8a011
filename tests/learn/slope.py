"""Slopes that are known: a critic's, and that of a number."""

import torch
from torch import nn


class Slope(nn.Module):
    """A critic that is linear with a gradient of a given length everywhere."""

    def __init__(self, length: float) -> None:
        super().__init__()
        direction = torch.arange(1.0, 65.0)
        self.weight = nn.Parameter(length * direction / direction.norm())

    def forward(self, pictures):
        """Values (B,)."""
        return pictures.flatten(1) @ self.weight


class Steep(torch.autograd.Function):
    """A number as it is, whose gradient is multiplied by another."""

    @staticmethod
    def forward(context, number, factor):
        """The number."""
        context.factor = factor
        return number.clone()

    @staticmethod
    def backward(context, gradient):
        """The gradient, multiplied."""
        return gradient * context.factor, None
