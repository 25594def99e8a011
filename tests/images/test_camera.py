"""HEIC and camera raw: files made here by libheif, and by hand as DNG; what is said without the libraries."""

import contextlib
import io
import sys

import numpy as np
import pillow_heif
import pytest
from picturefiles import tiff, wide_profile
from PIL import Image
from raw import dng, linear

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.images import camera
from crosscodec.images.camera import DEVELOPED, camera_suffixes
from crosscodec.images.formats import SUFFIXES, name_notice
from crosscodec.images.reading import read_picture, read_stack
from crosscodec.images.stack import ALL_PAGES

SLOPES = 0.5 + 0.4 * np.sin(np.add.outer(np.arange(64) / 9, np.arange(96) / 7))
SMOOTH = np.dstack([SLOPES, SLOPES[::-1], SLOPES[:, ::-1]])


def heic(**options) -> bytes:
    sink = io.BytesIO()
    image = Image.fromarray(np.rint(255 * SMOOTH).astype(np.uint8))
    pillow_heif.from_pillow(image).save(sink, quality=90, chroma=444, **options)
    return sink.getvalue()


def test_heic():
    picture = read_picture(heic())
    assert (picture.pixels.shape, picture.bits, picture.notices) == ((64, 96, 3), 8, ())
    assert np.abs(picture.pixels / 255 - SMOOTH).mean() < 0.01


def test_deep_gray_heic():
    # 10 bits, which pillow-heif moves up to 16: white came out as 64.
    sink, levels = io.BytesIO(), np.rint(1023 * SLOPES).astype(np.uint16)
    pillow_heif.from_bytes("I;16", (96, 64), (levels << 6).tobytes()).save(sink, quality=-1)
    picture = read_picture(sink.getvalue(), any_scale=True)
    assert picture.bits == 10
    assert np.array_equal(picture.samples(), levels)


def test_a_telephone_s_heic_keeps_its_profile_and_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.rint(255 * SMOOTH).astype(np.uint8))
    sink = io.BytesIO()
    pillow_heif.from_pillow(turned).save(sink, quality=90, icc_profile=wide_profile(), exif=exif.tobytes())
    picture = read_picture(sink.getvalue())
    assert picture.profile == wide_profile()
    assert picture.pixels.shape in ((96, 64, 3), (64, 96, 3))
    with pillow_heif.as_plugin.HeifImageFile(io.BytesIO(sink.getvalue())) as image:
        assert picture.pixels.shape[:2] == image.size[::-1]


def test_damaged_heic_raises_only_our_errors():
    data = heic()
    for cut in range(40, len(data) - 1, 97):
        with pytest.raises((CorruptData, UnsupportedData)):
            read_picture(data[:cut])
    with pytest.raises(ResourceLimit, match="claims 96 x 64 pixels, more than the limit of 99"):
        read_picture(data, pixel_limit=99)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of damaged EXIF data
@pytest.mark.parametrize("data", [heic(), dng(linear(SMOOTH))], ids=["heic", "dng"])
def test_flipped_bits_raise_only_our_errors(data):
    draw = np.random.default_rng(1)
    for turn in range(80):
        flipped = bytearray(data)
        for place in draw.integers(0, len(data) if turn % 2 else 600, 2):
            flipped[place] ^= 1 << draw.integers(0, 8)
        with contextlib.suppress(CorruptData, UnsupportedData, ResourceLimit):
            read_picture(bytes(flipped))


def test_camera_raw_is_developed():
    picture = read_picture(dng(linear(SMOOTH)))
    assert (picture.pixels.dtype, picture.bits) == (np.float32, 16)
    assert picture.notices == (f"{DEVELOPED}; what is decoded has 8 bits, or with --range full as many",)
    assert read_picture(dng(linear(SMOOTH)), any_scale=True).notices == (DEVELOPED,)
    inner = np.s_[4:-4, 4:-4]
    found, expected = picture.pixels[inner], SMOOTH[inner]
    # LibRaw makes it brighter, by one factor of the light; 1 % of the samples are white then.
    gain = np.median(linear(found) / linear(expected))
    assert 1 < gain < 3
    assert np.abs(linear(found) / gain - linear(expected))[found < 0.99].mean() < 0.02


def test_the_limit_holds_for_camera_raw():
    with pytest.raises(ResourceLimit, match="picture claims 96 x 64 pixels, more than the limit of 99"):
        read_picture(dng(SMOOTH), pixel_limit=99)


def test_what_is_no_camera_raw_that_libraw_reads(tmp_path):
    (tmp_path / "a.nef").write_bytes(tiff({254: (4, 1), 258: (3, 8), 262: (3, 1), 277: (3, 1)}, bytes(54)))
    with pytest.raises(UnsupportedData, match=r"a\.nef is camera raw of a kind that LibRaw does not read .*develop"):
        read_picture(tmp_path / "a.nef")
    whole = dng(linear(SMOOTH))
    for cut in (len(whole) // 2, len(whole) - 100):
        with pytest.raises((CorruptData, UnsupportedData), match="camera raw"):
            read_picture(whole[:cut])


@pytest.mark.parametrize(("module", "data"), [("pillow_heif.as_plugin", heic()), ("rawpy", dng(SMOOTH))])
def test_without_its_library_a_file_says_what_to_install(monkeypatch, module, data):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, module.split(".")[0], None)
    with pytest.raises(UnsupportedData, match=r"^picture is .* pip install 'crosscodec\[camera\]', or"):
        read_picture(data)


def test_folders_take_what_can_be_read(monkeypatch):
    assert {".heic", ".dng", ".cr2", ".nef"} <= camera_suffixes() <= SUFFIXES
    monkeypatch.setattr(camera, "is_installed", lambda name: name == "rawpy")
    assert camera_suffixes() == camera.RAW_SUFFIXES
    monkeypatch.setattr(camera, "is_installed", lambda name: False)
    assert camera_suffixes() == frozenset()


def test_names():
    assert name_notice("a.DNG", "raw") == name_notice("a.heic", "heic") == ()
    assert name_notice("IMG_1.heic", "jpg") == ("named .heic but read as jpg, which it is",)


def test_of_several_pictures_in_a_heic_file_the_primary_one_is_taken():
    levels = (40, 200)
    file = pillow_heif.HeifFile()
    for level in levels:
        file.add_from_pillow(Image.new("RGB", (64, 64), (level,) * 3))
    for primary in (0, 1):
        sink = io.BytesIO()
        file.save(sink, primary_index=primary)
        found = read_picture(sink.getvalue())
        assert abs(int(found.pixels.mean()) - levels[primary]) < 4
        assert found.notices == (f"the {('first', 'primary one')[primary]} of 2 frames or pages is used",)
        every = read_stack(sink.getvalue(), pages=ALL_PAGES).pictures
        assert [round(picture.pixels.mean(), -1) for picture in every] == list(levels)
