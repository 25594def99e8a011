import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.escapes import (
    HIGHEST_BIT,
    escape_bits,
    escape_codes,
    escaped_symbols,
    leading_bits,
    read_planes,
    write_planes,
)
from crosscodec.bitstream.tables import LARGEST_SYMBOL
from crosscodec.errors import CorruptData

Codes = st.lists(st.integers(1, 2 ** (HIGHEST_BIT + 1) - 1), max_size=30)


class Tape:
    """Bits written one after another and read back."""

    def __init__(self) -> None:
        self.bits: list[int] = []

    def put(self, bits: np.ndarray) -> None:
        assert bits.dtype == np.int32
        assert bits.size
        self.bits += bits.tolist()

    def get(self, count: int) -> np.ndarray:
        head, self.bits = self.bits[:count], self.bits[count:]
        return np.array(head, np.int32)


@given(Codes)
def test_codes_read_back_and_cost_what_they_say(codes: list[int]) -> None:
    tape = Tape()
    write_planes(np.array(codes, np.int64), tape.put)
    assert len(tape.bits) == escape_bits(np.array(codes, np.int64)) == sum(2 * v.bit_length() - 1 for v in codes)
    assert read_planes(len(codes), tape.get).tolist() == codes
    assert tape.bits == []


def test_one_code_is_spelled_as_exp_golomb() -> None:
    spelled = {}
    for code in (1, 2, 5, 12):
        tape = Tape()
        write_planes(np.array([code]), tape.put)
        spelled[code] = "".join(map(str, tape.bits))
    assert spelled == {1: "0", 2: "100", 5: "11001", 12: "1110100"}


def test_planes_interleave_the_codes() -> None:
    tape = Tape()
    write_planes(np.array([1, 6, 2]), tape.put)  # k = 0, 2, 1
    assert tape.bits == [0, 1, 1, 1, 0, 0, 1, 0, 0]


@given(st.integers(-LARGEST_SYMBOL, LARGEST_SYMBOL), st.integers(0, 50), st.integers(-LARGEST_SYMBOL, LARGEST_SYMBOL))
def test_every_symbol_outside_has_its_own_code(low: int, length: int, symbol: int) -> None:
    high = min(low + length, LARGEST_SYMBOL)
    if low <= symbol <= high:
        return
    code = escape_codes(np.array([symbol]), np.array([low]), np.array([high]))
    distance = symbol - high if symbol > high else low - symbol
    assert code[0] == (2 * distance - 1 if symbol > high else 2 * distance)
    assert leading_bits(code)[0] <= HIGHEST_BIT
    assert escaped_symbols(code, np.array([low]), np.array([high]))[0] == symbol


def test_leading_bits_at_the_powers_of_two() -> None:
    powers = 2 ** np.arange(1, 40)
    assert leading_bits(powers).tolist() == list(range(1, 40))
    assert leading_bits(powers - 1).tolist() == list(range(39))


def test_an_endless_code_is_refused() -> None:
    with pytest.raises(CorruptData, match="longer than 26 bits"):
        read_planes(3, lambda count: np.ones(count, np.int32))
