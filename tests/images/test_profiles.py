import struct

from picturefiles import wide_profile
from PIL import ImageCms

from crosscodec.images.profiles import is_srgb, profile_name, suits

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_names():
    assert profile_name(SRGB) == "sRGB built-in"
    assert profile_name(wide_profile()) == "Wide built-in"
    described = struct.pack(">I", 1) + b"desc" + struct.pack(">II", 144, 32)
    second = bytes(128) + described + b"desc\0\0\0\0" + struct.pack(">I", 8) + b"Scanner\0" + bytes(20)
    assert profile_name(second) == "Scanner"  # version 2
    for nonsense in (b"", bytes(200), second[:140], second.replace(b"Scanner", b"\x1b[31mXX"), b"\xff" * 4000):
        assert profile_name(nonsense) == "unnamed"


def test_srgb_is_known_by_name_and_primaries():
    assert is_srgb(SRGB)
    assert not is_srgb(wide_profile())
    assert not is_srgb(wide_profile().replace(b"Wide", b"sRGB"))  # Display P3 with the curve of sRGB, say
    assert not is_srgb(b"")


def with_curve(body):
    """The profile sRGB with another curve."""
    entry = SRGB.index(b"rTRC")
    place, size = struct.unpack(">II", SRGB[entry + 4 : entry + 12])
    assert len(body) <= size
    return SRGB[:place] + body.ljust(size, b"\0") + SRGB[place + size :]


def test_linear_samples_in_the_primaries_of_srgb_need_their_profile():
    # What raw developers export for further work, "Linear sRGB": nearly black where it passes for sRGB.
    for body in (
        b"curv" + bytes(8),
        b"curv" + struct.pack(">IIH", 0, 1, 256),
        b"curv" + struct.pack(">IIHHH", 0, 3, 0, 32768, 65535),
        b"para" + struct.pack(">IIi", 0, 0, 65536),
        b"curv" + struct.pack(">IIH", 0, 1, round(1.8 * 256)),
    ):
        assert not is_srgb(with_curve(body))
    table = [round(65535 * ((i / 10 + 0.055) / 1.055) ** 2.4) for i in range(11)]
    for body in (b"curv" + struct.pack(">II10H", 0, 11, *table[:10]), b"curv" + struct.pack(">IIH", 0, 1, 563)):
        assert is_srgb(with_curve(body))
    for nonsense in (b"para", b"curv", b"curv" + b"\xff" * 20, b"para" + b"\x7f" * 28, b"para" + b"\x80" * 28):
        is_srgb(with_curve(nonsense))


def test_a_profile_suits_the_pixels_that_it_is_for():
    assert suits(wide_profile(), 3)
    assert not suits(wide_profile(), 1)
    assert suits(wide_profile(b"GRAY"), 1)
    for nonsense in (b"", wide_profile(b"CMYK"), wide_profile().replace(b"acsp", b"xxxx")):
        assert not suits(nonsense, 3)
