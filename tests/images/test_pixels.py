"""What becomes gray or RGB and how: real files of every kind, all made here."""

import io
import struct
import zlib

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from picturefiles import DEEP, GRAY, RGB, deep_png, same, saved
from PIL import Image

from crosscodec.errors import UnsupportedData
from crosscodec.images.frames import image_picture
from crosscodec.images.reading import read_picture

COLOURS = np.random.default_rng(2).integers(0, 65536, (6, 9, 4)).astype(np.uint16)
KEPT = "16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"


def test_alpha_is_laid_over_white_or_dropped() -> None:
    clear = np.dstack([RGB, np.zeros_like(GRAY)])
    picture = read_picture(saved(clear))
    assert (picture.pixels == 255).all()
    assert picture.notices == ("transparency laid over white",)
    half = read_picture(saved(np.dstack([RGB * 0, np.full_like(GRAY, 51)])))
    assert (half.pixels == 204).all()
    opaque = read_picture(saved(np.dstack([RGB, np.full_like(GRAY, 255)])))
    assert same(opaque, RGB)
    assert opaque.notices == ("opaque alpha channel dropped",)


def test_gray_with_alpha_stays_gray() -> None:
    alpha = np.full_like(GRAY, 255)
    alpha[0] = 0
    picture = read_picture(saved(Image.fromarray(np.dstack([GRAY, alpha]), "LA")))
    assert picture.pixels.shape == GRAY.shape
    assert (picture.pixels[0] == 255).all()
    assert np.array_equal(picture.pixels[1:], GRAY[1:])
    assert picture.notices == ("transparency laid over white",)


def test_cmyk_jpeg() -> None:
    picture = read_picture(saved(Image.fromarray(RGB).resize((64, 64)).convert("CMYK"), "JPEG", quality=100))
    expected = np.asarray(Image.fromarray(RGB).resize((64, 64)).convert("CMYK").convert("RGB"))
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 2
    assert picture.notices == ("CMYK turned into RGB without its colour profile",)


def test_palettes_with_and_without_transparency() -> None:
    palette = Image.fromarray(RGB).quantize(16)
    plain = read_picture(saved(palette))
    assert same(plain, np.asarray(palette.convert("RGB")))
    assert plain.notices == ("palette turned into RGB",)
    first = int(np.asarray(palette)[0, 0])
    keyed = read_picture(saved(palette, transparency=first))
    hidden = np.asarray(palette) == first
    assert (keyed.pixels[hidden] == 255).all()
    assert np.array_equal(keyed.pixels[~hidden], plain.pixels[~hidden])
    assert keyed.notices == ("transparency laid over white",)


def test_key_colours() -> None:
    gray = read_picture(saved(GRAY, transparency=int(GRAY[0, 0])))
    assert gray.pixels.shape == GRAY.shape
    assert gray.pixels[0, 0] == 255
    colour = read_picture(saved(RGB, transparency=tuple(RGB[2, 3].tolist())))
    assert colour.pixels[2, 3].tolist() == [255, 255, 255]
    assert colour.notices == gray.notices == ("transparency laid over white",)


def test_one_bit() -> None:
    picture = read_picture(saved(Image.fromarray(GRAY > 128)))
    assert same(picture, np.where(GRAY > 128, 255, 0).astype(np.uint8))
    assert picture.notices == ("1-bit picture taken as black and white gray",)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG2000"])
def test_sixteen_bit_gray_keeps_every_level(format: str) -> None:
    picture = read_picture(saved(DEEP, format))
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(np.rint(picture.pixels.astype(np.float64) * 65535), DEEP)
    assert picture.notices == (KEPT,)


def test_sixteen_bit_tiff_of_the_other_byte_order() -> None:
    big = Image.frombytes("I;16B", (9, 6), DEEP.astype(">u2").tobytes())
    assert np.array_equal(np.rint(read_picture(saved(big, "TIFF")).pixels * 65535), DEEP)


def test_sixteen_bit_tiff_whose_zero_is_white() -> None:
    assert np.array_equal(np.rint(read_picture(white_is_zero(DEEP)).pixels * 65535), 65535 - DEEP)
    # The range that is proposed is one of the turned samples: black to white, and not far above white.
    twelve = (DEEP // 16).astype(np.uint16)
    assert "if these are 12-bit samples, say --range 61440,65535, or" in read_picture(white_is_zero(twelve)).notices[1]
    turned = read_picture(white_is_zero(twelve), any_scale=True).samples()
    assert np.array_equal(turned - 61440, 4095 - twelve)


def white_is_zero(samples: NDArray[np.uint16]) -> bytes:
    data = bytearray(saved(samples, "TIFF"))
    entry = data.index(struct.pack("<HHI", 262, 3, 1))
    assert data[entry + 8] == 1
    data[entry + 8] = 0
    return bytes(data)


def test_sixteen_bit_colour_keeps_every_level() -> None:
    picture = read_picture(deep_png(COLOURS[..., :3], 2))
    assert picture.bits == 16
    assert np.array_equal(picture.samples(), COLOURS[..., :3])
    assert picture.notices == (KEPT.replace("gray", "colour"),)
    assert read_picture(deep_png(COLOURS[..., :3], 2), any_scale=True).notices == ()


def test_sixteen_bit_alpha_is_laid_over_white() -> None:
    opacity = COLOURS[..., 3:] / 65535
    over = np.rint(COLOURS[..., :3] * opacity + 65535 * (1 - opacity))
    picture = read_picture(deep_png(COLOURS, 6))
    assert np.abs(picture.samples() - over).max() <= 1
    assert picture.notices[-1] == "transparency laid over white"
    opaque = COLOURS.copy()
    opaque[..., 3] = 65535
    picture = read_picture(deep_png(opaque, 6))
    assert np.array_equal(picture.samples(), COLOURS[..., :3])
    assert picture.notices[-1] == "opaque alpha channel dropped"


def test_sixteen_bit_gray_with_alpha_stays_gray() -> None:
    layers = COLOURS[..., :2].copy()
    layers[..., 1] = 65535
    assert np.array_equal(read_picture(deep_png(layers, 4)).samples(), layers[..., 0])
    layers[..., 1] = 0
    assert (read_picture(deep_png(layers, 4)).samples() == 65535).all()


def test_the_key_of_sixteen_bit_colour_is_told_by_all_bits() -> None:
    colours = COLOURS[..., :3].copy()
    colours[0, 0], colours[0, 1] = (1000, 2000, 3000), (1000, 2000, 3001)
    key = struct.pack(">HHH", 1000, 2000, 3000)
    chunk = struct.pack(">I", 6) + b"tRNS" + key + struct.pack(">I", zlib.crc32(b"tRNS" + key))
    picture = read_picture(deep_png(colours, 2, chunk))
    colours[0, 0] = 65535
    assert np.array_equal(picture.samples(), colours)
    assert picture.notices[-1] == "transparency laid over white"


def test_still_gif_is_a_palette() -> None:
    picture = read_picture(saved(Image.fromarray(RGB).quantize(16), "GIF"))
    assert picture.pixels.shape == RGB.shape
    assert picture.notices == ("palette turned into RGB",)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pictures_without_a_fixed_scale_are_refused(mode: str) -> None:
    with pytest.raises(UnsupportedData, match="no fixed scale"):
        read_picture(saved(Image.new(mode, (5, 4)), "TIFF"))


def test_only_floats_are_told_of_ranges() -> None:
    with pytest.raises(UnsupportedData, match="tell it with --range, or save 8-bit"):
        read_picture(saved(Image.new("F", (5, 4)), "TIFF"))
    with pytest.raises(UnsupportedData, match="no fixed scale: save 8-bit"):
        image_picture(Image.new("I", (5, 4)), any_scale=True)


def test_deep_gray_that_is_hardly_used_is_noticed() -> None:
    twelve = (DEEP // 16).astype(np.uint16)
    notices = read_picture(saved(twelve)).notices
    scale = "if these are 12-bit samples, say --range 0,4095, or --range auto"
    expected = f"the largest sample is {twelve.max()} of 65535: {scale}"
    assert notices == (
        KEPT,
        expected,
    )


def test_deep_colour_that_is_hardly_used_is_noticed() -> None:
    twelve = COLOURS // 16
    twelve[0, 0], twelve[..., 3] = 4095, 65535
    scale = "the largest sample is 4095 of 65535: if these are 12-bit samples, say --range 0,4095, or --range auto"
    for colour, used in ((2, twelve[..., :3]), (6, twelve)):
        assert read_picture(deep_png(used, colour)).notices[:2] == (KEPT.replace("gray", "colour"), scale)


def test_deep_colour_of_kinds_that_pillow_computes_with_has_eight_bits() -> None:
    sink = io.BytesIO()
    planes = COLOURS[..., :3].transpose(2, 0, 1)
    # With a fourth plane that no tag explains; three of them tifffile reads.
    planes = np.concatenate([planes, planes[:1]])
    how = {"photometric": "rgb", "planarconfig": "separate", "compression": "zlib", "extrasamples": ["unspecified"]}
    tifffile.imwrite(sink, planes, **how)
    picture = read_picture(sink.getvalue())
    assert np.abs(picture.pixels - COLOURS[..., :3] / 257).max() <= 1
    assert picture.notices == ("the first 3 channels of 4 are used", "16-bit colour reduced to 8 bits")
    sink = io.BytesIO()
    tifffile.imwrite(sink, planes // 16, **how)
    scale = "the largest sample is below 4096 of 65535: if these are 12-bit samples, multiply them by 16"
    assert read_picture(sink.getvalue()).notices[2] == scale


def test_gray_of_jpeg_2000_has_the_white_of_its_own_bits() -> None:
    twelve = DEEP // 16
    twelve[0, :2] = 0, 4095
    # Pillow writes 16 bits only: their middle moves to that of 12, which the header then claims (ISO 15444-1, A.5.1).
    data = bytearray(saved((twelve + (2**15 - 2**11)).astype(np.uint16), "JPEG2000", no_jp2=True))
    data[data.index(b"\xff\x4f\xff\x51") + 42] = 12 - 1
    picture = read_picture(bytes(data))
    assert np.array_equal(np.rint(picture.pixels * 4095), twelve)
    assert (picture.pixels.min(), picture.pixels.max()) == (0, 1)
    assert picture.notices == (KEPT.replace("16", "12"),)


def test_floats_that_are_no_numbers_are_refused():
    sink = io.BytesIO()
    Image.fromarray(np.array([[np.nan, 1]], np.float32)).save(sink, "TIFF")
    with pytest.raises(UnsupportedData, match="NaN or infinity"):
        read_picture(sink.getvalue(), any_scale=True)
