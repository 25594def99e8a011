"""Density of the latents: what a symbol costs in its channel and context, as tables from the start.

A table of 2*reach + 1 free probabilities is the most general (non-parametric) law of integer symbols, and after
training it is what the entropy coder uses: nothing has to be tabulated from a network, as in Balle et al. 2018,
6.1. Each channel has one table a context, and the context is the integer one of bitstream.weighted, so that
training minimises the bits of the very coder that writes the file. With one context a channel the density is
factorised.

The tables are counts of what was seen of late, not parameters of the optimiser: the likeliest tables of given symbols
are their frequencies. Tables that follow by gradient are late by thousands of steps, each anchor's being used in one
step of eleven, and until they have come the networks are trained against costs that no file has.

What earlier channels weigh in a channel's activity is the linear least-squares estimate of its magnitude from theirs,
in closed form: it takes a second, and 600 steps of gradient descent on the bits themselves found nothing better.

Of predicted channels the coder is given differences (bitstream.prediction); so are the tables here. What neighbours
foretell counts as a constant: a symbol's slope is that of its own difference.

How a table's cost becomes differentiable: learn/tables.py.
"""

import torch
from torch import Tensor, nn

from crosscodec.bitstream.contexts import LARGEST_MAGNITUDE, WINDOW, plane_groups
from crosscodec.bitstream.weighted import EXACT, LARGEST_SUM, OWN
from crosscodec.learn.tables import table_bits, table_cells

PRIOR = 8.0  # sightings that the law of the whole channel is worth in each of its contexts
LAPLACE = 0.1  # and that of Laplace with the channel's mean magnitude, as a share of those: what was never seen
MEMORY = 0.98  # what sightings are worth after the next batch of their anchor
FEATURES = 80  # that a group looks at: with all of them the bits are the same, and the coder takes longer
RIDGE = 1e-3  # of each feature's own power: holds the weights of what was hardly ever seen
POSITIONS_AT_ONCE = 2**14  # of the second moments


class ContextDensity(nn.Module):
    """``contexts`` tables of ``2*reach + 1`` probabilities for each of ``luma + 2*chroma`` channels."""

    counts: Tensor  # (C, contexts, 2*reach + 1)
    thresholds: Tensor  # (C, contexts - 1)
    weights: Tensor  # (C, 2C)
    kernel: Tensor  # (1, 1, 3, 3)

    def __init__(self, luma: int, chroma: int, reach: int, contexts: int, predicted: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.sizes = tuple(size for plane in plane_groups(luma, chroma) for size in plane)
        channels = sum(self.sizes)
        self.reach, self.contexts, self.predicted = reach, contexts, list(predicted)
        # Part of a run's state. Sightings of each symbol; thresholds and weights are fitted to the first symbols, and
        # again at export. Weights are whole numbers: of magnitudes, then of windows, of all channels; zero for what is
        # not coded before.
        self.register_buffer("counts", torch.zeros(channels, contexts, 2 * reach + 1))
        self.register_buffer("thresholds", torch.full((channels, contexts - 1), float(EXACT)))
        self.register_buffer("weights", torch.zeros(channels, 2 * channels))
        self.register_buffer("kernel", torch.tensor(WINDOW).float()[None, None], persistent=False)

    @torch.no_grad()
    def expected(self) -> Tensor:
        """Expected sightings (channels, contexts, 2*reach + 1), all positive: a context's own, and with small weight
        those of its whole channel and a Laplace law, which smooths what is rare.
        """
        own = self.counts.sum(dim=1)
        total = own.sum(dim=1, keepdim=True).clamp_min(1.0)
        sizes = torch.arange(-self.reach, self.reach + 1, device=own.device).abs()
        mean = ((own * sizes).sum(dim=1, keepdim=True) / total).clamp_min(0.02)
        laplace = torch.softmax((-sizes / mean).clamp_min(-12.0), dim=1)
        return self.counts + PRIOR * (own / total + LAPLACE * laplace)[:, None]

    @torch.no_grad()
    def probabilities(self) -> Tensor:
        """Probability of every integer symbol, shape (channels, contexts, 2*reach + 1), rows summing to 1."""
        return nn.functional.normalize(self.expected(), p=1, dim=2)

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
    def features(self, numbers: Tensor) -> Tensor:
        """Magnitudes times OWN, and their window sums (B, 2C, h, w): whole numbers, those of bitstream.weighted."""
        sizes = numbers.round().abs().clamp_max(LARGEST_MAGNITUDE)
        padded = nn.functional.pad(sizes, (1, 1, 1, 1), mode="replicate")
        kernel = self.kernel.expand(sizes.shape[1], 1, 3, 3)
        return torch.cat([OWN * sizes, nn.functional.conv2d(padded, kernel, groups=sizes.shape[1])], 1)

    @torch.no_grad()
    def activity(self, numbers: Tensor) -> Tensor:
        """Activity (B, C, h, w) that decides the contexts: whole numbers, those of bitstream.weighted."""
        return nn.functional.conv2d(self.features(numbers), self.weights[:, :, None, None])

    @torch.no_grad()
    def context(self, numbers: Tensor) -> Tensor:
        """Context (B, C, h, w) of every element."""
        activity = self.activity(numbers)
        found = torch.zeros_like(activity, dtype=torch.int64)
        for cuts in self.thresholds.T:  # one after the other: all at once would be `contexts` times the memory
            found += activity >= cuts[None, :, None, None]
        return found

    def forward(self, latents: Tensor) -> Tensor:
        """Bits of each rounded element of latents (B, C, h, w), differentiable in the latents.

        Beyond the reach the cost is that of the edge.
        """
        bits, _, _ = self._priced(latents)
        return bits

    def price(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """The bits of ``forward``, and the sightings for ``follow``; contexts are computed once for both."""
        bits, numbers, tables = self._priced(latents)
        return bits, self._seen(numbers, tables)

    def _priced(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Bits of latents, what is coded of them, and which tables serve that."""
        with torch.autocast(latents.device.type, enabled=False):
            numbers = self.numbers(latents.float())
            tables = self._tables(numbers)
            return self._bits(numbers, tables), numbers, tables

    def _bits(self, numbers: Tensor, tables: Tensor) -> Tensor:
        return table_bits(self.expected().flatten(0, 1).log(), tables, numbers)

    def _tables(self, numbers: Tensor) -> Tensor:
        """Which of the C * contexts tables serves each element."""
        channel = torch.arange(numbers.shape[1], device=numbers.device).view(1, -1, 1, 1)
        return channel * self.contexts + self.context(numbers)

    @torch.no_grad()
    def sightings(self, latents: Tensor) -> Tensor:
        """How often latents (B, C, h, w) show each symbol in each context, of the shape of the counts."""
        numbers = self.numbers(latents.float())
        return self._seen(numbers, self._tables(numbers))

    @torch.no_grad()
    def _seen(self, numbers: Tensor, tables: Tensor) -> Tensor:
        cells = table_cells(self.counts.shape[2], tables, numbers)
        return torch.bincount(cells.flatten(), minlength=self.counts.numel()).view_as(self.counts).float()

    @torch.no_grad()
    def follow(self, sightings: Tensor) -> None:
        """Add sightings to the counts, which fade."""
        self.counts.mul_(MEMORY).add_(sightings)

    @torch.no_grad()
    def start_from(self, latents: Tensor) -> None:
        """Fit contexts and tables to latents (B, C, h, w)."""
        self.fit_contexts(self.numbers(latents))
        self.counts.copy_(self.sightings(latents))

    @torch.no_grad()
    def fit_contexts(self, numbers: Tensor) -> None:
        """Weights by least squares, thresholds at quantiles of the activity they give, for numbers (B, C, h, w)."""
        self.weights.copy_(fitted_weights(self.features(numbers), self.sizes))
        if self.contexts == 1:
            return
        shares = quantile_shares(self.contexts).to(numbers.device)
        for channel, activity in enumerate(self.activity(numbers).transpose(0, 1).flatten(1)):
            ordered = activity.sort().values
            cuts = ordered[(shares * (len(ordered) - 1)).ceil().long()]
            # What hardly moves has equal quantiles: the lowest context is then that of the least activity.
            self.thresholds[channel] = torch.where(cuts > ordered[0], cuts, ordered[0] + 1)


def quantile_shares(contexts: int) -> Tensor:
    """Where contexts part: all but the last two hold equal shares, of the last share the busiest third is one more."""
    steps = max(contexts - 1, 1)
    return torch.cat([torch.arange(1, steps) / steps, torch.tensor([1 - 1 / (3 * steps)])])


def fitted_weights(features: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Whole weights (C, 2C) with which the features (B, 2C, h, w) of earlier groups estimate each magnitude.

    Least squares with a constant, over the features that move a group's estimates most. Each channel's weights are then
    scaled: the largest is 127 in size, all keep within bitstream.weighted's bounds; thresholds undo any scale.
    """
    channels = features.shape[1] // 2
    moments = second_moments(features)
    found = torch.zeros(channels, 2 * channels, device=features.device)
    first = 0
    for size in sizes:
        earlier = torch.cat([torch.arange(first), channels + torch.arange(first)]).to(features.device)
        wanted = slice(first, first + size)
        if len(earlier) > FEATURES:
            moved = _estimate(moments, earlier, wanted).abs() * moments.diagonal()[earlier, None].sqrt()
            # In units of the channel's own typical size, so that rare channels have a say.
            moved /= moments.diagonal()[wanted].sqrt().clamp_min(1e-3)
            earlier = earlier[moved.sum(dim=1).topk(FEATURES).indices.sort().values]
        if len(earlier):
            weights = _estimate(moments, earlier, wanted).T
            weights = weights / weights.abs().amax(dim=1, keepdim=True).clamp_min(1e-9)
            room = LARGEST_SUM / weights.abs().sum(dim=1, keepdim=True).clamp_min(1e-9) - 1
            found[wanted, earlier] = (weights * room.clamp(0, 127)).round().float()
        first += size
    return found


def second_moments(features: Tensor) -> Tensor:
    """Mean products (2C+1, 2C+1) of features (B, 2C, h, w), those of magnitudes in units of a magnitude, and of one."""
    rows = features.transpose(0, 1).flatten(1)
    moments = torch.zeros(len(rows) + 1, len(rows) + 1, dtype=torch.float64, device=rows.device)
    for part in torch.split(rows, POSITIONS_AT_ONCE, dim=1):
        with_one = torch.cat([part / OWN, torch.ones_like(part[:1])])
        moments += (with_one @ with_one.T).double()
    return moments / rows.shape[1]


def _estimate(moments: Tensor, earlier: Tensor, wanted: slice) -> Tensor:
    """Least-squares weights (E, g) of the features ``earlier`` in estimates of the features ``wanted``."""
    with_one = torch.cat([earlier, earlier.new_tensor([len(moments) - 1])])
    power = moments[with_one][:, with_one]
    ridge = RIDGE * power.diagonal() + 1e-6
    ridge[-1] = 0  # the constant is free
    found: Tensor = torch.linalg.solve(power + torch.diag(ridge), moments[with_one, wanted])
    return found[:-1]


def predictions(symbols: Tensor) -> Tensor:
    """What the neighbours of whole numbers (B, C, h, w) foretell, as bitstream.prediction computes it."""
    found = torch.zeros_like(symbols)
    found[..., 0, 1:] = symbols[..., 0, :-1]
    found[..., 1:, 0] = symbols[..., :-1, 0]
    left, above, corner = symbols[..., 1:, :-1], symbols[..., :-1, 1:], symbols[..., :-1, :-1]
    found[..., 1:, 1:] = (left + above - corner).clamp(torch.minimum(left, above), torch.maximum(left, above))
    return found
