"""A whole photo run: pictures, training, package, trial on pictures kept apart."""

from pathlib import Path
from typing import Any

from crosscodec.codec.package import SUFFIX, parse_package
from crosscodec.learn.photo.data import run_pictures
from crosscodec.learn.photo.export import export_package
from crosscodec.learn.photo.loop import train
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.photo.trial import try_package, with_trials


def train_photo(recipe: Recipe, out: Path, resume: bool, data: Path | None, card: dict[str, Any]) -> bytes:
    """Train by the recipe, or go on where ``out`` stands; the bytes of the package, its card with measured numbers."""
    pictures = run_pictures(recipe.data, data, out)
    trained = train(recipe, pictures, out, resume)
    taken = {"steps": trained.steps, "hours": round(trained.seconds / 3600, 2)}
    exported = export_package(trained.model, recipe, pictures.training, taken | card)
    untried = parse_package(exported, out / f"{recipe.package.name}{SUFFIX}")
    return with_trials(untried, try_package(untried, pictures.held_out, recipe.training.seed, data=data))
