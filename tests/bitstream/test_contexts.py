"""Windows, activity and contexts against sums written out one by one; layouts that can be read, and all others."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscodec.bitstream.contexts import (
    CHROMA_GROUPS,
    LARGEST_MAGNITUDE,
    LARGEST_THRESHOLD,
    LARGEST_WEIGHT,
    LUMA_GROUPS,
    MOST_CONTEXTS,
    MOST_GROUPS,
    WINDOW,
    ContextLayout,
    Grid,
    Neighbours,
    Source,
    magnitudes,
    plane_groups,
    window_sum,
)
from crosscodec.errors import CorruptData, UsageError

from .plain import plain_contexts, plain_window
from .samples import grids, layouts

SMALL = ContextLayout(3, (1, 2), ((), (Source(0, 2),)), ((), (5, 60)))


@given(grids, st.integers(0, 2**32))
def test_windows_are_the_sums_written_out(shapes: list[Grid], seed: int) -> None:
    n = sum(grid.rows * grid.columns for grid in shapes)
    values = np.random.default_rng(seed).integers(0, 10**6, n)
    assert window_sum(values, shapes).tolist() == plain_window(values.tolist(), shapes)


@pytest.mark.parametrize(
    ("shapes", "values", "expected"),
    [
        ([Grid(1, 1)], [3], [48]),
        ([Grid(1, 3)], [1, 0, 0], [12, 4, 0]),
        ([Grid(3, 1)], [0, 0, 1], [0, 4, 12]),
        ([Grid(1, 1), Grid(1, 2), Grid(0, 7), Grid(2, 1)], [1, 2, 0, 0, 1], [16, 24, 8, 4, 12]),
        ([Grid(3, 3)], [0, 0, 0, 0, 1, 0, 0, 0, 0], [1, 2, 1, 2, 4, 2, 1, 2, 1]),
        ([], [], []),
    ],
)
def test_windows_by_hand(shapes: list[Grid], values: list[int], expected: list[int]) -> None:
    assert window_sum(np.array(values, np.int64), shapes).tolist() == expected


def test_the_window_is_the_one_that_training_uses() -> None:
    one = np.zeros(25, np.int64)
    one[12] = 1
    assert window_sum(one, [Grid(5, 5)]).reshape(5, 5)[1:4, 1:4].tolist() == [list(row) for row in WINDOW]
    assert window_sum(one, [Grid(5, 5)]).sum() == 16


@given(grids)
def test_neighbours_stay_inside_their_picture(shapes: list[Grid]) -> None:
    found, start = Neighbours.of(shapes), 0
    for grid in shapes:
        inside = slice(start, start + grid.rows * grid.columns)
        place = np.arange(inside.start, inside.stop).reshape(grid.rows, grid.columns)
        assert np.array_equal(found.left[inside], np.hstack([place[:, :1], place[:, :-1]]).ravel())
        assert np.array_equal(found.right[inside], np.hstack([place[:, 1:], place[:, -1:]]).ravel())
        assert np.array_equal(found.above[inside], np.vstack([place[:1], place[:-1]]).ravel())
        assert np.array_equal(found.below[inside], np.vstack([place[1:], place[-1:]]).ravel())
        start = inside.stop


@pytest.mark.parametrize(("rows", "columns"), [(-1, 3), (3, -1), (-2, -2)])
def test_negative_grids_are_refused(rows: int, columns: int) -> None:
    with pytest.raises(UsageError, match="0 or more rows and columns"):
        Grid(rows, columns)


def test_magnitudes_end_at_fifteen_and_escapes_begin_there() -> None:
    symbols = np.array([0, -1, 14, 15, -16, 2**24, -(2**24), 0, 3], np.int32)
    escaped = np.array([0, 0, 0, 0, 0, 0, 0, 1, 1], bool)
    assert magnitudes(symbols, escaped).tolist() == [0, 1, 14, 15, 15, 15, 15, 15, 15]
    assert magnitudes(symbols, escaped).dtype == np.int64
    assert LARGEST_MAGNITUDE == 15


@given(layouts(), grids, st.integers(0, 2**32))
def test_contexts_are_thresholds_reached(layout: ContextLayout, shapes: list[Grid], seed: int) -> None:
    n = sum(grid.rows * grid.columns for grid in shapes)
    sums = np.random.default_rng(seed).integers(0, 46, (len(layout.sizes), n))
    windows = [window_sum(row, shapes) for row in sums]
    for group in range(len(layout.sizes)):
        found = layout.context(group, layout.activity(group, windows))
        assert found.tolist() == plain_contexts(layout, group, sums.tolist(), shapes)
        assert 0 <= found.min() <= found.max() < layout.contexts


def test_a_threshold_belongs_to_the_context_above_it() -> None:
    assert SMALL.context(1, np.array([0, 4, 5, 6, 59, 60, 61, 2**45])).tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    assert SMALL.context(0, np.array([0, 2**45])).tolist() == [0, 0]


def test_the_largest_activity_there_can_be_is_exact() -> None:
    most = 2**16 * LARGEST_MAGNITUDE * 16
    sources = tuple(Source(g, LARGEST_WEIGHT) for g in range(MOST_GROUPS - 1))
    rows = (*((),) * (MOST_GROUPS - 1), sources)
    layout = ContextLayout(2, (1,) * MOST_GROUPS, rows, (*((),) * (MOST_GROUPS - 1), (LARGEST_THRESHOLD - 1,)))
    found = layout.activity(MOST_GROUPS - 1, [np.array([most])] * (MOST_GROUPS - 1))
    assert found.tolist() == [most * LARGEST_WEIGHT * (MOST_GROUPS - 1)]
    assert layout.context(MOST_GROUPS - 1, found).tolist() == [1]


@given(layouts())
def test_layouts_read_back(layout: ContextLayout) -> None:
    again = ContextLayout.from_bytes(layout.to_bytes())
    assert again == layout
    assert again.to_bytes() == layout.to_bytes()
    assert again.channels == sum(layout.sizes)


def test_the_text_of_a_layout() -> None:
    assert json.loads(SMALL.to_bytes()) == {
        "contexts": 3,
        "sizes": [1, 2],
        "sources": [[], [{"group": 0, "weight": 2}]],
        "thresholds": [[], [5, 60]],
    }


IMPOSSIBLE = {
    "no groups": {"sizes": (), "sources": (), "thresholds": ()},
    "sources of another count": {"sources": ((),)},
    "thresholds of another count": {"thresholds": ((), (), ())},
    "too many groups": {
        "sizes": (1,) * (MOST_GROUPS + 1),
        "sources": ((),) * (MOST_GROUPS + 1),
        "thresholds": ((),) * (MOST_GROUPS + 1),
    },
    "no contexts": {"contexts": 0, "thresholds": ((), ())},
    "too many contexts": {"contexts": MOST_CONTEXTS + 1},
    "an empty group": {"sizes": (1, 0)},
    "a negative group": {"sizes": (3, -1)},
    "a source of its own": {"sources": ((), (Source(1, 1),))},
    "a source of its own in the first group": {"sources": ((Source(0, 1),), ())},
    "a later source": {"sources": ((Source(1, 1),), ())},
    "a negative source": {"sources": ((), (Source(-1, 1),))},
    "a source twice": {"sources": ((), (Source(0, 1), Source(0, 2)))},
    "a weight of zero": {"sources": ((), (Source(0, 0),))},
    "a negative weight": {"sources": ((), (Source(0, -1),))},
    "a weight too large": {"sources": ((), (Source(0, LARGEST_WEIGHT + 1),))},
    "as many thresholds as contexts": {"thresholds": ((), (5, 60, 70))},
    "equal thresholds": {"thresholds": ((), (5, 5))},
    "falling thresholds": {"thresholds": ((), (60, 5))},
    "a threshold of zero": {"thresholds": ((), (0, 5))},
    "a negative threshold": {"thresholds": ((), (-1, 5))},
    "a threshold too large": {"thresholds": ((), (5, LARGEST_THRESHOLD))},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_impossible_layouts_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        replace(SMALL, **changes)
    fields = {name: getattr(SMALL, name) for name in ("contexts", "sizes", "sources", "thresholds")} | changes
    text = json.dumps(fields, default=lambda source: {"group": source.group, "weight": source.weight})
    with pytest.raises(CorruptData, match="the context layout is damaged"):
        ContextLayout.from_bytes(text.encode())


def changed(**changes: object) -> bytes:
    return json.dumps(json.loads(SMALL.to_bytes()) | changes).encode()


DAMAGED = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "no JSON": b"{",
    "a list": b"[]",
    "a number": b"3",
    "nothing there": b"null",
    "deeply nested": b"[" * 100_000,
    "a number of 5,000 digits": changed().replace(b"60", b"9" * 5000),
    "no contexts": SMALL.to_bytes().replace(b"contexts", b"context"),
    "contexts not whole": changed(contexts=3.0),
    "contexts true": changed(contexts=True),
    "contexts a text": changed(contexts="3"),
    "not a number": changed(contexts=float("nan")),
    "infinite": changed(sizes=[1, float("inf")]),
    "sizes a number": changed(sizes=3),
    "sizes a text": changed(sizes="12"),
    "sizes missing one": changed(sizes=[1, None]),
    "sources an object": changed(sources={}),
    "an object for no sources": changed(sources=[{}, [{"group": 0, "weight": 2}]]),
    "a text for no thresholds": changed(thresholds=["", [5, 60]]),
    "a source of numbers": changed(sources=[[], [[0, 2]]]),
    "a source without weight": changed(sources=[[], [{"group": 0}]]),
    "a source with more": changed(sources=[[], [{"group": 0, "weight": 2, "lag": 1}]]),
    "a weight not whole": changed(sources=[[], [{"group": 0, "weight": 2.0}]]),
    "a threshold not whole": changed(thresholds=[[], [5.0, 60]]),
    "thresholds not in rows": changed(thresholds=[5, 60]),
    "a further key": changed(window=5),
    "followed by more": SMALL.to_bytes() + b" {}",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_layouts_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptData, match="the context layout is damaged"):
        ContextLayout.from_bytes(data)


def test_every_cut_of_a_layout_is_refused() -> None:
    data = SMALL.to_bytes()
    for end in range(len(data)):
        with pytest.raises(CorruptData):
            ContextLayout.from_bytes(data[:end])


@pytest.mark.parametrize(("luma", "chroma"), [(1, 1), (2, 1), (4, 7), (192, 48), (30, 8), (500, 200)])
def test_groups_of_planes_hold_their_channels(luma: int, chroma: int) -> None:
    planes = plane_groups(luma, chroma)
    assert [sum(plane) for plane in planes] == [luma, chroma, chroma]
    assert all(plane[:-1] == groups[: len(plane) - 1] for plane, groups in zip(planes, order_of_planes(), strict=True))


def order_of_planes() -> list[tuple[int, ...]]:
    return [LUMA_GROUPS, CHROMA_GROUPS, CHROMA_GROUPS]


def test_groups_of_the_photo_codec() -> None:
    luma, *chroma = plane_groups(192, 48)
    assert luma == (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27)
    assert chroma == [(1, 2, 3, 6, 10, 14, 12)] * 2
    # What training and packages rely on: the groups of low frequencies do not depend on how many there are above.
    assert all(a[0][:-1] == b[0][: len(a[0]) - 1] for a, b in pairwise(plane_groups(n, 1) for n in range(1, 200)))
