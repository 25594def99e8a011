"""The file of a package: the same bytes each time, parts by name, nothing amiss unseen."""

import io
import zipfile
from pathlib import Path

import pytest
from qualitypackage import quality_card, quality_parts
from toypackage import toy_package_bytes

from crosscodec.codec.archive import (
    CONTEXTS,
    ENCODER,
    QUALITIES,
    TABLES,
    contexts_part,
    decoder_part,
    encoder_part,
    judge_part,
    needed_parts,
    pack,
    tables_part,
    unpack,
)
from crosscodec.errors import CorruptData

PATH = Path("steps.xcm")


def test_names_of_parts():
    assert (ENCODER, TABLES, CONTEXTS, QUALITIES) == ("encoder.onnx", "tables.bin", "contexts.json", "qualities.bin")
    assert (decoder_part("task"), judge_part("clean")) == ("decoder-task.onnx", "classifier-clean.onnx")
    assert (encoder_part("default"), encoder_part("best")) == (ENCODER, "encoder-best.onnx")
    assert (tables_part(0), contexts_part(11)) == ("tables-0.bin", "contexts-11.json")


def test_what_is_packed_is_unpacked():
    parts = quality_parts()
    card, found = unpack(pack(quality_card(), parts), PATH)
    assert found == parts
    assert card.qualities == quality_card().qualities
    assert sorted(parts) == sorted(needed_parts(card)) == sorted(card.parts)


def test_any_tool_can_look_inside():
    with zipfile.ZipFile(io.BytesIO(pack(quality_card(), quality_parts()))) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "card.json"
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_package_of_one_quality_needs_tables_alone():
    card, parts = unpack(toy_package_bytes(), PATH)
    assert sorted(needed_parts(card)) == sorted(parts) == ["decoder-fidelity.onnx", "encoder.onnx", "tables.bin"]


@pytest.mark.parametrize("part", quality_parts(best=True))
def test_each_part_is_missed_and_its_damage_noticed(part):
    parts = quality_parts(best=True)
    data = pack(quality_card(best=True), parts)
    place = data.index(parts[part])
    flipped = bytearray(data)
    flipped[place + len(parts[part]) // 2] ^= 8
    with pytest.raises(CorruptData):
        unpack(bytes(flipped), PATH)
    del parts[part]
    with pytest.raises(CorruptData, match=f"{part} is missing"):
        unpack(pack(quality_card(best=True), parts), PATH)
