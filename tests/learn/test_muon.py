"""Muon for kernels, Adam for the rest, as one optimiser."""

import pytest
import torch
from torch import nn

from crosscodec.learn.muon import MOMENTUM, ORTHOGONAL, SPREAD, STATE, AdamAndMuon, orthogonal


def optimiser(kernels, others, rate=0.01):
    groups = [{"params": others}, {"params": kernels, ORTHOGONAL: True}]
    return AdamAndMuon([g for g in groups if g["params"]], rate, (0.9, 0.99), fused=False)


@pytest.mark.parametrize("shape", [(5, 12, 40), (5, 40, 12), (2, 16, 16)])
def test_what_is_made_orthogonal_keeps_its_directions(shape):
    torch.manual_seed(1)
    given = torch.randn(shape) * torch.tensor([10.0, 1e-3]).repeat(shape[2] // 2)  # some are ten thousand times smaller
    found = orthogonal(torch.randn(shape))
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.4
    assert values.max() < 1.3
    left, _, right = torch.linalg.svd(given[0], full_matrices=False)
    seen = torch.diagonal(left.T @ orthogonal(given)[0] @ right.T)
    assert (seen[: min(shape[1:]) // 4] > 0.6).all()


def test_a_step_goes_along_the_momentum_made_orthogonal_and_has_the_size_of_adams():
    torch.manual_seed(2)
    kernel = nn.Parameter(torch.randn(8, 4, 3, 3).contiguous(memory_format=torch.channels_last))
    before, first, second = kernel.detach().clone(), torch.randn(8, 4, 3, 3), torch.randn(8, 4, 3, 3)
    taken = optimiser([kernel], [])
    momentum = torch.zeros(8, 4, 3, 3)
    for gradient in (first, second):
        kernel.grad = gradient.clone()
        taken.step()
        momentum = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        ahead = MOMENTUM * momentum + (1 - MOMENTUM) * gradient
        step = orthogonal(ahead.flatten(1)[None])[0].view_as(before) * (0.01 * SPREAD * 36**0.5)
        before -= step
        assert torch.allclose(kernel, before, atol=1e-6)
        assert step.square().mean().sqrt() == pytest.approx(0.01 * SPREAD, rel=0.25)
        assert torch.equal(kernel.grad, gradient), "gradients are left as they were"
    assert torch.allclose(taken.state[kernel][STATE], momentum, atol=1e-6)


def test_kernels_of_one_shape_go_together_as_they_go_alone():
    torch.manual_seed(3)
    start, gradients = torch.randn(3, 6, 2, 3, 3), torch.randn(3, 6, 2, 3, 3)
    together = [nn.Parameter(k.clone()) for k in start]
    alone = [nn.Parameter(k.clone()) for k in start]
    for kernels in (together, *([k] for k in alone)):
        taken = optimiser(list(kernels), [])
        for kernel in kernels:
            kernel.grad = gradients[next(i for i, k in enumerate(start) if torch.equal(k, kernel))].clone()
        taken.step()
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(together, alone, strict=True))


def test_all_else_is_adam_and_what_has_no_gradient_stays():
    torch.manual_seed(4)
    kernel, idle = nn.Parameter(torch.randn(4, 4, 3, 3)), nn.Parameter(torch.randn(4, 4, 3, 3))
    weight, twin = nn.Parameter(torch.ones(5)), nn.Parameter(torch.ones(5))
    before = idle.detach().clone()
    taken, plain = optimiser([kernel, idle], [weight]), torch.optim.Adam([twin], 0.01, betas=(0.9, 0.99))
    for _ in range(3):
        weight.grad = torch.randn(5)
        twin.grad = weight.grad.clone()
        kernel.grad = torch.randn(4, 4, 3, 3)
        taken.step()
        plain.step()
    assert torch.equal(weight, twin)
    assert torch.equal(idle, before)
    assert idle not in taken.state
    assert set(taken.state[kernel]) == {STATE}
    with pytest.raises(ValueError, match="no closure"):
        taken.step(lambda: 0.0)
