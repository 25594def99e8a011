"""The table of labelled sets: rows are added and never doubled, means over seeds carry intervals."""

import dataclasses
import math
import subprocess
import sys

import pytest

from crosscodec.errors import CorruptData, OutputExists
from crosscodec.evaluate.labelled_scores import (
    COLUMNS,
    LabelledScore,
    add_labelled,
    labelled_text,
    mean_labelled,
    means_text,
    read_labelled,
    require_new,
    write_labelled,
)

FIRST = LabelledScore(
    "mnist:test down:4", "ours", 0, "fidelity", 100, 11.9, 12.0, 12.1, 0.01, 0.04, 0.9, 0.5, 0.95, 0.25, 0.1, 3.5, 0.05,
    0.06, 1.5, 2.5,
)  # fmt: skip
SECOND = dataclasses.replace(FIRST, seed=1, accuracy_frozen=0.92, frechet=None)
OTHER = LabelledScore("mnist:test down:4", "ours", 0, "perception", 100, mse_degraded=0.07)


def test_rows_are_added_and_read_back(tmp_path):
    path = tmp_path / "scores.tsv"
    add_labelled(path, [FIRST, OTHER])
    add_labelled(path, [SECOND])
    assert read_labelled(path) == [FIRST, OTHER, SECOND]
    assert path.read_text() == labelled_text([FIRST, OTHER, SECOND])
    assert path.read_text().splitlines()[0].split("\t") == list(COLUMNS)


def test_no_row_is_there_twice(tmp_path):
    path = tmp_path / "scores.tsv"
    add_labelled(path, [FIRST, OTHER])
    before = path.read_text()
    changed = dataclasses.replace(FIRST, mse_clean=0.5)
    with pytest.raises(OutputExists, match=r"ours, 0, fidelity"):
        add_labelled(path, [SECOND, changed])
    assert path.read_text() == before
    add_labelled(path, [changed, SECOND], overwrite=True)
    assert read_labelled(path) == [OTHER, changed, SECOND]
    require_new(path, [("another", *FIRST.key[1:])])
    require_new(tmp_path / "none.tsv", [FIRST.key])


def test_a_table_is_written_whole_and_without_doubles(tmp_path):
    path = tmp_path / "scores.tsv"
    write_labelled(path, [FIRST, SECOND])
    assert read_labelled(path) == [FIRST, SECOND]
    with pytest.raises(OutputExists, match="exists already"):
        write_labelled(path, [OTHER])
    with pytest.raises(OutputExists, match="twice"):
        write_labelled(path, [OTHER, FIRST, OTHER], overwrite=True)
    write_labelled(path, [OTHER], overwrite=True)
    assert read_labelled(path) == [OTHER]


def test_many_processes_add_to_one_table(tmp_path):
    path = tmp_path / "scores.tsv"
    code = (
        "import sys; from pathlib import Path; from crosscodec.evaluate.labelled_scores import *\n"
        "for seed in range(25): add_labelled(Path(sys.argv[1]), [LabelledScore('t', sys.argv[2], seed, 'd', 1)])"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "abc"]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert {row.key for row in read_labelled(path)} == {("t", name, seed, "d") for name in "abc" for seed in range(25)}
    assert len(read_labelled(path)) == 75


def test_means_over_seeds():
    third = dataclasses.replace(FIRST, seed=2, accuracy_frozen=0.94)
    fidelity, perception = mean_labelled([FIRST, OTHER, SECOND, third])
    assert (fidelity.task, fidelity.method, fidelity.decoder, fidelity.seeds) == (
        "mnist:test down:4", "ours", "fidelity", 3,
    )  # fmt: skip
    accuracy = fidelity.intervals["accuracy_frozen"]
    assert accuracy.mean == pytest.approx(0.92)
    assert accuracy.half_width == pytest.approx(4.302653 * 0.02 / math.sqrt(3), rel=1e-6)
    assert fidelity.intervals["frechet"] is None  # one seed lacks it
    assert perception.seeds == 1
    assert perception.intervals["mse_degraded"].half_width is None
    lines = [line.split("\t") for line in means_text([fidelity, perception]).splitlines()]
    assert [len(line) for line in lines] == [len(lines[0])] * 3
    row = dict(zip(lines[0], lines[1], strict=True))
    assert (row["seeds"], row["accuracy_frozen"], row["accuracy_frozen_half_width"]) == ("3", "0.92", "0.0496828")
    assert row["frechet"] == row["frechet_half_width"] == ""


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text.replace("frechet", "fid"),
        lambda text: text.replace("11.9", "much"),
        lambda text: text[:-9],
        lambda text: text.rstrip("\n"),
        lambda text: text + "ours\n",
    ],
)
def test_a_damaged_table_is_refused_and_not_added_to(tmp_path, damage):
    path = tmp_path / "scores.tsv"
    path.write_text(damage(labelled_text([FIRST, OTHER])))
    before = path.read_text()
    for action in (lambda: read_labelled(path), lambda: add_labelled(path, [SECOND])):
        with pytest.raises(CorruptData):
            action()
    assert path.read_text() == before
