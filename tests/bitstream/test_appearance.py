import zlib

import pytest

from crosscodec.bitstream.appearance import LARGEST_PROFILE, PLAIN, Appearance, deflated, profile_fields, read_profile
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError


@pytest.mark.parametrize("profile", [b"x", bytes(range(256)) * 4, bytes(LARGEST_PROFILE)])
def test_profiles_read_back(profile):
    reader = ByteReader(profile_fields(profile) + b"next", "x")
    assert read_profile(reader) == profile
    assert reader.take(4) == b"next"
    assert zlib.decompress(deflated(profile), wbits=-15) == profile


def test_a_profile_that_is_damaged_is_refused():
    good = deflated(bytes(range(200)))
    bomb = zlib.compressobj(9, wbits=-15)
    large = bomb.compress(bytes(LARGEST_PROFILE + 1)) + bomb.flush()
    empty = deflated(b"")
    for packed in (good[:-1], b"\xff" + good, good + b"\0", large, empty, b""):
        with pytest.raises(CorruptData, match="colour profile"):
            read_profile(ByteReader(varint(len(packed)) + packed, "x"))
    with pytest.raises(CorruptData):
        read_profile(ByteReader(varint(len(good)) + good[:-1], "x"))


def test_larger_profiles_are_refused():
    assert Appearance() == PLAIN
    with pytest.raises(UsageError, match=r"up to 65,536 bytes, not 65,537"):
        Appearance(None, bytes(LARGEST_PROFILE + 1))
