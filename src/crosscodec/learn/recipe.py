"""Recipes: TOML files whose sections become frozen dataclasses, with every key checked.

    recipe.toml ──► sections (nested dicts) ──--set section.key=value──► the dataclass of its kind

Order of precedence: default < recipe file < ``--set``. An unknown key is an error that lists the valid ones, a value
out of the range that is declared with it (ranges.py) one that tells the range; the resolved settings are saved in the
run folder, and their hash is the run's id. The first line of a recipe, ``kind = "photo"``, ``"decoder"`` or
``"transport"``, says what it describes.
"""

import dataclasses
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.ranges import checked

R = TypeVar("R")
DEFAULT_KIND = "photo"
BUILT_IN = Path(__file__).parents[1] / "recipes"


def find_recipe(recipe: Path) -> Path:
    """The file of a recipe: the path given, or by its name alone one that comes with the library ("mnist-superres").

    Raises InputMissing, which lists those.
    """
    if recipe.is_file():
        return recipe
    built_in = BUILT_IN / f"{recipe.name.removesuffix('.toml')}.toml"
    if len(recipe.parts) == 1 and built_in.is_file():
        return built_in
    names = ", ".join(sorted(path.stem for path in BUILT_IN.glob("*.toml")))
    raise InputMissing(f"recipe {recipe} does not exist; these come with the library: {names}")


def read_sections(path: Path, overrides: list[str] | None = None) -> dict[str, Any]:
    """The sections of a TOML recipe as nested dicts, ``section.key=value`` overrides applied, nothing checked yet.

    Raises InputMissing when the file is absent and UsageError when it is no TOML.
    """
    path = find_recipe(path)
    try:
        sections: dict[str, Any] = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"recipe {path} is not valid TOML: {error}") from None
    for override in overrides or []:
        apply_override(sections, override)
    return sections


def kind_of(sections: dict[str, Any]) -> str:
    """The kind that a recipe names in its first line; ``photo`` when it names none."""
    kind = sections.get("kind", DEFAULT_KIND)
    if not isinstance(kind, str):
        raise UsageError(f"kind must be a word such as {DEFAULT_KIND!r}, not {kind!r}")
    return kind


def recipe_from_sections(recipe: type[R], sections: dict[str, Any]) -> R:
    """A recipe dataclass from nested dicts (as TOML or JSON give them), every section, key, type and range checked."""
    fields = {f.name: f for f in dataclasses.fields(recipe)}  # type: ignore[arg-type]
    kinds = get_type_hints(recipe)
    built: dict[str, Any] = {}
    for name, values in sections.items():
        if name == "kind":
            continue
        if name not in fields:
            raise UsageError(f"unknown section [{name}] in the recipe; valid ones: {', '.join(fields)}")
        if get_origin(kinds[name]) is tuple:  # an array of tables: [[decoders]]
            if not isinstance(values, list | tuple):
                raise UsageError(f"[[{name}]] must be an array of tables, each headed by [[{name}]]")
            table = get_args(kinds[name])[0]
            built[name] = tuple(_section(f"{name}.{place}", table(), entry) for place, entry in enumerate(values))
        else:
            built[name] = _section(name, _default(fields[name], kinds[name]), values)
    return recipe(**built)


def identity_of(settings: dict[str, Any]) -> str:
    """First 12 hex digits of the SHA-256 of resolved settings: the run's id."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def apply_override(sections: dict[str, Any], override: str) -> None:
    """Set ``section.key=value`` in nested dicts; a number as section's second part (decoders.0.steps) counts tables."""
    name, equals, text = override.partition("=")
    path = name.strip().split(".")
    if not equals or len(path) < 2:
        raise UsageError(f"--set takes section.key=value, for instance training.steps=1000; got {override!r}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()  # a bare word is a string
    place: Any = sections.setdefault(path[0], {})
    for step in path[1:-1]:
        if not isinstance(place, list) or not step.isdigit() or int(step) >= len(place):
            raise UsageError(f"--set {override!r}: there is no table {step} in [[{path[0]}]]")
        place = place[int(step)]
    if not isinstance(place, dict):
        raise UsageError(f"--set {override!r}: [[{path[0]}]] is an array of tables; write {path[0]}.0.{path[-1]}=…")
    place[path[-1]] = value


def _default(section: dataclasses.Field[Any], kind: Any) -> Any:
    """A section as it is where a recipe does not speak of it."""
    return kind() if section.default_factory is dataclasses.MISSING else section.default_factory()


def _section(name: str, default: Any, values: Any) -> Any:
    """The section ``default`` with these values in place of its own."""
    if not isinstance(values, dict):
        raise UsageError(f"[{name}] must be a section of key = value lines")
    kinds = get_type_hints(type(default), include_extras=True)
    for key in values:
        if key not in kinds:
            raise UsageError(f"unknown key {name}.{key}; valid ones: {', '.join(kinds)}")
    return dataclasses.replace(default, **{k: checked(f"{name}.{k}", value, kinds[k]) for k, value in values.items()})
