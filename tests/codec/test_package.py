import hashlib
import io
import json
import os
import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qualitypackage import (
    ANCHORS,
    choosing_package_bytes,
    quality_card,
    quality_package_bytes,
    quality_parts,
)
from smallpackage import small_package_bytes
from toypackage import toy_package_bytes

import crosscodec.codec
from crosscodec.codec.card import FORMAT
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import (
    CARD,
    CHOICE,
    CONTEXTS,
    QUALITIES,
    SEARCH_VARIABLE,
    SHIPPED,
    TABLES,
    DitherCard,
    QualityCard,
    contexts_part,
    encoder_part,
    installed_packages,
    load_package,
    pack,
    package_by_identity,
    parse_package,
    tables_part,
)
from crosscodec.codec.qualities import Qualities
from crosscodec.errors import CorruptData, PackageUnavailable, UnsupportedData, UsageError


@pytest.fixture
def toy_path(tmp_path, monkeypatch):
    path = tmp_path / "toy.xcm"
    path.write_bytes(toy_package_bytes())
    monkeypatch.setenv(SEARCH_VARIABLE, str(tmp_path))
    return path


def rebuilt(change):
    """The toy package with its entries changed by a function on the dict of entries."""
    with zipfile.ZipFile(io.BytesIO(toy_package_bytes())) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def edit_card(**changes):
    def change(entries):
        entries[CARD] = json.dumps(json.loads(entries[CARD]) | changes).encode()

    return change


def test_identity_is_the_hash_of_the_file(toy_path):
    package = load_package(toy_path)
    digest = hashlib.sha256(toy_path.read_bytes()).hexdigest()
    assert package.sha256 == digest
    assert package.identity.hex() == digest[:16]
    assert (package.name, package.decoders, package.entropy.channels) == ("toy", ("fidelity",), 3)


def test_found_by_name_by_identity_and_listed(toy_path):
    package = load_package("toy")
    assert package_by_identity(package.identity).path == toy_path
    assert installed_packages()[0].name == "toy"


def test_a_file_is_taken_whatever_it_ends_in_but_names_come_first(toy_path, monkeypatch):
    monkeypatch.chdir(toy_path.parent)
    package = load_package("toy")
    for name in ("other.bin", "toy"):
        Path(name).write_bytes(toy_path.read_bytes() if name == "other.bin" else b"not the package of that name")
        assert load_package(name).identity == package.identity


@pytest.mark.parametrize("name", ["photo.png", "./photo.png"])
def test_a_file_that_is_no_package_is_said_to_be_none(photo, monkeypatch, name):
    monkeypatch.chdir(photo.parent)
    with pytest.raises(CorruptData, match=r"photo\.png is not a codec package"):
        load_package(name)


def test_packing_is_deterministic():
    assert toy_package_bytes() == toy_package_bytes()


def test_absent_packages_are_named_with_what_is_there(toy_path):
    with pytest.raises(PackageUnavailable, match=r"no package named 'none' is installed; installed: toy \("):
        load_package("none")
    with pytest.raises(PackageUnavailable, match=r"none\.xcm does not exist"):
        load_package(toy_path.parent / "none.xcm")
    with pytest.raises(PackageUnavailable, match=r"needs package 'lost' with SHA-256 0{16}….*toy"):
        package_by_identity(bytes(8), "lost")


def test_unknown_decoder_names_those_there(toy_path):
    with pytest.raises(UsageError, match="has no decoder 'task'; it has: fidelity"):
        load_package(toy_path).decoder("task")


def test_every_kind_of_damage_is_refused(toy_path):
    good = toy_path.read_bytes()
    damaged = {
        "not a package": b"PK nonsense",
        "cut": good[: len(good) // 2],
        "part changed": rebuilt(lambda entries: entries.update({TABLES: entries[TABLES] + b"x"})),
        "part missing": rebuilt(lambda entries: entries.pop(TABLES)),
        "part added": rebuilt(lambda entries: entries.update({"extra": b""})),
        "card unreadable": rebuilt(lambda entries: entries.update({CARD: b"{"})),
        "card of other keys": rebuilt(edit_card(colour="blue")),
        "decoder named but absent": rebuilt(edit_card(decoders=["fidelity", "task"])),
    }
    for kind, data in damaged.items():
        with pytest.raises(CorruptData):
            parse_package(data, toy_path)
        assert data != good, kind


def test_compressed_parts_are_refused(toy_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CARD, b"0" * 10**6)
    with pytest.raises(CorruptData, match="without compression"):
        parse_package(buffer.getvalue(), toy_path)


def test_later_format_says_update(toy_path):
    with pytest.raises(UnsupportedData, match="update crosscodec"):
        parse_package(rebuilt(edit_card(format=FORMAT + 1)), toy_path)


def test_every_shipped_package_loads_and_codes():
    """The contract of a shipped package: hashes right, networks start, a picture comes back in its size."""
    paths = sorted(SHIPPED.glob("*.xcm"))
    assert paths, "at least photo-denoise is shipped"
    for path in paths:
        package = load_package(path)
        assert package.name == path.stem
        assert path.stat().st_size <= 16 << 20
        card = package.card
        height, width = card.size or (2 * card.block, card.block)
        picture = np.full((1, card.planes, height, width), 0.5, np.float32)
        latents = package.encoder(picture)
        assert latents.shape == (1, package.entropy.channels, 1 if card.size else 2, 1)
        values = np.rint(latents)
        if package.qualities is not None:
            level = package.qualities.at(card.qualities.default)
            values = level.values(level.symbols(latents[0]))[np.newaxis]
            sizes = {package.entropy_at(quality).channels for quality in card.qualities.anchors}
            assert sizes == {package.qualities.channels}, "tables of every anchor"
        for name in package.decoders:
            noise = np.zeros((1, card.noise.get(name, 0), *latents.shape[2:]), np.float32)
            assert package.decoder(name)(np.concatenate([values, noise], 1)).shape == picture.shape
        for name in card.judges:
            assert package.judge(name)(picture).shape[0] == 1


@pytest.fixture
def small(tmp_path):
    return parse_package(small_package_bytes(DitherCard(3, True), noise=4), tmp_path / "small.xcm")


def test_a_judge_gives_a_number_for_each_class(small):
    pictures = np.stack([np.zeros((1, 6, 8)), np.ones((1, 6, 8))]).astype(np.float32)
    guesses = small.judge("clean")(pictures).argmax(1)
    assert [small.card.classes[guess] for guess in guesses] == ["dark", "bright"]
    with pytest.raises(UsageError, match="package small has no judge 'odd'; it has: clean"):
        small.judge("odd")


def test_a_package_without_judges_says_so(toy_path):
    with pytest.raises(UsageError, match="has no judge 'clean'; it has none"):
        load_package(toy_path).judge("clean")


def test_a_package_of_format_one_has_the_bytes_it_always_had(toy_path):
    """The card names no field that older releases do not know."""
    with zipfile.ZipFile(toy_path) as archive:
        card = json.loads(archive.read(CARD))
    assert card["format"] == 1
    assert list(card)[-3:] == ["notes", "parts", "format"]


def repacked(package, **changes):
    """The bytes of a package with its card changed."""
    return pack(replace(package.card, **changes), package.parts)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"judges": ("clean", "odd")}, "classifier-odd.onnx is missing"),
        ({"levels": (9, 9)}, "levels for 2 channels, the tables 4"),
        ({"dither": DitherCard(4, True)}, "common dither at 4 levels needs as many tables a channel"),
    ],
)
def test_parts_and_card_must_agree(small, changes, message):
    with pytest.raises(CorruptData, match=message):
        parse_package(repacked(small, **changes), small.path)


def test_a_file_is_opened_once_while_it_stays_the_same(toy_path):
    package = load_package("toy")
    assert load_package(toy_path) is package
    assert package_by_identity(package.identity) is package
    toy_path.write_bytes(rebuilt(edit_card(task="another")))
    os.utime(toy_path, ns=(1, 1))
    assert load_package("toy").card.task == "another"


def test_a_task_refers_to_a_package_by_file_and_identity(toy_path, tmp_path, monkeypatch):
    package = load_package(toy_path)
    sent = pickle.dumps(package)
    assert len(sent) < 500
    assert pickle.loads(sent) is package
    toy_path.rename(tmp_path / "moved.xcm")  # another machine, where it lies elsewhere
    assert pickle.loads(sent).sha256 == package.sha256
    monkeypatch.delenv(SEARCH_VARIABLE)
    with pytest.raises(PackageUnavailable, match="needs package 'toy'"):
        pickle.loads(sent)


@pytest.fixture
def steps(tmp_path):
    return parse_package(quality_package_bytes(), tmp_path / "steps.xcm")


def test_qualities_of_a_package(steps):
    assert steps.card.format == 3
    assert steps.card.qualities.anchors == ANCHORS == steps.qualities.anchors
    assert (steps.quality_of(None), steps.quality_of(0), steps.quality_of(100)) == (55, 0, 100)
    assert steps.quality_of(np.int64(70)) == 70
    assert type(steps.quality_of(np.uint8(70))) is int
    for wrong in (-1, 101, 50.0, "50"):
        with pytest.raises(UsageError, match="a quality is a whole number of 0 to 100"):
            steps.quality_of(wrong)
    assert (steps.level(30).anchor, steps.level(30).level) == (2, 0.3)


def test_a_package_of_one_quality_has_no_other(toy_path):
    package = load_package(toy_path)
    assert (package.qualities, package.level(0), package.quality_of(None)) == (None, None, None)
    assert package.entropy_at(0) is package.entropy
    with pytest.raises(UsageError, match="package toy has one quality only"):
        package.quality_of(50)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda parts: parts.pop(QUALITIES), "qualities.bin is missing"),
        (lambda parts: parts.pop(tables_part(3)), "tables-3.bin is missing"),
        (lambda parts: parts.pop(contexts_part(0)), "contexts-0.json is missing"),
        (lambda parts: parts.update({TABLES: b""}), "a package with qualities has no tables.bin"),
        (lambda parts: parts.update({CONTEXTS: b"", TABLES: b""}), "has no contexts.json, tables.bin"),
        (lambda parts: parts.update({QUALITIES: parts[QUALITIES][:-1]}), "qualities are damaged"),
    ],
)
def test_parts_of_qualities_are_all_there_and_no_others(tmp_path, damage, message):
    parts = quality_parts()
    damage(parts)
    with pytest.raises(CorruptData, match=message):
        parse_package(pack(quality_card(), parts), tmp_path / "steps.xcm")


def test_a_further_encoder_is_a_part_of_its_own(tmp_path):
    package = parse_package(quality_package_bytes(best=True), tmp_path / "steps.xcm")
    assert (package.card.format, package.encoders) == (6, ("default", "best"))
    assert (package.encoder_halo("default"), package.encoder_halo("best")) == (0, 4)
    assert package.encoder_named("default") is package.encoder
    assert package.encoder_named("best") is package.encoder_named("best") is not package.encoder
    with pytest.raises(UsageError, match="package steps has no encoder 'fast'; it has: default, best"):
        package.encoder_named("fast")
    with pytest.raises(CorruptData, match=r"encoder-best.onnx is missing"):
        parse_package(pack(quality_card(best=True), quality_parts()), tmp_path / "steps.xcm")


def test_only_the_encoder_that_is_used_is_started(tmp_path):
    package = parse_package(quality_package_bytes(best=True), tmp_path / "steps.xcm")
    encode_pixels(np.zeros((8, 8, 3), np.uint8), package, encoder="best")
    assert list(package._started) == [encoder_part("best")]


def test_mirrored_passes_of_encoders_and_decoders(tmp_path):
    channels = parse_package(quality_package_bytes(), tmp_path / "steps.xcm").qualities.channels
    card = replace(quality_card(best=True), parities=(0, 1, 2, 3) * (channels // 4) + (0,) * (channels % 4))
    parts = parse_package(quality_package_bytes(best=True), tmp_path / "steps.xcm").parts
    package = parse_package(pack(card, parts), tmp_path / "mirrored.xcm")
    assert (package.card.format, package.encoders) == (7, ("default", "best"))
    assert package.encoder_halo("best-x4") == package.encoder_halo("best") == 4
    picture = np.random.default_rng(0).random((24, 40, 3)).astype(np.float32)
    once, often = (encode_pixels(picture, package, encoder=name).data for name in ("best", "best-x4"))
    assert decode_bytes(often, package, decoder="fidelity-x2").decoder == "fidelity-x2"
    assert decode_bytes(once, package).pixels.shape == decode_bytes(often, package, "fidelity-x4").pixels.shape
    with pytest.raises(UsageError, match="package steps has no encoder 'fast-x4'; it has: default, best"):
        package.encoder_named("fast-x4")
    with pytest.raises(UsageError, match="has no decoder 'best-x4'; it has: fidelity"):
        package.decoder("best-x4")
    plain = parse_package(pack(replace(card, parities=()), parts), tmp_path / "plain.xcm")
    with pytest.raises(UsageError, match=r"does not say how its coefficients are mirrored \(parities\): take best"):
        plain.require_encoder("best-x4")
    short = parse_package(pack(replace(card, parities=(0, 1)), parts), tmp_path / "short.xcm")
    with pytest.raises(CorruptData, match="the card has parities of 2 channels"):
        short.encoder_named("best-x2")


@pytest.fixture
def choosing(tmp_path):
    return parse_package(choosing_package_bytes(), tmp_path / "steps.xcm")


FLAT = np.full((32, 40, 3), 120, np.uint8)


GRAINY = np.random.default_rng(0).integers(90, 150, (32, 40, 3), dtype=np.uint8)


def test_auto_is_the_encoder_that_is_foretold_to_cost_least(choosing):
    assert (choosing.card.format, choosing.card.automatic) == (8, ("default", "best"))
    assert choosing.encoders == ("default", "best")
    assert choosing.encoders_of("auto") == ("default", "best")
    assert [choosing.encoder_for(picture, "auto") for picture in (FLAT, GRAINY)] == ["default", "best"]
    assert [choosing.encoder_for(picture, "default") for picture in (FLAT, GRAINY)] == ["default"] * 2
    for method in (choosing.encoders_of, choosing.encoder_named):
        with pytest.raises(UsageError, match="package steps has no encoder 'fast'; it has: default, best"):
            method("fast")


def test_auto_can_have_passes(choosing, tmp_path):
    with pytest.raises(UsageError, match="does not say how its coefficients are mirrored"):
        choosing.encoders_of("auto-x4")
    card = replace(choosing.card, parities=(0,) * choosing.qualities.channels)
    mirrored = parse_package(pack(card, choosing.parts), tmp_path / "mirrored.xcm")
    assert mirrored.encoder_for(GRAINY, "auto-x4") == "best-x4"


def test_a_package_of_format_nine_chooses_by_the_mosaic(tmp_path):
    package = parse_package(choosing_package_bytes(mosaic=True), tmp_path / "steps.xcm")
    assert (package.card.format, package.card.grain) == (9, 18)
    counted = GRAINY.copy()
    counted[1::2, :, 2] = counted[::2, :, 2] // 2 + 60  # quieter, at every second row
    assert [package.encoder_for(picture, "auto") for picture in (FLAT, GRAINY, counted)] == [
        "default",
        "default",
        "best",
    ]


def test_without_a_choice_auto_is_the_default_encoder(tmp_path):
    package = parse_package(quality_package_bytes(best=True), tmp_path / "steps.xcm")
    assert package.encoders_of("auto") == ("default",)
    assert package.encoder_for(GRAINY, "auto") == "default"


def test_a_choice_that_is_missing_or_of_another_number_is_named(choosing, tmp_path):
    parts = {name: part for name, part in choosing.parts.items() if name != CHOICE}
    with pytest.raises(CorruptData, match=r"choice\.onnx is missing"):
        parse_package(pack(choosing.card, parts), tmp_path / "steps.xcm")
    card = replace(choosing.card, encoders={"best": 4, "more": 4}, automatic=("default", "best", "more"))
    parts = choosing.parts | {encoder_part("more"): choosing.parts[encoder_part("best")]}
    three = parse_package(pack(card, parts), tmp_path / "steps.xcm")
    with pytest.raises(CorruptData, match=r"choice.onnx gives \(1, 2\) numbers for 3 encoders"):
        three.encoder_for(GRAINY, "auto")
    longer = parse_package(pack(replace(choosing.card, grain=18), choosing.parts), tmp_path / "steps.xcm")
    with pytest.raises(CorruptData, match=r"choice.onnx takes \(1, 12\) numbers, the card's grain is 18"):
        longer.encoder_for(GRAINY, "auto")


def test_anchors_of_card_and_part_must_agree(tmp_path):
    card = replace(quality_card(), qualities=QualityCard((0, 50, 100), 50))
    with pytest.raises(CorruptData, match="8 rows of gains do not serve 3 anchors"):
        parse_package(pack(card, quality_parts()), tmp_path / "steps.xcm")


def test_what_training_needs_is_found_in_one_place():
    from_codec = (crosscodec.codec.QUALITIES, crosscodec.codec.tables_part(2), crosscodec.codec.contexts_part(2))
    assert from_codec == ("qualities.bin", "tables-2.bin", "contexts-2.json")
    assert crosscodec.codec.Qualities is Qualities
    assert crosscodec.codec.QualityCard is QualityCard
