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
    out.mkdir(parents=True, exist_ok=True)
    if (out / SETTINGS).exists() and not resume:
        raise OutputExists(f"{out} holds a run already; go on with --resume or choose another folder")
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
    path = out / f"{_package_name(recipe)}{SUFFIX}"
    write_atomically(path, package, overwrite=True)
    return path


def _require_name(name: str) -> None:
    """Before hours of training, not after them: the package is to lie in the run's folder."""
    if not name or name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise UsageError(f"package.name is the name of a file without folders, like 'my-codec', not {name!r}")


def _package_name(recipe: AnyRecipe) -> str:
    """What the package is called: as the recipe says, or as the one that gets something new."""
    match recipe:
        case EncoderRecipe():
            return load_package(recipe.encoder.package).name
        case DecoderRecipe():
            return load_package(recipe.decoder.package).name
        case ContextsRecipe():
            return load_package(recipe.contexts.package).name
        case ChoiceRecipe():
            return load_package(recipe.choice.package).name
        case _:
            return recipe.package.name


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
