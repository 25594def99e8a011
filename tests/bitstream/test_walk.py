"""The coding order and what contexts are worth, against the plain reader of the page."""

import json
import math
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crosscodec.bitstream import walk as walking
from crosscodec.bitstream.coder import decode_symbols, encode_and_price, encode_symbols, model_bits
from crosscodec.bitstream.contexts import (
    ContextLayout,
    Grid,
    Source,
    magnitudes,
    plane_groups,
    window_sum,
)
from crosscodec.bitstream.tables import LARGEST_SYMBOL, FrequencyTables
from crosscodec.bitstream.walk import EntropyModel, walk, whole_model
from crosscodec.errors import CorruptData, UsageError

from .plain import plain_decode, plain_either, plain_magnitudes, plain_sums
from .samples import (
    ContextCase,
    coded_symbols,
    context_cases,
    networked_cases,
    page_block,
    put_together,
    random_tables,
    sample_symbols,
    walked_known,
)

TINY = FrequencyTables((-1, 0), ((8192, 49152, 8191, 1), (65000, 536)))


@given(context_cases() | networked_cases())
def test_symbols_read_back(case: ContextCase) -> None:
    payload = encode_symbols(case.symbols, case.model, case.grids)
    decoded = decode_symbols(payload, case.symbols.shape[1], case.model, case.grids)
    assert decoded.dtype == np.int32
    assert np.array_equal(decoded, case.symbols)


@settings(max_examples=60)
@given(context_cases() | networked_cases(), st.binary(max_size=5))
def test_a_plain_reader_agrees_whatever_follows(case: ContextCase, more: bytes) -> None:
    payload = encode_symbols(case.symbols, case.model, case.grids)
    found = plain_decode(payload + more, case.symbols.shape[1], case.model, case.grids)
    assert np.array_equal(found, case.symbols)


@given(context_cases())
def test_the_walk_visits_groups_channels_contexts_and_positions_in_this_order(case: ContextCase) -> None:
    layout, tables, symbols = case.model.layout, case.model.tables, case.symbols.tolist()
    walked = walked_known(case.symbols, case.model, case.grids)
    expected: list[tuple[int, list[int]]] = []
    sums: list[list[int]] = []
    rows: list[list[int]] = []
    entries: list[list[int]] = []
    magnitudes: list[list[int]] = []
    for group, size in enumerate(layout.sizes):
        first = len(rows)
        for channel in range(first, first + size):
            contexts = plain_either(layout, group, channel - first, sums, magnitudes, case.grids)
            rows.append([channel * layout.contexts + k for k in contexts])
            entries.append([entry(tables, t, s) for t, s in zip(rows[-1], symbols[channel], strict=True)])
            for k in sorted(set(contexts)):
                piece = [entries[channel][i] for i, context in enumerate(contexts) if context == k]
                expected.append((channel * layout.contexts + k, piece))
        sums.append(plain_sums(entries[first:], rows[first:], tables))
        magnitudes += [plain_magnitudes(*row, tables) for row in zip(entries[first:], rows[first:], strict=True)]
    assert [(table, piece.tolist()) for table, piece in walked.pieces] == expected
    assert walked.rows.tolist() == rows
    assert walked.indices.tolist() == entries


def entry(tables: FrequencyTables, table: int, symbol: int) -> int:
    last = len(tables.frequencies[table]) - 1
    return symbol - tables.low[table] if 0 <= symbol - tables.low[table] < last else last


@settings(max_examples=50)
@given(context_cases() | networked_cases())
def test_reading_walks_the_same_way(case: ContextCase) -> None:
    known = walked_known(case.symbols, case.model, case.grids)
    left = list(known.pieces)
    turns = []
    for turn in walk(case.model, case.symbols.shape[1], case.grids):
        for (table, count), piece in zip(turn.pieces, turn.cut, strict=True):
            expected, values = left.pop(0)
            assert (table, count, piece.size) == (expected, values.size, values.size)
            piece[:] = values
        turns.append(turn)
    assert left == []
    found = put_together(case.symbols, case.model, turns)
    assert np.array_equal(found.rows, known.rows)
    assert np.array_equal(found.indices, known.indices)


@settings(max_examples=50)
@given(context_cases(), st.integers(1, 200))
def test_turns_of_every_size_give_the_same_bytes(case: ContextCase, at_once: int) -> None:
    whole = encode_and_price(case.symbols, case.model, case.grids)
    with patch.object(walking, "AT_ONCE", at_once):
        turns = list(walked_turns(case))
        assert max(turn.rows.size for turn in turns) <= max(at_once, case.symbols.shape[1])
        parts = encode_and_price(case.symbols, case.model, case.grids)
        assert parts.data == whole.data
        assert parts.model_bits == pytest.approx(whole.model_bits, rel=1e-12)
        assert np.array_equal(decode_symbols(whole.data, case.symbols.shape[1], case.model, case.grids), case.symbols)


def walked_turns(case: ContextCase) -> Iterator[walking.Turn]:
    return walking.walk_known(case.symbols, case.model, case.grids)


def test_coding_takes_little_more_memory_than_the_symbols() -> None:
    """Sixty channels in one group, as many symbols as four turns hold: the turns may not add up."""
    tables = FrequencyTables.from_counts([np.ones(25)] * 240, [-12] * 240)
    layout = ContextLayout(4, (30, 30), ((), (Source(0, 1),)), ((), (20, 60, 180)))
    model = EntropyModel(tables, layout)
    symbols = np.random.default_rng(0).integers(-13, 13, (60, 40_000)).astype(np.int32)
    with patch.object(walking, "AT_ONCE", 80_000):
        tracemalloc.start()
        payload = encode_symbols(symbols, model)
        encoding = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert np.array_equal(decode_symbols(payload, 40_000, model), symbols)
        decoding = tracemalloc.get_traced_memory()[1] - len(payload)
        tracemalloc.stop()
    # All tables and entries of the walk at once, as int32, would be three times the symbols.
    assert encoding < 2.0 * symbols.nbytes
    assert decoding < 2.5 * symbols.nbytes


@settings(max_examples=50)
@given(context_cases())
def test_the_estimate_is_the_sum_over_tables_and_the_payload_keeps_to_it(case: ContextCase) -> None:
    tables, walked = case.model.tables, walked_known(case.symbols, case.model, case.grids)
    estimate = model_bits(case.symbols, case.model, case.grids)
    expected = 0.0
    for (channel, position), symbol in np.ndenumerate(case.symbols):
        table = int(walked.rows[channel, position])
        low, frequencies = tables.low[table], tables.frequencies[table]
        index, high = entry(tables, table, int(symbol)), low + len(frequencies) - 2
        expected -= math.log2(frequencies[index] / 2**16)
        if index == len(frequencies) - 1:
            code = 2 * (int(symbol) - high) - 1 if symbol > high else 2 * (low - int(symbol))
            expected += 2 * code.bit_length() - 1
    assert estimate == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert estimate >= case.model.least_bits(case.symbols.shape[1]) - 1e-9
    bits = 8 * len(encode_symbols(case.symbols, case.model, case.grids))
    # As for tables alone (test_coder): few symbols, so the coder's floor may show its worst at each entry.
    assert estimate - 1e-6 <= bits <= estimate + 9 + 0.0057 * 55 * case.symbols.size


def test_least_bits_by_hand() -> None:
    assert EntropyModel.factorised(TINY).least_bits(10) == pytest.approx(
        -10 * (math.log2(0.75) + math.log2(65000 / 65536))
    )
    one_channel = EntropyModel(TINY, ContextLayout(2, (1,), ((),), ((),)))
    assert one_channel.least_bits(10) == pytest.approx(-10 * math.log2(65000 / 65536))


@settings(max_examples=50)
@given(coded_symbols())
def test_tables_alone_are_one_context(case: tuple[FrequencyTables, NDArray[np.int32]]) -> None:
    tables, symbols = case
    payload = encode_symbols(symbols, tables)
    model = EntropyModel.factorised(tables)
    assert whole_model(model) is model
    assert whole_model(tables) == model
    assert encode_symbols(symbols, model) == payload
    grids = [Grid(symbols.shape[1], 1)]
    assert encode_symbols(symbols, tables, grids) == payload
    assert np.array_equal(decode_symbols(payload, symbols.shape[1], model, grids), symbols)
    # Several groups, all without sources: the order of channels is the same.
    layout = ContextLayout(1, (1,) * tables.count, ((),) * tables.count, ((),) * tables.count)
    assert encode_symbols(symbols, EntropyModel(tables, layout)) == payload


def clustered_model() -> EntropyModel:
    """Two channels, the second with a narrow table and a wide one, chosen by the first."""
    narrow, wide = (256, 65024, 255, 1), (20000, 25000, 20000, 536)
    layout = ContextLayout(2, (1, 1), ((), (Source(0, 1),)), ((), (100,)))
    return EntropyModel(FrequencyTables((-1,) * 4, (wide, wide, narrow, wide)), layout)


def test_an_escape_counts_as_fifteen_whatever_it_stands_for() -> None:
    model = clustered_model()
    for symbol in (2, -2, 15, 16, 900, LARGEST_SYMBOL, -LARGEST_SYMBOL):
        symbols = np.array([[0, 0, symbol, 0, 0, 0], [0] * 6], np.int32)
        walked = walked_known(symbols, model, None)
        # 15 in the middle of a row weighs 2 + 4 + 2 = 8 there and 4 beside it: 120 and 60, and the threshold is 100.
        assert walked.rows[1].tolist() == [2, 2, 3, 2, 2, 2]
        payload = encode_symbols(symbols, model)
        assert np.array_equal(decode_symbols(payload, 6, model), symbols)
        assert np.array_equal(plain_decode(payload, 6, model), symbols)


def test_escape_codes_come_by_channel_and_position_not_by_context() -> None:
    model = clustered_model()
    symbols = np.array([[0, 0, 0, 0, 900, 0], [3, 0, 0, 4, -5, 6]], np.int32)
    walked = walked_known(symbols, model, None)
    assert walked.rows[1].tolist() == [2, 2, 2, 2, 3, 2]  # position 4 is coded last in the channel
    assert walked.codes.tolist() == [2 * 899 - 1, 3, 5, 8, 9]


def test_other_grids_give_other_bytes() -> None:
    rng = np.random.default_rng(5)
    layout = replace(clustered_model().layout, thresholds=((), (8,)))
    model = replace(clustered_model(), layout=layout)
    busy = np.repeat(rng.integers(0, 2, 12), 5)
    symbols = (rng.integers(-1, 2, (2, 60)) * busy).astype(np.int32)
    shapes = [[Grid(6, 10)], [Grid(10, 6)], [Grid(1, 60)], [Grid(60, 1)], [Grid(3, 10)] * 2, [Grid(3, 10), Grid(5, 6)]]
    payloads = [encode_symbols(symbols, model, grids) for grids in shapes]
    assert len(set(payloads)) == len(payloads) - 1
    assert payloads[2] == payloads[3] == encode_symbols(symbols, model)  # a row and a column have the same neighbours
    for grids, payload in zip(shapes, payloads, strict=True):
        assert np.array_equal(decode_symbols(payload, 60, model, grids), symbols)


def test_empty_grids_and_no_symbols() -> None:
    model = clustered_model()
    for grids in (None, [], [Grid(0, 5)], [Grid(0, 0), Grid(3, 0)]):
        assert encode_symbols(np.zeros((2, 0), np.int32), model, grids) == b""
        assert decode_symbols(b"", 0, model, grids).shape == (2, 0)
    symbols = np.array([[1, 0], [0, 1]], np.int32)
    payload = encode_symbols(symbols, model, [Grid(0, 9), Grid(1, 2), Grid(4, 0)])
    assert payload == encode_symbols(symbols, model)


@pytest.mark.parametrize("grids", [[], [Grid(1, 1)], [Grid(2, 2)], [Grid(1, 1)] * 4])
def test_grids_of_another_size_are_refused(grids: list[Grid]) -> None:
    model = clustered_model()
    symbols = np.zeros((2, 3), np.int32)
    for use in (encode_symbols, model_bits):
        with pytest.raises(UsageError, match=r"the grids hold \d+ positions, not 3"):
            use(symbols, model, grids)
    with pytest.raises(UsageError, match=r"the grids hold \d+ positions, not 3"):
        decode_symbols(encode_symbols(symbols, model), 3, model, grids)


def test_tables_of_another_number_and_symbols_of_another_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="2 tables do not serve 2 channels with 3 contexts each"):
        EntropyModel(TINY, ContextLayout(3, (2,), ((),), ((),)))
    with pytest.raises(UsageError, match=r"shape \(2, N\)"):
        encode_symbols(np.zeros((4, 3), np.int32), clustered_model())


@given(context_cases() | networked_cases(), st.binary(max_size=60))
def test_random_payloads_raise_corrupt_data_only(case: ContextCase, payload: bytes) -> None:
    try:
        decoded = decode_symbols(payload, case.symbols.shape[1], case.model, case.grids)
    except CorruptData:
        return
    assert encode_symbols(decoded, case.model, case.grids) == payload


def test_more_symbols_than_fit_are_refused_before_allocation() -> None:
    with pytest.raises(CorruptData, match="do not fit"):
        decode_symbols(b"\x00", 2**40, clustered_model(), [Grid(2**20, 2**20)])


def blocks(seed: int, channels: int, grid: Grid) -> NDArray[np.int32]:
    """Laplace symbols whose scale is common to all channels and constant over blocks of 4 x 4 positions."""
    rng = np.random.default_rng(seed)
    scales = np.exp(rng.normal(-0.7, 1.3, (grid.rows // 4, grid.columns // 4)))
    scale = np.kron(scales, np.ones((4, 4))).ravel() * np.linspace(1.5, 0.5, channels)[:, None]
    return np.rint(rng.laplace(size=scale.shape) * scale).astype(np.int32)


def fitted(symbols: NDArray[np.int32], layout: ContextLayout, grids: list[Grid]) -> EntropyModel:
    """Tables of the symbols -12 … 12, counted context by context."""
    flat = FrequencyTables.from_counts(
        [np.ones(25)] * (layout.channels * layout.contexts), [-12] * (layout.channels * layout.contexts)
    )
    rows = walked_known(symbols, EntropyModel(flat, layout), grids).rows
    counts = [np.bincount(np.clip(symbols[rows == row] + 12, 0, 24), minlength=25) + 0.02 for row in range(flat.count)]
    return EntropyModel(FrequencyTables.from_counts(counts, flat.low), layout)


def plane_layout(symbols: NDArray[np.int32], grids: list[Grid]) -> ContextLayout:
    """The photo codec's groups for 10 luma and twice 5 colour channels, each group looking at the two before it, four
    contexts at quartiles of activity.
    """
    sizes = tuple(size for plane in plane_groups(10, 5) for size in plane)
    sources = tuple(tuple(Source(g - k, 3 - k) for k in (1, 2) if g - k >= 0) for g in range(len(sizes)))
    layout = ContextLayout(4, sizes, sources, ((),) * len(sizes))
    thresholds: list[tuple[int, ...]] = [()]
    first, windows = 0, []
    for group, size in enumerate(sizes):
        if group:
            cuts = np.quantile(layout.activity(group, windows), [0.25, 0.5, 0.75])
            thresholds.append(tuple(sorted({max(1, math.ceil(cut)) for cut in cuts})))
        windows.append(window_sum(magnitudes(symbols[first : first + size], False).sum(axis=0), grids))
        first += size
    return replace(layout, thresholds=tuple(thresholds))


def test_contexts_save_bits_where_large_symbols_come_together() -> None:
    grids = [Grid(32, 48), Grid(16, 20)]
    seen, fresh = (np.hstack([blocks(seed + i, 20, grid) for i, grid in enumerate(grids)]) for seed in (1, 11))
    layout = plane_layout(seen, grids)
    factorised = fitted(seen, ContextLayout(1, (20,), ((),), ((),)), grids)
    model = fitted(seen, layout, grids)
    sizes = [8 * len(encode_symbols(fresh, used, grids)) for used in (factorised, model)]
    assert sizes[1] < 0.92 * sizes[0]
    estimate = model_bits(fresh, model, grids)
    assert estimate <= sizes[1] <= 1.001 * estimate + 64
    assert np.array_equal(decode_symbols(encode_symbols(fresh, model, grids), fresh.shape[1], model, grids), fresh)
    # Symbols without clusters gain nothing; what more tables cost them stays small.
    shuffled = np.random.default_rng(2).permuted(fresh, axis=1)
    assert model_bits(shuffled, model, grids) > 1.1 * estimate


PROGRAM = """
import pathlib, sys
from crosscodec.bitstream.coder import decode_symbols, encode_symbols
from crosscodec.bitstream.contexts import ContextLayout, Grid
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel
folder = pathlib.Path(sys.argv[1])
tables = FrequencyTables.from_bytes((folder / "tables").read_bytes())
model = EntropyModel(tables, ContextLayout.from_bytes((folder / "layout").read_bytes()))
payload, grids = (folder / "payload").read_bytes(), [Grid(4, 8), Grid(7, 4)]
symbols = decode_symbols(payload, 60, model, grids)
assert encode_symbols(symbols, model, grids) == payload
sys.stdout.buffer.write(symbols.astype("<i4").tobytes())
"""


def sample_model() -> EntropyModel:
    """The eight channels of ``sample_symbols`` in three groups, two contexts each."""
    tables = sample_symbols()[0]
    both = FrequencyTables((-4,) * 16, tuple(tables.frequencies[min(7, c + k)] for c in range(8) for k in range(2)))
    layout = ContextLayout(2, (2, 3, 3), ((), (Source(0, 3),), (Source(1, 2), Source(0, 1))), ((), (30,), (60,)))
    return EntropyModel(both, layout)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_reads_the_same_symbols(tmp_path: Path, threads: str) -> None:
    model, symbols = sample_model(), sample_symbols()[1]
    payload = encode_symbols(symbols, model, [Grid(4, 8), Grid(7, 4)])
    (tmp_path / "tables").write_bytes(model.tables.to_bytes())
    (tmp_path / "layout").write_bytes(model.layout.to_bytes())
    (tmp_path / "payload").write_bytes(payload)
    variables = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env=os.environ | variables,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert run.stdout == symbols.astype("<i4").tobytes()


def test_known_payload() -> None:
    model, symbols = sample_model(), sample_symbols()[1]
    payload = encode_symbols(symbols, model, [Grid(4, 8), Grid(7, 4)])
    assert set(walked_known(symbols, model, [Grid(4, 8), Grid(7, 4)]).rows[7].tolist()) == {14, 15}
    assert np.array_equal(plain_decode(payload, 60, model, [Grid(4, 8), Grid(7, 4)]), symbols)
    assert payload.hex() == KNOWN_PAYLOAD


def test_the_example_of_the_page_is_what_is_written_and_read() -> None:
    layout = ContextLayout.from_bytes(page_block("json contexts").encode())
    assert json.loads(layout.to_bytes()) == json.loads(page_block("json contexts"))
    wide, narrow = (8192, 49152, 8191, 1), (4096, 57344, 4095, 1)
    model = EntropyModel(FrequencyTables((-1,) * 4, (wide, wide, narrow, wide)), layout)
    symbols = np.array([line.split() for line in page_block("symbols contexts").splitlines()], np.int32)
    grids = [Grid(2, 4), Grid(1, 1)]
    payload = encode_symbols(symbols, model, grids)
    activity = layout.activity(1, [window_sum(np.array([0, 0, 0, 0, 1, 0, 0, 0, 15]), grids)])
    shown = [line.split() for line in page_block("activity contexts").splitlines()]
    assert activity.tolist() == [int(value) for value in shown[0]]
    assert (walked_known(symbols, model, grids).rows[1] - 2).tolist() == [int(value) for value in shown[1]]
    assert payload.hex(" ") == page_block("hex contexts").strip()
    assert np.array_equal(plain_decode(payload, 9, model, grids), symbols)


@dataclass(frozen=True)
class GivenCase:
    """Symbols whose contexts are known beforehand."""

    model: EntropyModel
    symbols: NDArray[np.int32]
    given: NDArray[np.int64]


@st.composite
def given_cases(draw: st.DrawFn) -> GivenCase:
    channels, contexts, n = draw(st.integers(1, 4)), draw(st.integers(1, 5)), draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    model = EntropyModel(random_tables(channels * contexts, True, rng), plain_layout(contexts, channels))
    spread = draw(st.sampled_from([1, 5, 1000]))
    symbols = rng.integers(-spread, spread + 1, (channels, n)).astype(np.int32)
    return GivenCase(model, symbols, rng.integers(0, contexts, (channels, n)))


def plain_layout(contexts: int, channels: int) -> ContextLayout:
    return ContextLayout(contexts, (1,) * channels, ((),) * channels, ((),) * channels)


@given(given_cases())
def test_given_contexts_choose_the_tables(case: GivenCase) -> None:
    model, symbols, contexts = case.model, case.symbols, case.given
    payload = encode_and_price(symbols, model, None, contexts)
    assert np.array_equal(decode_symbols(payload.data, symbols.shape[1], model, None, contexts), symbols)
    assert np.array_equal(plain_decode(payload.data, symbols.shape[1], model, None, contexts.tolist()), symbols)
    walked = walked_known(symbols, model, None, contexts)
    expected = np.arange(model.channels)[:, None] * model.layout.contexts + contexts
    assert np.array_equal(walked.rows, expected)
    # Each symbol costs what its own table alone charges for it.
    each = [
        model_bits(symbols[c : c + 1, i : i + 1], one_table(model.tables, int(expected[c, i])))
        for c, i in np.ndindex(symbols.shape)
    ]
    assert payload.model_bits == pytest.approx(sum(each), rel=1e-9, abs=1e-9)
    assert model_bits(symbols, model, None, contexts) == payload.model_bits


def one_table(tables: FrequencyTables, row: int) -> FrequencyTables:
    return FrequencyTables((tables.low[row],), (tables.frequencies[row],))


def test_given_contexts_are_not_those_of_the_symbols() -> None:
    """Without them the same model codes everything by context 0."""
    model = EntropyModel(clustered_model().tables, plain_layout(2, 2))
    symbols, ones = np.zeros((2, 50), np.int32), np.ones((2, 50), np.int64)
    assert encode_symbols(symbols, model) == encode_symbols(symbols, model, None, 0 * ones)
    assert encode_symbols(symbols, model) != encode_symbols(symbols, model, None, ones)


@pytest.mark.parametrize(
    ("contexts", "message"),
    [
        (np.zeros((2, 4), np.int64), r"shape \(2, 5\); these are int64 \(2, 4\)"),
        (np.zeros((2, 5), np.int32), "these are int32"),
        (np.full((2, 5), 2), r"lie in 0 \.\. 1; these reach 2, 2"),
        (np.full((2, 5), -1), r"lie in 0 \.\. 1"),
    ],
)
def test_wrong_given_contexts_are_named(contexts: NDArray[np.int64], message: str) -> None:
    model = EntropyModel(clustered_model().tables, plain_layout(2, 2))
    with pytest.raises(UsageError, match=message):
        encode_symbols(np.zeros((2, 5), np.int32), model, None, contexts)


def test_given_contexts_need_a_layout_that_computes_none() -> None:
    layouts = (clustered_model().layout, ContextLayout(2, (2,), ((),), ((),)))
    for layout in layouts:
        model = EntropyModel(clustered_model().tables, layout)
        with pytest.raises(UsageError, match="groups of one channel, without sources and thresholds"):
            encode_symbols(np.zeros((2, 5), np.int32), model, None, np.zeros((2, 5), np.int64))


KNOWN_PAYLOAD = (
    "a8652951a521c75dddfdb8a640e7ab94bcc04b74a8cc02d61dfabd8480d95ec5e792e688b8c5030d8ebf4a59401130ba9585"
    "42b4b0420b1b88ae3581b168027189ba86fbb2c62ef006fcb9da655a4706a1b5c919912042ed134b2e9e643596415945c956"
    "c46e1c85b12357e938ac3528489d4677a21e978bcb37cdd8b71ffbae9933145439273ac380274e7086a990f1d62aecc185cf"
    "e952848682993b9b"
)
