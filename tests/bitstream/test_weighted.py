import dataclasses
import zlib
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from crosscodec.bitstream.coder import decode_symbols, encode_symbols, model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel, walk_known
from crosscodec.bitstream.weighted import AT_ONCE, EXACT, LARGEST_SUM, WeightedLayout, windows
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

from .plain import plain_decode, plain_weighted, plain_window
from .samples import drawn_symbols, grids, page_block, weighted_layouts


def weights(*rows: list[list[int]]) -> tuple[NDArray[np.int8], ...]:
    return tuple(np.array(row, np.int8).reshape(len(row), -1) for row in rows)


SMALL = WeightedLayout(3, weights([[]], [[1], [-2]]), weights([[]], [[0], [1]]), ((), (16, 40), (-20,)))


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 6))
def test_windows_are_nine_terms_each(seed: int, rows: int, columns: int) -> None:
    planes = np.random.default_rng(seed).integers(0, 16, (2, rows, columns)).astype(np.uint8)
    found = windows(planes)
    assert found.dtype == np.uint8
    for plane, sums in zip(planes, found, strict=True):
        assert sums.ravel().tolist() == plain_window(plane.ravel().tolist(), [Grid(rows, columns)])


def test_the_largest_window_fits() -> None:
    assert windows(np.full((1, 3, 3), 15, np.uint8)).tolist() == [[[240] * 3] * 3]
    assert windows(np.empty((2, 0, 3), np.uint8)).shape == (2, 0, 3)


@given(weighted_layouts(), grids, st.integers(0, 2**32))
def test_contexts_are_thresholds_reached(layout: WeightedLayout, shapes: list[Grid], seed: int) -> None:
    n = sum(grid.rows * grid.columns for grid in shapes)
    magnitudes = np.random.default_rng(seed).integers(0, 16, (layout.channels, n))
    watch, first = layout.watch(shapes), 0
    for group, size in enumerate(layout.sizes):
        found = watch.contexts(group, slice(first, first + size))
        for channel in range(size):
            expected = plain_weighted(layout, group, channel, magnitudes[:first].tolist(), shapes)
            assert found[channel].tolist() == expected
        watch.see(slice(first, first + size), partial(magnitudes.__getitem__, slice(first, first + size)))
        watch.close(group)
        first += size


def test_a_large_picture_has_the_contexts_of_its_parts() -> None:
    """Beyond AT_ONCE positions magnitudes are kept as bytes and activities computed part by part."""
    rng = np.random.default_rng(1)
    layout = WeightedLayout(
        4, weights([[]], rng.integers(-9, 10, (3, 1)).tolist()), weights([[]], [[5], [-3], [2]]),
        ((), (-40, 0, 60), (5, 6, 700), (0, 100)),
    )  # fmt: skip
    rows = AT_ONCE // 64 + 5
    magnitudes = rng.integers(0, 16, (1, 64 * rows))
    whole, row = layout.watch([Grid(rows, 64)]), layout.watch([Grid(3, 64)])
    for watch, seen in ((whole, magnitudes), (row, magnitudes[:, -3 * 64 :])):
        watch.see(slice(0, 1), partial(np.array, seen))
        watch.close(0)
    found = whole.contexts(1, slice(1, 4))
    assert found[:, -64:].tolist() == row.contexts(1, slice(1, 4))[:, -64:].tolist()
    assert set(found.ravel().tolist()) == {0, 1, 2, 3}
    # Some channels of a group alone, as a walk takes them.
    assert whole.contexts(1, slice(2, 3)).tolist() == found[1:2].tolist()


def test_the_largest_activity_there_can_be_is_exact() -> None:
    """Sums just below 2^24 whose terms a float32 would round if it held larger ones."""
    earlier = LARGEST_SUM // 127
    own = (np.zeros((earlier, 0), np.int8), np.full((1, earlier), 127, np.int8))
    window = (np.zeros((earlier, 0), np.int8), np.zeros((1, earlier), np.int8))
    most = 16 * 15 * 127 * earlier
    assert EXACT - 2**15 < most < EXACT
    for cut, context in ((most, 1), (most + 1, 0)):
        layout = WeightedLayout(2, own, window, ((),) * earlier + ((cut,),))
        watch = layout.watch([Grid(1, 1)])
        watch.see(slice(0, earlier), partial(np.full, (earlier, 1), 15))
        watch.close(0)
        assert watch.contexts(1, slice(earlier, earlier + 1)).tolist() == [[context]]


@given(weighted_layouts())
def test_layouts_read_back(layout: WeightedLayout) -> None:
    again = WeightedLayout.from_bytes(layout.to_bytes())
    assert (again.contexts, again.sizes, again.thresholds) == (layout.contexts, layout.sizes, layout.thresholds)
    for a, b in zip(again.own + again.window, layout.own + layout.window, strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.to_bytes() == layout.to_bytes()


def test_known_bytes() -> None:
    body = SMALL.to_bytes()[:-4]
    assert body.hex(" ") == "58 43 44 57 01 03 02 01 02 00 02 20 50 01 27 01 fe 00 01"
    assert SMALL.to_bytes()[-4:] == zlib.crc32(body).to_bytes(4, "little")


WRONG = {
    "own weights of another kind": ({"own": (np.zeros((1, 0)), np.zeros((2, 1)))}, "int8"),
    "weights of what is not there yet": ({"window": weights([[]], [[1, 1], [0, 0]])}, r"\(channels, 1\)"),
    "fewer windows than positions": ({"window": weights([[]], [[1]])}, "alike"),
    "no group": ({"own": (), "window": (), "thresholds": ()}, "1 to 256 groups"),
    "a group of no channel": ({"own": (*weights([[]]), np.zeros((0, 1), np.int8))}, "group 1"),
    "too many contexts": ({"contexts": 65}, "1 to 64 contexts"),
    "too few contexts": ({"contexts": 2}, "channel 1 needs fewer than 2"),
    "falling thresholds": ({"thresholds": ((), (4, 3), ())}, "rising"),
    "equal thresholds": ({"thresholds": ((), (4, 4), ())}, "rising"),
    "a threshold out of reach": ({"thresholds": ((), (EXACT,), ())}, "within"),
    "thresholds of too few channels": ({"thresholds": ((), ())}, "rows of thresholds"),
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_layouts_that_cannot_be(changes: tuple[dict[str, object], str]) -> None:
    fields = {f.name: getattr(SMALL, f.name) for f in dataclasses.fields(SMALL)} | changes[0]
    with pytest.raises(UsageError, match=changes[1]):
        WeightedLayout(**fields)


def test_weights_whose_sums_a_float_would_round_are_refused() -> None:
    earlier = LARGEST_SUM // 127 + 1
    own = (np.zeros((earlier, 0), np.int8), np.full((1, earlier), 127, np.int8))
    window = (np.zeros((earlier, 0), np.int8), np.zeros((1, earlier), np.int8))
    with pytest.raises(UsageError, match=f"at most {LARGEST_SUM}"):
        WeightedLayout(2, own, window, ((),) * (earlier + 1))


def sealed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "little")


def test_damaged_bytes() -> None:
    data = SMALL.to_bytes()
    for end in range(len(data)):
        with pytest.raises(CorruptData):
            WeightedLayout.from_bytes(data[:end])
    for end in range(len(data) - 4):
        with pytest.raises(CorruptData):
            WeightedLayout.from_bytes(sealed(data[:end]))
    for place in range(len(data)):
        with pytest.raises(CorruptData):
            WeightedLayout.from_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
    with pytest.raises(CorruptData, match="foreign"):
        WeightedLayout.from_bytes(sealed(data[:-4] + b"\0"))
    with pytest.raises(UnsupportedData, match="version 2"):
        WeightedLayout.from_bytes(sealed(data[:4] + b"\2" + data[5:-4]))
    with pytest.raises(CorruptData, match="rising"):
        WeightedLayout.from_bytes(sealed(data[:-4].replace(b"\x20\x50", b"\x50\x20")))
    with pytest.raises(CorruptData, match="channels, more than"):
        WeightedLayout.from_bytes(sealed(data[:5] + bytes([3, 4, *([128, 32 - 1] * 4)])))


def test_directions_save_bits_that_a_group_cannot() -> None:
    """Two kinds of blocks, equally busy, large in the one or in the other half of the channels."""
    rng = np.random.default_rng(3)
    first = rng.random(4000) < 0.5
    scales = np.where(np.stack([first, ~first, first, ~first]), 4.0, 0.3)
    symbols = np.rint(rng.laplace(size=scales.shape) * scales).astype(np.int32)
    grid = [Grid(40, 100)]
    blind = weights([[], []], [[1, 1], [1, 1]])
    seeing = weights([[], []], [[1, -1], [-1, 1]])
    bits = []
    for own in (blind, seeing):
        layout = WeightedLayout(2, own, weights([[], []], [[0, 0], [0, 0]]), ((), (), (1,), (1,)))
        flat = FrequencyTables.from_counts([np.ones(81)] * 8, [-40] * 8)
        turns = list(walk_known(symbols, EntropyModel(flat, layout), grid))
        rows = np.concatenate([turn.rows for turn in turns])
        counts = [np.bincount(np.clip(symbols[rows == k] + 40, 0, 80), minlength=81) + 0.02 for k in range(8)]
        bits.append(model_bits(symbols, EntropyModel(FrequencyTables.from_counts(counts, [-40] * 8), layout), grid))
    assert bits[1] < 0.96 * bits[0]


def test_the_example_of_the_page_is_what_is_written_and_read() -> None:
    layout = WeightedLayout.from_bytes(bytes.fromhex(_bare(page_block("hex weighted"))))
    wide, narrow = (8192, 49152, 8191, 1), (4096, 57344, 4095, 1)
    model = EntropyModel(FrequencyTables((-1,) * 6, (wide, wide, narrow, wide, narrow, wide)), layout)
    symbols = np.array([line.split() for line in page_block("symbols weighted").splitlines()], np.int32)
    shapes = [Grid(2, 3)]
    payload = encode_symbols(symbols, model, shapes)
    shown = [[int(value) for value in line.split()] for line in page_block("contexts weighted").splitlines()]
    rows = np.concatenate([turn.rows for turn in walk_known(symbols, model, shapes)])
    assert (rows[1:] - np.array([[2], [4]])).tolist() == shown
    assert payload.hex(" ") == page_block("payload weighted").strip()
    assert np.array_equal(plain_decode(payload, 6, model, shapes), symbols)


def _bare(block: str) -> str:
    return " ".join(line.split("#")[0] for line in block.splitlines())


def test_what_was_drawn_reads_back() -> None:
    rng = np.random.default_rng(5)
    layout = WeightedLayout(2, SMALL.own, SMALL.window, ((), (16,), (-20,)))
    counts = [np.array([1, 4, 30, 5, 1]) + rng.random(5) for _ in range(6)]
    tables = FrequencyTables.from_counts(counts, [-2] * 6)
    model = EntropyModel(tables, layout)
    symbols = drawn_symbols(tables, 60, 2)[::2].copy()
    payload = encode_symbols(symbols, model, [Grid(6, 10)])
    assert np.array_equal(decode_symbols(payload, 60, model, [Grid(6, 10)]), symbols)
