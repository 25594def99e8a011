import torch
from learn.photo.tiny import MODEL, OBJECTIVE

from crosscodec.learn.photo.model import PhotoCodec


def test_start_from_pictures_fits_shrinkage_and_tables():
    torch.manual_seed(0)
    model = PhotoCodec(MODEL, OBJECTIVE)
    smooth = torch.rand(8, 3, 1, 1).expand(8, 3, 32, 32)
    model.start_from_pictures(smooth + 0.02 * torch.randn(8, 3, 32, 32), smooth, 0.02)
    shrink = model.analysis.shrink.flatten()
    assert shrink[0] > 0.95, "the constant carries the picture"
    assert shrink[1:15].abs().max() < 0.01, "the other luma frequencies carry only noise"
    for quality in OBJECTIVE.anchors:
        assert model.density(quality).probabilities()[1, 0, MODEL.reach] > 0.9


def test_channels_last_changes_no_value():
    model = PhotoCodec(MODEL, OBJECTIVE)
    before = [p.detach().clone() for p in model.parameters()]
    model.lay_out_channels_last()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert model.analysis.net.to_half.weight.is_contiguous(memory_format=torch.channels_last)
