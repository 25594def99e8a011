"""From a recipe to a package: the whole of ``crosscodec train``."""

import json
from pathlib import Path

from crosscodec import __version__
from crosscodec.codec.package import SUFFIX, parse_package
from crosscodec.errors import OutputExists
from crosscodec.files import write_atomically
from crosscodec.learn.checkpoint import NAME
from crosscodec.learn.data import load_training_pictures
from crosscodec.learn.export import export_package
from crosscodec.learn.loop import train
from crosscodec.learn.settings import read_recipe
from crosscodec.learn.trial import try_package, with_trials

SETTINGS = "recipe.json"


def train_recipe(
    recipe_path: Path, out: Path, overrides: list[str] | None = None, resume: bool = True, data: Path | None = None
) -> Path:
    """Train by the recipe (or go on where ``out`` stands), export, and return the path of the package.

    The folder ``out`` receives the resolved recipe, the log, checkpoints and ``<name>.xcm``. Raises OutputExists
    when ``out`` holds a run and ``resume`` is false.
    """
    recipe = read_recipe(recipe_path, overrides)
    out.mkdir(parents=True, exist_ok=True)
    if (out / NAME).exists() and not resume:
        raise OutputExists(f"{out} holds a run already; go on with --resume or choose another folder")
    write_atomically(out / SETTINGS, json.dumps(recipe.as_dict(), indent=1).encode(), overwrite=True)
    pictures = load_training_pictures(recipe.data, data)
    trained = train(recipe, pictures, out, resume)
    card = {
        "steps": trained.steps,
        "hours": round(trained.seconds / 3600, 2),
        "crosscodec": __version__,
        "command": training_command(recipe_path, overrides or []),
    }
    package = out / f"{recipe.package.name}{SUFFIX}"
    untried = parse_package(export_package(trained.model, recipe, pictures.training, card), package)
    trials = try_package(untried, pictures.held_out, recipe.training.seed)
    write_atomically(package, with_trials(untried, trials), overwrite=True)
    return package


def training_command(recipe_path: Path, overrides: list[str]) -> str:
    """The command that makes this package, for its card."""
    settings = "".join(f" --set {override}" for override in overrides)
    return f"crosscodec train recipes/{recipe_path.name}{settings}"
