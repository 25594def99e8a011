"""Runs of a grid: ids are the recipes' own, folders are found by them, and what cannot be meant starts nothing."""

from pathlib import Path

import pytest
from learn.transport.tiny import PERCEPTION, tiny_recipe, write_tiny

from crosscodec.errors import InputMissing, UsageError
from crosscodec.sweep.plan import plan_runs


def test_ids_are_those_of_the_recipes(tmp_path):
    recipe = write_tiny(tmp_path)
    runs = plan_runs(recipe, ["lambda_rate=0,1,seed=3:5"], tmp_path / "out")
    assert [run.name.rpartition("-")[0] for run in runs] == [
        "lambda_rate0-seed3", "lambda_rate0-seed4", "lambda_rate1-seed3", "lambda_rate1-seed4"
    ]  # fmt: skip
    changed = tiny_recipe({"objective": {"lambda_rate": 1.0}, "training": {"seed": 3}})
    assert runs[2].id == changed.identity()
    assert runs[2].folder.name.endswith(f"-{changed.identity()}")
    assert runs[2].settings == (("objective.lambda_rate", 1), ("training.seed", 3))
    assert runs[2].command == "crosscodec train tiny.toml --set objective.lambda_rate=1 --set training.seed=3"
    assert not (tmp_path / "out").exists()


def test_a_run_that_another_grid_named_otherwise_is_the_same(tmp_path):
    recipe = write_tiny(tmp_path)
    (first,) = plan_runs(recipe, ["seed=3", "latents=2"], tmp_path / "out")
    first.folder.mkdir(parents=True)
    (second,) = plan_runs(recipe, ["latents=2", "seed=3"], tmp_path / "out")
    assert second.folder == first.folder


def test_names_are_for_every_file_system(tmp_path):
    long = "package.name=" + ",".join(f'"{c * 90}/ü"' for c in "ab")
    for run in plan_runs(write_tiny(tmp_path), ["quantiser.codebooks=[4, 8],[2]", long], Path("out")):
        assert run.name.isascii()
        assert len(run.name) <= 80
        assert not set(run.name) & set('/" []')


def test_folders_may_come_with_the_grid():
    folders = ['data.degraded_folder="a",data.clean_folder="b"', "training.seed=1,2"]
    assert len(plan_runs(Path("folders"), folders, Path("out"))) == 2
    with pytest.raises(UsageError, match=r"training\.batch must be 1 or more, not 0"):
        plan_runs(Path("folders"), [*folders, "training.batch=0,1"], Path("out"))


def test_tables_of_a_recipe_have_numbers(tmp_path):
    recipe = write_tiny(tmp_path, {"decoders": [PERCEPTION]})
    runs = plan_runs(recipe, ["decoders.0.lambda_perception=0,0.5"], tmp_path)
    assert len({run.id for run in runs}) == 2


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ("lambda_rats=1", r"valid ones: .*objective\.lambda_rate"),
        ("objective.kind=ot,nonsense", "objective.kind must be one of ot, mec"),
        ("latents=2,many", r"quantiser\.latents must be of type int"),
        ("lambda_rate=1,1.0", "is the same run as"),
        ("kind=photo", r"which of quantiser\.kind, objective\.kind is meant"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, grid, message):
    with pytest.raises(UsageError, match=message):
        plan_runs(write_tiny(tmp_path), [grid], tmp_path / "out")


def test_no_recipe(tmp_path):
    with pytest.raises(InputMissing):
        plan_runs(tmp_path / "none.toml", [], tmp_path)
