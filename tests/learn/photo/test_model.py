import pytest
import torch
from learn.photo.tiny import MODEL, OBJECTIVE, TWO

from crosscodec.learn.photo.model import PhotoCodec


@pytest.mark.parametrize("settings", [MODEL, TWO])
def test_start_from_pictures_fits_shrinkage_and_tables(settings):
    torch.manual_seed(0)
    model = PhotoCodec(settings, OBJECTIVE)
    smooth = torch.rand(8, 3, 1, 1).expand(8, 3, 32, 32)
    fresh = list(model.analyses.values())
    model.start_from_pictures(fresh, smooth + 0.02 * torch.randn(8, 3, 32, 32), smooth, 0.02)
    for analysis in fresh:
        shrink = analysis.shrink.flatten()
        assert shrink[0] > 0.95, "the constant carries the picture"
        assert shrink[1:15].abs().max() < 0.01, "the other luma frequencies carry only noise"
    for quality in OBJECTIVE.anchors:
        assert model.density(quality).probabilities()[1, 0, MODEL.reach] > 0.9


def test_the_linear_path_of_a_trained_analysis_stays():
    model = PhotoCodec(TWO, OBJECTIVE)
    clean = torch.rand(4, 3, 32, 32)
    model.start_from_pictures([model.best], clean, clean, 0.1)
    assert (model.analysis.shrink == 1).all()
    assert (model.best.shrink < 1).all()


def test_a_second_analysis_is_there_where_it_has_widths():
    assert list(PhotoCodec(MODEL, OBJECTIVE).analyses) == ["default"]
    model = PhotoCodec(TWO, OBJECTIVE)
    assert model.analyses == {"default": model.analysis, "best": model.best}
    assert [block.first.weight.shape[0] for block in model.best.net.deep] == [10, 10]
    assert model.analysis.net.deep[0].first.weight.shape[0] == 8
    degraded = torch.rand(3, 3, 32, 48)
    coefficients = model.coefficients(degraded)
    assert coefficients.shape == (6, 27, 2, 3)
    torch.testing.assert_close(coefficients, torch.cat([model.analysis(degraded), model.best(degraded)]))


def test_tables_start_from_the_symbols_of_both_analyses():
    model, degraded = PhotoCodec(TWO, OBJECTIVE), torch.rand(4, 3, 32, 32)
    with torch.no_grad():
        model.best.shrink.fill_(0)
    model.start_tables(degraded)
    assert model.density(50).counts.sum() == 2 * 4 * 27 * 4


def test_channels_last_changes_no_value():
    model = PhotoCodec(MODEL, OBJECTIVE)
    before = [p.detach().clone() for p in model.parameters()]
    model.lay_out_channels_last()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert model.analysis.net.to_half.weight.is_contiguous(memory_format=torch.channels_last)
