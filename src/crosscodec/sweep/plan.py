"""From a recipe and a grid to the runs of a sweep, everything checked before anything starts.

    recipe.toml ─┐
    --grid ...   ┴─► run_specs ─► each recipe resolved and checked ─► SweepRun: id, folder, what to set

A run is its resolved recipe: its id is the recipe's own (`identity()`), and its folder is found by the id, so that
another grid that holds the same run finds it done. The rest of a folder's name is for people.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crosscodec.errors import UsageError
from crosscodec.learn.recipe import find_recipe
from crosscodec.learn.train import read_recipe, training_command
from crosscodec.sweep.grid import RunSpec, Value, run_specs

_NAME = 60  # characters of a folder's name before its id


@dataclass(frozen=True)
class SweepRun:
    """One run: its id, its folder, what differs from the recipe, the same as `--set` takes it, and as a command."""

    id: str
    folder: Path
    settings: tuple[tuple[str, Value], ...]
    overrides: tuple[str, ...]
    command: str

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.name


def plan_runs(recipe: Path, grid: Sequence[str], out: Path) -> list[SweepRun]:
    """Every run of the grid over the recipe, the last axis turning fastest.

    Nothing is written. Raises InputMissing and UsageError: a key or a value that the recipe does not take, or two
    points of the grid that are the same run.
    """
    there = _folders(out)
    runs: dict[str, SweepRun] = {}
    for spec in run_specs(grid, read_recipe(recipe).as_dict()):
        identity = read_recipe(recipe, list(spec.overrides)).identity()
        if identity in runs:
            raise UsageError(f"--grid: {', '.join(spec.overrides)} is the same run as {runs[identity].name}")
        folder = there.get(identity, out / f"{short_name(spec, recipe)}-{identity}")
        command = training_command(find_recipe(recipe), list(spec.overrides))
        runs[identity] = SweepRun(identity, folder, spec.settings, spec.overrides, command)
    return list(runs.values())


def short_name(spec: RunSpec, recipe: Path) -> str:
    """A name for people, such as "lambda_rate0.1-seed3"; the recipe's where nothing differs from it."""
    parts = [override.partition("=") for override in spec.overrides]
    words = [f"{key.rpartition('.')[2]}{value}" for key, _, value in parts] or [recipe.stem]
    return re.sub(r"[^A-Za-z0-9._-]+", "_", "-".join(words).replace('"', ""))[:_NAME].strip("-_.")


def _folders(out: Path) -> dict[str, Path]:
    """Folders of runs that are there, by id."""
    if not out.is_dir():
        return {}
    found = [path for path in out.iterdir() if path.is_dir() and re.search(r"-[0-9a-f]{12}$", path.name)]
    return {path.name[-12:]: path for path in sorted(found)}
