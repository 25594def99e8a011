"""Which tables and contexts a package has for a quality, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from qualitypackage import (
    ANCHORS,
    CHANNELS,
    entropy_model,
    quality_card,
    quality_package_bytes,
    quality_parts,
)
from smallpackage import small_package_bytes
from toypackage import toy_package_bytes

from crosscodec.bitstream.contexts import ContextLayout, Source
from crosscodec.bitstream.network import GroupNetwork, Layer, NetworkLayout
from crosscodec.bitstream.tables import FrequencyTables
from crosscodec.bitstream.weighted import WeightedLayout
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_many, encode_pixels
from crosscodec.codec.opening import open_coded
from crosscodec.codec.package import (
    CONTEXTS,
    NETWORKS,
    SEARCH_VARIABLE,
    SHIPPED,
    TABLES,
    DitherCard,
    Package,
    contexts_part,
    load_package,
    pack,
    parse_package,
    tables_part,
)
from crosscodec.errors import CorruptData

LAYOUT = ContextLayout(2, (1, 2), ((), (Source(0, 1),)), ((), (150,)))


@pytest.fixture
def toy_path(tmp_path, monkeypatch):
    path = tmp_path / "toy.xcm"
    path.write_bytes(toy_package_bytes())
    monkeypatch.setenv(SEARCH_VARIABLE, str(tmp_path))
    return path


@pytest.fixture
def small(tmp_path):
    return parse_package(small_package_bytes(DitherCard(3, True), noise=4), tmp_path / "small.xcm")


@pytest.fixture
def steps(tmp_path):
    return parse_package(quality_package_bytes(), tmp_path / "steps.xcm")


def with_contexts(layout, per_channel=2):
    """The toy package with a layout (its bytes) and so many tables a channel."""
    toy = parse_package(toy_package_bytes(), SHIPPED)
    tables = FrequencyTables.from_counts(
        [np.ones(192 - 20 * k) for _ in range(3) for k in range(per_channel)], [-64] * 3 * per_channel
    )
    return pack(toy.card, toy.parts | {CONTEXTS: layout, TABLES: tables.to_bytes()})


def test_a_package_without_a_layout_has_one_table_a_channel(toy_path):
    assert load_package(toy_path).entropy.layout == ContextLayout(1, (3,), ((),), ((),))


def test_contexts_of_a_package_code_its_pictures(toy_path, smooth_picture):
    package = parse_package(with_contexts(LAYOUT.to_bytes()), toy_path)
    assert package.entropy.layout == LAYOUT
    assert (package.entropy.channels, package.entropy.tables.count) == (3, 6)
    pictures = [smooth_picture(20, 33), smooth_picture(1, 1), smooth_picture(9, 40, 1)]
    coded, plain = encode_many(pictures, package), encode_many(pictures, load_package(toy_path))
    opened = open_coded(coded.data, package)
    np.testing.assert_array_equal(opened.symbols, open_coded(plain.data, load_package(toy_path)).symbols)
    assert opened.coded.payload != open_coded(plain.data, load_package(toy_path)).coded.payload
    assert coded.model_bits - 1e-6 <= 8 * coded.payload_bytes <= 1.001 * coded.model_bits + 64


def test_a_layout_that_is_damaged_or_of_another_package_is_refused(toy_path):
    with pytest.raises(CorruptData, match="context layout is damaged"):
        parse_package(with_contexts(LAYOUT.to_bytes()[:-1]), toy_path)
    with pytest.raises(CorruptData, match="3 tables do not serve 3 channels with 2 contexts each"):
        parse_package(with_contexts(LAYOUT.to_bytes(), 1), toy_path)


def test_a_common_dither_takes_no_computed_contexts(small):
    layouts = (
        replace(small.entropy.layout, sources=((), (Source(0, 1),), (), ())),
        replace(small.entropy.layout, thresholds=((), (5,), (), ())),
        ContextLayout(3, (4,), ((),), ((),)),
    )
    for layout in layouts:
        with pytest.raises(CorruptData, match="contexts without sources and thresholds"):
            parse_package(pack(small.card, small.parts | {CONTEXTS: layout.to_bytes()}), small.path)


def test_each_quality_has_the_tables_of_its_anchor(steps):
    models = [entropy_model(anchor) for anchor in range(len(ANCHORS))]
    assert len({model.tables.to_bytes() for model in models}) == len(ANCHORS)
    for quality in range(101):
        assert steps.entropy_at(quality) == models[steps.level(quality).anchor]
    assert steps.entropy is steps.entropy_at(55)


def test_only_tables_that_are_used_are_read(monkeypatch, tmp_path):
    read, parse = [], FrequencyTables.from_bytes
    monkeypatch.setattr(FrequencyTables, "from_bytes", lambda data: read.append(data) or parse(data))
    package = parse_package(quality_package_bytes(), tmp_path / "steps.xcm")
    assert read == []
    for quality in (12, 10, 17, 12):
        package.entropy_at(quality)
    assert read == [package.parts[tables_part(1)]]


def weighted_parts() -> dict[str, bytes]:
    """Parts of a package with qualities whose contexts are weighted: the third channel follows the first."""
    empty, own = np.zeros((2, 0), np.int8), np.zeros((CHANNELS - 2, 2), np.int8)
    own[0, 0] = 3
    layout = WeightedLayout(2, (empty, own), (empty, np.zeros_like(own)), ((), (), (48,), *((),) * (CHANNELS - 3)))
    parts = {name: part for name, part in quality_parts().items() if not name.startswith("contexts")}
    return parts | {
        contexts_part(anchor, weighted=True): layout.to_bytes()
        for anchor in range(len(quality_card().qualities.anchors))
    }


def test_weighted_contexts_are_a_part_of_their_own(tmp_path):
    card = replace(quality_card(), weighted=True)
    package = parse_package(pack(card, weighted_parts()), tmp_path / "steps.xcm")
    assert package.card.format == 5
    layout = package.entropy_at(0).layout
    assert isinstance(layout, WeightedLayout)
    assert layout.thresholds[2] == (48,)
    with pytest.raises(CorruptData, match=r"contexts-0.bin is missing"):
        parse_package(pack(card, quality_parts()), tmp_path / "steps.xcm")
    with pytest.raises(CorruptData, match=r"contexts-0.json is missing"):
        parse_package(pack(quality_card(), weighted_parts()), tmp_path / "steps.xcm")
    damaged = weighted_parts() | {contexts_part(1, weighted=True): layout.to_bytes()[:-1]}
    with pytest.raises(CorruptData, match="weighted contexts are damaged"):
        parse_package(pack(card, damaged), tmp_path / "steps.xcm").entropy_at(10)
    pixels = np.random.default_rng(1).random((24, 40, 3)).astype(np.float32)
    for quality in (0, 60, 100):
        encoded = encode_pixels(pixels, package, quality=quality)
        assert decode_bytes(encoded.data, package).pixels.shape == (24, 40, 3)


def test_weighted_contexts_of_one_quality(tmp_path, toy_path):
    toy = load_package(toy_path)
    count = toy.entropy.channels
    empty = np.zeros((count, 0), np.int8)
    layout = WeightedLayout(1, (empty,), (empty,), ((),) * count)
    card, parts = replace(toy.card, weighted=True), {k: v for k, v in toy.parts.items() if k != CONTEXTS}
    part = contexts_part(None, weighted=True)
    assert part == "contexts.bin"
    package = parse_package(pack(card, parts | {part: layout.to_bytes()}), tmp_path / "toy.xcm")
    assert package.entropy.layout.channels == count
    with pytest.raises(CorruptData, match=r"contexts.bin is missing"):
        parse_package(pack(card, parts), tmp_path / "toy.xcm")
    with pytest.raises(CorruptData, match=r"a package with weighted contexts has no contexts.json"):
        parse_package(pack(card, parts | {part: layout.to_bytes(), CONTEXTS: b""}), tmp_path / "toy.xcm")


def networked_parts(predicted: tuple[int, ...] = ()) -> dict[str, bytes]:
    """Parts of a package with qualities and context networks: scales follow the quality, and one bank serves all."""
    nobody, nothing = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    count = 2 * CHANNELS
    weights = np.array([[1]] * CHANNELS + [[0]] * CHANNELS, np.int8)
    last = Layer(weights, np.zeros(count, np.int32), np.array([5] * count, np.uint8))
    layout = NetworkLayout(
        predicted, np.zeros((4, 0), np.int32), ((GroupNetwork(CHANNELS, nobody, nothing, (), last),),)
    )
    bank = FrequencyTables.from_counts([np.exp(-np.abs(np.arange(-9, 10)) / (1 + k)) for k in range(4)], [-9] * 4)
    parts = {name: part for name, part in quality_parts().items() if not name.startswith(("contexts", "tables"))}
    return parts | {NETWORKS: layout.to_bytes(), TABLES: bank.to_bytes()}


def test_context_networks_are_a_part_of_their_own(tmp_path):
    card = replace(quality_card(), networked=True)
    package = parse_package(pack(card, networked_parts()), tmp_path / "steps.xcm")
    assert package.card.format == 7
    assert [package.entropy_at(quality).layout.quality for quality in (0, 7, 100)] == [0, 7, 100]
    assert package.entropy_at(7) is package.entropy_at(7)
    assert package.entropy_at(7).tables is package.entropy_at(100).tables
    others = parse_package(quality_package_bytes(), tmp_path / "others.xcm")
    pixels = np.random.default_rng(1).random((24, 40, 3)).astype(np.float32)
    for quality in (0, 60, 100):
        encoded = encode_pixels(pixels, package, quality=quality)
        expected = decode_bytes(encode_pixels(pixels, others, quality=quality).data, others)
        assert np.array_equal(decode_bytes(encoded.data, package).pixels, expected.pixels)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({NETWORKS: None}, r"context-networks.bin is missing"),
        ({TABLES: None}, r"tables.bin is missing"),
        ({CONTEXTS: b""}, r"a package with qualities has no contexts.json"),
        ({NETWORKS: networked_parts()[NETWORKS][:-1]}, "context networks are damaged"),
        ({NETWORKS: networked_parts((0,))[NETWORKS]}, r"the card predicts channels \(\), context-networks.bin \(0,\)"),
        ({TABLES: FrequencyTables.from_counts([np.ones(3)] * 3, [-1] * 3).to_bytes()}, "3 tables are no bank of 4"),
    ],
)
def test_parts_of_context_networks_go_together(tmp_path, changes, message):
    parts = {name: part for name, part in (networked_parts() | changes).items() if part is not None}
    card = replace(quality_card(), networked=True)
    with pytest.raises(CorruptData, match=message):
        parse_package(pack(card, parts), tmp_path / "steps.xcm").entropy_at(10)


def test_tables_of_an_anchor_are_checked_when_they_are_used(tmp_path):
    narrow = FrequencyTables.from_counts([np.ones(5)] * 2, [-2] * 2)
    parts = quality_parts() | {
        tables_part(1): narrow.to_bytes(),
        contexts_part(1): ContextLayout(1, (2,), ((),), ((),)).to_bytes(),
        contexts_part(2): ContextLayout(3, (CHANNELS,), ((),), ((),)).to_bytes(),
    }
    package: Package = parse_package(pack(quality_card(), parts), tmp_path / "steps.xcm")
    assert package.entropy_at(0).channels == CHANNELS
    with pytest.raises(CorruptData, match=r"tables-1.bin is for 2 channels, qualities.bin for 48"):
        package.entropy_at(10)
    with pytest.raises(CorruptData, match="96 tables do not serve 48 channels with 3 contexts each"):
        package.entropy_at(24)
