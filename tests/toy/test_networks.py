import pytest
import torch

from crosscodec.learn.transport.quantisers import ScalarQuantiser
from crosscodec.toy.networks import BentLine, ToyCodec
from crosscodec.toy.settings import ToySettings
from crosscodec.toy.sources import source_of


def test_a_bent_line_starts_straight():
    x = torch.randn(5, 3)
    torch.testing.assert_close(BentLine(3, 8, 3)(x), x)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0])
def test_the_start_is_a_dithered_quantiser_of_the_rate(rate):
    """Zamir & Feder 1992: a quarter of a bit more than the least, and Wiener's error."""
    settings = ToySettings(rate=rate)
    codec = ToyCodec(settings, source_of(settings))
    assert isinstance(codec.quantiser, ScalarQuantiser)
    generator = torch.Generator().manual_seed(0)
    numbers = torch.randn(2**15, 1, generator=generator)
    with torch.no_grad():
        quantised = codec.quantiser(codec.features(numbers), codec.quantiser.draw(len(numbers), generator))
        error = float((codec.outputs("fidelity", quantised.features) - numbers).square().mean())
    assert float(quantised.bits.mean()) == pytest.approx(rate, abs=0.03)
    assert 1.1 * 4.0**-rate < error < 1.5 * 4.0**-rate
    assert codec.multiplier == pytest.approx(1.386 * error, rel=0.1)


def test_pictures_of_bits_have_a_coordinate_for_the_price_of_a_name():
    settings = ToySettings("bernoulli", rate=0.5)
    codec = ToyCodec(settings, source_of(settings))
    features = codec.features(torch.tensor([[0.0, 1.0] * 8]))
    torch.testing.assert_close(features, torch.tensor([[-1.0, 1.0] * 8 + [0.0]]))
    assert codec.latents == 1
    assert set(codec.outputs("fidelity", features).unique().tolist()) == {0.0, 1.0}
