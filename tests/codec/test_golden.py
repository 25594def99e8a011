"""Files and packages of every version that was ever written decode as they did."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crosscodec.bitstream.samplerange import SampleRange
from crosscodec.codec import (
    decode_bytes,
    encode_pixels,
    load_package,
    verify_bytes,
)
from crosscodec.errors import CorruptData, UnsupportedData
from crosscodec.images.profiles import profile_name
from crosscodec.images.reading import read_picture

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def first():
    """The package of one quality that was shipped first; files of its time must be read for ever."""
    return load_package(GOLDEN / "v1-photo.xcm")


@pytest.mark.parametrize("kind", ["rgb", "gray"])
def test_golden_files_of_version_one_decode_as_ever(kind, first):
    """Files written on 2026-11-20 by the package shipped then: symbols exact (their digest), pixels within one step."""
    data = (GOLDEN / f"v1-{kind}.xcd").read_bytes()
    assert verify_bytes(data, first).package_name == "photo-denoise"
    expected = np.asarray(Image.open(GOLDEN / f"v1-{kind}.png")).astype(int)
    assert np.abs(decode_bytes(data, first).pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["rgb", "gray"])
def test_every_flipped_header_bit_of_a_golden_file_is_refused(kind, first):
    data = (GOLDEN / f"v1-{kind}.xcd").read_bytes()
    for bit in range(8 * 60):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), first)


def test_flipped_payload_bits_and_cuts_of_a_golden_file_are_refused(first):
    data = (GOLDEN / "v1-rgb.xcd").read_bytes()
    places = np.random.default_rng(0).integers(8 * 60, 8 * len(data), 2000)
    for bit in places.tolist():
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptData):
            verify_bytes(bytes(flipped), first)
    for length in range(len(data)):
        with pytest.raises(CorruptData):
            verify_bytes(data[:length], first)
    with pytest.raises(CorruptData):
        verify_bytes(data + b"\0", first)


def test_the_golden_package_of_format_three_decodes_as_ever():
    """A package and a file of its quality 37, written on 2026-11-26."""
    package = load_package(GOLDEN / "v3-qualities.xcm")
    data = (GOLDEN / "v3-qualities.xcd").read_bytes()
    checked = verify_bytes(data, package)
    assert (package.card.format, checked.package_name, checked.quality) == (3, "golden", 37)
    expected = np.asarray(Image.open(GOLDEN / "v3-qualities.png")).astype(int)
    assert np.abs(decode_bytes(data, package).pixels.astype(int) - expected).max() <= 1
    for bit in range(8 * 47):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), package)


def test_the_golden_package_of_format_six_decodes_as_ever():
    """A package and a file of quality 37 by its encoder "best", written on 2026-11-26."""
    package = load_package(GOLDEN / "v6-encoders.xcm")
    data = (GOLDEN / "v6-encoders.xcd").read_bytes()
    checked = verify_bytes(data, package)
    assert (package.card.format, package.encoders) == (6, ("default", "best"))
    assert (checked.package_name, checked.quality) == ("golden", 37)
    expected = np.asarray(Image.open(GOLDEN / "v6-encoders.png")).astype(int)
    assert np.abs(decode_bytes(data, package).pixels.astype(int) - expected).max() <= 1


def test_the_golden_package_of_format_eight_chooses_and_decodes_as_ever():
    """A package that chooses, and a file of quality 37 by the encoder that it chose, written on 2026-11-27."""
    package = load_package(GOLDEN / "v8-automatic.xcm")
    data = (GOLDEN / "v8-automatic.xcd").read_bytes()
    assert (package.card.format, package.card.automatic) == (8, ("default", "best"))
    assert verify_bytes(data, package).quality == 37
    expected = np.asarray(Image.open(GOLDEN / "v8-automatic.png"))
    assert np.abs(decode_bytes(data, package).pixels.astype(int) - expected.astype(int)).max() <= 1
    # What it decodes to is as grainy as what was coded.
    assert encode_pixels(expected, package, encoder="auto").encoders == ("best",)


def test_the_golden_package_of_format_nine_chooses_and_decodes_as_ever():
    """A package that chooses by the mosaic too, and a file of quality 37 by the encoder that it chose, written on
    2026-11-28.
    """
    package = load_package(GOLDEN / "v9-mosaic.xcm")
    data = (GOLDEN / "v9-mosaic.xcd").read_bytes()
    assert (package.card.format, package.card.automatic, package.card.grain) == (9, ("default", "best"), 18)
    assert verify_bytes(data, package).quality == 37
    expected = np.asarray(Image.open(GOLDEN / "v9-mosaic.png"))
    assert np.abs(decode_bytes(data, package).pixels.astype(int) - expected.astype(int)).max() <= 1
    taken = np.asarray(Image.open(GOLDEN / "v9-mosaic-taken.png"))
    assert encode_pixels(taken, package, encoder="auto").encoders == ("best",)
    assert encode_pixels(taken[:, :, 1], package, encoder="auto").encoders == ("default",), "gray has no mosaic of blue"


@pytest.mark.parametrize("name", ["v7-networks", "v7-passes"])
def test_the_golden_packages_of_format_seven_decode_as_ever(name):
    """Packages with context networks of version 1 and 2, and files of their quality 37, written on 2026-11-27."""
    package = load_package(GOLDEN / f"{name}.xcm")
    data = (GOLDEN / f"{name}.xcd").read_bytes()
    checked = verify_bytes(data, package)
    assert (package.card.format, package.card.networked) == (7, True)
    assert (checked.package_name, checked.quality) == ("golden", 37)
    expected = np.asarray(Image.open(GOLDEN / f"{name}.png")).astype(int)
    assert np.abs(decode_bytes(data, package).pixels.astype(int) - expected).max() <= 1
    for bit in range(0, 8 * len(data), 3):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), package)


def test_the_golden_file_with_a_sample_range_decodes_as_ever():
    """16-bit samples of 100 to 3000, by the package of format three, written on 2026-11-27."""
    package = load_package(GOLDEN / "v3-qualities.xcm")
    data = (GOLDEN / "v1-range.xcd").read_bytes()
    assert verify_bytes(data, package).quality == 61
    found = decode_bytes(data, package)
    assert found.sample_range == SampleRange(100, 3000, 16)
    expected = np.asarray(Image.open(GOLDEN / "v1-range.png"))
    assert expected.dtype == found.samples.dtype == np.uint16
    assert np.abs(found.samples.astype(int) - expected).max() <= 2
    for bit in range(8 * 60):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), package)


def test_the_golden_file_with_a_profile_and_exif_data_decodes_as_ever():
    """RGB in the colours of a profile, and EXIF data, by the package of format three, written on 2026-11-27."""
    package = load_package(GOLDEN / "v3-qualities.xcm")
    data = (GOLDEN / "v1-profile.xcd").read_bytes()
    found, expected = decode_bytes(data, package), read_picture(GOLDEN / "v1-profile.png")
    assert found.profile == expected.profile
    assert profile_name(found.profile) == "Wide built-in"
    assert found.exif == expected.exif
    assert b"2026:11:27 22:33:00" in found.exif
    assert np.abs(found.pixels.astype(int) - expected.pixels).max() <= 1
    for bit in range(8 * 500):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((CorruptData, UnsupportedData)):
            verify_bytes(bytes(flipped), package)
