"""The rows to learn from are what the coder sees."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from qualitypackage import choosing_package_bytes

from crosscodec.bitstream.contexts import Grid
from crosscodec.bitstream.interlaced import Pass
from crosscodec.bitstream.network import GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.network_inputs import COARSE, FINE
from crosscodec.bitstream.network_watch import NetworkWatch
from crosscodec.bitstream.prediction import take_differences
from crosscodec.codec import load_package
from crosscodec.codec.encoding import picture_latents
from crosscodec.codec.package import encoder_part, pack, parse_package
from crosscodec.learn.contexts.symbols import (
    Looks,
    SymbolRows,
    own_choices,
    rows_of,
    signed_choices,
    symbol_rows,
    writer,
)


def blind(size, looks):
    layer = Layer(
        np.zeros((2 * size, looks.inputs), np.int8), np.zeros(2 * size, np.int32), np.zeros(2 * size, np.uint8)
    )
    return GroupNetwork(size, looks.near, looks.signed, (), layer, looks.around, looks.own)


@pytest.mark.parametrize(("first", "last"), [(1, 1), (5, 3), (3, 2)])
def test_inputs_are_those_of_the_coder(base, first, last):
    """Of a group with all channels but two, the predicted ones among them, in so many passes, and of those two."""
    package = load_package(base)
    picture = np.random.default_rng(1).integers(0, 256, (80, 112, 3), dtype=np.uint8)
    latents, quality = picture_latents(picture, package), 80
    predicted = package.card.predicted
    rows = rows_of(package, [(latents, [20]), (latents, [quality])], (first,) * len(predicted))
    count, channels = latents[0].size, len(latents)
    assert len(rows) == 2 * count

    rng = np.random.default_rng(2)
    nobody, nothing = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    signed = signed_choices(range(channels - 2), predicted)
    signed = np.sort(signed[rng.permutation(len(signed))[:300]], axis=0)
    signed[:5] = [[0, 1, FINE], [0, 1, COARSE], [1, 4, FINE], [1, 0, FINE], [predicted[1], 8, COARSE]]
    near = np.arange(0, channels - 2, 3)
    looks, spans = [], (range(channels - 2), range(channels - 2, channels))
    for span, passes, earlier in zip(spans, (first, last), ((nobody, nothing), (near, signed)), strict=True):
        order = [Pass(number, passes) for number in range(passes)]
        around = [np.arange(span.start, span.stop, 4) if one.number else nobody for one in order]
        own = [own_choices(span, predicted, one)[:600] for one in order]
        looks.append([Looks(one, *earlier, *its) for one, *its in zip(order, around, own, strict=True)])
    layout = NetworkLayout(
        predicted,
        np.zeros((1, 0), np.int32),
        tuple(tuple(blind(len(span), of) for of in group) for span, group in zip(spans, looks, strict=True)),
        quality,
    )
    numbers = package.level(quality).symbols(latents).reshape(channels, -1)
    grid = Grid(*latents.shape[1:])
    take_differences(numbers, [grid], predicted, layout.predicted_passes)
    watch = NetworkWatch(layout, [grid])
    for group, span in enumerate(spans):
        for number, places in enumerate(watch.passes(group)):
            places = np.arange(count) if places is None else places
            assert np.array_equal(rows.of_pass(looks[group][number].one) % count, np.tile(places, 2))
            expected = np.concatenate(list(watch._inputs(group, number)), axis=1)
            found = rows.inputs(count + places, looks[group][number]).numpy()
            np.testing.assert_array_equal(found.T, expected)
            assert np.abs(expected[1:]).sum() > 0 or not (group or number)
            watch.see(group, number, numbers[span.start : span.stop, places])
            watch.close(group, number)


def test_rows_come_back_from_disk_and_in_other_processes(tmp_path, rows):
    rows.save(tmp_path / "rows")
    again = pickle.loads(pickle.dumps(SymbolRows.load(tmp_path / "rows")))
    assert (again.predicted, again.passes) == (rows.predicted, rows.passes)
    for name in ("numbers", "windows", "symbols", "neighbours", "places", "quality"):
        np.testing.assert_array_equal(getattr(again, name), getattr(rows, name))
    with pytest.raises(ValueError, match="save and load them first"):
        pickle.dumps(rows)


def test_rows_are_a_function_of_the_seed(base):
    from crosscodec.learn.photo.data import load_training_pictures
    from crosscodec.learn.photo.settings import DataSettings

    source = load_training_pictures(DataSettings(sets=("builtin",), crop=64, scales=(0.5,)), None).training
    one, two, other = (symbol_rows(load_package(base), source, range(3), 2, seed, (3, 1, 1)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.numbers, two.numbers)
    assert not np.array_equal(one.quality, other.quality)
    assert len(one) == 3 * 2 * 16
    assert len(np.unique(one.quality)) > 3
    parts = [symbol_rows(load_package(base), source, numbers, 2, 1, (3, 1, 1)) for numbers in (range(1), range(1, 3))]
    joined = SymbolRows.joined(parts)
    for name in ("numbers", "windows", "symbols", "neighbours", "places", "quality"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(one, name))
    assert (joined.predicted, joined.passes) == (one.predicted, one.passes)


def test_choices_leave_out_a_difference_to_itself():
    found = signed_choices(range(3), (1,)).tolist()
    assert [0, 4, FINE] in found
    assert [1, 4, FINE] not in found
    assert [1, 3, COARSE] in found
    assert [2, 3, COARSE] not in found
    assert len(found) == 9 + 16 + 9
    assert signed_choices(range(0), ()).shape == (0, 3)


def test_symbols_are_those_of_the_encoder_that_suits_the_picture(tmp_path):
    """Of "default" and "best" auto chooses; "more" is taken by those who ask for it."""
    choosing = parse_package(choosing_package_bytes(), tmp_path / "two.xcm")
    parts = choosing.parts | {encoder_part("more"): choosing.parts[encoder_part("best")]}
    card = replace(choosing.card, encoders={"best": 4, "more": 4})
    three = parse_package(pack(card, parts), tmp_path / "three.xcm")
    alone = parse_package(pack(replace(card, automatic=()), parts), tmp_path / "alone.xcm")
    flat = np.full((64, 64, 3), 128, np.uint8)
    grainy = np.random.default_rng(1).integers(90, 170, (64, 64, 3), dtype=np.uint8)
    assert [writer(choosing, flat, turn) for turn in range(2)] == ["default", "default"]
    assert [writer(three, flat, turn) for turn in range(3)] == ["default", "more", "default"]
    assert [writer(three, grainy, turn) for turn in range(2)] == ["best", "best"]
    assert [writer(alone, grainy, turn) for turn in range(4)] == ["default", "best", "more", "default"]
