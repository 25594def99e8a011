import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from crosscodec.codec.card import LATER_FIELDS, DitherCard, PackageCard, card_json, parse_card
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


def test_a_card_comes_back_as_it_was():
    parts = {"a": "00"}
    for card, number in ((PLAIN, 1), (FULL, 2)):
        assert parse_card(card_json(card, parts), PATH) == replace(card, parts=parts, format=number)


def test_a_plain_card_is_of_format_one_and_has_its_keys_alone():
    written = json.loads(card_json(PLAIN, {}))
    assert written["format"] == 1
    assert list(written) == [f.name for f in fields(PackageCard) if f.name not in LATER_FIELDS]


@pytest.mark.parametrize("name", LATER_FIELDS)
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
        ({"format": 1}, "format 1 has no classes, dither, judges, levels, noise, planes, size"),
    ],
)
def test_what_cannot_be_is_named(changes, message):
    card = json.loads(card_json(FULL, {})) | changes
    card = {key: value for key, value in card.items() if value is not None}
    with pytest.raises(CorruptData, match=message):
        parse_card(json.dumps(card).encode(), PATH)


def test_a_card_that_is_made_wrongly_is_a_usage_error():
    with pytest.raises(UsageError, match="private noise"):
        replace(PLAIN, noise={"perception": 3})
