import contextlib
import io

import numpy as np
import pytest
import tifffile
from picturefiles import RGB, saved, taken, wide_profile
from PIL import Image

from crosscodec.errors import UnsupportedData
from crosscodec.images.exif import EXIF_PREFIX, common_exif, inches, kept_exif, with_account, without_account
from crosscodec.images.frames import image_picture
from crosscodec.images.reading import read_picture
from crosscodec.images.writing import encode_picture, encode_samples, holds_exif

PHOTO, PLACE = 0x8769, 0x8825


def loaded(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_what_is_kept(format):
    exif = kept_exif(loaded(saved(RGB, format, exif=taken().tobytes()))).data
    assert len(exif) < 400  # 3,000 bytes of the maker's notes are not there
    found = loaded(saved(RGB, "JPEG", exif=EXIF_PREFIX + exif)).getexif()
    assert {tag: value for tag, value in found.items() if tag not in (PHOTO, PLACE)} == {272: "Camera 1"}
    assert found.get_ifd(PHOTO)[36867] == "2026:11:27 22:33:00"
    assert 37500 not in found.get_ifd(PHOTO)
    assert found.get_ifd(PLACE)[2] == (51.0, 30.0, 12.5)


@pytest.mark.parametrize("format", ["png", "jpg", "webp", "avif", "tiff"])
def test_what_is_written_is_read_again(format):
    exif = read_picture(saved(RGB, exif=taken().tobytes())).exif
    assert holds_exif(format)
    assert read_picture(encode_picture(RGB, format, exif=exif)).exif == exif
    assert not any(holds_exif(other) for other in ("jp2", "bmp", "npy"))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's
def test_what_are_no_exif_data_raises_only_our_errors():
    good = taken().tobytes().removeprefix(EXIF_PREFIX)
    for bad in (b"x", b"nonsense", good[:30], b"\xff" * 500, good[:10] + b"\xff" * 30):
        for format in ("png", "jpg", "webp", "avif", "tiff"):
            with contextlib.suppress(UnsupportedData):
                assert encode_picture(RGB, format, exif=bad)
    for format in ("avif", "tiff"):
        with pytest.raises(UnsupportedData, match=f"cannot be written as {format}: not a TIFF file"):
            encode_picture(RGB, format, exif=b"\xff" * 500)


def test_sixteen_bits():
    exif, deep = read_picture(saved(RGB, exif=taken().tobytes())).exif, RGB.astype("uint16")
    assert read_picture(encode_samples(deep, "png", exif=exif), any_scale=True).exif == exif
    assert read_picture(encode_samples(deep[..., 0], "tiff", exif=exif), any_scale=True).exif == exif
    assert read_picture(encode_samples(deep, "tiff", exif=exif), any_scale=True).exif == exif


def test_text_is_kept_byte_for_byte():
    # Cameras write UTF-8 or Latin-1 where the standard wants ASCII; Pillow would write question marks.
    names = "© Zürich 東京".encode()
    exif = Image.Exif()
    exif[315], exif[33432] = "Zo\xeb", names.decode("latin-1")
    exif.get_ifd(PHOTO)[42036] = "R\xfcckkamera"
    exif = kept_exif(loaded(saved(RGB, "JPEG", exif=byte_for_byte(exif)))).data
    assert all(text + b"\0" in exif for text in (b"Zo\xeb", names, b"R\xfcckkamera"))
    assert read_picture(encode_picture(RGB, "tiff", exif=exif)).exif == exif
    image = Image.fromarray(RGB)
    image.getexif()[315] = "東京"  # what no file gives: characters above 255
    assert "東京".encode() in kept_exif(image).data


def byte_for_byte(exif):
    """EXIF data whose text has a byte a character, which Pillow does not write: question marks stand for others."""
    texts = [text for text in (*exif.values(), *exif.get_ifd(PHOTO).values()) if isinstance(text, str)]
    data = exif.tobytes()
    for text in texts:
        data = data.replace(text.encode("ascii", "replace") + b"\0", text.encode("latin-1") + b"\0")
    return data


def test_adobe_rgb_that_only_exif_data_tell_is_noticed():
    exif = taken()
    exif[274] = 1
    exif.get_ifd(PHOTO).update({40961: 65535, 0xA005: {1: "R03"}})  # as cameras write it that embed no profile
    data = saved(RGB, exif=exif.tobytes())
    told = ("Adobe RGB by its EXIF data, without a colour profile: pixel values kept, and taken for sRGB",)
    assert read_picture(data).notices == image_picture(Image.open(io.BytesIO(data))).notices == told
    assert read_picture(saved(RGB, exif=exif.tobytes(), icc_profile=wide_profile())).notices == ()
    exif.get_ifd(PHOTO)[0xA005] = {1: "R98"}  # sRGB
    assert read_picture(saved(RGB, exif=exif.tobytes())).notices == ()


def test_directories_without_tags_are_not_written():
    exif = Image.Exif()
    exif[271] = "Maker"
    assert len(kept_exif(loaded(saved(RGB, "JPEG", exif=exif.tobytes()))).data) == 8 + 2 + 12 + 4 + 6


@pytest.mark.parametrize("told", [{"imagej": True}, {"ome": True}, {}])
def test_what_microscopes_say_of_pages_is_not_kept(told):
    # A picture that is made of the first page would be taken for all of them.
    sink = io.BytesIO()
    tifffile.imwrite(sink, np.zeros((5, 32, 32), np.uint16), **told)
    picture = read_picture(sink.getvalue(), any_scale=True)
    assert (picture.exif, picture.notices) == (b"", ("the first of 5 frames or pages is used",))
    described = taken()
    described[270] = "The harbour"  # of a photo it is kept
    assert b"The harbour" in read_picture(saved(RGB, "TIFF", exif=described.tobytes())).exif


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's
def test_without_exif_data_and_with_damaged_ones():
    for format in ("JPEG", "PNG", "TIFF", "BMP"):
        assert kept_exif(loaded(saved(RGB, format))) == (b"", False)
    good = taken().tobytes()
    for bad in (EXIF_PREFIX, EXIF_PREFIX + b"nonsense", good[:40], good[:-3050], EXIF_PREFIX + b"MM\0*" + b"\xff" * 90):
        assert len(kept_exif(loaded(saved(RGB, "JPEG", exif=bad))).data) < 400
    for unread in (EXIF_PREFIX + b"nonsense", good[:40], EXIF_PREFIX + b"MM\0*" + b"\xff" * 90):
        for format in ("JPEG", "PNG", "WEBP"):
            data = saved(RGB, format, exif=unread)
            assert kept_exif(loaded(data)) == (b"", True)
            assert read_picture(data).notices == ("damaged EXIF data dropped",)
    assert kept_exif(loaded(saved(RGB, "JPEG", exif=Image.Exif().tobytes()))) == (b"", False), "nothing to lose"


@pytest.mark.parametrize("format", ["png", "jpg", "tiff"])
def test_resolution_is_kept_where_it_was_measured(format):
    for dpi in ((300, 300), (204, 196)):
        exif = read_picture(saved(RGB, format.replace("jpg", "jpeg"), dpi=dpi)).exif
        assert inches(exif) == dpi
        for other in ("png", "jpg", "tiff"):
            found = loaded(encode_picture(RGB, other, exif=exif))
            assert found.info["dpi"] == pytest.approx(dpi, abs=0.02), other
            assert read_picture(encode_picture(RGB, other, exif=exif)).exif == exif
    deep = encode_samples(RGB.astype("uint16"), "png", exif=exif)
    assert [round(side, 1) for side in loaded(deep).info["dpi"]] == [204, 196]
    for unmeasured in ((72, 72), (96, 96), (1, 1)):
        assert read_picture(saved(RGB, format.replace("jpg", "jpeg"), dpi=unmeasured)).exif == b""


def test_resolution_in_other_units_and_of_pictures_on_their_side():
    metric = read_picture(saved(RGB, "TIFF", tiffinfo={282: 120.5, 283: 100.0, 296: 3})).exif
    assert inches(metric) == (2.54 * 120.5, 254.0)
    assert inches(read_picture(saved(RGB, "TIFF", tiffinfo={282: 4.5, 283: 4.5, 296: 1})).exif) is None
    assert read_picture(saved(RGB, "TIFF", tiffinfo={282: 1.0, 283: 1.0, 296: 1})).exif == b""
    turned = taken()
    assert inches(read_picture(saved(RGB, "JPEG", exif=turned.tobytes(), dpi=(204, 196))).exif) == (196, 204)
    for wrong in (b"", b"nonsense", read_picture(saved(RGB, exif=turned.tobytes())).exif):
        assert inches(wrong) is None


def test_what_pages_have_in_common():
    first, second = Image.Exif(), Image.Exif()
    first[271], first[272] = second[271], second[272] = "Maker", "Model"
    first[306], second[306] = "2026:11:27 22:33:00", "2026:11:27 22:34:00"
    first.get_ifd(PHOTO)[33434] = second.get_ifd(PHOTO)[33434] = 0.5
    one, two = (exif.tobytes().removeprefix(EXIF_PREFIX) for exif in (first, second))
    assert common_exif([]) == common_exif([b"", b""]) == b""
    assert common_exif([one, b"", one]) == one
    found = Image.Exif()
    found.load(EXIF_PREFIX + common_exif([one, two]))
    assert (found[271], found[272], found.get(306), found.get_ifd(PHOTO)[33434]) == ("Maker", "Model", None, 0.5)
    other = Image.Exif()
    other[271] = "Other"
    assert common_exif([one, other.tobytes().removeprefix(EXIF_PREFIX)]) == b""
    assert b"ImageJ=1\n\0" in with_account(one, "ImageJ=1\n")
    assert b"Maker" in with_account(one, "ImageJ=1\n")
    assert b"\xb5m" in with_account(b"", "ImageJ=1\nunit=\xb5m\n")
    assert without_account(with_account(b"", "ImageJ=1\n")) == without_account(b"") == b""
    assert without_account(with_account(one, "ImageJ=1\n")) == without_account(one) == one
    for damaged in (b"ImageJ=1", b"II*\0\xff\xff\xff\xffImageJ=1"):
        assert without_account(damaged) in (damaged, b"")
    assert without_account(with_account(b"", "Taken by ImageJ=1")) == with_account(b"", "Taken by ImageJ=1")
