import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crosscodec.bitstream.tables import LARGEST_SYMBOL, MOST_ENTRIES, TOTAL, FrequencyTables, apportion
from crosscodec.bitstream.varint import varint
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

from .samples import coded_symbols, codes_of, frequency_tables, photo_tables, sample_symbols

TINY = FrequencyTables((-1, 0), ((8192, 49152, 8191, 1), (65000, 536)))


def sealed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "little")


@given(frequency_tables())
def test_bytes_read_back(tables: FrequencyTables) -> None:
    again = FrequencyTables.from_bytes(tables.to_bytes())
    assert again == tables
    assert hash(again) == hash(tables)


def test_photo_tables_take_ten_kilobytes() -> None:
    tables = photo_tables()
    assert FrequencyTables.from_bytes(tables.to_bytes()) == tables
    assert len(tables.to_bytes()) < 12_000


@pytest.mark.parametrize(
    ("low", "frequencies"),
    [
        ((), ()),
        ((0,), ((TOTAL,),)),
        ((0,), ((TOTAL, 0),)),
        ((0,), ((TOTAL + 1, -1),)),
        ((0,), ((40000, 25535),)),
        ((0, 0), ((40000, 25536),)),
        ((LARGEST_SYMBOL,), ((1, 1, TOTAL - 2),)),
        ((-LARGEST_SYMBOL - 1,), ((1, 1, TOTAL - 2),)),
    ],
)
def test_impossible_tables_are_refused(low: tuple[int, ...], frequencies: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(UsageError):
        FrequencyTables(low, frequencies)


def test_every_damaged_bit_of_the_bytes_is_found() -> None:
    data = sample_symbols()[0].to_bytes()
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptData):
            FrequencyTables.from_bytes(bytes(damaged))
    for end in range(len(data)):
        with pytest.raises(CorruptData):
            FrequencyTables.from_bytes(data[:end])
    with pytest.raises(CorruptData):
        FrequencyTables.from_bytes(data + b"\x00")


@settings(max_examples=500)
@given(st.binary(max_size=60))
def test_foreign_bytes_with_a_right_checksum_are_refused_or_read(body: bytes) -> None:
    data = sealed(b"XCDT\x01" + body)
    try:
        tables = FrequencyTables.from_bytes(data)
    except CorruptData:
        return
    assert tables.to_bytes() == data


@pytest.mark.parametrize(
    "body",
    [
        varint(2**16 + 1),
        varint(1) + varint(2 * LARGEST_SYMBOL + 1) + varint(2) + varint(0),
        varint(1) + varint(0) + varint(MOST_ENTRIES + 1),
        varint(1) + varint(0) + varint(1),
        varint(1) + varint(0) + varint(0),
        varint(1) + varint(0) + varint(3) + varint(TOTAL - 2) + varint(0),
        varint(1) + varint(0) + varint(2) + varint(TOTAL - 1),
        varint(1) + varint(0) + varint(2) + varint(9) + b"\x00",
        varint(0),
    ],
)
def test_well_sealed_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(CorruptData):
        FrequencyTables.from_bytes(sealed(b"XCDT\x01" + body))


def test_later_tables_are_unsupported_not_corrupt() -> None:
    body = bytearray(TINY.to_bytes()[:-4])
    body[4] = 2
    with pytest.raises(UnsupportedData, match="version 2; this release reads version 1"):
        FrequencyTables.from_bytes(sealed(bytes(body)))


def one_table_a_row(tables: FrequencyTables, symbols: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.broadcast_to(np.arange(tables.count, dtype=np.int32)[:, None], symbols.shape)


def bits(tables: FrequencyTables, symbols: NDArray[np.int32]) -> float:
    """Cost of symbols by one table a row."""
    rows = one_table_a_row(tables, symbols)
    indices = tables.indices(symbols, rows)
    return tables.index_bits(indices, rows, codes_of(tables, symbols, indices, rows))


@given(coded_symbols())
def test_symbols_survive_indexing(case: tuple[FrequencyTables, NDArray[np.int32]]) -> None:
    tables, symbols = case
    rows = one_table_a_row(tables, symbols)
    indices = tables.indices(symbols, rows)
    codes = codes_of(tables, symbols, indices, rows)
    lengths = np.array([len(table) for table in tables.frequencies])[:, None]
    assert indices.dtype == np.int32
    assert ((indices >= 0) & (indices < lengths)).all()
    listed, escaped = tables.listed(indices, rows)
    assert np.array_equal(escaped, indices == lengths - 1)
    assert np.array_equal(listed[~escaped], symbols[~escaped])
    low = np.array(tables.low)[:, None]
    assert np.array_equal(escaped, (symbols < low) | (symbols > low + lengths - 2))
    assert codes.size == tables.escapes(indices, rows) == escaped.sum()
    assert np.array_equal(tables.symbols(indices, rows, codes), symbols)


def test_tables_are_chosen_symbol_by_symbol() -> None:
    symbols = np.array([[0, 0, -1, 7], [7, 0, -1, -1]], np.int32)
    rows = np.array([[0, 1, 1, 0], [1, 0, 0, 1]], np.int32)
    indices = TINY.indices(symbols, rows)
    assert indices.tolist() == [[1, 0, 1, 3], [1, 1, 0, 1]]
    codes = codes_of(TINY, symbols, indices, rows)
    assert codes.tolist() == [2, 11, 13, 2]
    assert np.array_equal(TINY.symbols(indices, rows, codes), symbols)
    entries = [49152, 65000, 536, 1, 536, 49152, 8192, 536]
    expected = -sum(math.log2(f / TOTAL) for f in entries) + 3 + 7 + 7 + 3
    assert TINY.index_bits(indices, rows, codes) == pytest.approx(expected)


@given(coded_symbols())
def test_bits_are_the_sum_of_logarithms(case: tuple[FrequencyTables, NDArray[np.int32]]) -> None:
    tables, symbols = case
    expected = 0.0
    for low, table, row in zip(tables.low, tables.frequencies, symbols.tolist(), strict=True):
        high = low + len(table) - 2
        for symbol in row:
            if low <= symbol <= high:
                expected -= math.log2(table[symbol - low] / TOTAL)
            else:
                code = 2 * (symbol - high) - 1 if symbol > high else 2 * (low - symbol)
                expected += -math.log2(table[-1] / TOTAL) + 2 * code.bit_length() - 1
    assert bits(tables, symbols) == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_bits_by_hand() -> None:
    assert bits(TINY, np.array([[-1, 0], [0, 0]], np.int32)) == pytest.approx(
        3 - math.log2(0.75) - 2 * math.log2(65000 / 65536)
    )
    assert bits(TINY, np.array([[9], [-1]], np.int32)) == pytest.approx(16 + 7 - math.log2(536 / 65536) + 3)


@pytest.mark.parametrize(
    "symbols",
    [
        np.zeros((2, 3), np.int64),
        np.zeros((2, 3), np.float32),
        np.full((2, 3), np.nan),
        np.zeros((3, 2), np.int32),
        np.zeros(2, np.int32),
        np.full((2, 1), LARGEST_SYMBOL + 1, np.int32),
        np.full((2, 1), -(2**31), np.int32),
    ],
)
def test_other_symbols_are_refused(symbols: np.ndarray) -> None:
    with pytest.raises(UsageError):
        TINY.require_symbols(symbols, 2)


def test_an_escape_beyond_the_range_is_corrupt() -> None:
    symbols = np.array([[LARGEST_SYMBOL], [0]], np.int32)
    rows = one_table_a_row(TINY, symbols)
    indices = TINY.indices(symbols, rows)
    codes = codes_of(TINY, symbols, indices, rows)
    assert np.array_equal(TINY.symbols(indices, rows, codes), symbols)
    codes[0] += 2
    with pytest.raises(CorruptData, match="beyond"):
        TINY.symbols(indices, rows, codes)


weights = st.lists(st.floats(0, 1e9) | st.just(0.0), min_size=1, max_size=60).filter(lambda w: sum(w) > 0)


@given(weights)
def test_apportioned_integers_are_a_table_within_one_of_the_ideal(values: list[float]) -> None:
    shares = np.array(values) / sum(values)
    found = apportion(np.array(values))
    assert found.sum() == TOTAL
    assert found.min() >= 1
    above = found > 1
    # Scaled down by what the floor of 1 takes from the frequent entries, at most one unit an entry.
    assert (np.abs(found - shares * TOTAL)[above] <= 1 + len(values) * shares[above] * 1.001).all()


@pytest.mark.parametrize("seed", range(5))
def test_no_unit_moved_between_two_entries_shortens_the_code_by_much(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wanted = rng.dirichlet(np.full(40, 0.1))
    found = apportion(wanted).astype(float)
    cost = -(wanted * np.log2(found / TOTAL)).sum()
    best = math.inf
    for giver in np.flatnonzero(found > 1):
        for taker in range(40):
            moved = found.copy()
            moved[giver] -= 1
            moved[taker] += 1
            best = min(best, -(wanted * np.log2(moved / TOTAL)).sum())
    assert cost <= best + 1e-6  # bits a symbol


def test_counts_become_probabilities_with_half_a_sighting_for_the_escape() -> None:
    tables = FrequencyTables.from_counts([np.array([10.0, 20.0, 1.5]), [7]], [-1, 5])
    assert tables.low == (-1, 5)
    assert tables.frequencies[0] == (20480, 40960, 3072, 1024)
    assert tables.frequencies[1] == (61167, 4369)


def test_unseen_symbols_keep_the_least_frequency() -> None:
    tables = FrequencyTables.from_counts([[1e9, 0, 0, 1e-9]], [0])
    assert tables.frequencies == ((TOTAL - 4, 1, 1, 1, 1),)


@pytest.mark.parametrize(
    ("counts", "lows"),
    [
        ([[1, 2]], [0, 0]),
        ([[]], [0]),
        ([[0, 0]], [0]),
        ([[1, -1]], [0]),
        ([[1, math.nan]], [0]),
        ([[1, math.inf]], [0]),
        ([[[1, 2]]], [0]),
        ([np.ones(MOST_ENTRIES)], [0]),
        ([], []),
    ],
)
def test_other_counts_are_refused(counts: list[list[float]], lows: list[int]) -> None:
    with pytest.raises(UsageError):
        FrequencyTables.from_counts(counts, lows)
