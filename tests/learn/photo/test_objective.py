import pytest
import torch
from learn.photo.tiny import MODEL, OBJECTIVE, TWO

from crosscodec.learn.photo.model import PhotoCodec
from crosscodec.learn.photo.objective import codec_losses, denoising_losses, round_through


def pictures():
    torch.manual_seed(0)
    clean = torch.rand(2, 3, 32, 32)
    return clean + 0.1 * torch.randn_like(clean), clean


def test_total_is_rate_plus_weighted_error():
    torch.manual_seed(1)
    model = PhotoCodec(MODEL, OBJECTIVE)
    degraded, clean = pictures()
    losses = codec_losses(model, model.coefficients(degraded), clean, 42, 0.072)
    symbols = model.gains.latents(model.analysis(degraded), 42).round()
    error = ((model.restore(symbols, 42) - clean) * 255).square().mean()
    rate = model.density(42)(symbols).sum() / (2 * 32 * 32)
    torch.testing.assert_close(losses.squared_error, error)
    torch.testing.assert_close(losses.bits_per_pixel, rate)
    torch.testing.assert_close(losses.total, 0.5 * (rate + 0.072 * error))
    assert losses.numbers()["bpp"] == round(rate.item(), 5)


@pytest.mark.parametrize("settings", [MODEL, TWO])
def test_every_parameter_of_the_codec_is_trained(settings):
    torch.manual_seed(1)
    model = PhotoCodec(settings, OBJECTIVE)
    for parameter in model.parameters():
        if not parameter.any():  # layers that start at zero would hide those before them
            torch.nn.init.normal_(parameter, std=0.1)
    for quality in (20, 70):  # between the first two anchors and between the last two
        degraded, clean = pictures()
        codec_losses(model, model.coefficients(degraded), clean, quality, 0.01).total.backward()
    trained = [(n, p.grad) for n, p in model.named_parameters()]
    assert [name for name, gradient in trained if gradient is None or not gradient.abs().sum() > 0] == []


def test_losses_are_means_over_both_analyses():
    torch.manual_seed(1)
    model = PhotoCodec(TWO, OBJECTIVE)
    with torch.no_grad():
        model.best.shrink.mul_(0.9)
    degraded, clean = pictures()
    losses = codec_losses(model, model.coefficients(degraded), clean, 42, 0.072)
    rates, errors = [], []
    for analysis in (model.analysis, model.best):
        symbols = model.gains.latents(analysis(degraded), 42).round()
        errors.append(((model.restore(symbols, 42) - clean) * 255).square().mean())
        rates.append(model.density(42)(symbols).sum() / (2 * 32 * 32))
    assert errors[0] != errors[1]
    assert rates[0] != rates[1]
    torch.testing.assert_close(losses.squared_error, sum(errors) / 2)
    torch.testing.assert_close(losses.bits_per_pixel, sum(rates) / 2)
    assert losses.sightings.sum() == 2 * 2 * 27 * 4


def test_denoising_trains_the_pyramid_alone():
    model = PhotoCodec(MODEL, OBJECTIVE)
    losses = denoising_losses([model.analysis], *pictures())
    losses.total.backward()
    touched = {
        name.split(".")[0] + "." + name.split(".")[1] for name, p in model.named_parameters() if p.grad is not None
    }
    assert touched == {"analysis.net"}
    assert losses.bits_per_pixel.item() == 0


def test_denoising_trains_those_that_are_young():
    model = PhotoCodec(TWO, OBJECTIVE)
    torch.nn.init.normal_(model.best.net.last[0].weight, std=0.1)
    degraded, clean = pictures()
    denoising_losses([model.best], degraded, clean).total.backward()
    touched = {".".join(name.split(".")[:2]) for name, p in model.named_parameters() if p.grad is not None}
    assert touched == {"best.net"}
    alone = [denoising_losses([analysis], degraded, clean).squared_error for analysis in model.analyses.values()]
    assert alone[0] != alone[1]
    both = denoising_losses(list(model.analyses.values()), degraded, clean)
    torch.testing.assert_close(both.squared_error, sum(alone) / 2)


def test_round_through():
    latents = torch.tensor([0.4, 1.6], requires_grad=True)
    rounded = round_through(latents)
    rounded.sum().backward()
    assert rounded.tolist() == [0.0, 2.0]
    assert latents.grad.tolist() == [1.0, 1.0]
