"""sweep: what reaches the library, what is printed, and the exit code; runs themselves are tested where they live."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from crosscodec.cli.main import app
from crosscodec.errors import UsageError

RUN = SimpleNamespace(
    name="seed3-0123456789ab",
    id="0123456789ab",
    folder=Path("out/seed3-0123456789ab"),
    settings=(("training.seed", 3),),
    overrides=("training.seed=3",),
    command="crosscodec train a.toml --set training.seed=3",
)


@dataclass(frozen=True)
class Sweep:
    recipe: Path
    grid: tuple
    out: Path
    cluster: str
    retries: int
    data: Path | None
    photos: object
    existing: str


@pytest.fixture
def library(monkeypatch):
    """A stand-in for crosscodec.sweep.run; `ends` says how its two runs end, `seen` holds the sweeps asked for."""
    state = SimpleNamespace(status=SimpleNamespace(value="failed"))
    found = SimpleNamespace(ends=[("done", None), ("done", None)], seen=[])

    def planned_runs(sweep):
        found.seen.append(sweep)
        planned = SimpleNamespace(run=RUN, state=None, finished=False)
        return [planned, SimpleNamespace(run=RUN, state=state, finished=False)]

    def sweep_runs(sweep, planned):
        for status, error in found.ends:
            yield SimpleNamespace(run=RUN, status=status, attempts=2, seconds=12.5, error=error)

    module = ModuleType("crosscodec.sweep.run")
    module.Sweep, module.planned_runs, module.sweep_runs = Sweep, planned_runs, sweep_runs
    work = ModuleType("crosscodec.sweep.work")
    work.PhotoMeasure = lambda name, degradation, qualities, limit: (name, degradation.describe(), qualities, limit)
    monkeypatch.setitem(sys.modules, "crosscodec.sweep.run", module)
    monkeypatch.setitem(sys.modules, "crosscodec.sweep.work", work)
    return found


def test_everything_reaches_the_library(runner, library, monkeypatch):
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    words = ["sweep", "a.toml", "-g", "x.y=1,2", "--grid", "seed=0:3", "-o", "out", "--jobs", "3", "--retries", "4"]
    words += ["--set", "kodak", "-k", "noise:50", "--quality", "20", "--quality", "80", "--limit", "2"]
    result = runner.invoke(app, [*words, "--on-exist", "overwrite"])
    assert result.exit_code == 0, result.output
    photos = ("kodak", "noise:50", (20, 80), 2)
    grid = ("x.y=1,2", "seed=0:3")
    assert library.seen == [Sweep(Path("a.toml"), grid, Path("out"), "local:3", 4, None, photos, "overwrite")]
    assert "done in 12.5 s, 2 attempts" in result.stdout
    assert f"2 of 2 runs are done: {Path('out') / 'sweep.tsv'}" in result.stdout


def test_the_defaults_go_on_with_one_process(runner, library):
    assert runner.invoke(app, ["sweep", "a.toml", "-o", "out"]).exit_code == 0
    assert runner.invoke(app, ["sweep", "a.toml", "-o", "out", "--cluster", "tcp://h:1"]).exit_code == 0
    first, second = library.seen
    assert (first.cluster, first.retries, first.photos, first.existing) == ("local:1", 1, None, "skip")
    assert second.cluster == "tcp://h:1"


def test_runs_that_fail_are_named_and_make_the_exit_code_1(runner, library):
    library.ends = [("failed", "the loss is not finite"), ("kept", None)]
    result = runner.invoke(app, ["sweep", "a.toml", "-o", "out"])
    assert result.exit_code == 1
    assert f"crosscodec: {RUN.name}: the loss is not finite" in result.stderr
    assert f"1 of 2 runs are not done: {RUN.name}" in result.stderr
    assert "done before" in result.stdout


def test_one_json_object_for_each_run(runner, library):
    library.ends = [("failed", "why"), ("elsewhere", None)]
    result = runner.invoke(app, ["sweep", "a.toml", "-o", "out", "--json"])
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["settings"] == {"training.seed": 3}
    assert (first["status"], first["error"], first["attempts"]) == ("failed", "why", 2)
    assert (second["status"], "error" in second) == ("elsewhere", False)


def test_a_dry_run_lists_and_starts_nothing(runner, library):
    library.ends = None  # would raise
    result = runner.invoke(app, ["sweep", "a.toml", "-o", "out", "--dry-run"])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{RUN.name}  new  training.seed=3",
        f"{RUN.name}  failed  training.seed=3",
        "2 runs, 2 to do",
    ]
    result = runner.invoke(app, ["sweep", "a.toml", "-o", "out", "--dry-run", "--json"])
    assert [json.loads(line)["status"] for line in result.stdout.splitlines()] == ["new", "failed"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--jobs", "2", "--cluster", "tcp://h:1"], "give one of them"),
        (["--quality", "20"], "give a set"),
        (["--limit", "2"], "give a set"),
        (["--set", "training.steps=3"], "--grid training.steps=3"),
        (["--set", "kodak", "-k", "nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_meant_is_refused(runner, library, words, message):
    result = runner.invoke(app, ["sweep", "a.toml", "-o", "out", *words])
    assert result.exit_code == UsageError.exit_code
    assert message in " ".join(result.stderr.split())
    assert library.seen == []
