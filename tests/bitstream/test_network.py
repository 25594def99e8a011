import dataclasses
import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosscodec.bitstream.coder import encode_symbols, model_bits
from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.network import LARGEST_LEAN, GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.network_inputs import COARSE, FINE
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.walk import EntropyModel, walk_known
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

from .plain import plain_decode
from .samples import ContextCase, network_layouts, networked_cases, page_block

NOTHING = np.zeros((0, 3), np.int64)
NOBODY = np.zeros(0, np.int64)


def layer(weights: list[list[int]], bias: list[int] | None = None, shift: list[int] | None = None) -> Layer:
    count = len(weights)
    return Layer(
        np.array(weights, np.int8).reshape(count, -1),
        np.array(bias or [0] * count, np.int32),
        np.array(shift or [0] * count, np.uint8),
    )


def edges(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int32).reshape(len(rows), -1)


FIRST = GroupNetwork(1, NOBODY, NOTHING, (), layer([[1], [0]], [-9, 0], [3, 0]))
# Looks at the first channel: its magnitude and window, and to the left of the position.
SECOND = GroupNetwork(
    1,
    np.array([0]),
    np.array([[0, 3, FINE]]),
    (layer([[0, 1, 1, 0], [0, 0, 0, 1]], [0, 5], [1, 0]),),
    layer([[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 2]], [0, 0], [4, 0]),
)
# A second pass over the second channel: its magnitudes around, and what is on the left.
THIRD = GroupNetwork(
    1, NOBODY, NOTHING, (), layer([[0, 1, 0], [0, 0, 64]], [-8, 0], [5, 0]), np.array([1]), np.array([[1, 11, COARSE]])
)
WIDER = GroupNetwork(2, NOBODY, NOTHING, (), layer([[0]] * 4))
SMALL = NetworkLayout((), edges([3], [40]), ((FIRST,), (SECOND, THIRD)), 20)
SINGLE = NetworkLayout((), edges([3], [40]), ((FIRST,), (SECOND,)), 20)


def test_the_largest_sum_there_can_be_is_exact() -> None:
    """Just below 2^24, of terms that a float32 would round if their sum were larger."""
    count = 1000
    weights = np.full((2, count), 127, np.int8)
    biases = [2**24 - 1 - 127 * 127 * count, -(2**24 - 1 - 127 * 127 * count)]
    big = Layer(weights, np.array(biases, np.int32), np.zeros(2, np.uint8))
    inputs = np.full((count, 3), 127, np.float32)
    assert big(inputs).tolist() == [[2**24 - 1] * 3, [2 * 127 * 127 * count - 2**24 + 1] * 3]
    with pytest.raises(UsageError, match="can reach 16777216"):
        Layer(weights[:1], np.array([biases[0] + 1], np.int32), np.zeros(1, np.uint8))


def test_shifts_round_down_below_zero_too() -> None:
    halves = layer([[1], [1], [-1]], [0, 1, 0], [1, 1, 1])
    assert halves(np.array([[3, -3]], np.float32)).tolist() == [[1, -2], [2, -1], [-2, 1]]


@given(network_layouts())
def test_layouts_read_back(layout: NetworkLayout) -> None:
    again = NetworkLayout.from_bytes(layout.to_bytes())
    assert (again.predicted, again.sizes, again.edges.tolist()) == (
        layout.predicted,
        layout.sizes,
        layout.edges.tolist(),
    )
    assert again.to_bytes() == layout.to_bytes()
    assert again.at(layout.quality).quality == layout.quality


def test_known_bytes() -> None:
    body = SMALL.to_bytes()[:-4]
    assert body.hex(" ") == (
        "58 43 44 4e 02 00 02 02 03 28 02 "
        "01 01 00 00 00 00 00 01 00 03 00 11 00 "
        "01 02 01 00 01 00 03 00 00 00 01 02 00 01 01 00 00 00 00 01 01 00 00 0a "
        "01 00 00 00 00 00 00 01 00 00 00 02 04 00 00 00 "
        "00 00 01 01 01 01 0b 01 00 00 01 00 00 00 40 05 00 0f 00"
    )
    assert SMALL.to_bytes()[-4:] == zlib.crc32(body).to_bytes(4, "little")


def test_layouts_of_before_there_were_passes_are_read() -> None:
    former = (
        "58 43 44 4e 01 00 02 02 03 28 02 "
        "01 00 00 00 01 00 03 00 11 00 "
        "01 01 00 01 00 03 00 01 02 00 01 01 00 00 00 00 01 01 00 00 0a "
        "01 00 00 00 00 00 00 01 00 00 00 02 04 00 00 00"
    )
    layout = NetworkLayout.from_bytes(sealed(bytes.fromhex(former)))
    assert layout.to_bytes() == SINGLE.to_bytes()


WRONG = {
    "edges of another kind": ({"edges": np.zeros((2, 1))}, "edges are int32"),
    "no scale": ({"edges": np.zeros((0, 1), np.int32)}, "1 to 64 scales"),
    "falling edges": ({"edges": edges([3, 2], [0, 0])}, "do not fall"),
    "an edge out of reach": ({"edges": edges([LARGEST_LEAN + 1], [0])}, "lie in 0 to 1023"),
    "too many leans": ({"edges": np.zeros((2, 32), np.int32)}, "fewer than 32"),
    "no group": ({"groups": ()}, "1 to 256 groups"),
    "a group of no pass": ({"groups": ((FIRST,), ())}, "each of a pass or more"),
    "too many passes": ({"groups": ((FIRST,) * 8,)}, "1 to 7 passes"),
    "a group that looks at itself": ({"groups": ((SECOND,), (FIRST,))}, "looks at those of groups before it"),
    "passes of other sizes": ({"groups": ((FIRST, WIDER),)}, "the same in all passes"),
    "a first pass that looks at itself": ({"groups": ((FIRST,), (THIRD, THIRD))}, r"group 1, pass 0: own .* \[\]"),
    "a pass that looks at the group before": ({"groups": ((FIRST,), (FIRST,), (SECOND, THIRD))}, "of channels 2 to 2"),
    "a neighbour that is not known yet": (
        {"groups": ((FIRST,), (SECOND, dataclasses.replace(THIRD, own=np.array([[1, 12, 0]]))))},
        "group 1, pass 1: own inputs are of channels 1 to 1 at neighbours",
    ),
    "a predicted channel in two passes": ({"predicted": (1,)}, "needs an odd number of passes, not 2"),
    "predictions that fall": ({"predicted": (1, 0)}, "predicted channels rise"),
    "a prediction of nobody": ({"predicted": (2,)}, "below 2"),
    "a quality out of range": ({"quality": 101}, "0 to 100"),
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_layouts_that_cannot_be(changes: tuple[dict[str, object], str]) -> None:
    fields = {f.name: getattr(SMALL, f.name) for f in dataclasses.fields(SMALL)} | changes[0]
    with pytest.raises(UsageError, match=changes[1]):
        NetworkLayout(**fields)


WRONG_GROUPS = {
    "a hidden layer of another width": ({"hidden": (layer([[1, 1]]),)}, "takes the 4 numbers before it"),
    "a last layer of another size": ({"size": 2}, "last layer"),
    "too many layers": ({"hidden": (layer([[1]]),) * 4}, "up to 4 layers"),
    "signed inputs of another shape": ({"signed": np.zeros((1, 2), np.int64)}, r"signed \(n,3\)"),
    "own inputs of another shape": ({"own": np.zeros(3, np.int64)}, r"own \(m,3\)"),
    "a tenth neighbour": ({"signed": np.array([[0, 9, 0]])}, "neighbour 0 to 8"),
    "a third way": ({"signed": np.array([[0, 0, 2]])}, "way 0 or 1"),
    "a third way of its own": ({"signed": NOTHING, "own": np.array([[1, 11, 2]])}, "way 0 or 1"),
}


@pytest.mark.parametrize("changes", WRONG_GROUPS.values(), ids=WRONG_GROUPS)
def test_networks_that_cannot_be(changes: tuple[dict[str, object], str]) -> None:
    fields = {f.name: getattr(SECOND, f.name) for f in dataclasses.fields(SECOND)} | changes[0]
    with pytest.raises(UsageError, match=changes[1]):
        GroupNetwork(**fields)


def test_layers_that_cannot_be() -> None:
    with pytest.raises(UsageError, match="int8 weights"):
        Layer(np.zeros((1, 1)), np.zeros(1, np.int32), np.zeros(1, np.uint8))
    with pytest.raises(UsageError, match="int8 weights"):
        Layer(np.zeros((1, 1), np.int8), np.zeros(2, np.int32), np.zeros(1, np.uint8))
    with pytest.raises(UsageError, match="its shift is 24"):
        layer([[1]], shift=[24])


def sealed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "little")


def test_damaged_bytes() -> None:
    data = SMALL.to_bytes()
    for end in range(len(data)):
        with pytest.raises(CorruptData):
            NetworkLayout.from_bytes(data[:end])
    for end in range(len(data) - 4):
        with pytest.raises(CorruptData):
            NetworkLayout.from_bytes(sealed(data[:end]))
    for place in range(len(data)):
        with pytest.raises(CorruptData):
            NetworkLayout.from_bytes(data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :])
    with pytest.raises(CorruptData, match="foreign"):
        NetworkLayout.from_bytes(sealed(data[:-4] + b"\0"))
    with pytest.raises(UnsupportedData, match="version 3"):
        NetworkLayout.from_bytes(sealed(data[:4] + b"\3" + data[5:-4]))
    with pytest.raises(CorruptData, match="no pass"):
        NetworkLayout.from_bytes(sealed(data[:12] + b"\0" + data[13:-4]))
    with pytest.raises(CorruptData, match="no tables"):
        NetworkLayout.from_bytes(sealed(data[:6] + b"\0" + data[7:-4]))


@settings(max_examples=60)
@given(st.binary(max_size=80))
def test_random_bytes_raise_corrupt_data_only(body: bytes) -> None:
    head = SMALL.to_bytes()[:5]
    with pytest.raises(CorruptData):
        NetworkLayout.from_bytes(sealed(head + body))


def test_a_bank_of_another_size_and_given_contexts_are_refused() -> None:
    tables = FrequencyTables.from_counts([np.ones(3)] * 3, [-1] * 3)
    with pytest.raises(UsageError, match="3 tables are no bank of 4"):
        EntropyModel(tables, SMALL)
    model = EntropyModel(FrequencyTables.from_counts([np.ones(3)] * 4, [-1] * 4), SMALL)
    with pytest.raises(UsageError, match="not context networks"):
        encode_symbols(np.zeros((2, 4), np.int32), model, given=np.zeros((2, 4), np.int64))


@given(networked_cases())
def test_the_estimate_is_the_sum_over_tables_of_turned_symbols(case: ContextCase) -> None:
    tables, expected = case.model.tables, 0.0
    for turn in walk_known(case.symbols, case.model, case.grids):
        coded = turn.coded(turn.part(case.symbols))
        for place, number in np.ndenumerate(coded):
            table = int(turn.rows[place])
            low, frequencies = tables.low[table], tables.frequencies[table]
            index, high = int(number) - low, low + len(frequencies) - 2
            if not 0 <= index <= high - low:
                code = 2 * (int(number) - high) - 1 if number > high else 2 * (low - int(number))
                expected += 2 * code.bit_length() - 1
                index = len(frequencies) - 1
            expected -= math.log2(frequencies[index] / 2**16)
    assert model_bits(case.symbols, case.model, case.grids) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert expected >= case.model.least_bits(case.symbols.shape[1]) - 1e-9


def test_the_example_of_the_page_is_what_is_written_and_read() -> None:
    shown = " ".join(line.split("#")[0] for line in page_block("hex networks").splitlines())
    layout = NetworkLayout.from_bytes(bytes.fromhex(shown)).at(20)
    assert layout.to_bytes() == SMALL.to_bytes()
    wide, narrow = (8192, 49152, 8191, 1), (4096, 57344, 4095, 1)
    lopsided = (1024, 49152, 15359, 1)
    model = EntropyModel(FrequencyTables((-1,) * 4, (narrow, lopsided, wide, lopsided)), layout)
    symbols = np.array([line.split() for line in page_block("symbols networks").splitlines()], np.int32)
    shapes = [Grid(2, 3)]
    turns = list(walk_known(symbols, model, shapes))
    rows, turned = np.empty_like(symbols), np.empty_like(symbols)
    for turn in turns:
        turn.put(turn.rows, rows)
        turn.put(turn.signs, turned)
    assert [" ".join(map(str, row)) for row in rows.tolist()] == page_block("tables networks").splitlines()
    assert [" ".join("-.+"[k + 1] for k in row) for row in turned.tolist()] == page_block("signs networks").splitlines()
    payload = encode_symbols(symbols, model, shapes)
    assert payload.hex(" ") == page_block("payload networks").strip()
    assert np.array_equal(plain_decode(payload, 6, model, shapes), symbols)
