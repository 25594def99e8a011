"""CMYK and Lab become sRGB by what they look like."""

import numpy as np
import pytest
from picturefiles import RGB, RGB_OF_INKS, inks_profile, saved, wide_profile
from PIL import Image, ImageCms

from crosscodec.images.frames import image_picture
from crosscodec.images.reading import read_picture

FULL = np.array([[[255 * (k >> bit & 1) for bit in (3, 2, 1, 0)] for k in range(16)]], np.uint8)


@pytest.mark.parametrize("kind", ["TIFF", "image"])
def test_inks_look_as_their_profile_says(kind: str) -> None:
    image = Image.fromarray(FULL, "CMYK")
    if kind == "image":
        image.info["icc_profile"] = inks_profile("Coated paper")
        picture = image_picture(image)
    else:
        picture = read_picture(saved(image, kind, icc_profile=inks_profile("Coated paper")))
    assert picture.notices == ("CMYK turned into sRGB by its colour profile, Coated paper",)
    assert picture.profile == b""
    assert np.abs(picture.pixels[0].astype(int) - RGB_OF_INKS).max() <= 6, "Lab of 8 bits"
    plain = np.asarray(image.convert("RGB"))
    assert np.abs(picture.pixels.astype(int) - plain).max() > 100


def test_jpeg_of_inks() -> None:
    image = Image.fromarray(FULL, "CMYK").resize((128, 8), Image.Resampling.NEAREST)
    picture = read_picture(saved(image, "JPEG", quality=95, icc_profile=inks_profile()))
    assert picture.notices == ("CMYK turned into sRGB by its colour profile, Four inks",)
    assert np.abs(picture.pixels[4, 4::8].astype(int) - RGB_OF_INKS).max() <= 12


@pytest.mark.parametrize(
    ("profile", "notice"),
    [
        (inks_profile().replace(b"A2B0", b"A2B9"), "damaged colour profile of CMYK dropped"),
        (inks_profile()[:400], "damaged colour profile of CMYK dropped"),
        (wide_profile(), "colour profile of other colours: pixel values kept, profile dropped"),
    ],
)
def test_inks_without_a_profile_of_use(profile: bytes, notice: str) -> None:
    image = Image.fromarray(FULL, "CMYK")
    picture = read_picture(saved(image, "TIFF", icc_profile=profile))
    assert picture.notices == (notice, "CMYK turned into RGB without its colour profile")
    assert np.array_equal(picture.pixels, np.asarray(image.convert("RGB")))
    assert picture.profile == b""


def test_lab_looks_as_what_it_was_made_of() -> None:
    srgb, lab = (ImageCms.ImageCmsProfile(ImageCms.createProfile(space)) for space in ("sRGB", "LAB"))
    turned = ImageCms.profileToProfile(Image.fromarray(RGB), srgb, lab, outputMode="LAB")
    assert turned is not None
    for picture in (read_picture(saved(turned, "TIFF")), image_picture(turned)):
        assert picture.notices == ("Lab turned into sRGB",)
        assert picture.profile == b""
        assert np.abs(picture.pixels.astype(int) - RGB).mean() < 3, "Lab of 8 bits"
