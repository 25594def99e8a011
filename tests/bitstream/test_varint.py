import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.varint import LARGEST, ByteReader, unzigzag, varint, zigzag
from crosscodec.errors import CorruptData


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (300, "ac02"),
        (16383, "ff7f"),
        (16384, "808001"),
        (LARGEST, "ff" * 9 + "01"),
    ],
)
def test_numbers_are_spelled_as_on_the_page(value: int, spelling: str) -> None:
    assert varint(value).hex() == spelling


@given(st.integers(0, LARGEST), st.binary(max_size=3))
def test_a_number_reads_back_and_leaves_what_follows(value: int, rest: bytes) -> None:
    reader = ByteReader(varint(value) + rest, "the test")
    assert reader.varint("number") == value
    assert reader.remaining == len(rest)


@given(st.integers(-(2**40), 2**40))
def test_zigzag_is_a_bijection_onto_the_naturals(value: int) -> None:
    assert zigzag(value) >= 0
    assert unzigzag(zigzag(value)) == value
    assert zigzag(value) in (2 * value, -2 * value - 1)


@given(st.binary(max_size=12))
def test_every_spelling_that_reads_is_the_one_that_is_written(data: bytes) -> None:
    reader = ByteReader(data, "the test")
    try:
        value = reader.varint("number")
    except CorruptData:
        return
    assert varint(value) == data[: reader.position]


@pytest.mark.parametrize("data", ["", "80", "8000", "ff" * 10, "ff" * 9 + "02", "80" * 10 + "01"])
def test_other_spellings_are_refused(data: str) -> None:
    with pytest.raises(CorruptData, match="the test"):
        ByteReader(bytes.fromhex(data), "the test").varint("number")


def test_a_number_above_its_bound_is_refused_by_name() -> None:
    assert ByteReader(varint(9), "the test").varint("height", 9) == 9
    with pytest.raises(CorruptData, match="the height is more than 9"):
        ByteReader(varint(10), "the test").varint("height", 9)


def test_the_reader_never_runs_past_the_end() -> None:
    reader = ByteReader(b"\x01\x02\x03\x04\x05", "the test")
    assert reader.uint32() == 0x04030201
    with pytest.raises(CorruptData, match="4 more bytes expected, 1 are there"):
        reader.uint32()
    assert reader.take(1) == b"\x05"
