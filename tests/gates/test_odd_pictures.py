"""Odd pictures through the command line: real files of every kind, each converted with its notice or refused.

The page docs/pictures.md promises all of it; a kind whose notice is not on the page fails here.
"""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from picturefiles import deep_png, inks_profile, png, saved, with_code_points
from PIL import Image, ImageCms

from crosscodec.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text(encoding="utf-8")
RGB = np.random.default_rng(0).integers(0, 256, (12, 20, 3), dtype=np.uint8)
GRAY = RGB[..., 0].copy()
DEEP = np.random.default_rng(1).integers(0, 65536, (12, 20), dtype=np.uint16)


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


def with_preview() -> bytes:
    """A TIFF whose second page is marked as the first in fewer pixels."""
    sink = io.BytesIO()
    with tifffile.TiffWriter(sink) as file:
        file.write(RGB, photometric="rgb")
        file.write(RGB[::2, ::2], photometric="rgb", subfiletype=1)
    return sink.getvalue()


DEEP_COLOUR = np.dstack([DEEP, DEEP[::-1], DEEP[:, ::-1], DEEP[::-1, ::-1]])
PALETTE = Image.fromarray(RGB).quantize(16)
FRAMES = [Image.fromarray(np.full((12, 20, 3), level, np.uint8)) for level in (60, 120, 180)]
MANY = {"save_all": True, "append_images": FRAMES[1:]}
HDR = "colours of BT.2020, PQ (HDR): pixel values kept, and taken for sRGB"
KEPT = "16-bit {} kept as float32; what is decoded has 8 bits, or with --range full as many"
FOREIGN = "colour profile of other colours: pixel values kept, profile dropped"
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
        [KEPT.format("gray")],
    ),
    (
        "deep.tiff",
        saved(DEEP, "TIFF"),
        PLAIN,
        [KEPT.format("gray")],
    ),
    (
        "deep.jp2",
        saved(DEEP, "JPEG2000"),
        PLAIN,
        [KEPT.format("gray")],
    ),
    ("deep-colour.png", deep_png(DEEP_COLOUR[..., :3], 2), COLOUR, [KEPT.format("colour")]),
    ("deep-alpha.png", deep_png(DEEP_COLOUR, 6), COLOUR, [KEPT.format("colour"), OVER_WHITE]),
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
    (
        "inks.tiff",
        saved(Image.fromarray(RGB).convert("CMYK"), "TIFF", icc_profile=inks_profile("Coated paper")),
        COLOUR,
        ["CMYK turned into sRGB by its colour profile, Coated paper"],
    ),
    ("lab.tiff", saved(Image.new("LAB", (9, 6)), "TIFF"), (6, 9, 3), ["Lab turned into sRGB"]),
    ("ycbcr.tiff", saved(Image.fromarray(RGB).convert("YCbCr"), "TIFF"), COLOUR, ["YCbCr turned into RGB"]),
    ("srgb.png", saved(RGB, "PNG", icc_profile=profile("sRGB")), COLOUR, []),
    *((f"profile.{f}", saved(RGB, f, icc_profile=profile("XYZ")), COLOUR, [FOREIGN]) for f in ("png", "tiff", "webp")),
    ("turned.jpg", saved(RGB, "JPEG", exif=turned(6)), (20, 12, 3), ["turned as its EXIF orientation 6 asks"]),
    ("mirrored.png", saved(RGB, "PNG", exif=turned(2)), COLOUR, ["turned as its EXIF orientation 2 asks"]),
    *(
        (f"frames.{f}", saved(FRAMES[0], f, **MANY), COLOUR, ["the first of 3 frames or pages is used"])
        for f in ("png", "webp", "avif")
    ),
    (
        "preview.tiff",
        with_preview(),
        COLOUR,
        ["1 of 2 pages left out, previews or masks of others: 1"],
    ),
    ("hdr.png", with_code_points(9, 16), (6, 9, 3), [HDR]),
    ("hdr.avif", saved(RGB, "AVIF").replace(b"colrnclx\0\1\0\r", b"colrnclx\0\t\0\x10"), COLOUR, [HDR]),
    ("damaged.jpg", saved(RGB, "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 90), COLOUR, ["damaged EXIF data dropped"]),
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
