import pytest
import torch
from learn.photo.tiny import MODEL

from crosscodec.learn.photo.export import receptive_halo
from crosscodec.learn.photo.networks import Analysis, PyramidNet, Spectrum, Synthesis, start_from_spectrum


def test_untrained_codec_is_the_plain_dct_codec():
    analysis, synthesis = Analysis(MODEL), Synthesis(MODEL)
    for net in (analysis.net, synthesis.net):
        torch.nn.init.zeros_(net.last[0].bias)
    torch.nn.init.zeros_(analysis.last[1].bias)
    pictures = torch.rand(1, 3, 32, 32)
    latents = analysis(pictures)
    torch.testing.assert_close(latents * MODEL.step / 255, analysis.dct(pictures - 0.5), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(synthesis(latents), synthesis.dct.inverse(analysis.dct(pictures - 0.5)) + 0.5)


@pytest.mark.parametrize("size", [(16, 16), (48, 32)])
def test_shapes(size):
    latents = Analysis(MODEL)(torch.rand(2, 3, *size))
    assert latents.shape == (2, 27, size[0] // 16, size[1] // 16)
    assert Synthesis(MODEL)(latents).shape == (2, 3, *size)


def test_wiener_start():
    analysis = Analysis(MODEL)
    start_from_spectrum(analysis, Spectrum(torch.tensor([1.0] * 20 + [0.0] * 7)), 1.0)
    assert analysis.shrink.flatten().tolist() == [0.5] * 20 + [0.0] * 7


def test_halo_covers_what_the_networks_see():
    """A change of one pixel must not reach beyond the declared halo, and must reach further than half of it."""
    torch.manual_seed(0)
    net = PyramidNet((4, 6, 8), (1, 1, 1, 1, 1)).double()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    halo = receptive_halo(MODEL)
    size = 4 * halo
    picture = torch.rand(1, 3, size, size, dtype=torch.float64)
    changed = picture.clone()
    middle = size // 2
    changed[:, :, middle, middle] += 10
    # float() inside the net rounds to float32; compare the last convolution's input through exact inequality.
    moved = (net(picture)[0] != net(changed)[0]).any(dim=1)[0].nonzero()
    reach = (moved - middle).abs().max().item()
    assert halo // 2 <= reach <= halo
