"""The table of a sweep: finished runs alone, numbers in order, settings that a grid did not name from the recipe."""

import csv
import io
import json

import pytest

from crosscodec.errors import CorruptData
from crosscodec.sweep.states import RunState, Status, write_state
from crosscodec.sweep.table import finished_runs, table_text, write_table

LABELLED = "task\tdecoder\tbits\n"
PHOTOS = "method\tpicture\tpsnr\n"


def run(out, name, settings, scores="", recipe=None, status=Status.DONE):
    folder = out / name
    folder.mkdir()
    write_state(folder, RunState("0123456789ab", settings, "crosscodec train x.toml", status, seconds=2.5))
    (folder / "recipe.json").write_text(json.dumps(recipe or {}))
    if scores:
        (folder / "scores.tsv").write_text(scores)


def lines(out):
    return list(csv.reader(io.StringIO(write_table(out).read_text()), delimiter="\t"))


def test_settings_are_columns_and_rows_are_in_the_order_of_their_values(tmp_path):
    for rate in (10, 9, 0.5):
        run(tmp_path, f"r{rate}", {"objective.lambda_rate": rate}, LABELLED + f"t\ta\t{rate}\nt\tb\t1\n")
    run(tmp_path, "broken", {"objective.lambda_rate": 7}, status=Status.FAILED)
    run(tmp_path, "going", {"objective.lambda_rate": 8}, status=Status.RUNNING)
    (tmp_path / "judges").mkdir()
    header, *rows = lines(tmp_path)
    assert header == ["run", "id", "objective.lambda_rate", "seconds", "task", "decoder", "bits"]
    assert [row[2] for row in rows] == ["0.5", "0.5", "9", "9", "10", "10"]
    assert rows[0] == ["r0.5", "0123456789ab", "0.5", "2.5", "t", "a", "0.5"]


def test_runs_of_several_grids_go_together(tmp_path):
    recipe = {"objective": {"lambda_rate": 0.25}, "training": {"seed": 4}, "decoders": [{"steps": 6}]}
    run(
        tmp_path,
        "a",
        {"objective.lambda_rate": 0.5},
        LABELLED + "t\ta\t1\n",
        recipe | {"objective": {"lambda_rate": 0.5}},
    )
    run(tmp_path, "b", {"training.seed": 9, "decoders.0.steps": 7}, LABELLED + "t\ta\t1\n", recipe)
    run(tmp_path, "c", {"data.sets": ["x", "y"], "model.on": True}, "", recipe)
    header, *rows = lines(tmp_path)
    records = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert (records["a"]["training.seed"], records["a"]["decoders.0.steps"]) == ("4", "6")
    assert (records["b"]["objective.lambda_rate"], records["b"]["training.seed"]) == ("0.25", "9")
    assert (records["c"]["data.sets"], records["c"]["model.on"], records["c"]["bits"]) == ('["x", "y"]', "true", "")
    assert records["b"]["model.on"] == ""


def test_of_photos_the_means_alone(tmp_path):
    run(tmp_path, "p", {}, PHOTOS + "x q20\tcat\t1\nx q20\tmean\t2\nx q80\tmean\t3\n")
    header, *rows = lines(tmp_path)
    assert [row[header.index("psnr")] for row in rows] == ["2", "3"]


def test_nothing_done_is_a_header(tmp_path):
    assert table_text(finished_runs(tmp_path)) == "run\tid\tseconds\n"


def test_damaged_scores_are_named(tmp_path):
    run(tmp_path, "p", {}, PHOTOS + "x\tmean\n")
    with pytest.raises(CorruptData, match="line 2: 2 cells under 3 columns"):
        write_table(tmp_path)
