"""Quantisers: levels, dither and its error, common randomness as a real boolean, nearest codewords."""

import math

import numpy as np
import pytest
import torch

from crosscodec.codec.dither import offsets, quantise
from crosscodec.learn.transport.quantisers import Dither, ScalarQuantiser, VectorQuantiser, through
from crosscodec.learn.transport.settings import QuantiserSettings


def scalar(channels=3, **settings):
    return ScalarQuantiser(QuantiserSettings(**settings), channels).eval()  # training normalises features by batch


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def test_the_value_is_the_first_and_the_gradient_the_second():
    value = torch.tensor([0.4, 1.6], requires_grad=True)
    found = through(value.round() * 10, value)
    found.sum().backward()
    assert found.tolist() == [0.0, 20.0]
    assert value.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("levels", [2, 4, 5])
def test_levels_reach_both_ends_and_nothing_beyond(levels):
    quantiser = scalar(levels=levels)
    features = torch.linspace(-9, 9, 301)[:, None].expand(-1, 3)
    symbols = quantiser.symbols(quantiser.latents(features), None)
    assert sorted(set(symbols.flatten().tolist())) == list(range(levels))
    grid = quantiser.features_of(symbols).unique()
    torch.testing.assert_close(grid, torch.linspace(-1, 1, levels), msg="the papers' L values on [-1, 1]")
    assert quantiser.level_counts == (levels,) * 3


def test_dither_leaves_symbols_inside_the_levels():
    quantiser = scalar(levels=4, dither=8)
    latents = quantiser.latents(6 * torch.randn(500, 3, generator=generator()))
    symbols = quantiser.symbols(latents, quantiser.draw(500, generator()))
    assert (symbols.min(), symbols.max()) == (0, 3)
    assert torch.equal(symbols, symbols.round())


def test_rounding_has_no_limit():
    quantiser = scalar(kind="rounding", reach=2)
    latents = torch.tensor([[-41.3, 0.2, 1.6]])
    assert quantiser.symbols(latents, None).tolist() == [[-41.0, 0.0, 2.0]]
    assert quantiser.level_counts is None


def test_unbounded_latents_start_with_a_spread_of_two_steps():
    # Else a young encoder's features would all round to zero, and a decoder could learn nothing of them.
    quantiser = scalar(kind="rounding", latents=3)
    features = 0.1 * torch.randn(4000, 3, generator=generator()) + 5.0
    latents = quantiser.train().latents(features)
    assert latents.std(0).tolist() == pytest.approx([2.0] * 3, rel=0.05)
    assert (latents.round() != 0).float().mean() > 0.5


@pytest.mark.parametrize("settings", [{"levels": 5}, {"kind": "rounding"}, {"levels": 5, "dither": 4}])
def test_gradient_passes_straight_through(settings):
    quantiser = scalar(**settings)
    features = torch.tensor([[0.1, -0.4, 0.3]], requires_grad=True)
    out = quantiser(features, quantiser.draw(1, generator())).features
    (found,) = torch.autograd.grad(out.sum(), features)
    smooth = quantiser.features_of(quantiser.latents(features))
    (expected,) = torch.autograd.grad(smooth.sum(), features)
    torch.testing.assert_close(found, expected)
    assert found.min() > 0


def test_offsets_are_those_of_the_run_time():
    quantiser = scalar(levels=9, dither=5)
    np.testing.assert_allclose(quantiser.offset(torch.arange(5)).numpy(), offsets(np.arange(5), 5))
    latents = quantiser.latents(3 * torch.randn(200, 3, generator=generator()))
    dither = quantiser.draw(200, generator(2))
    expected = quantise(latents.T.numpy(), offsets(dither.encoder.T.numpy(), 5), (9,) * 3)
    np.testing.assert_array_equal(quantiser.symbols(latents, dither).T.numpy(), expected)


def test_the_error_of_common_dither_is_uniform_and_at_most_half_a_step():
    """Zamir & Feder 1992: whatever the latent. One latent value throughout, so that dither alone makes it uniform."""
    quantiser = scalar(channels=1, levels=9, dither=16)
    latents = torch.full((16, 1), 3.3)
    every = torch.arange(16)[:, None]
    dither = Dither(every, every)
    error = (quantiser.symbols(latents, dither) + quantiser.offset(dither.decoder) - latents).flatten()
    assert error.abs().max() <= 0.5 + 1e-6
    gaps = error.sort().values.diff()
    torch.testing.assert_close(gaps, torch.full((15,), 1 / 16), atol=1e-5, rtol=0)


def test_without_dither_the_same_latent_has_the_same_error():
    quantiser = scalar(channels=1, levels=9)
    latents = torch.full((16, 1), 3.3)
    assert len((quantiser.symbols(latents, None) - latents).unique()) == 1
    assert quantiser.draw(16, generator()) is None


def test_common_randomness_on_and_off_differ():
    on, off = scalar(levels=9, dither=8, common=True), scalar(levels=9, dither=8, common=False)
    shared, private = on.draw(400, generator()), off.draw(400, generator())
    assert shared.decoder is shared.encoder
    assert torch.equal(shared.encoder, private.encoder), "the encoder's draw does not depend on who knows it"
    agreeing = (private.encoder == private.decoder).float().mean().item()
    assert agreeing == pytest.approx(1 / 8, abs=0.04), "independent, not merely another variable"


def test_without_common_randomness_the_error_has_three_times_the_variance():
    """Encoder's dither, decoder's dither and rounding: each a twelfth of a squared step (less 1/K^2 of it)."""
    latents = 3 + 2 * torch.rand(20000, 3, generator=generator(5))
    variances = {}
    for common in (True, False):
        quantiser = scalar(levels=9, dither=16, common=common)
        dither = quantiser.draw(20000, generator())
        error = quantiser.symbols(latents, dither) + quantiser.offset(dither.decoder) - latents
        variances[common] = error.square().mean().item()
    assert variances[True] == pytest.approx(1 / 12, rel=0.03)
    assert variances[False] == pytest.approx(3 / 12, rel=0.03)


def test_tables_know_the_dither_only_when_it_is_common():
    latents, dither = torch.full((1, 3), 2.0), Dither(torch.tensor([[0, 3, 7]]), torch.tensor([[5, 5, 5]]))
    on, off = scalar(levels=4, dither=8, common=True), scalar(levels=4, dither=8, common=False)
    assert (len(on.logits), len(off.logits)) == (24, 3)
    with torch.no_grad():
        on.logits[[0, 8 + 3, 16 + 7], 2] = 20.0  # the tables of these three levels are sure of symbol 2
        off.logits[:, 2] = 20.0
    assert on.bits(latents, dither).item() == pytest.approx(0, abs=1e-4)
    assert off.bits(latents, dither).item() == pytest.approx(0, abs=1e-4)
    other = Dither(torch.tensor([[1, 3, 7]]), dither.decoder)
    assert on.bits(latents, other).item() == pytest.approx(2, abs=1e-4), "an untrained table of 4 levels: 2 bits"
    assert off.bits(latents, other).item() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("latent", [-0.3, 0.3, -1.2, 1.2])
@pytest.mark.parametrize("dither", [0, 4])
def test_the_price_pulls_towards_what_is_cheaper(latent, dither):
    """Tables start symmetric with their cheapest symbol at 0, hence the price falls towards 0 from both sides."""
    quantiser = scalar(channels=1, kind="rounding", reach=6, dither=dither, common=False)
    features = torch.full((1, 1), latent, requires_grad=True)
    drawn = Dither(torch.tensor([[2]]), torch.tensor([[2]])) if dither else None
    (gradient,) = torch.autograd.grad(quantiser(features, drawn).bits.sum(), features)
    assert math.copysign(1, gradient.item()) == math.copysign(1, latent)


def test_bits_are_those_of_the_symbols():
    quantiser = scalar(channels=2, levels=4)
    with torch.no_grad():
        quantiser.logits.copy_(torch.tensor([[0.5, 0.25, 0.125, 0.125]]).log().expand(2, 4))
    features = torch.atanh(torch.tensor([[-0.95, 0.9], [-0.4, -0.95]]))  # levels 0 and 3, 1 and 0
    found = quantiser(features, None)
    torch.testing.assert_close(found.bits, torch.tensor([1.0 + 3.0, 2.0 + 1.0]), atol=1e-4, rtol=0)
    assert found.commitment.item() == 0


@pytest.fixture
def vectors():
    torch.manual_seed(4)
    quantiser = VectorQuantiser(QuantiserSettings(kind="vector", codebooks=(7, 5)), 3)
    return quantiser, torch.randn(50, 3)


def test_each_stage_takes_the_nearest_codeword_of_what_is_left(vectors):
    quantiser, points = vectors
    found = quantiser.latents(points)
    first, second = quantiser.codebooks
    nearest = torch.cdist(points, first).argmin(1)
    assert torch.equal(found[:, 0], nearest.float())
    assert torch.equal(found[:, 1], torch.cdist(points - first[nearest], second).argmin(1).float())
    assert quantiser.level_counts == (7, 5)
    assert torch.equal(quantiser.symbols(found, None), found)


def test_the_features_are_the_sum_of_the_codewords(vectors):
    quantiser, _ = vectors
    found = quantiser.features_of(torch.tensor([[6.0, 1.0], [0.0, 4.0]]))
    torch.testing.assert_close(found[0], quantiser.codebooks[0][6] + quantiser.codebooks[1][1])
    torch.testing.assert_close(found[1], quantiser.codebooks[0][0] + quantiser.codebooks[1][4])


def test_vector_gradients_pass_straight_through_to_the_embedding(vectors):
    quantiser, points = vectors
    points.requires_grad_(True)
    found = quantiser(points, None)
    torch.testing.assert_close(found.features, quantiser.features_of(quantiser.latents(points)))
    found.features.sum().backward()
    assert torch.equal(points.grad, torch.ones(50, 3))


def test_the_commitment_draws_codewords_and_embeddings_together(vectors):
    quantiser, points = vectors
    points.requires_grad_(True)
    found = quantiser(points, None)
    distance = (points - quantiser.features_of(quantiser.latents(points))).square().sum(1).mean().item()
    assert found.commitment.item() >= distance
    found.commitment.backward()
    before = found.features.detach() - points.detach()
    assert (points.grad * before).sum() < 0, "down the gradient, embeddings come nearer to their codewords"
    with torch.no_grad():
        for codebook in quantiser.codebooks:
            codebook -= 0.01 * codebook.grad
    indices = quantiser.latents(points.detach())
    after = (points - quantiser.features_of(indices)).square().sum(1).mean().item()
    assert after < distance, "and codewords follow the embeddings that they stand for"


def test_vector_bits_are_by_tables(vectors):
    quantiser, _ = vectors
    indices = torch.tensor([[2.0, 0.0]])
    assert quantiser.bits(indices).item() == pytest.approx(math.log2(7 * 5), abs=1e-5)
    with torch.no_grad():
        quantiser.logits[0][0, 2] = 30.0
    assert quantiser.bits(indices).item() == pytest.approx(math.log2(5), abs=1e-4)
    assert quantiser.draw(3, generator()) is None


def test_cells_that_share_have_one_scale_and_one_table():
    shared = ScalarQuantiser(QuantiserSettings(kind="rounding", latents=2, shared=True), 2 * 5, 5)
    features = torch.randn(40, 10, generator=generator()) * torch.tensor([1.0] * 5 + [7.0] * 5)
    latents = shared.train().latents(features).unflatten(1, (2, 5))
    torch.testing.assert_close(latents.std(dim=(0, 2), correction=0), torch.tensor([2.0, 2.0]))
    assert latents[:, 0].std(dim=0).std() > 0.01, "a cell by itself keeps what it has"
    assert len(shared.logits) == 2
    with torch.no_grad():
        shared.logits[1, shared.settings.reach] += 3.0
    zeros = torch.zeros(1, 10)
    costs = [shared.bits(zeros.index_fill(1, torch.tensor([place]), 1.0), None).item() for place in range(10)]
    assert len({round(cost, 4) for cost in costs[:5]}) == len({round(cost, 4) for cost in costs[5:]}) == 1
    assert costs[5] > costs[0] + 2


def test_shared_tables_know_the_level_of_dither():
    settings = QuantiserSettings(kind="rounding", latents=2, shared=True, dither=3)
    shared = ScalarQuantiser(settings, 2 * 4, 4).eval()
    assert len(shared.logits) == 2 * 3
    dither = shared.draw(6, generator())
    assert shared(torch.randn(6, 8, generator=generator()), dither).bits.shape == (6,)
