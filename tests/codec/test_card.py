import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from crosscodec.codec.card import LATER_FIELDS, DitherCard, PackageCard, QualityCard, card_json, parse_card
from crosscodec.errors import CorruptData, UnsupportedData, UsageError

PATH = Path("toy.xcm")
PLAIN = PackageCard("toy", "task", "noise:25", ("none",), ("gray",), 4, 0, ("fidelity", "perception"), "MIT")
FULL = replace(
    PLAIN,
    planes=1,
    size=(28, 30),
    levels=(3, 4),
    dither=DitherCard(5, True),
    noise={"perception": 16},
    classes=("0", "1"),
    judges=("clean", "on-fidelity"),
)
FORETOLD = replace(PLAIN, qualities=QualityCard((0, 100), 50), predicted=(0, 7))
WEIGHTED = replace(FORETOLD, weighted=True)
NETWORKED = replace(FORETOLD, networked=True)
TWO_ENCODERS = replace(PLAIN, encoders={"best": 96, "x-2": 0})
CHOOSING = replace(TWO_ENCODERS, automatic=("default", "best"))
BY_MOSAIC = replace(CHOOSING, grain=18)
SEVERAL = replace(PLAIN, qualities=QualityCard((0, 40, 100), 50), classes=("0", "1"))


def test_a_card_comes_back_as_it_was():
    parts = {"a": "00"}
    cards = (PLAIN, FULL, SEVERAL, FORETOLD, WEIGHTED, TWO_ENCODERS, NETWORKED, CHOOSING, BY_MOSAIC)
    for number, card in enumerate(cards, 1):
        assert parse_card(card_json(card, parts), PATH) == replace(card, parts=parts, format=number)


def test_a_plain_card_is_of_format_one_and_has_its_keys_alone():
    written = json.loads(card_json(PLAIN, {}))
    assert written["format"] == 1
    assert list(written) == [f.name for f in fields(PackageCard) if f.name not in LATER_FIELDS]


def test_qualities_make_the_card_format_three_and_are_written_alone():
    written = json.loads(card_json(replace(SEVERAL, classes=()), {}))
    assert written["format"] == 3
    assert set(written) & set(LATER_FIELDS) == {"qualities"}
    assert written["qualities"] == {"anchors": [0, 40, 100], "default": 50}


def test_encoders_make_the_card_format_six_and_are_written_alone():
    written = json.loads(card_json(TWO_ENCODERS, {}))
    assert written["format"] == 6
    assert set(written) & set(LATER_FIELDS) == {"encoders"}
    assert written["encoders"] == {"best": 96, "x-2": 0}


LATER_STILL = ("qualities", "predicted", "weighted", "encoders", "networked", "parities", "automatic", "grain")
OF_FORMAT_TWO = [name for name in LATER_FIELDS if name not in LATER_STILL]


@pytest.mark.parametrize("name", OF_FORMAT_TWO)
def test_each_later_field_makes_the_card_format_two_and_is_written_alone(name):
    base = (
        replace(PLAIN, size=(8, 8))
        if name == "noise"
        else replace(PLAIN, classes=("0",))
        if name == "judges"
        else PLAIN
    )
    written = json.loads(card_json(replace(base, **{name: getattr(FULL, name)}), {}))
    assert written["format"] == 2
    assert name in written
    assert set(written) & set(LATER_FIELDS) <= {name, "size", "classes"}


def test_the_page_lists_the_later_fields():
    page = (Path(__file__).parents[2] / "docs" / "format.md").read_text("utf-8")
    section = page.partition("\n## Card\n")[2].partition("\n## ")[0]
    assert [row.split("`")[1] for row in section.splitlines() if row.startswith("| `")] == list(LATER_FIELDS)


def test_a_release_of_format_one_says_update():
    with pytest.raises(UnsupportedData, match=r"package format 2; this release reads up to 1: update crosscodec"):
        parse_card(card_json(FULL, {}), PATH, newest=1)
    assert parse_card(card_json(PLAIN, {}), PATH, newest=1) == PLAIN
    with pytest.raises(UnsupportedData, match=r"package format 3; this release reads up to 2: update crosscodec"):
        parse_card(card_json(SEVERAL, {}), PATH, newest=2)
    with pytest.raises(UnsupportedData, match=r"package format 4; this release reads up to 3: update crosscodec"):
        parse_card(card_json(FORETOLD, {}), PATH, newest=3)
    with pytest.raises(UnsupportedData, match=r"package format 5; this release reads up to 4: update crosscodec"):
        parse_card(card_json(WEIGHTED, {}), PATH, newest=4)
    with pytest.raises(UnsupportedData, match=r"package format 6; this release reads up to 5: update crosscodec"):
        parse_card(card_json(TWO_ENCODERS, {}), PATH, newest=5)
    with pytest.raises(UnsupportedData, match=r"package format 7; this release reads up to 6: update crosscodec"):
        parse_card(card_json(NETWORKED, {}), PATH, newest=6)
    with pytest.raises(UnsupportedData, match=r"package format 8; this release reads up to 7: update crosscodec"):
        parse_card(card_json(CHOOSING, {}), PATH, newest=7)
    assert parse_card(card_json(WEIGHTED, {}), PATH, newest=5) == replace(WEIGHTED, format=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"planes": 2}, "3 planes, or 1 for gray alone"),
        ({"planes": True}, "3 planes"),
        ({"planes": 1, "channels": ["gray", "rgb"]}, "3 planes, or 1 for gray alone"),
        ({"size": [28]}, r"size of a package's pictures is \(height, width\)"),
        ({"size": [28, 0]}, "size of a package's pictures"),
        ({"levels": [3, 0]}, "levels are whole numbers of 1"),
        ({"levels": [3, 2.5]}, "levels are whole numbers"),
        ({"dither": {"levels": 65, "common": True}}, "dither has 1 to 64 levels"),
        ({"dither": {"levels": 4, "common": "False"}}, "common or not; these are 4, 'False'"),
        ({"dither": {"levels": 4}}, "common"),
        ({"noise": {"task": 3}}, "noise is 1 to 65536 numbers for one of fidelity, perception"),
        ({"noise": {"perception": 0}}, "not 0 for 'perception'"),
        ({"noise": {"perception": 3}, "size": None}, "private noise is for packages of one picture size"),
        ({"noise": [1]}, "cannot be read"),
        ({"judges": ["clean"], "classes": []}, "judges clean guess classes, and the card names none"),
        ({"colour": "blue"}, "colour"),
        ({"format": 5, "weighted": True}, "with common dither they are the levels of the dither"),
        ({"format": 7, "networked": True}, "contexts are by networks or not, of a package with qualities"),
        ({"format": 1}, "format 1 has no classes, dither, judges, levels, noise, planes, size"),
    ],
)
def test_what_cannot_be_is_named(changes, message):
    card = json.loads(card_json(FULL, {})) | changes
    card = {key: value for key, value in card.items() if value is not None}
    with pytest.raises(CorruptData, match=message):
        parse_card(json.dumps(card).encode(), PATH)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format 2 has no qualities"),
        ({"format": 1}, "format 1 has no classes, qualities"),
        ({"size": [8, 8]}, "a package with qualities has no size"),
        ({"levels": [3]}, "has no levels"),
        ({"dither": {"levels": 3, "common": False}}, "has no dither"),
        ({"size": [8, 8], "noise": {"fidelity": 1}}, "has no size, noise"),
        ({"qualities": {"anchors": [0, 100]}}, "default"),
        ({"qualities": {"anchors": [0, 100], "default": 5, "names": []}}, "names"),
        ({"qualities": [0, 100]}, "cannot be read"),
        ({"qualities": {"anchors": 100, "default": 5}}, "cannot be read"),
        ({"qualities": None}, "cannot be read"),
        ({"format": 3, "predicted": [0]}, "format 3 has no predicted"),
        ({"format": 4, "predicted": [3, 3]}, "predicted channels are whole numbers from 0 that rise"),
        ({"format": 4, "predicted": [-1]}, "predicted channels are whole"),
        ({"format": 4, "predicted": [0.5]}, "predicted channels are whole"),
        ({"format": 4, "weighted": True}, "format 4 has no weighted"),
        ({"format": 5, "weighted": 1}, "contexts are weighted or not"),
        ({"format": 6, "networked": True}, "format 6 has no networked"),
        ({"format": 6, "parities": [0]}, "format 6 has no parities"),
        ({"format": 7, "parities": [0, 4]}, "parities are whole numbers of 0 to 3"),
        ({"format": 7, "networked": 1}, "contexts are by networks or not"),
        ({"format": 7, "networked": True, "weighted": True}, "and not weighted as well"),
    ],
)
def test_qualities_that_cannot_be_are_named(changes, message):
    with pytest.raises(CorruptData, match=message):
        parse_card(json.dumps(json.loads(card_json(SEVERAL, {})) | changes).encode(), PATH)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 5}, "format 5 has no encoders"),
        ({"encoders": {"default": 16}}, "which is not 'default'"),
        ({"encoders": {"Best": 16}}, "lower-case letters, digits and '-'.*not 'Best'"),
        ({"encoders": {"": 16}}, "not ''"),
        ({"encoders": {"../best": 16}}, "not '../best'"),
        ({"encoders": {"b" * 33: 16}}, "lower-case letters"),
        ({"encoders": {"best": -1}}, "halo of encoder best is 0 to 1024 pixels, not -1"),
        ({"encoders": {"best": 1025}}, "pixels, not 1025"),
        ({"encoders": {"best": 16.0}}, "pixels, not 16.0"),
        ({"encoders": {"best": True}}, "pixels, not True"),
        ({"encoders": {"best": None}}, "pixels, not None"),
        ({"encoders": ["best"]}, "cannot be read"),
        ({"encoders": []}, "cannot be read"),
        ({"encoders": None}, "cannot be read"),
        ({"size": [8, 8]}, "further encoders are for packages of pictures of any size; the card names one size"),
    ],
)
def test_encoders_that_cannot_be_are_named(changes, message):
    with pytest.raises(CorruptData, match=message):
        parse_card(json.dumps(json.loads(card_json(TWO_ENCODERS, {})) | changes).encode(), PATH)


def test_prediction_is_for_pictures_of_any_size():
    with pytest.raises(UsageError, match="predicted channels are for packages with qualities"):
        replace(PLAIN, predicted=(0,))


@pytest.mark.parametrize(
    ("anchors", "default"),
    [
        ((), 0),
        ((0,), 0),
        ((100,), 0),
        ((0, 99), 0),
        ((1, 100), 50),
        ((0, 50, 50, 100), 50),
        ((0, 60, 50, 100), 50),
        ((0, 50.0, 100), 50),
        ((False, 100), 50),
        ((0, 100), 101),
        ((0, 100), -1),
        ((0, 100), None),
        ((0, *range(1, 32), 100), 50),
    ],
)
def test_anchors_rise_from_0_to_100(anchors, default):
    with pytest.raises(UsageError, match="2 to 32 anchors, whole numbers that rise from 0 to 100"):
        QualityCard(anchors, default)


def test_as_many_anchors_as_are_allowed():
    assert len(QualityCard((0, *range(1, 31), 100), 0).anchors) == 32


def test_a_file_of_one_quality_claims_none():
    SEVERAL.require_quality(37)
    PLAIN.require_quality(0)
    with pytest.raises(CorruptData, match="claims quality 37; package toy has one quality, written as 0"):
        PLAIN.require_quality(37)


def test_a_card_that_is_made_wrongly_is_a_usage_error():
    with pytest.raises(UsageError, match="private noise"):
        replace(PLAIN, noise={"perception": 3})


@pytest.mark.parametrize("automatic", [["default"], ["default", "default"], ["default", "fast"], ["best", "auto"]])
def test_auto_chooses_among_encoders_that_are_there(automatic):
    card = json.loads(card_json(CHOOSING, {})) | {"automatic": automatic}
    with pytest.raises(CorruptData, match="automatic are two or more of the encoders default, best, x-2, each once"):
        parse_card(json.dumps(card).encode(), PATH)


@pytest.mark.parametrize("grain", [0, 13, 18.0, True, "12"])
def test_a_grain_is_of_twelve_or_eighteen_numbers(grain):
    card = json.loads(card_json(BY_MOSAIC, {})) | {"grain": grain}
    with pytest.raises(CorruptData, match="a grain of 12 or 18 numbers chooses among automatic encoders, not"):
        parse_card(json.dumps(card).encode(), PATH)


def test_a_grain_is_of_packages_that_choose():
    with pytest.raises(UsageError, match="among automatic encoders, not 18 among 0"):
        replace(BY_MOSAIC, automatic=())


def test_no_encoder_is_called_auto():
    with pytest.raises(UsageError, match="which is not 'default' or 'auto'"):
        replace(PLAIN, encoders={"auto": 4})
