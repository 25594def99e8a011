"""Odd pictures through the command line: real files of every kind, each converted with its notice or refused.

The page docs/pictures.md promises all of it; a kind whose notice is not on the page fails here.
"""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from crosscodec.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
RGB = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)
GRAY = RGB[..., 0].copy()
DEEP = np.random.default_rng(1).integers(0, 65536, (12, 20), dtype=np.uint16)


def saved(image: Image.Image | np.ndarray, format: str, **options: object) -> bytes:
    sink = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(sink, format, **options)
    return sink.getvalue()


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG by hand: Pillow writes neither 16-bit colour nor lies about the size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def deep_png(samples: np.ndarray, colour: int) -> bytes:
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return png(samples.shape[1], samples.shape[0], 16, colour, rows)


def turned(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def profile(space: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def array(pixels: np.ndarray) -> bytes:
    sink = io.BytesIO()
    np.save(sink, pixels)
    return sink.getvalue()


DEEP_COLOUR = np.dstack([DEEP, DEEP[::-1], DEEP[:, ::-1], DEEP[::-1, ::-1]])
PALETTE = Image.fromarray(RGB).quantize(16)
FRAMES = [Image.fromarray(np.full((12, 20, 3), level, np.uint8)) for level in (60, 120, 180)]
MANY = {"save_all": True, "append_images": FRAMES[1:]}
FOREIGN = "colour profile other than sRGB: pixel values kept, profile dropped"
OVER_WHITE = "transparency laid over white"
COLOUR, PLAIN = (12, 20, 3), (12, 20)

# name of the file, its bytes, size and channels that come back, the notices
CONVERTED = [
    ("plain.png", saved(RGB, "PNG"), COLOUR, []),
    ("gray.jpg", saved(GRAY, "JPEG"), PLAIN, []),
    ("alpha.png", saved(np.dstack([RGB, GRAY]), "PNG"), COLOUR, [OVER_WHITE]),
    ("alpha.webp", saved(np.dstack([RGB, GRAY]), "WEBP"), COLOUR, [OVER_WHITE]),
    ("alpha.avif", saved(np.dstack([RGB, GRAY]), "AVIF"), COLOUR, [OVER_WHITE]),
    ("alpha.jp2", saved(np.dstack([RGB, GRAY]), "JPEG2000"), COLOUR, [OVER_WHITE]),
    ("gray-alpha.tiff", saved(Image.fromarray(np.dstack([GRAY, GRAY]), "LA"), "TIFF"), PLAIN, [OVER_WHITE]),
    ("opaque.png", saved(Image.fromarray(RGB).convert("RGBA"), "PNG"), COLOUR, ["opaque alpha channel dropped"]),
    ("key.png", saved(RGB, "PNG", transparency=tuple(RGB[0, 0].tolist())), COLOUR, [OVER_WHITE]),
    ("palette.png", saved(PALETTE, "PNG"), COLOUR, ["palette turned into RGB"]),
    ("palette.gif", saved(PALETTE, "GIF"), COLOUR, ["palette turned into RGB"]),
    ("one-bit.bmp", saved(Image.fromarray(GRAY > 99), "BMP"), PLAIN, ["1-bit picture taken as black and white gray"]),
    (
        "deep.png",
        saved(DEEP, "PNG"),
        PLAIN,
        ["16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"],
    ),
    (
        "deep.tiff",
        saved(DEEP, "TIFF"),
        PLAIN,
        ["16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"],
    ),
    (
        "deep.jp2",
        saved(DEEP, "JPEG2000"),
        PLAIN,
        ["16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"],
    ),
    ("deep-colour.png", deep_png(DEEP_COLOUR[..., :3], 2), COLOUR, ["16-bit colour reduced to 8 bits"]),
    ("deep-alpha.png", deep_png(DEEP_COLOUR, 6), COLOUR, ["16-bit colour reduced to 8 bits", OVER_WHITE]),
    (
        "cmyk.jpg",
        saved(Image.fromarray(RGB).convert("CMYK"), "JPEG"),
        COLOUR,
        ["CMYK turned into RGB without its colour profile"],
    ),
    (
        "cmyk.tiff",
        saved(Image.fromarray(RGB).convert("CMYK"), "TIFF", icc_profile=profile("LAB")),
        COLOUR,
        [FOREIGN, "CMYK turned into RGB without its colour profile"],
    ),
    ("ycbcr.tiff", saved(Image.fromarray(RGB).convert("YCbCr"), "TIFF"), COLOUR, ["YCbCr turned into RGB"]),
    ("srgb.png", saved(RGB, "PNG", icc_profile=profile("sRGB")), COLOUR, []),
    *((f"profile.{f}", saved(RGB, f, icc_profile=profile("XYZ")), COLOUR, [FOREIGN]) for f in ("png", "tiff", "webp")),
    ("turned.jpg", saved(RGB, "JPEG", exif=turned(6)), (20, 12, 3), ["turned as its EXIF orientation 6 asks"]),
    ("mirrored.png", saved(RGB, "PNG", exif=turned(2)), COLOUR, ["turned as its EXIF orientation 2 asks"]),
    *(
        (f"frames.{f}", saved(FRAMES[0], f, **MANY), COLOUR, ["the first of 3 frames or pages is used"])
        for f in ("png", "webp", "tiff", "avif")
    ),
    ("lies.jpg", saved(RGB, "PNG"), COLOUR, ["named .jpg but read as png, which it is"]),
    ("deep.npy", array(DEEP), PLAIN, ["16-bit samples divided by 65535"]),
    ("wide.npy", array(RGB / 255), COLOUR, ["float64 rounded to float32"]),
]
REFUSED = [
    ("text.png", b"this is no picture", 65),
    ("empty.png", b"", 65),
    ("cut.png", saved(RGB, "PNG")[:200], 65),
    ("integers.tiff", saved(Image.new("I", (5, 4)), "TIFF"), 65),
    ("floats.tiff", saved(Image.new("F", (5, 4)), "TIFF"), 65),
    ("lab.tiff", saved(Image.new("LAB", (5, 4)), "TIFF"), 65),
    ("signed.tiff", saved(GRAY, "TIFF", tiffinfo={339: 2}), 65),
    ("not-a-number.npy", array(np.full((4, 4), np.nan, np.float32)), 65),
    ("bytes-as-floats.npy", array(RGB.astype(np.float32)), 65),
    ("bomb.png", png(2**20, 2**20, 8, 2, b""), 75),
]


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    monkeypatch.chdir(tmp_path)
    return lambda *words: runner.invoke(app, list(words))


@pytest.mark.parametrize(("name", "data", "shape", "notices"), CONVERTED, ids=[row[0] for row in CONVERTED])
def test_odd_pictures_are_coded_and_every_conversion_is_noted(invoke, name, data, shape, notices):
    Path(name).write_bytes(data)
    result = invoke("encode", name, "o.xcd", "-p", "toy", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["notices"] == notices
    assert result.stderr == "".join(f"crosscodec: {name}: note: {notice}\n" for notice in notices)
    assert (facts["height"], facts["width"], facts["channels"]) == (*shape, 1)[:3]
    assert invoke("decode", "o.xcd", "o.png").exit_code == 0
    assert np.asarray(Image.open("o.png")).shape == shape


@pytest.mark.parametrize(("name", "data", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_other_pictures_are_refused_and_nothing_is_written(invoke, name, data, code):
    Path(name).write_bytes(data)
    result = invoke("encode", name, "o.xcd", "-p", "toy")
    assert result.exit_code == code, result.output
    assert name in result.stderr
    assert not Path("o.xcd").exists()


def test_the_page_has_every_notice():
    for _, _, _, notices in CONVERTED:
        for notice in notices:
            plain = notice.replace("orientation 2", "orientation 6")
            assert plain in PAGE, notice
