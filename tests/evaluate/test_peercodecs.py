"""Codecs: their files are what they say, settings mean what they mean, and limits are kept."""

import io
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import UsageError
from crosscodec.evaluate.peercodecs import AVIF, CODECS, JPEG2000, JXL, WEBP, check_codec, encode_setting, encode_within
from crosscodec.extras import is_installed
from crosscodec.measure.distortion import psnr

# From few bytes to many.
SETTINGS = {JPEG2000: (0.3, 1.0, 3.0), AVIF: (10, 50, 90), WEBP: (0, 50, 95), JXL: (10.0, 3.0, 0.8)}
KINDS = {JPEG2000: "JPEG2000", AVIF: "AVIF", WEBP: "WEBP"}


@pytest.fixture(params=CODECS)
def codec(request):
    if request.param == JXL and not is_installed("imagecodecs"):
        pytest.skip("imagecodecs is not installed")
    return request.param


@pytest.fixture
def pixels(smooth_picture):
    noise = np.random.default_rng(0).normal(0, 12, (96, 128, 3))
    return np.clip(smooth_picture(96, 128) + noise, 0, 255).astype(np.uint8)


def test_settings_are_points_of_a_rising_curve(codec, pixels):
    found = [encode_setting(codec, pixels, setting) for setting in SETTINGS[codec]]
    sizes, close = [len(one.data) for one in found], [psnr(pixels, one.pixels) for one in found]
    assert sizes == sorted(sizes)
    assert close == sorted(close)
    assert close[2] > close[0] + 1
    assert all(one.pixels.shape == pixels.shape and one.pixels.dtype == np.uint8 for one in found)
    assert min(found[0].encode_seconds, found[0].decode_seconds) > 0


@pytest.mark.parametrize("limit", [900, 2500, 6000])
def test_limits_are_used_and_kept(codec, pixels, limit):
    size = len(encode_within(codec, pixels, limit).data)
    assert 0.8 * limit < size <= limit


def test_an_impossible_limit_gives_the_smallest_file(codec, pixels):
    assert 10 < len(encode_within(codec, pixels, 10).data) < 800


def test_gray_stays_gray(codec, pixels):
    assert encode_setting(codec, pixels[..., 0], SETTINGS[codec][1]).pixels.shape == (96, 128)


@pytest.mark.parametrize("codec", KINDS)
def test_the_picture_is_what_is_in_the_bytes(codec, pixels):
    result = encode_setting(codec, pixels, SETTINGS[codec][1])
    with Image.open(io.BytesIO(result.data)) as image:
        assert image.format == KINDS[codec]
        assert np.array_equal(np.asarray(image), result.pixels)


def test_jpeg2000_uses_a_colour_transform(pixels):
    data = encode_setting(JPEG2000, pixels, 1.0).data
    marker = data.index(b"\xff\x52")  # COD: length, style, progression, layers (2), colour transform
    assert data[marker + 8] == 1


def test_jpeg2000_spends_the_bits_that_are_asked_for(pixels):
    size = len(encode_setting(JPEG2000, pixels, 2.0).data)
    assert size == pytest.approx(2.0 * 96 * 128 / 8, rel=0.05)


@pytest.mark.parametrize(
    ("codec", "setting"), [(JPEG2000, 0), (AVIF, 101), (AVIF, 50.5), (WEBP, -1), (JXL, 0), (JXL, 26)]
)
def test_settings_out_of_range_are_refused(codec, setting, pixels, monkeypatch):
    monkeypatch.setitem(sys.modules, "imagecodecs", ModuleType("imagecodecs"))
    with pytest.raises(UsageError, match=f"no setting of {codec}"):
        encode_setting(codec, pixels, setting)


def test_codecs_are_checked(monkeypatch):
    with pytest.raises(UsageError, match="jpeg2000, avif, webp, jxl"):
        check_codec("jpeg")
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    with pytest.raises(UsageError, match="pip install imagecodecs"):
        check_codec(JXL)
