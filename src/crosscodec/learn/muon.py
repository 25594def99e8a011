"""Adam, and Muon for the kernels of hidden layers (Jordan et al. 2024, "Muon: an optimizer for hidden layers").

    gradient ─► momentum M (out, in·h·w) = U S V' ─► U V' ─► kernel     all directions of M alike, however small
                                 └─ Newton-Schulz, five steps ─┘

A gradient of a kernel has a few directions that are much larger than all others; Adam, which scales single weights,
follows these. The step of Muon is M made orthogonal. Its root mean square is 0.2 times the learning rate, about
Adam's, so that one learning rate serves both (Liu et al. 2025, "Muon is scalable for LLM training", 2.2).

PyTorch has a Muon for matrices alone; ours takes convolutions, kernels of one shape together, and shares its
checkpoints with Adam. What it gains: docs/learn.md.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
SPREAD = 0.2  # root mean square of a step, of the learning rate
QUINTIC = (3.4445, -4.7750, 2.0315)  # of Newton-Schulz: brings singular values of 0.001 to 1 to about 0.7 to 1.2
STEPS = 5
ORTHOGONAL = "orthogonal"  # key of a parameter group: whether Muon takes it
STATE = "momentum"


class AdamAndMuon(torch.optim.Adam):
    """Adam whose parameter groups with ``orthogonal=True`` are left to Muon: kernels, of two or more dimensions."""

    def __init__(self, groups: Iterable[dict[str, Any]], lr: float, betas: tuple[float, float], fused: bool) -> None:
        super().__init__([{ORTHOGONAL: False} | group for group in groups], lr=lr, betas=betas, fused=fused)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One step of both. There is no closure."""
        if closure is not None:
            raise ValueError("a step of Muon has no closure")
        kernels = [group for group in self.param_groups if group[ORTHOGONAL]]
        gradients = {p: p.grad for group in kernels for p in group["params"] if p.grad is not None}
        for group in kernels:
            self._orthogonal({p: gradients[p] for p in group["params"] if p in gradients}, group["lr"])
        for parameter in gradients:
            parameter.grad = None  # what has no gradient Adam leaves alone
        super().step()
        for parameter, gradient in gradients.items():
            parameter.grad = gradient

    def _orthogonal(self, given: dict[nn.Parameter, Tensor], rate: float) -> None:
        shapes: dict[tuple[int, int], list[nn.Parameter]] = {}
        for parameter in given:
            if STATE not in self.state[parameter]:
                self.state[parameter][STATE] = torch.zeros_like(parameter)
            shapes.setdefault((len(parameter), parameter[0].numel()), []).append(parameter)
        for (rows, columns), alike in shapes.items():
            gradients, kept = [given[p] for p in alike], [self.state[p][STATE] for p in alike]
            torch._foreach_lerp_(kept, gradients, 1 - MOMENTUM)
            # Nesterov's: where the momentum will be after the next gradient like this one.
            ahead = torch.stack([m.flatten(1) for m in torch._foreach_lerp(gradients, kept, MOMENTUM)])
            for parameter, step in zip(alike, orthogonal(ahead), strict=True):
                parameter.sub_(step.view(parameter.shape), alpha=rate * SPREAD * max(rows, columns) ** 0.5)


def orthogonal(matrices: Tensor) -> Tensor:
    """Of matrices (N, rows, columns) = U S V' about U V', float32: singular values between 0.7 and 1.2, unless they
    were below a thousandth of the norm.
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-12)
    x = x.bfloat16() if x.is_cuda else x  # the iteration does not mind, and on a GPU it is the faster
    first, third, fifth = QUINTIC
    for _ in range(STEPS):
        square = x @ x.mT
        x = first * x + (third * square + fifth * square @ square) @ x
    found: Tensor = (x.mT if tall else x).float()
    return found
