"""One step of an optimiser down a loss. What is no number must not reach the weights: such a step is not taken.

    loss ─► gradient, mean over processes ─► clipped ─► loss and norm finite? ──yes──► step
                                                                └──no──► TrainingDiverged, weights and moments as before

A finite loss may have a gradient that is not (a root at nought, a ratio that overflows on the way back). Its norm,
which clipping needs anyway, tells.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from crosscodec.errors import CrosscodecError
from crosscodec.learn.workers import Workers


class TrainingDiverged(CrosscodecError):
    """A loss or its gradient became infinite or not a number."""


def descend(
    optimiser: torch.optim.Optimizer, loss: Tensor, clip: float = math.inf, workers: Workers | None = None
) -> None:
    """Take one step of an optimiser on the gradient of ``loss`` (a scalar) in its own parameters and no others, clipped
    to the norm ``clip``, and averaged over the processes of a run.

    Raises TrainingDiverged before the step, in all processes or in none, when the loss or the norm is not finite.
    """
    parameters: list[nn.Parameter] = [p for group in optimiser.param_groups for p in group["params"]]
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss, inputs=parameters)
    if workers is not None:
        workers.average_gradients(parameters)
    norm = torch.nn.utils.clip_grad_norm_(parameters, clip)
    # One number for both, so that processes exchange one: it is finite only where both are.
    seen = loss.detach() + torch.where(norm.isfinite(), 0.0, math.nan)
    if not torch.isfinite(seen if workers is None else workers.mean(seen)):
        raise TrainingDiverged("the loss or its gradient is not finite")
    optimiser.step()


@contextmanager
def without_return(where: str, remedy: str) -> Iterator[None]:
    """A block of steps that has no checkpoint to go back to: TrainingDiverged says where it was and what may help."""
    try:
        yield
    except TrainingDiverged as error:
        raise TrainingDiverged(f"{error} in {where}; {remedy}") from None
