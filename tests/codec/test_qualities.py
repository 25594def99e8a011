"""The numbers of several qualities: interpolation, symbols, values, and the bytes of the part."""

import re
import struct
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from qualitypackage import ANCHORS, CHANNELS, toy_qualities

from crosscodec.codec.qualities import Qualities, place_of
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

TOY = toy_qualities()
NUMBERS = {"gain": [[1, 2], [4, 8]], "dead": [[0.5, 0], [0.25, 8]], "step": [[1, 0.5], [0.25, 0.125]]}


def small(anchors=(0, 100), **changes):
    """Two anchors, two channels."""
    given = {name: np.array(rows, np.float32) for name, rows in NUMBERS.items()} | changes
    return Qualities(anchors, **given)


def sealed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "little")


def test_an_anchor_has_its_own_numbers_to_the_last_bit():
    rng = np.random.default_rng(0)
    wild = np.exp(rng.uniform(-80, 80, (len(ANCHORS), 500))).astype(np.float32)
    qualities = Qualities(ANCHORS, wild, rng.uniform(0, 8, wild.shape).astype(np.float32), 1 / wild)
    for place, anchor in enumerate(ANCHORS):
        level = qualities.at(anchor)
        for name in ("gain", "dead", "step"):
            np.testing.assert_array_equal(getattr(level, name), getattr(qualities, name)[place])
        assert (level.anchor, level.level) == (place, anchor / 100)


def test_between_anchors_logarithms_and_dead_zones_are_straight_lines():
    level = small().at(25)
    np.testing.assert_allclose(level.gain, [2**0.5, 2 * 2**0.5], rtol=1e-6)
    np.testing.assert_allclose(level.dead, [0.4375, 2], rtol=1e-6)
    np.testing.assert_allclose(level.step, [2**-0.5, 0.5 * 2**-0.5], rtol=1e-6)
    assert {of.dtype for of in (level.gain, level.dead, level.step)} == {np.dtype(np.float32)}
    assert level.level == 0.25


def test_tables_are_those_of_the_nearest_anchor_the_lower_of_two():
    nearest = [TOY.at(quality).anchor for quality in range(101)]
    assert nearest == [0] * 6 + [1] * 12 + [2] * 15 + [3] * 15 + [4] * 15 + [5] * 15 + [6] * 15 + [7] * 8
    ties = [(quality, a) for quality in range(101) for a, b in pairwise(ANCHORS) if 2 * quality == a + b]
    assert [quality for quality, _ in ties] == [5, 17, 32, 47, 62, 77, 92]
    assert [ANCHORS[nearest[quality]] for quality, _ in ties] == [low for _, low in ties]


def test_gains_rise_from_quality_to_quality():
    gains = np.array([TOY.at(quality).gain for quality in range(101)])
    assert (np.diff(gains, axis=0) > 0).all()


@pytest.mark.parametrize("quality", [-1, 101, 1000])
def test_other_qualities_there_are_none(quality):
    with pytest.raises(UsageError, match=f"0 to 100, not {quality}"):
        TOY.at(quality)


def test_symbols_one_by_one():
    """Gains 1 and 2, dead zones 0.5 and 0; halves to even."""
    given = np.array([[[0.4, -0.5, 1.0, 1.9, -2.1, 2.5]], [[0.25, -0.25, 0.75, 1.0, -1.2, 1e30]]], np.float32)
    symbols = small().at(0).symbols(given)
    assert symbols.tolist() == [[[0, 0, 0, 1, -2, 2]], [[0, 0, 2, 2, -2, 2**20]]]
    assert symbols.dtype == np.int32


coefficients = arrays.arrays(np.float32, (CHANNELS, 2, 3), elements=st.floats(-8, 8, width=32))


@given(coefficients, st.integers(0, 100))
def test_symbols_are_those_of_the_page(given, quality):
    level = TOY.at(quality)
    found = level.symbols(given)
    for c in range(0, CHANNELS, 7):
        for x, symbol in zip(given[c].ravel(), found[c].ravel(), strict=True):
            v = level.gain[c] * x
            v = np.sign(v) * max(abs(v) - level.dead[c], np.float32(0))
            assert isinstance(v, np.float32)
            assert symbol == np.rint(v)


@given(coefficients, st.integers(0, 100))
def test_symbols_turn_with_the_sign_of_what_they_stand_for(given, quality):
    level = TOY.at(quality)
    np.testing.assert_array_equal(level.symbols(-given), -level.symbols(given))


def test_values_are_symbols_times_steps_with_the_level_behind_them():
    symbols = np.array([[[1, -2]], [[3, 2**24]]], np.int32)
    values = small().at(50).values(symbols)
    step = small().at(50).step
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values[:2], symbols.astype(np.float32) * step[:, None, None])
    np.testing.assert_array_equal(values[2], np.full((1, 2), 0.5, np.float32))


def test_a_network_of_other_channels_is_refused():
    with pytest.raises(CorruptData, match="gives 3 channels, not 2"):
        small().at(0).symbols(np.zeros((3, 1, 1), np.float32))


def test_bytes_come_back():
    data = TOY.to_bytes()
    assert len(data) == 4 + 1 + 2 + 12 * len(ANCHORS) * CHANNELS + 4
    again = Qualities.from_bytes(data, ANCHORS)
    for name in ("gain", "dead", "step"):
        np.testing.assert_array_equal(getattr(again, name), getattr(TOY, name))
    assert again.to_bytes() == data
    assert (again.channels, again.anchors) == (CHANNELS, ANCHORS)


def test_bytes_one_by_one():
    body = b"XCDQ\x01\x02\x02" + struct.pack("<12f", *np.ravel(list(NUMBERS.values())))
    assert small().to_bytes() == body + struct.pack("<I", zlib.crc32(body))


def page_rows(name, kind):
    """The rows of a block of the page that specifies the format."""
    page = (Path(__file__).parents[2] / "docs" / "format.md").read_text("utf-8")
    block = re.search(rf"```{name} qualities\n(.*?)```", page, re.DOTALL)[1]
    return [[kind(word) for word in line.split("#")[0].split()] for line in block.splitlines()]


def test_the_example_of_the_page():
    data = bytes.fromhex("".join("".join(row) for row in page_rows("hex", str)))
    qualities = Qualities.from_bytes(data, (0, 100))
    assert qualities.to_bytes() == data
    level = qualities.at(50)
    found = [of.tolist() for of in (level.gain, level.dead, level.step)]
    assert found == [pytest.approx(row, rel=1e-6) for row in ([2, 4], [0.375, 0.5], [0.5, 0.25])]
    assert level.anchor == 0
    symbols = level.symbols(np.array(page_rows("coefficients", float), np.float32)[:, np.newaxis])
    assert symbols[:, 0].tolist() == page_rows("symbols", int)
    np.testing.assert_allclose(level.values(symbols)[:, 0], page_rows("values", float), rtol=1e-6)


def test_every_flipped_bit_and_every_cut_is_refused():
    data = small().to_bytes()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptData):
            Qualities.from_bytes(bytes(flipped), (0, 100))
    for length in range(len(data)):
        with pytest.raises(CorruptData):
            Qualities.from_bytes(data[:length], (0, 100))
    with pytest.raises(CorruptData):
        Qualities.from_bytes(data + b"\0", (0, 100))


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (name, value)
        for name, values in (
            ("gain", (0, -1, np.inf, np.nan)),
            ("dead", (-0.01, 8.01, np.inf, np.nan)),
            ("step", (0, -1, np.inf, np.nan)),
        )
        for value in values
    ],
)
def test_numbers_that_cannot_be_are_refused_however_well_sealed(position, value):
    numbers = {name: np.array(rows, np.float32) for name, rows in NUMBERS.items()}
    numbers[position][1, 0] = value
    with pytest.raises(UsageError):
        small(**{position: numbers[position]})
    body = b"XCDQ\x01\x02\x02" + b"".join(rows.tobytes() for rows in numbers.values())
    with pytest.raises(CorruptData, match="qualities are damaged"):
        Qualities.from_bytes(sealed(body), (0, 100))


def test_ends_of_the_ranges_are_allowed():
    small(dead=np.array([[0, 8], [8, 0]], np.float32), gain=np.full((2, 2), 1e-40, np.float32))


@pytest.mark.parametrize(
    "body",
    [
        b"XCDQ\x01",
        b"XCDQ\x01\x02",
        b"XCDQ\x01\x02\x00",
        b"XCDQ\x01\x00\x02",
        b"XCDQ\x01\x01\x01" + struct.pack("<3f", 1, 0, 1),
        b"XCDQ\x01\x03\x01" + struct.pack("<9f", *(1,) * 9),
        b"XCDQ\x01\x02\x01" + struct.pack("<7f", *(1,) * 7),
        b"XCDQ\x01\x82\x00\x01" + struct.pack("<6f", *(1,) * 6),
        b"XCDQ\x01\x21\x01" + struct.pack("<99f", *(1,) * 99),
        b"XCDQ\x01\x02\xff\xff\xff\x7f",
    ],
    ids=["no sizes", "one size", "no channels", "no anchors", "one anchor", "three", "long", "spelling", "33", "bomb"],
)
def test_well_sealed_nonsense_is_refused(body):
    with pytest.raises(CorruptData):
        Qualities.from_bytes(sealed(body), (0, 100))


def test_a_later_version_says_update():
    data = small().to_bytes()
    with pytest.raises(UnsupportedData, match="version 2"):
        Qualities.from_bytes(sealed(data[:4] + b"\x02" + data[5:-4]), (0, 100))


@pytest.mark.parametrize(
    "changes",
    [
        {"anchors": (0, 50, 100)},
        {"anchors": (0,)},
        {"gain": np.ones((2, 2))},
        {"gain": np.ones((2, 3), np.float32)},
        {"step": np.ones((2, 2), np.float64)},
        {name: np.ones(2, np.float32) for name in NUMBERS},
        {name: np.ones((2, 0), np.float32) for name in NUMBERS},
    ],
)
def test_arrays_of_other_shapes_and_kinds_are_refused(changes):
    with pytest.raises(UsageError):
        small(**changes)


@pytest.mark.parametrize(
    ("quality", "below", "share", "nearest"), [(0, 0, 0.0, 0), (25, 0, 0.5, 0), (26, 0, 0.52, 1), (50, 1, 0, 1)]
)
def test_places(quality, below, share, nearest):
    place = place_of(quality, (0, 50, 100))
    assert (place.below, place.above, place.share, place.nearest) == (below, below + 1, share, nearest)


def test_the_last_place_is_the_last_anchor():
    place = place_of(100, (0, 50, 100))
    assert (place.below, place.share, place.nearest) == (2, 0.0, 2)
