"""Density of the latents: what a symbol costs in its channel and context, as tables from the start.

A table of 2*reach + 1 free probabilities is the most general (non-parametric) law of integer symbols, and after
training it is what the entropy coder uses: nothing has to be tabulated from a network, as in Balle et al. 2018,
6.1. Each channel has one table a context, and the context is the integer one of bitstream.contexts, so that
training minimises the bits of the very coder that writes the file. With one context a channel the density is
factorised.

Of predicted channels the coder is given differences (bitstream.prediction); so are the tables here. What neighbours
foretell counts as a constant: a symbol's slope is that of its own difference.

How a table's cost becomes differentiable: learn/tables.py.
"""

import math

import torch
from torch import Tensor, nn

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, WINDOW, plane_groups, plane_sources
from crosscodec.learn.tables import table_bits


class ContextDensity(nn.Module):
    """``contexts`` tables of ``2*reach + 1`` probabilities for each of ``luma + 2*chroma`` channels."""

    window: Tensor  # (1, 1, 3, 3)
    member: Tensor  # (G, C): 1 where a channel belongs to a group
    weights: Tensor  # (G, G): how much the window of the second group counts in the activity of the first
    group_of: Tensor  # (C,)

    def __init__(self, luma: int, chroma: int, reach: int, contexts: int, predicted: tuple[int, ...] = ()) -> None:
        super().__init__()
        sizes = [size for plane in plane_groups(luma, chroma) for size in plane]
        channels, groups = sum(sizes), len(sizes)
        self.reach, self.contexts, self.predicted = reach, contexts, list(predicted)
        self.logits = nn.Parameter(torch.zeros(channels, contexts, 2 * reach + 1))
        # Not trained, but part of a run's state: set once from the first symbols, and refitted at export.
        self.thresholds = nn.Parameter(torch.full((groups, contexts - 1), math.inf), requires_grad=False)
        weights = torch.zeros(groups, groups)
        for group, sources in enumerate(plane_sources(luma, chroma)):
            for source in sources:
                weights[group, source.group] = source.weight
        group_of = torch.repeat_interleave(torch.arange(groups), torch.tensor(sizes))
        self.register_buffer("window", torch.tensor(WINDOW).float()[None, None], persistent=False)
        self.register_buffer("member", (group_of == torch.arange(groups)[:, None]).float(), persistent=False)
        self.register_buffer("weights", weights, persistent=False)
        self.register_buffer("group_of", group_of, persistent=False)

    def probabilities(self) -> Tensor:
        """Probability of every integer symbol, shape (channels, contexts, 2*reach + 1), rows summing to 1."""
        return torch.softmax(self.logits, dim=2)

    def numbers(self, latents: Tensor) -> Tensor:
        """What is coded of latents (B, C, h, w): of predicted channels the difference to what the rounded latents of
        their neighbours foretell.
        """
        if not self.predicted:
            return latents
        foretold = torch.zeros_like(latents)
        foretold[:, self.predicted] = predictions(latents[:, self.predicted].detach().round())
        return latents - foretold

    @torch.no_grad()
    def activity(self, numbers: Tensor) -> Tensor:
        """Activity (B, G, h, w) that decides the contexts: whole numbers, those of bitstream.contexts."""
        sizes = numbers.round().abs().clamp_max(LARGEST_MAGNITUDE)
        sums = torch.einsum("gc,bchw->bghw", self.member, sizes)
        padded = nn.functional.pad(sums, (1, 1, 1, 1), mode="replicate")
        window = self.window.expand(sums.shape[1], 1, 3, 3)
        windows = nn.functional.conv2d(padded, window, groups=sums.shape[1])
        return torch.einsum("gs,bshw->bghw", self.weights, windows)

    @torch.no_grad()
    def context(self, numbers: Tensor) -> Tensor:
        """Context (B, C, h, w) of every element."""
        reached = self.activity(numbers)[:, :, None] >= self.thresholds[None, :, :, None, None]
        return reached.sum(dim=2)[:, self.group_of]

    def forward(self, latents: Tensor) -> Tensor:
        """Bits of each rounded element of latents (B, C, h, w), differentiable in the latents and the tables.

        Beyond the reach the cost is that of the edge.
        """
        with torch.autocast(latents.device.type, enabled=False):
            return self._bits(self.numbers(latents.float()))

    def _bits(self, numbers: Tensor) -> Tensor:
        channel = torch.arange(numbers.shape[1], device=numbers.device).view(1, -1, 1, 1)
        return table_bits(self.logits.flatten(0, 1), channel * self.contexts + self.context(numbers), numbers)

    @torch.no_grad()
    def start_from(self, latents: Tensor) -> None:
        """Set thresholds to quantiles of the activity, tables to Laplace laws with each context's mean absolute
        value.
        """
        latents = self.numbers(latents)
        activity = self.activity(latents).transpose(0, 1).flatten(1)
        if self.contexts > 1:
            shares = torch.arange(1, self.contexts, device=latents.device) / self.contexts
            self.thresholds.copy_(torch.quantile(activity, shares, dim=1).T.ceil().clamp_min(1))
        context = self.context(latents)
        symbols = torch.arange(-self.reach, self.reach + 1, device=latents.device).abs()
        for k in range(self.contexts):
            inside = context == k
            count = inside.sum(dim=(0, 2, 3))
            mean = (latents.abs() * inside).sum(dim=(0, 2, 3)) / count.clamp_min(1)
            scale = torch.where(count > 0, mean, latents.abs().mean(dim=(0, 2, 3))).clamp_min(0.02)
            self.logits[:, k].copy_((-symbols[None, :] / scale[:, None]).clamp_min(-12.0))


def predictions(symbols: Tensor) -> Tensor:
    """What the neighbours of whole numbers (B, C, h, w) foretell, as bitstream.prediction computes it."""
    found = torch.zeros_like(symbols)
    found[..., 0, 1:] = symbols[..., 0, :-1]
    found[..., 1:, 0] = symbols[..., :-1, 0]
    left, above, corner = symbols[..., 1:, :-1], symbols[..., :-1, 1:], symbols[..., :-1, :-1]
    found[..., 1:, 1:] = (left + above - corner).clamp(torch.minimum(left, above), torch.maximum(left, above))
    return found
