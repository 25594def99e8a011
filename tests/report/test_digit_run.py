"""What a run over labelled pictures says of itself, and what is refused."""

import json

import numpy as np
import pytest
from PIL import Image

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.report.digit_run import Verdict, read_digit_run


def test_versions_with_pictures_and_verdicts(digit_run):
    found = read_digit_run(digit_run)
    assert found.labels == ("7", "<b>", "1")
    assert found.settings["file_bytes"] == 1234
    assert [(version.name, version.ours) for version in found.versions] == [
        ("degraded", False), ("sharp", True), ("clean", False),
    ]  # fmt: skip
    degraded, sharp, clean = found.versions
    assert (sharp.mse_clean, sharp.mse_degraded, sharp.right_frozen, sharp.right_head) == ("0.0457", "0.0123", "2", "2")
    assert degraded.right_head == ""
    assert sharp.verdicts[1] == Verdict("8", "<b>", False, True)
    assert sharp.verdicts[2] == Verdict("1", "0", True, False)
    assert clean.verdicts[1] == Verdict("<b>", "", True, False)
    for index, picture in enumerate(sharp.pictures):
        assert np.array_equal(np.asarray(picture), np.full((4, 5), 120 + index))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("settings.json", "{"),
        ("settings.json", "[]"),
        ("settings.json", json.dumps({"package": "p"})),
        ("scores.tsv", "version\timages\n"),
        ("scores.tsv", "what\na\n"),
        ("verdicts.tsv", "version\tindex\tlabel\tfrozen\thead\ndegraded\t0\t7\t7\t\n"),
        ("verdicts.tsv", "index\tlabel\n0\t7\n"),
    ],
)
def test_damage_is_named(digit_run, name, text):
    (digit_run / name).write_text(text)
    with pytest.raises(CorruptData):
        read_digit_run(digit_run)


def test_pictures_must_be_there_and_fit(digit_run):
    Image.new("L", (10, 4)).save(digit_run / "pictures" / "sharp.png")
    with pytest.raises(CorruptData, match="15"):
        read_digit_run(digit_run)
    (digit_run / "pictures" / "sharp.png").unlink()
    with pytest.raises(InputMissing, match=r"sharp\.png"):
        read_digit_run(digit_run)
