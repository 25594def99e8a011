"""Settings of a training run: one frozen dataclass per stage, one TOML recipe per experiment.

Order of precedence: default < recipe file < ``--set section.key=value``. An unknown key is an error that lists the
valid ones; the resolved settings are saved in the run folder, and their hash is the run's id.
"""

import dataclasses
import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crosscodec.errors import InputMissing, UsageError


@dataclass(frozen=True)
class DataSettings:
    """What a training crop is cut from and how it is degraded."""

    sets: tuple[str, ...] = ("bsds500:train", "bsds500:test", "imagenet-sample")  # names known to domains.photos
    crop: int = 128  # side of a training crop, pixels; a multiple of the latent's 16
    scales: tuple[float, ...] = (1.0, 0.75, 0.5)  # Lanczos-reduced copies: fewer JPEG artefacts, sharper edges
    gray: float = 0.08  # share of crops turned gray, so that gray pictures are coded well too
    noise_low: float = 5.0  # sigma of the Gaussian noise, in units of 1/255
    noise_high: float = 50.0
    stored: float = 0.5  # share of degraded crops clipped and rounded to 8 bits, as a picture file holds them
    held_out: int = 50  # every n-th picture is kept for validation


@dataclass(frozen=True)
class ModelSettings:
    """Widths of the photo codec's networks; see networks.py for the drawing."""

    analysis_widths: tuple[int, ...] = (48, 96, 160)  # channels at 1/2, 1/4 and 1/8 resolution
    analysis_blocks: tuple[int, ...] = (
        1,
        1,
        2,
        1,
        1,
    )  # residual blocks going down at 1/2, 1/4; at 1/8; going up at 1/4, 1/2
    synthesis_widths: tuple[int, ...] = (32, 64, 128)
    synthesis_blocks: tuple[int, ...] = (0, 1, 3, 1, 1)
    luma: int = 192  # 16x16 DCT frequencies kept of the luma, lowest first
    chroma: int = 48  # and of each of the two colour differences
    step: float = 40.0  # quantisation step at the start, in units of 1/255: near the optimum sqrt(18 / (ln 2 * lambda))
    contexts: int = 6  # entropy tables a channel, chosen by what is decoded already; 1 is a factorised density
    reach: int = 160  # symbols lie in -reach..reach while training


@dataclass(frozen=True)
class ObjectiveSettings:
    """Weights of the loss ``bits per pixel + lambda_distortion * squared error`` (error in units of 1/255)."""

    lambda_distortion: float = 0.012


@dataclass(frozen=True)
class TrainingSettings:
    """Optimiser, schedule and bookkeeping."""

    steps: int = 30000
    decay_steps: int = 8000  # the learning rate is constant, then falls to zero over the last decay_steps
    warmup_steps: int = 200
    denoise_steps: int = 2000  # first the analysis pyramid learns to denoise alone; the codec is then started around it
    batch: int = 8
    learning_rate: float = 1e-3
    table_learning_rate: float = 5e-3  # the entropy model starts far off and must follow quickly
    scale_learning_rate: float = 1e-2  # gains, steps and shrinkage: one number a channel, logarithmic
    clip: float = 1.0  # largest norm of the gradient
    average: float = 0.999  # decay of the running average of the weights, which is what is exported
    seed: int = 1
    precision: str = "float32"  # or "bfloat16": networks only, the rate and the linear path stay in float32
    threads: int = 0  # 0: as many as torch likes; 1: bit-exact resume
    log_every: int = 50
    checkpoint_minutes: float = 4.0


@dataclass(frozen=True)
class PackageSettings:
    """What the exported package's card says."""

    name: str = "photo-denoise"
    task: str = "additive Gaussian noise removal"
    licence: str = "MIT"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """All settings of one training run."""

    data: DataSettings = field(default_factory=DataSettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    objective: ObjectiveSettings = field(default_factory=ObjectiveSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    package: PackageSettings = field(default_factory=PackageSettings)

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain nested dicts, ready for JSON."""
        return dataclasses.asdict(self)

    def identity(self) -> str:
        """First 12 hex digits of the SHA-256 of the resolved settings: the run's id."""
        text = json.dumps(self.as_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_recipe(path: Path, overrides: list[str] | None = None) -> Recipe:
    """The recipe in a TOML file, with ``section.key=value`` overrides applied.

    Raises InputMissing when the file is absent and UsageError for an unknown section or key or a value of the wrong
    kind.
    """
    if not path.is_file():
        raise InputMissing(f"recipe {path} does not exist; recipes of this project lie in the folder recipes/")
    try:
        sections: dict[str, Any] = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"recipe {path} is not valid TOML: {error}") from None
    for override in overrides or []:
        _apply_override(sections, override)
    return recipe_from_dict(sections)


def recipe_from_dict(sections: dict[str, Any]) -> Recipe:
    """The recipe in nested dicts (as TOML or JSON give them), every key checked."""
    known = {f.name: f for f in dataclasses.fields(Recipe)}
    built = {}
    for name, values in sections.items():
        if name not in known:
            raise UsageError(f"unknown section [{name}] in the recipe; valid ones: {', '.join(known)}")
        if not isinstance(values, dict):
            raise UsageError(f"[{name}] must be a section of key = value lines")
        built[name] = _build_section(name, known[name].type, values)
    return Recipe(**built)


def _build_section(name: str, kind: Any, values: dict[str, Any]) -> Any:
    known = {f.name: f for f in dataclasses.fields(kind)}
    default = kind()
    checked = {}
    for key, value in values.items():
        if key not in known:
            raise UsageError(f"unknown key {name}.{key}; valid ones: {', '.join(known)}")
        checked[key] = _checked(f"{name}.{key}", value, getattr(default, key))
    return kind(**checked)


def _checked(key: str, value: Any, default: Any) -> Any:
    """The value in the type of its default; integers are welcome where a float is meant."""
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple):
            raise UsageError(f"{key} must be a list, not {value!r}")
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise UsageError(f"{key} must be of type {type(default).__name__}, not {value!r}")
    return value


def _apply_override(sections: dict[str, Any], override: str) -> None:
    name, equals, text = override.partition("=")
    section, dot, key = name.strip().partition(".")
    if not equals or not dot:
        raise UsageError(f"--set takes section.key=value, for instance training.steps=1000; got {override!r}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()  # a bare word is a string
    sections.setdefault(section, {})[key] = value
