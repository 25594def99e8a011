import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.bitstream.varints import varints
from crosscodec.errors import CorruptData


@given(st.lists(st.integers(0, 2**28 - 1) | st.integers(0, 300), max_size=40))
def test_many_numbers_are_read_as_one_after_the_other(values: list[int]) -> None:
    data = b"".join(map(varint, values))
    assert varints(data, "numbers").tolist() == values
    reader = ByteReader(data, "numbers")
    assert [reader.varint("number") for _ in values] == values


@given(st.binary(max_size=12))
def test_many_numbers_are_refused_where_one_would_be(data: bytes) -> None:
    reader, expected = ByteReader(data, "numbers"), []
    try:
        while reader.remaining:
            expected.append(reader.varint("number", 2**28 - 1))
    except CorruptData:
        with pytest.raises(CorruptData, match="numbers"):
            varints(data, "numbers")
        return
    assert varints(data, "numbers").tolist() == expected


@pytest.mark.parametrize("spelling", ["80", "0180", "8000", "01808000", "8080808001", "ffffffff7f"])
def test_many_numbers_badly_spelled_are_refused(spelling: str) -> None:
    with pytest.raises(CorruptData):
        varints(bytes.fromhex(spelling), "numbers")
