"""The running average of the weights: smoother than the last step's, and what is exported."""

import torch
from torch import nn


def running_average(average: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    """Move the running average of the weights one step on, in place; it warms up with the first steps."""
    rate = 1.0 - min(decay, (1.0 + step) / (10.0 + step))
    with torch.no_grad():
        torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), rate)
        # Statistics of normalisation layers are running averages already.
        for kept, buffer in zip(average.buffers(), model.buffers(), strict=True):
            kept.copy_(buffer)
