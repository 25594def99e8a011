"""Peers at the same bytes: they keep to the limit, use it, and say when they cannot run."""

import io
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.degradation import Blur, Chain, GaussianNoise
from crosscodec.errors import UsageError
from crosscodec.evaluate.peers import BM3D_AVIF, JPEG2000, check_peers, jpeg2000, run_peer
from crosscodec.measure.distortion import psnr

NOISE = GaussianNoise(25)


@pytest.fixture
def noisy(smooth_picture):
    clean = smooth_picture(96, 128).astype(np.float32) / np.float32(255)
    return NOISE.apply(clean, 0, "test", 0)


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
    with Image.open(io.BytesIO(result.data)) as image:
        assert image.format == "JPEG2000"
        assert np.array_equal(np.asarray(image), result.pixels)
    assert result.pixels.shape == noisy.shape
    assert result.pixels.dtype == np.uint8
    assert result.encode_seconds > 0


def test_more_bytes_are_closer_to_the_input(noisy):
    seen = np.rint(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
    close = [psnr(seen, jpeg2000(seen, limit).pixels) for limit in (600, 2000, 6000)]
    assert close == sorted(close)
    assert close[2] > close[0] + 1


def test_an_impossible_limit_gives_the_smallest_file(noisy):
    result = run_peer(JPEG2000, noisy, NOISE, 10)
    assert 10 < len(result.data) < 400


def test_gray(noisy):
    assert run_peer(JPEG2000, noisy[..., 0], NOISE, 1000).pixels.shape == (96, 128)


def test_bm3d_gets_the_true_sigma_and_keeps_to_the_limit(noisy, stand_in):
    check_peers((BM3D_AVIF,), NOISE)
    result = run_peer(BM3D_AVIF, noisy, NOISE, 2500)
    assert stand_in.seen == [25 / 255]
    assert 1200 < len(result.data) <= 2500
    assert result.pixels.shape == noisy.shape


def test_peers_are_checked_beforehand(monkeypatch, stand_in):
    check_peers((), Blur(1))
    check_peers((JPEG2000,), Chain((Blur(1), NOISE)))
    with pytest.raises(UsageError, match="jpeg2000, bm3d-avif"):
        check_peers(("jpeg",), NOISE)
    with pytest.raises(UsageError, match="made for Gaussian noise"):
        check_peers((BM3D_AVIF,), Blur(1))
    monkeypatch.setitem(sys.modules, "bm3d", None)
    with pytest.raises(UsageError, match="pip install bm3d"):
        check_peers((BM3D_AVIF,), NOISE)
