"""Peers at the same bytes: they keep to the limit, use it, and say when they cannot run."""

import sys
from types import ModuleType

import numpy as np
import pytest

from crosscodec.domains.degradation import Blur, Chain, GaussianNoise
from crosscodec.errors import UsageError
from crosscodec.evaluate.peers import BM3D_AVIF, JPEG2000, PEERS, check_peers, denoise, peer_of, run_peer
from crosscodec.images.picture import to_uint8
from crosscodec.measure.distortion import psnr

NOISE = GaussianNoise(25)


@pytest.fixture
def clean(smooth_picture):
    return smooth_picture(96, 128)


@pytest.fixture
def noisy(clean):
    return NOISE.apply(clean.astype(np.float32) / np.float32(255), 0, "test", 0)


@pytest.fixture
def stand_in(monkeypatch):
    """A module in the place of bm3d, which is never installed with us: remembers the sigma, averages rows."""
    module = ModuleType("bm3d")
    module.seen = []

    def denoise(picture, sigma):
        module.seen.append(sigma)
        return (picture + np.roll(picture, 1, 0)) / 2

    module.bm3d = module.bm3d_rgb = denoise
    monkeypatch.setitem(sys.modules, "bm3d", module)
    return module


@pytest.mark.parametrize("limit", [600, 2000, 6000])
def test_jpeg2000_fills_its_bytes_and_no_more(noisy, limit):
    result = run_peer(JPEG2000, noisy, NOISE, limit)
    assert 0.9 * limit < len(result.data) <= limit
    assert result.pixels.shape == noisy.shape
    assert result.pixels.dtype == np.uint8
    assert result.encode_seconds > 0


def test_more_bytes_are_closer_to_the_input(noisy):
    seen = to_uint8(noisy)
    close = [psnr(seen, run_peer(JPEG2000, noisy, NOISE, limit).pixels) for limit in (600, 2000, 6000)]
    assert close == sorted(close)
    assert close[2] > close[0] + 1


def test_gray(noisy, stand_in):
    for name in (JPEG2000, BM3D_AVIF, "nlm-avif"):
        assert run_peer(name, noisy[..., 0], NOISE, 1000).pixels.shape == (96, 128)


def test_bm3d_gets_the_true_sigma_and_keeps_to_the_limit(noisy, stand_in):
    check_peers((BM3D_AVIF,), NOISE)
    result = run_peer(BM3D_AVIF, noisy, NOISE, 2500)
    assert stand_in.seen == [25 / 255]
    assert 1200 < len(result.data) <= 2500
    assert result.pixels.shape == noisy.shape


def test_non_local_means_remove_noise_and_their_time_counts(noisy, clean):
    denoised = denoise("nlm", noisy, 25)
    assert psnr(clean, denoised.pixels) > psnr(clean, to_uint8(noisy)) + 3
    assert denoised.seconds > 0
    assert run_peer("nlm-avif", noisy, NOISE, 2500).encode_seconds > denoise("none", noisy, 25).seconds


def test_without_a_denoiser_the_picture_is_rounded(noisy):
    plain = denoise("none", noisy, 0)
    assert np.array_equal(plain.pixels, to_uint8(noisy))
    assert plain.seconds == 0
    with pytest.raises(UsageError, match="none, bm3d, nlm"):
        denoise("median", noisy, 25)


def test_names_of_peers():
    assert {"jpeg2000", "avif", "webp", "bm3d-avif", "nlm-avif", "bm3d-jxl", "bm3d-jpeg2000"} <= set(PEERS)
    assert [peer_of(name).name for name in PEERS] == list(PEERS)
    assert (peer_of("webp").denoiser, peer_of("nlm-jxl").denoiser) == ("none", "nlm")
    for name in ("jpeg", "bm3d", "none-avif", "bm3d-nlm-avif", ""):
        with pytest.raises(UsageError, match="unknown"):
            peer_of(name)


def test_peers_are_checked_beforehand(monkeypatch, stand_in):
    check_peers((), Blur(1))
    check_peers((JPEG2000, "webp"), Chain((Blur(1), NOISE)))
    with pytest.raises(UsageError, match="jpeg2000, avif"):
        check_peers(("jpeg",), NOISE)
    for name in (BM3D_AVIF, "nlm-avif"):
        with pytest.raises(UsageError, match="told the sigma of Gaussian noise"):
            check_peers((name,), Blur(1))
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(UsageError, match="pip install imagecodecs"):
        check_peers(("bm3d-jxl",), NOISE)
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(UsageError, match="pip install bm3d"):
        check_peers((BM3D_AVIF,), NOISE)
