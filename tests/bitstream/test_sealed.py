import zlib

import pytest

from crosscodec.bitstream.sealed import seal, unseal
from crosscodec.errors import CorruptData, UnsupportedData


def test_a_part_is_magic_version_body_and_crc() -> None:
    data = seal(b"XCDT", 3, b"ab", b"c")
    assert data[:-4] == b"XCDT\x03abc"
    assert int.from_bytes(data[-4:], "little") == zlib.crc32(data[:-4])
    assert unseal(data, b"XCDT", 3, "things", least=3) == b"abc"
    assert unseal(seal(b"XCDT", 3), b"XCDT", 3, "things") == b""


def test_what_is_wrong_is_named() -> None:
    data = seal(b"XCDT", 3, b"abc")
    with pytest.raises(CorruptData, match="not things: their first bytes are 'XCDQ'"):
        unseal(data, b"XCDQ", 3, "things")
    with pytest.raises(CorruptData, match="not things"):
        unseal(data, b"XCDT", 3, "things", least=4)
    for end in range(len(data)):
        with pytest.raises(CorruptData):
            unseal(data[:end], b"XCDT", 3, "things")
    with pytest.raises(CorruptData, match="the things are damaged: their CRC-32 does not match"):
        unseal(data[:6] + b"x" + data[7:], b"XCDT", 3, "things")
    with pytest.raises(UnsupportedData, match="things of version 3; this release reads version 2"):
        unseal(data, b"XCDT", 2, "things")
