import random
import zlib

import pytest

from crosscodec.bitstream.appearance import LARGEST_TEXT, PLAIN, Appearance, deflated, read_text, text_fields
from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, UsageError


@pytest.mark.parametrize("profile", [b"x", bytes(range(256)) * 4, bytes(LARGEST_TEXT)])
def test_profiles_read_back(profile):
    reader = ByteReader(text_fields(profile) + b"next", "x")
    assert read_text(reader, "EXIF data") == profile
    assert reader.take(4) == b"next"
    assert zlib.decompress(deflated(profile), wbits=-15) == profile


def test_a_profile_that_is_damaged_is_refused():
    good = deflated(bytes(range(200)))
    bomb = zlib.compressobj(9, wbits=-15)
    large = bomb.compress(bytes(LARGEST_TEXT + 1)) + bomb.flush()
    empty = deflated(b"")
    for packed in (good[:-1], b"\xff" + good, good + b"\0", large, empty, b""):
        with pytest.raises(CorruptData, match="colour profile"):
            read_text(ByteReader(varint(len(packed)) + packed, "x"), "colour profile")
    with pytest.raises(CorruptData):
        read_text(ByteReader(varint(len(good)) + good[:-1], "x"), "EXIF data")


def test_larger_profiles_are_refused():
    assert Appearance() == PLAIN
    for texts in ((bytes(LARGEST_TEXT + 1), b""), (b"", bytes(LARGEST_TEXT + 1))):
        with pytest.raises(UsageError, match=r"up to 65,536 bytes in a coded file, not 65,537"):
            Appearance(None, *texts)
    noise = random.Random(0).randbytes(LARGEST_TEXT)  # of which deflate makes a few bytes more than readers take
    with pytest.raises(UsageError, match="bytes deflated"):
        text_fields(noise)
    reader = ByteReader(text_fields(noise[:-99]), "x")
    assert read_text(reader, "colour profile") == noise[:-99]
