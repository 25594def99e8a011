"""From a recipe to a package: the whole of ``crosscodec train``.

recipe.toml ─► kind ─┬─ photo ──────► learn/photo      photographs of any size, squared error
                     ├─ encoder ────► learn/encoder    a further encoder for a package of photo's
                     ├─ decoder ────► learn/decoder    a further decoder for it
                     ├─ contexts ───► learn/contexts   context networks for its files
                     ├─ choice ─────► learn/choice     which of its encoders suits which picture
                     └─ transport ──► learn/transport  small labelled pictures, transport and coupling objectives
"""

import json
from pathlib import Path
from shlex import quote
from typing import Any, TypeAlias

from crosscodec import __version__
from crosscodec.codec.package import SUFFIX, load_package
from crosscodec.errors import OutputExists, UsageError
from crosscodec.files import write_atomically
from crosscodec.learn.choice.settings import ChoiceRecipe
from crosscodec.learn.choice.train import train_choice
from crosscodec.learn.contexts.settings import ContextsRecipe
from crosscodec.learn.contexts.train import train_contexts
from crosscodec.learn.decoder.settings import DecoderRecipe
from crosscodec.learn.decoder.train import train_further_decoder
from crosscodec.learn.encoder.settings import EncoderRecipe
from crosscodec.learn.encoder.train import train_further_encoder
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.photo.train import train_photo
from crosscodec.learn.recipe import BUILT_IN, find_recipe, kind_of, read_sections, recipe_from_sections
from crosscodec.learn.settled import SETTINGS, require_same_run
from crosscodec.learn.transport.run import train_transport_run
from crosscodec.learn.transport.settings import TransportRecipe
from crosscodec.learn.workers import Workers

AnyRecipe: TypeAlias = Recipe | EncoderRecipe | DecoderRecipe | ContextsRecipe | ChoiceRecipe | TransportRecipe


def train_recipe(
    recipe_path: Path, out: Path, overrides: list[str] | None = None, resume: bool = True, data: Path | None = None
) -> Path:
    """Train by the recipe (or go on where ``out`` stands), export, and return the path of the package.

    The folder ``out`` receives the resolved recipe, logs, checkpoints and ``<name>.xcm``. Raises OutputExists when
    ``out`` holds a run and ``resume`` is false, and UsageError when it holds one of other settings.
    """
    recipe_path = find_recipe(recipe_path)
    recipe = read_recipe(recipe_path, overrides)
    _require_name(_package_name(recipe))
    if not isinstance(recipe, ContextsRecipe | ChoiceRecipe):  # before pictures are read, not after them
        Workers(recipe.training.precision, recipe.training.threads, recipe.training.batch)
    out.mkdir(parents=True, exist_ok=True)
    if (out / SETTINGS).exists() and not resume:
        raise OutputExists(f"{out} holds a run already; go on with --resume or choose another folder")
    path = out / f"{_package_name(recipe)}{SUFFIX}"
    _require_kept(path, recipe)
    require_same_run(out, recipe.as_dict())
    write_atomically(out / SETTINGS, json.dumps(recipe.as_dict(), indent=1).encode(), overwrite=True)
    card: dict[str, Any] = {"crosscodec": __version__, "command": training_command(recipe_path, overrides or [])}
    if isinstance(recipe, Recipe):
        package = train_photo(recipe, out, resume, data, card)
    elif isinstance(recipe, EncoderRecipe):
        package = train_further_encoder(recipe, out, resume, data, card)
    elif isinstance(recipe, DecoderRecipe):
        package = train_further_decoder(recipe, out, resume, data, card)
    elif isinstance(recipe, ContextsRecipe):
        package = train_contexts(recipe, out, resume, data, card)
    elif isinstance(recipe, ChoiceRecipe):
        package = train_choice(recipe, out, resume, data, card)
    else:
        package = train_transport_run(recipe, out, resume, data, card)
    write_atomically(path, package, overwrite=True)
    return path


def _require_name(name: str) -> None:
    """Before hours of training, not after them: the package is to lie in the run's folder."""
    if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise UsageError(f"package.name is the name of a file without folders, like 'my-codec', not {name!r}")


def _require_kept(path: Path, recipe: AnyRecipe) -> None:
    """The package that training begins with is the better start of the next run, and no result takes its place."""
    source = _source(recipe)
    if source and path.exists() and path.samefile(load_package(source).path):
        raise UsageError(f"{path} is the package that this run begins with; choose another folder")


def _package_name(recipe: AnyRecipe) -> str:
    """What the package is called: as the recipe says, or as the one that gets something new."""
    if isinstance(recipe, Recipe | TransportRecipe):
        return recipe.package.name
    return load_package(_source(recipe)).name


def _source(recipe: AnyRecipe) -> str:
    """The package that training begins with, a name or a file; "" where it begins from nothing."""
    match recipe:
        case Recipe():
            return recipe.training.start
        case EncoderRecipe():
            return recipe.encoder.package
        case DecoderRecipe():
            return recipe.decoder.package
        case ContextsRecipe():
            return recipe.contexts.package
        case ChoiceRecipe():
            return recipe.choice.package
        case _:
            return ""


def read_recipe(path: Path, overrides: list[str] | None = None) -> AnyRecipe:
    """The recipe in a TOML file, of the kind that it names, with overrides applied. Raises InputMissing, UsageError."""
    sections = read_sections(path, overrides)
    match kind_of(sections):
        case "photo":
            return recipe_from_sections(Recipe, sections)
        case "encoder":
            return recipe_from_sections(EncoderRecipe, sections)
        case "decoder":
            return recipe_from_sections(DecoderRecipe, sections)
        case "contexts":
            return recipe_from_sections(ContextsRecipe, sections)
        case "choice":
            return recipe_from_sections(ChoiceRecipe, sections)
        case "transport":
            return recipe_from_sections(TransportRecipe, sections)
        case other:
            kinds = "photo, encoder, decoder, contexts, choice or transport"
            raise UsageError(f"recipe {path}: kind must be {kinds}, not {other!r}")


def training_command(recipe_path: Path, overrides: list[str]) -> str:
    """The command that makes this package, for its card; where this machine keeps its judges is left out."""
    told = [override for override in overrides if not override.startswith("judges.folder=")]
    settings = "".join(f" --set {quote(override)}" for override in told)
    # One that comes with the library is found by its name anywhere; of others the folder is this machine's.
    name = recipe_path.stem if recipe_path.parent == BUILT_IN else recipe_path.name
    return f"crosscodec train {name}{settings}"
