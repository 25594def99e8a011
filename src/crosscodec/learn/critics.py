"""What a critic learns: the Wasserstein-1 distance of restored and clean pictures, by its dual.

W1(p, q) is the largest difference of means over functions of slope at most 1 (Kantorovich and Rubinstein); the slope is
held at 1 by a penalty between the two sets (Gulrajani et al. 2017, equation 3). Pictures are vectors of all their
values, so that W1 grows with the square root of their number.
"""

import torch
from torch import Tensor, nn

PENALTY = 10.0


def critic_loss(critic: nn.Module, real: Tensor, restored: Tensor, mix: Tensor) -> Tensor:
    """What the critic minimises: mean over restored minus mean over clean, and the penalty on its slope between them.

    ``mix`` (B,1,1,1) in 0..1 says where between the two the slope is taken.
    """
    restored = restored.detach()
    between = (mix * real + (1 - mix) * restored).requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    loss: Tensor = critic(restored).mean() - critic(real).mean() + PENALTY * penalty
    return loss
