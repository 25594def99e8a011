import math
from itertools import accumulate, pairwise

import numpy as np
import torch

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.prediction import differences
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel, walk_known
from crosscodec.bitstream.weighted import WeightedLayout
from crosscodec.learn.photo.density import LAPLACE, MEMORY, PRIOR, ContextDensity, fitted_weights, quantile_shares


def example(reach=3, contexts=1, predicted=()):
    density = ContextDensity(1, 1, reach, contexts, predicted)
    torch.manual_seed(0)
    density.counts.copy_(torch.randint(1, 100, density.counts.shape))
    return density


def test_bits_are_those_of_the_rounded_symbols():
    density = example()
    table = density.probabilities()
    latents = torch.tensor([0.4, -1.6, 2.9]).view(1, 1, 1, 3).expand(1, 3, 1, 3)
    bits = density(latents)
    for channel in range(3):
        for position, symbol in enumerate((0, -2, 3)):
            expected = -math.log2(table[channel, 0, symbol + 3].item())
            assert abs(bits[0, channel, 0, position].item() - expected) < 1e-5


def test_rows_are_laws_and_the_edge_serves_beyond_the_reach():
    density = example()
    torch.testing.assert_close(density.probabilities().sum(2), torch.ones(3, 1))
    far = density(torch.full((1, 3, 1, 1), 50.0))
    torch.testing.assert_close(far, density(torch.full((1, 3, 1, 1), 3.0)))


def test_contexts_are_those_of_the_run_time():
    """Training charges each symbol to the table that the coder will use: same integers, edges and thresholds."""
    torch.manual_seed(2)
    luma, chroma, contexts = 30, 8, 4
    density = ContextDensity(luma, chroma, 40, contexts)
    spread = torch.linspace(6, 0.4, luma + 2 * chroma)[:, None, None]
    latents = torch.randn(3, luma + 2 * chroma, 5, 7) * spread
    density.start_from(latents)
    weights, channels = density.weights.to(torch.int8).numpy(), luma + 2 * chroma
    ends = list(accumulate(density.sizes, initial=0))
    layout = WeightedLayout(
        contexts,
        tuple(weights[a:b, :a] for a, b in pairwise(ends)),
        tuple(weights[a:b, channels : channels + a] for a, b in pairwise(ends)),
        tuple(tuple(sorted({int(t) for t in row})) for row in density.thresholds.tolist()),
    )
    flat = FrequencyTables.from_counts(
        [np.ones(81)] * (layout.channels * contexts), [-40] * (layout.channels * contexts)
    )
    symbols = latents.round().int().transpose(0, 1).flatten(1).numpy()
    turns = walk_known(symbols, EntropyModel(flat, layout), [Grid(5, 7)] * 3)
    rows = np.concatenate([turn.rows for turn in turns]) - contexts * np.arange(layout.channels)[:, None]
    # The run-time counts distinct thresholds, training all of them.
    found = density.context(latents).transpose(0, 1).flatten(1).numpy()
    for row, seen in zip(rows, found, strict=True):
        assert len({(a, b) for a, b in zip(row.tolist(), seen.tolist(), strict=True)}) == len(set(row.tolist()))
        np.testing.assert_array_equal(np.sign(np.diff(row)), np.sign(np.diff(seen)))
    assert len(np.unique(rows[luma:])) > 2


def test_weights_find_the_channels_that_matter():
    """Of two earlier channels a third follows the one, at its own position, and not the other."""
    torch.manual_seed(4)
    scale = torch.exp(1.2 * torch.randn(40, 1, 6, 6))
    other = torch.exp(1.2 * torch.randn(40, 1, 6, 6))
    features = ContextDensity(4, 1, 40, 2).features(
        torch.cat([torch.randn(40, 1, 6, 6) * s for s in (other, scale, other, scale, scale, scale)], 1).round()
    )
    weights = fitted_weights(features, (2, 4))
    assert weights.shape == (6, 12)
    assert not weights[:2].any()
    assert not weights[:, 2:6].any()
    assert not weights[:, 8:].any()
    assert (weights[3, :2].tolist()[1], abs(weights[3, 0].item()) < 20) == (127, True)
    assert (weights[2, :2].tolist()[0], abs(weights[2, 1].item()) < 20) == (127, True)
    assert torch.equal(weights, weights.round())
    assert weights.abs().max() == 127


def test_contexts_hold_equal_shares_and_the_busiest_one_more():
    torch.testing.assert_close(quantile_shares(5), torch.tensor([1 / 4, 2 / 4, 3 / 4, 11 / 12]))
    assert quantile_shares(2).tolist() == [torch.tensor(2 / 3).item()]
    assert [len(quantile_shares(k)) for k in (2, 3, 9)] == [1, 2, 8]


def test_predictions_are_those_of_the_run_time():
    torch.manual_seed(1)
    density = ContextDensity(3, 2, 40, 2, (0, 3, 5))
    latents = 9 * torch.randn(2, 7, 6, 5)
    found = density.numbers(latents).detach()
    symbols = latents.round().int().transpose(0, 1).flatten(1).numpy()
    expected = differences(symbols, [Grid(6, 5)] * 2, (0, 3, 5))
    np.testing.assert_array_equal(found.round().int().transpose(0, 1).flatten(1).numpy(), expected)
    torch.testing.assert_close(found[:, 1], latents[:, 1])


def test_a_symbol_has_the_slope_of_its_own_difference():
    density = example(30, 1, (0, 2))
    latents = (4 * torch.randn(1, 3, 4, 4)).requires_grad_(True)
    (slope,) = torch.autograd.grad(density(latents).sum(), latents)
    moved = density.numbers(latents).detach().requires_grad_(True)
    (expected,) = torch.autograd.grad(density._bits(moved, density._tables(moved)).sum(), moved)
    torch.testing.assert_close(slope, expected)


def clustered():
    """Latents of pictures that are busy or not; a busy one's spread is 25 times as large."""
    torch.manual_seed(0)
    busy = (torch.rand(64, 1, 1, 1) > 0.7).float()
    return torch.randn(64, 6, 4, 4) * (0.2 + 5 * busy)


def test_start_follows_the_spread_in_each_context():
    density = ContextDensity(4, 1, 20, 3)
    density.start_from(clustered())
    law = density.probabilities()
    assert law[1, 0, 20] > law[1, 2, 20] + 0.1, "little activity before, so zero is more probable"


def test_tables_started_from_symbols_charge_their_entropy():
    latents = clustered()
    density = ContextDensity(4, 1, 30, 3)
    density.start_from(latents)
    bits = density(latents).mean().item()
    laws = density.counts / density.counts.sum(dim=2, keepdim=True).clamp_min(1)
    share = density.counts.sum(dim=2) / density.counts.sum()
    entropy = (share[:, :, None] * torch.special.entr(laws) / math.log(2)).sum().item()
    assert entropy < bits < 1.1 * entropy


def test_contexts_save_bits_on_clustered_symbols():
    latents, costs = clustered(), []
    for contexts in (1, 3):
        density = ContextDensity(4, 1, 30, contexts)
        density.start_from(latents)
        costs.append(density(latents).mean().item())
    assert costs[1] < 0.9 * costs[0]


def test_sightings_are_counted_in_their_context_and_at_the_edge_beyond_the_reach():
    latents = clustered()
    density = ContextDensity(4, 1, 3, 3)
    density.start_from(latents)
    seen = density.sightings(latents)
    assert torch.equal(seen, density.counts)
    bits, priced = density.price(latents)
    assert torch.equal(priced, seen)
    assert torch.equal(bits, density(latents))
    assert seen.sum().item() == latents.numel()
    context, symbols = density.context(latents)[:, 2], latents[:, 2].round().clamp(-3, 3)
    for k in range(3):
        for symbol in range(-3, 4):
            assert seen[2, k, symbol + 3] == ((context == k) & (symbols == symbol)).sum()


def test_tables_follow_what_is_seen_and_forget():
    density = example()
    latents = torch.full((1, 3, 5, 5), 2.0)
    before = density.counts.clone()
    density.follow(density.sightings(latents))
    torch.testing.assert_close(density.counts[0, 0, 5], MEMORY * before[0, 0, 5] + 25)
    torch.testing.assert_close(density.counts[0, 0, 0], MEMORY * before[0, 0, 0])
    first = density(latents).mean()
    for _ in range(300):
        density.follow(density.sightings(latents))
    assert density(latents).mean() < 0.1 * first
    assert density.counts.sum() < 1.01 * 3 * 25 / (1 - MEMORY), "what was seen long ago weighs nothing"


def test_what_was_never_seen_in_a_context_costs_what_the_channel_and_a_laplace_law_say():
    density = ContextDensity(1, 1, 4, 2)
    density.counts[0, 0, 4] = 90.0
    density.counts[0, 1, 5] = 10.0
    expected = density.expected()[0]
    sizes = torch.arange(-4, 5).abs()
    laplace = torch.softmax((-sizes / 0.1).clamp_min(-12), dim=0)  # nothing is impossible
    own = torch.zeros(9)
    own[4], own[5] = 0.9, 0.1
    torch.testing.assert_close(expected[1] - density.counts[0, 1], PRIOR * (own + LAPLACE * laplace))
    assert (density.expected() > 0).all()
    torch.testing.assert_close(density.probabilities().sum(dim=2), torch.ones(3, 2))
