import pytest

from crosscodec.evaluate.scores import Score
from crosscodec.repro import photos
from crosscodec.repro.catalogue import find
from crosscodec.repro.item import Request


def score(method: str, picture: str, psnr: float, bpp: float) -> Score:
    return Score(method, picture, 512, 768, psnr, 0.8, None, None, bpp - 0.02, bpp - 0.01, bpp, 1000, 0.1, 0.1)


def evaluated(settings, advance):
    assert settings.photos.name == "kodak"
    assert settings.overwrite
    rows = []
    for quality, psnr, bpp in ((20, 28.0, 0.2), (60, 30.0, 0.6)):
        rows += [score(f"photo-denoise q{quality}", str(i), psnr + i, bpp) for i in (0, 1)]
        rows += [score(f"jpeg2000 q{quality}", str(i), 25.0 + i, bpp) for i in (0, 1)]
    for _ in range(settings.steps):
        advance()
    return rows


@pytest.fixture
def kodak(monkeypatch):
    class Photos:
        name = "kodak"

        def __len__(self):
            return 24

    monkeypatch.setattr(photos, "photo_set", lambda name, data: Photos())
    monkeypatch.setattr(photos, "evaluate_photos", evaluated)


def test_qualities_become_a_curve_beside_the_peers(kodak, tmp_path):
    said = []
    figure = photos.kodak_denoising(find("kodak-denoise"), Request("small", 1, tmp_path, say=said.append))
    first, second = figure.select("PSNR", "photo-denoise")
    assert (first.x, first.y, first.bits_payload, first.bits_file) == (0.2, 28.5, pytest.approx(0.19), 0.2)
    assert first.low < 28.5 < first.high
    assert second.x == 0.6
    assert len(figure.select("SSIM", "jpeg2000")) == 2
    assert [claim.holds for claim in figure.claims] == [True, True]
    assert figure.claims[0].numbers == "28.50 dB at 0.200 bits a pixel"
    assert said


def test_smoke_codes_two_photographs_that_are_here(smoke):
    figure = photos.kodak_denoising(find("kodak-denoise"), smoke)
    assert [point.series for point in figure.select("PSNR")] == ["photo-denoise", "jpeg2000"] * 2
    assert figure.claims == ()
    assert figure.made["pictures"].startswith("2 of ")
