"""A grid of settings to a list of run specs with stable ids.

    --grid objective.lambda_distortion=0.01,0.02,seed=0:3     (or --grid ... --grid ...; seed is training.seed)
                   │
                   ▼
    6 runs: (0.01, 0) (0.01, 1) (0.01, 2) (0.02, 0) ...     the last axis turns fastest
                   │ settings of the recipe, changed
                   ▼
    id = first 12 hex digits of SHA-256(resolved settings)  the same run has the same id on every machine and in every
    sweep

A spec says what differs from the recipe as overrides that `--set` takes, so that any run of a sweep can be repeated by
hand.
"""

import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crosscodec.errors import UsageError

Value = bool | int | float | str | tuple["Value", ...]
LARGEST = 100_000  # runs; a larger grid is a slip of the finger
# What a bare name means where several sections have it.
SHORT = {"seed": "training.seed"}
_KEY = re.compile(r"\s*[A-Za-z_][\w.]*\s*=")


@dataclass(frozen=True)
class Axis:
    """One setting and the values that it takes, in order and without repetition."""

    key: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class RunSpec:
    """One run of a sweep: its id, and what differs from the recipe, as (key, value) in the order of the axes."""

    id: str
    settings: tuple[tuple[str, Value], ...]

    @property
    def overrides(self) -> tuple[str, ...]:
        """The settings as `--set` takes them, for instance "training.seed=3"."""
        return tuple(f"{key}={_toml(value)}" for key, value in self.settings)


def parse_axes(text: str) -> list[Axis]:
    """The axes in "key=v1,v2,other=first:end": a part between commas that begins with a key begins an axis.

    A text value that looks so is put in quotes. UsageError as in `parse_axis`.
    """
    found: list[str] = []
    for part in _split(text):
        if found and not _KEY.match(part):
            found[-1] += f",{part}"
        else:
            found.append(part)
    return [parse_axis(part) for part in found]


def parse_axis(text: str) -> Axis:
    """The axis in "key=v1,v2,..." or "key=first:end" or "key=first:end:step" (whole numbers, the end left out).

    Values are written as in TOML (numbers, true, false, "text"); a bare word is text. A comma inside quotes or
    brackets separates nothing. UsageError when there is no key, no value, or a value twice.
    """
    key, equals, values = text.partition("=")
    key = key.strip()
    if not equals or not key or not values.strip():
        raise UsageError(f"--grid takes key=v1,v2 or key=first:end, for instance training.seed=0:5; got {text!r}")
    found: tuple[Value, ...] = _range(values) or tuple(_value(part) for part in _split(values))
    if len({_toml(value) for value in found}) != len(found):
        raise UsageError(f"--grid {key}: a value stands there twice: {values!r}")
    return Axis(key, found)


def run_specs(grid: Sequence[str], base: Mapping[str, Any]) -> list[RunSpec]:
    """Every combination of the axes' values over the base settings; the last axis turns fastest.

    `base` holds the settings of the recipe as nested mappings. A key is section.key, or a bare name that one section
    alone has (and `seed`, the training's). The id of a run is that of its resolved settings: it does not depend on the
    order of the axes, nor on other values in the grid. UsageError for an axis given twice, a key that is no setting, or
    more than 100,000 runs.
    """
    axes = [Axis(_full(axis.key, base), axis.values) for text in grid for axis in parse_axes(text)]
    keys = [axis.key for axis in axes]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise UsageError(f"--grid names {', '.join(repeated)} more than once; give all its values together")
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > LARGEST:
        raise UsageError(f"the grid has {count:,} runs; at most {LARGEST:,} are taken")
    specs = []
    for values in itertools.product(*(axis.values for axis in axes)):
        chosen = tuple(zip(keys, values, strict=True))
        specs.append(RunSpec(settings_id(_resolved(base, chosen)), chosen))
    return specs


def settings_id(settings: Mapping[str, Any]) -> str:
    """First 12 hex digits of the SHA-256 of settings as JSON with sorted keys: the id that a run's recipe has too."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _full(key: str, base: Mapping[str, Any]) -> str:
    """A bare name with its section; any other key as it is."""
    names = _names(base)
    if "." in key:
        return key
    if SHORT.get(key) in names:
        return SHORT[key]
    found = [name for name in names if name.count(".") == 1 and name.endswith(f".{key}")]
    if len(found) > 1:
        raise UsageError(f"--grid {key}: which of {', '.join(found)} is meant?")
    return found[0] if found else key


def _resolved(base: Mapping[str, Any], chosen: tuple[tuple[str, Value], ...]) -> dict[str, Any]:
    settings: dict[str, Any] = _copied(base)
    for key, value in chosen:
        *sections, name = key.split(".")
        place: Any = settings
        for section in sections:
            place = _inside(place, section)
        if not sections or not isinstance(place, dict) or name not in place or isinstance(place[name], dict):
            raise UsageError(f"--grid {key}: no such setting; valid ones: {', '.join(_names(base))}")
        # 1 and 1.0 are one value of a setting that is a float: they must give one id.
        place[name] = float(value) if isinstance(place[name], float) and type(value) is int else value
    return settings


def _inside(place: Any, section: str) -> Any:
    """What a section holds, or a table of an array of tables by its number; None for neither."""
    if isinstance(place, dict):
        return place.get(section)
    if isinstance(place, list) and section.isascii() and section.isdigit() and int(section) < len(place):
        return place[int(section)]
    return None


def _copied(value: Any) -> Any:
    """Mappings, and sequences of mappings, copied to their depth; all else as it is."""
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if _tables(value) else value


def _tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(inner, Mapping) for inner in value)


def _names(settings: Mapping[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found += _names(value, f"{prefix}{key}.")
        elif _tables(value):
            for number, inner in enumerate(value):
                found += _names(inner, f"{prefix}{key}.{number}.")
        elif prefix:  # what stands before all sections, the kind of the recipe, is no setting
            found.append(prefix + key)
    return found


def _range(text: str) -> tuple[int, ...] | None:
    parts = text.split(":")
    if len(parts) not in (2, 3):
        return None
    try:
        bounds = [int(part) for part in parts]
        found = tuple(itertools.islice(range(*bounds), LARGEST + 1))
    except ValueError:
        return None
    if not found:
        raise UsageError(f"--grid: the range {text} is empty; first:end leaves the end out")
    return found


def _split(text: str) -> list[str]:
    """The parts between commas that stand outside quotes and brackets."""
    parts, depth, quote, escaped = [""], 0, "", False
    for character in text:
        if quote:
            quote = "" if character == quote and not escaped else quote
            # As in TOML: a backslash says something of what follows in "text", and nothing in 'text'.
            escaped = character == "\\" and quote == '"' and not escaped
        elif character in "\"'":
            quote = character
        else:
            depth += (character == "[") - (character == "]")
        if character == "," and not quote and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _value(text: str) -> Value:
    stripped = text.strip()
    if not stripped:
        raise UsageError("--grid: a value between commas is empty")
    try:
        return _frozen(tomllib.loads(f"value = {stripped}")["value"])
    except tomllib.TOMLDecodeError:
        return stripped


def _frozen(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, bool | int | float | str):
        return value
    raise UsageError(f"--grid: {value!r} is no number, text, truth value or list of these")


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, float):
        return repr(value)  # "inf" and "nan" too, which JSON writes otherwise
    # JSON's text is TOML's, but for characters beyond 16 bits (TOML has no surrogates) and DEL (which TOML wants
    # escaped).
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
