"""Pictures that are written read back, each kind as it keeps them."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from picturefiles import GRAY, RGB, same, wide_profile

from crosscodec.errors import UnsupportedData, UsageError
from crosscodec.images.formats import FORMATS
from crosscodec.images.reading import read_picture
from crosscodec.images.writing import encode_picture, encode_samples, holds_profile, holds_samples, require_sides

LOSSLESS = ("png", "webp", "jp2", "tiff", "bmp", "npy")


@pytest.mark.parametrize("pixels", [RGB, GRAY, RGB[:1, :1], GRAY[:1]], ids=lambda p: str(p.shape))
@pytest.mark.parametrize("format", FORMATS)
def test_written_pictures_read_back(pixels: NDArray[np.uint8], format: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{format}"
    path.write_bytes(encode_picture(pixels, format))
    picture = read_picture(path)
    back = picture.pixels
    if pixels.ndim == 2 and back.ndim == 3 and format in ("webp", "avif"):
        assert np.ptp(back.astype(int), axis=2).max() <= 2
        back = back[..., 0]
    assert back.shape == pixels.shape
    assert back.dtype == np.uint8
    assert picture.notices == ()
    if format in LOSSLESS:
        assert np.array_equal(back, pixels)


def test_lossy_formats_stay_close_on_a_smooth_picture() -> None:
    ramp = np.add.outer(np.arange(64) * 2, np.arange(64)).astype(np.uint8)[..., None].repeat(3, axis=2)
    for format in ("jpg", "avif"):
        assert np.abs(read_picture(encode_picture(ramp, format)).pixels.astype(int) - ramp).mean() < 1.5, format


def test_floats_are_kept_in_npy_and_rounded_elsewhere() -> None:
    floats = np.array([[-0.2, 0.5, 1.3]], np.float32)
    assert same(read_picture(encode_picture(floats, "npy")), floats)
    assert read_picture(encode_picture(floats, "png")).pixels.tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    "wrong", [RGB.astype(np.float64), RGB[..., :2], RGB[None], RGB[:0], GRAY.astype(np.int32), np.zeros(3, np.uint8)]
)
def test_arrays_that_are_no_picture_are_not_written(wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(UsageError, match="uint8 or float32"):
        encode_picture(wrong, "png")


def test_pictures_too_large_for_their_format_are_refused() -> None:
    for format, longest in (("webp", 16383), ("jpg", 65500), ("avif", 65536)):
        require_sides((longest, longest, 3), format)
        message = f"{longest + 1} x 1 pixels cannot be written as {format}, whose sides have up to {longest} pixels"
        for refuse in (require_sides, lambda shape, format: encode_picture(np.zeros(shape, np.uint8), format)):
            with pytest.raises(UnsupportedData, match=message):
                refuse((1, longest + 1), format)
    require_sides((2**20, 1), "png")
    with pytest.raises(UsageError, match="choose one of png, jpg"):
        encode_picture(GRAY, "gif")


@pytest.mark.parametrize(
    ("format", "shape"), [(format, (13, 17)) for format in ("png", "tiff", "jp2", "npy")]
    + [(format, (13, 17, 3)) for format in ("png", "tiff", "npy")],
)  # fmt: skip
def test_sixteen_bits_are_written_and_read_as_they_are(format, shape):
    samples = np.random.default_rng(0).integers(0, 65536, shape).astype(np.uint16)
    assert holds_samples(format, samples)
    found = read_picture(encode_samples(samples, format), any_scale=True)
    assert (found.bits, found.notices) == (16, ())
    np.testing.assert_array_equal(found.samples(), samples)


@pytest.mark.parametrize("format", ["tiff", "npy"])
def test_floats_of_any_scale_are_written_and_read_as_they_are(format):
    samples = np.random.default_rng(0).normal(0, 1e5, (13, 17)).astype(np.float32)
    data = encode_samples(samples, format)
    found = read_picture(data, any_scale=True)
    assert found.bits == 0
    np.testing.assert_array_equal(found.samples(), samples)
    with pytest.raises(UnsupportedData, match="--range"):
        read_picture(data)


def test_what_a_format_does_not_hold_is_refused():
    deep, floats = np.zeros((4, 4), np.uint16), np.zeros((4, 4, 3), np.float32)
    for format, samples in (("jpg", deep), ("bmp", deep), ("jp2", deep[..., None].repeat(3, 2)), ("tiff", floats)):
        assert not holds_samples(format, samples)
        with pytest.raises(UsageError, match=f"{format} does not keep samples"):
            encode_samples(samples, format)
    assert holds_samples("npy", floats)
    assert holds_samples("jpg", np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize("format", ["png", "jpg", "tiff", "webp", "avif"])
def test_colour_profiles_are_written_and_read(format):
    assert read_picture(encode_picture(RGB, format, wide_profile())).profile == wide_profile()
    assert holds_profile(format, RGB)
    assert holds_profile(format, GRAY) == (format not in ("webp", "avif"))
    deep = RGB.astype(np.uint16) * 257
    for samples in (deep, deep[..., 0]):
        if holds_samples(format, samples):
            profile = wide_profile(b"RGB " if samples.ndim == 3 else b"GRAY")
            found = read_picture(encode_samples(samples, format, profile), any_scale=True)
            assert (found.profile, found.notices) == (profile, ())
    assert not any(holds_profile(other, RGB) for other in ("jp2", "bmp", "npy"))
