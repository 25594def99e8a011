import numpy as np
import pytest
from lpipsweights import data_with_weights
from qualitypackage import quality_package_bytes
from toypackage import toy_package_bytes

from crosscodec.codec import decode_bytes, encode_pixels
from crosscodec.codec.package import parse_package
from crosscodec.learn.photo.data import KeptApart
from crosscodec.learn.photo.trial import RECORDED, SIGMAS, SIMULATED, try_package, with_trials
from crosscodec.measure.distortion import psnr


@pytest.fixture
def package(tmp_path):
    return parse_package(toy_package_bytes(), tmp_path / "toy.xcm")


def test_trials_measure_real_files(package, smooth_picture):
    trials = try_package(package, (KeptApart(smooth_picture(64, 48)), KeptApart(smooth_picture(33, 20))), seed=3)
    assert [t.sigma for t in trials] == list(SIGMAS)
    assert all(t.pictures == 2 for t in trials)
    assert trials[1].noisy_psnr == pytest.approx(20 * np.log10(255 / 25), abs=0.3)
    assert trials[0].restored_psnr > trials[2].restored_psnr > 15
    assert 0.1 < trials[1].bits_per_pixel < 6
    assert {(t.encoder, t.decoder, t.lpips) for t in trials} == {("default", "fidelity", None)}
    assert try_package(package, (), seed=3) == ()


def test_every_encoder_is_tried(tmp_path, smooth_picture):
    both = parse_package(quality_package_bytes(best=True), tmp_path / "two.xcm")
    plain = parse_package(quality_package_bytes(), tmp_path / "steps.xcm")
    pictures = (KeptApart(smooth_picture(64, 48)),)
    for decoder in both.decoders:
        trials = try_package(both, pictures, seed=3, decoder=decoder)
        places = [(e, s, q) for e in ("default", "best") for s in SIGMAS for q in (20, 50, 80)]
        assert [(t.encoder, t.sigma, t.quality) for t in trials] == places
        assert {t.decoder for t in trials} == {decoder}
        assert trials[:9] == try_package(plain, pictures, seed=3, decoder=decoder)
        assert all(t.restored_psnr != other.restored_psnr for t, other in zip(trials[:9], trials[9:], strict=True))
    again = parse_package(with_trials(both, trials), tmp_path / "again.xcm")
    assert [row["encoder"] for row in again.card.measured] == ["default"] * 9 + ["best"] * 9


def test_lpips_is_measured_where_its_weights_are(package, smooth_picture, tmp_path):
    trials = try_package(package, (KeptApart(smooth_picture(64, 48)),), seed=3, data=data_with_weights(tmp_path))
    assert 0 < trials[0].lpips < trials[2].lpips


def test_trials_go_on_the_card_and_nothing_else_changes(package, smooth_picture, tmp_path):
    trials = try_package(package, (KeptApart(smooth_picture(32, 32)),), seed=3)
    again = parse_package(with_trials(package, trials), tmp_path / "again.xcm")
    twice = parse_package(with_trials(again, trials), tmp_path / "twice.xcm")
    assert twice.card.measured == again.card.measured * 2, "added, never replaced"
    assert [row["sigma"] for row in again.card.measured] == list(SIGMAS)
    assert again.parts == package.parts
    assert again.sha256 != package.sha256


@pytest.mark.parametrize("channels", [1, 3])
def test_pairs_are_measured_as_they_were_recorded(tmp_path, smooth_picture, channels):
    package = parse_package(quality_package_bytes(), tmp_path / "steps.xcm")
    clean = smooth_picture(64, 48, channels)
    pair = KeptApart(clean, (clean / 255 - 20 / 255).astype(np.float32))
    rows = try_package(package, (KeptApart(smooth_picture(64, 48)), pair), seed=3)
    assert [row.sigma for row in rows] == [None] * 3 + [sigma for sigma in SIGMAS for _ in range(3)]
    assert [row.set for row in rows] == [RECORDED] * 3 + [SIMULATED] * 9
    assert {row.pictures for row in rows} == {1}
    assert rows[0].noisy_psnr == pytest.approx(20 * np.log10(255 / 20), abs=1e-3)
    coded = encode_pixels(pair.recorded, package, quality=80)
    assert rows[2].bits_per_pixel == round(coded.bits_per_pixel, 4)
    assert rows[2].restored_psnr == round(psnr(clean, decode_bytes(coded.data, package).pixels), 4)
