import io

import pytest
from picturefiles import RGB, saved, taken
from PIL import Image

from crosscodec.images.exif import EXIF_PREFIX, kept_exif
from crosscodec.images.reading import read_picture
from crosscodec.images.writing import encode_picture, encode_samples, holds_exif

PHOTO, PLACE = 0x8769, 0x8825


def loaded(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_what_is_kept(format):
    exif = kept_exif(loaded(saved(RGB, format, exif=taken().tobytes())))
    assert len(exif) < 400  # 3,000 bytes of the maker's notes are not there
    found = loaded(saved(RGB, "JPEG", exif=EXIF_PREFIX + exif)).getexif()
    assert {tag: value for tag, value in found.items() if tag not in (PHOTO, PLACE)} == {272: "Camera 1"}
    assert found.get_ifd(PHOTO)[36867] == "2026:11:27 22:33:00"
    assert 37500 not in found.get_ifd(PHOTO)
    assert found.get_ifd(PLACE)[2] == (51.0, 30.0, 12.5)


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "avif", "tiff"])
def test_what_is_written_is_read_again(format):
    exif = read_picture(saved(RGB, exif=taken().tobytes())).exif
    assert holds_exif(format, RGB)
    assert read_picture(encode_picture(RGB, format, exif=exif)).exif == exif
    assert not any(holds_exif(other, RGB) for other in ("jp2", "bmp", "npy"))


def test_sixteen_bits():
    exif, deep = read_picture(saved(RGB, exif=taken().tobytes())).exif, RGB.astype("uint16")
    assert read_picture(encode_samples(deep, "png", exif=exif), any_scale=True).exif == exif
    assert read_picture(encode_samples(deep[..., 0], "tiff", exif=exif), any_scale=True).exif == exif
    assert not holds_exif("tiff", deep)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's
def test_without_exif_data_and_with_damaged_ones():
    for format in ("JPEG", "PNG", "TIFF", "BMP"):
        assert kept_exif(loaded(saved(RGB, format))) == b""
    good = taken().tobytes()
    for bad in (EXIF_PREFIX, EXIF_PREFIX + b"nonsense", good[:40], good[:-3050], EXIF_PREFIX + b"MM\0*" + b"\xff" * 90):
        assert len(kept_exif(loaded(saved(RGB, "JPEG", exif=bad)))) < 400
