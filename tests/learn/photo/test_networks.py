import pytest
import torch
from learn.photo.tiny import MODEL

from crosscodec.learn.photo.export import receptive_halo
from crosscodec.learn.photo.networks import Analysis, PyramidNet, Spectrum, Synthesis, start_from_spectrum


def new_analysis():
    return Analysis(MODEL, MODEL.analysis_widths, MODEL.analysis_blocks)


def with_level(coefficients, level):
    return torch.cat([coefficients, torch.full_like(coefficients[:, :1], level)], 1)


def test_untrained_codec_is_the_plain_dct_codec():
    analysis, synthesis = new_analysis(), Synthesis(MODEL)
    for net in (analysis.net, synthesis.net):
        torch.nn.init.zeros_(net.last[0].bias)
    torch.nn.init.zeros_(analysis.last.bias)
    pictures = torch.rand(1, 3, 32, 32)
    coefficients = analysis(pictures)
    torch.testing.assert_close(coefficients, analysis.dct(pictures - 0.5))
    restored = synthesis(with_level(coefficients, 0.3))
    torch.testing.assert_close(restored, synthesis.dct.inverse(coefficients) + 0.5)


@pytest.mark.parametrize("size", [(16, 16), (48, 32)])
def test_shapes(size):
    coefficients = new_analysis()(torch.rand(2, 3, *size))
    assert coefficients.shape == (2, 27, size[0] // 16, size[1] // 16)
    assert Synthesis(MODEL)(with_level(coefficients, 0.5)).shape == (2, 3, *size)


def test_the_synthesis_is_told_the_level():
    torch.manual_seed(0)
    synthesis = Synthesis(MODEL)
    for parameter in synthesis.net.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    coefficients = torch.randn(1, 27, 2, 2)
    low, high = (synthesis(with_level(coefficients, level)) for level in (0.0, 1.0))
    assert (low - high).abs().max() > 0.01


def test_wiener_start():
    analysis = new_analysis()
    start_from_spectrum(analysis, Spectrum(torch.tensor([1.0] * 20 + [0.0] * 7)), 1.0)
    assert analysis.shrink.flatten().tolist() == [0.5] * 20 + [0.0] * 7


def test_halo_covers_what_the_networks_see():
    """A change of one pixel must not reach beyond the declared halo, and must reach further than half of it."""
    torch.manual_seed(0)
    net = PyramidNet((4, 6, 8), (1, 1, 1, 1, 1)).double()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    halo = receptive_halo(MODEL.analysis_blocks, MODEL.synthesis_blocks)
    size = 4 * halo
    picture = torch.rand(1, 3, size, size, dtype=torch.float64)
    changed = picture.clone()
    middle = size // 2
    changed[:, :, middle, middle] += 10
    # float() inside the net rounds to float32; compare the last convolution's input through exact inequality.
    moved = (net(picture)[0] != net(changed)[0]).any(dim=1)[0].nonzero()
    reach = (moved - middle).abs().max().item()
    assert halo // 2 <= reach <= halo
