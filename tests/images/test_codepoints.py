"""Colours by numbers: in PNG, AVIF and HEIC; noticed where they are not those of sRGB and no profile tells of them."""

import pytest
from picturefiles import RGB, saved, wide_profile, with_code_points

from crosscodec.images.codepoints import CodePoints, code_points
from crosscodec.images.reading import read_picture

AVIF = saved(RGB, "AVIF")
NAMED = b"colrnclx\0\1\0\r"  # as Pillow writes it: BT.709, sRGB


def test_pngs_have_them_in_a_chunk_before_the_pixels():
    assert code_points(with_code_points(9, 16), "png") == (9, 16)
    plain = saved(RGB, "PNG")
    assert code_points(plain, "png") is None
    chunk = with_code_points(9, 16)
    behind = plain.replace(b"\0\0\0\0IEND", chunk[chunk.index(b"cICP") - 4 :][:16] + b"\0\0\0\0IEND")
    assert code_points(behind, "png") is None
    assert code_points(chunk[:40], "png") is None


def test_avif_and_heic_have_them_in_a_box():
    assert code_points(AVIF, "avif") == (1, 13)
    hdr = AVIF.replace(NAMED, b"colrnclx\0\t\0\x12")
    assert code_points(hdr, "avif") == code_points(hdr, "heic") == (9, 18)
    assert code_points(AVIF.replace(b"nclx", b"rICC"), "avif") is None
    assert code_points(b"colrnclx\0\t", "avif") is None
    assert code_points(hdr, "jpg") is None
    assert code_points(hdr, None) is None


@pytest.mark.parametrize(("primaries", "curve"), [(1, 13), (1, 1), (2, 2), (1, 6), (1, 14)])
def test_what_viewers_show_as_srgb_goes_without_a_word(primaries, curve):
    assert CodePoints(primaries, curve).usual
    assert read_picture(with_code_points(primaries, curve)).notices == ()


@pytest.mark.parametrize(
    ("primaries", "curve", "told"),
    [
        (12, 13, "Display P3"),
        (1, 16, "PQ (HDR)"),
        (9, 18, "BT.2020, HLG (HDR)"),
        (9, 14, "BT.2020"),
        (77, 99, "no. 77, curve no. 99"),
    ],
)
def test_others_are_named(primaries, curve, told):
    picture = read_picture(with_code_points(primaries, curve))
    assert picture.notices == (f"colours of {told}: pixel values kept, and taken for sRGB",)
    assert (picture.pixels == RGB).all()


def test_a_profile_says_it_better():
    with_profile = saved(RGB, "PNG", icc_profile=wide_profile())
    chunk = with_code_points(12, 13)
    place = with_profile.index(b"IDAT") - 4
    both = with_profile[:place] + chunk[chunk.index(b"cICP") - 4 :][:16] + with_profile[place:]
    assert code_points(both, "png") == (12, 13)
    assert read_picture(both).notices == ()
    assert read_picture(both).profile
