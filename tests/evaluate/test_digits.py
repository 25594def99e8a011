"""A run for looking at: its pictures, verdicts and scores agree with each other and with the file."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from crosscodec.codec import decode_arrays, load_package
from crosscodec.errors import OutputExists, UsageError
from crosscodec.evaluate.digits import code_digits
from crosscodec.images.picture import to_uint8
from crosscodec.images.reading import read_picture

VERSIONS = ["degraded", "fidelity", "perception", "clean"]


def table(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="module")
def run(digit_samples, digits_package, tmp_path_factory):
    """A folder and what came back of making it; two labels are wrong on purpose, so that two verdicts are."""
    labels = digit_samples.labels.copy()
    labels[:2] = 5, 6
    folder = tmp_path_factory.mktemp("run")
    return folder, code_digits(dataclasses.replace(digit_samples, labels=labels), digits_package, folder / "new")


def test_scores_and_verdicts(run, clean_digits, digits_package):
    folder, result = run
    data = (folder / "new/coded.xcd").read_bytes()
    assert result.cost.file_bytes == len(data)
    assert [score.version for score in result.scores] == VERSIONS
    degraded, fidelity, perception, clean = result.scores
    restored = decode_arrays(data, load_package(digits_package))
    assert fidelity.mse_clean == pytest.approx(np.mean((restored - clean_digits) ** 2), rel=1e-5)
    assert degraded.mse_degraded == clean.mse_clean == 0.0
    assert degraded.mse_clean == clean.mse_degraded > 0.03
    assert (fidelity.images, fidelity.right_frozen, fidelity.right_head) == (30, 28, 28)
    assert perception.right_head is degraded.right_head is None
    rows = table(folder / "new/verdicts.tsv")
    assert len(rows) == 4 * 30
    assert [row["version"] for row in rows[::30]] == VERSIONS
    mine = [row for row in rows if row["version"] == "fidelity"]
    assert [(row["index"], row["label"], row["frozen"], row["head"]) for row in mine[:3]] == [
        ("0", "5", "0", "0"), ("1", "6", "1", "1"), ("2", "2", "2", "2"),
    ]  # fmt: skip
    assert sum(row["label"] == row["frozen"] for row in mine) == 28
    scores = table(folder / "new/scores.tsv")
    assert [(row["version"], row["right_frozen"], row["right_head"]) for row in scores][1:3] == [
        ("fidelity", "28", "28"), ("perception", "28", ""),
    ]  # fmt: skip


def test_pictures_and_settings(run, clean_digits, digits_package):
    folder, result = run
    assert sorted(path.name for path in (folder / "new").iterdir()) == [
        "coded.xcd", "pictures", "scores.tsv", "settings.json", "verdicts.tsv",
    ]  # fmt: skip
    for name in VERSIONS:
        row = read_picture(folder / f"new/pictures/{name}.png").pixels
        assert row.shape == (28, 30 * 28)
    assert np.array_equal(row[:, 28:56], to_uint8(clean_digits[1, ..., 0]))
    facts = json.loads((folder / "new/settings.json").read_text())
    assert (facts["images"], facts["height"], facts["width"], facts["degradation"]) == (30, 28, 28, "noise:50")
    assert facts["bits_file"] == result.cost.bits_file
    assert facts["package_sha256"] == load_package(digits_package).sha256


def test_what_is_there_stays_unless_told(digit_samples, digits_package, run):
    folder, _ = run
    before = (folder / "new/settings.json").read_bytes()
    with pytest.raises(OutputExists):
        code_digits(digit_samples, digits_package, folder / "new")
    assert (folder / "new/settings.json").read_bytes() == before


def test_mistakes_leave_nothing(digit_samples, digits_package, toy_package, tmp_path):
    with pytest.raises(UsageError, match="photos"):
        code_digits(digit_samples, toy_package, tmp_path / "out")
    with pytest.raises(UsageError, match="labels"):
        code_digits(dataclasses.replace(digit_samples, labels=None), digits_package, tmp_path / "out")
    assert not (tmp_path / "out").exists()
