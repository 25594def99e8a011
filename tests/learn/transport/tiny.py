"""A transport recipe small enough to train in a test: scikit-learn's 8 x 8 digits with noise, few units and steps."""

from pathlib import Path
from typing import Any

import torch

from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.learn.transport.data import TrainingData, load_data, training_data
from crosscodec.learn.transport.settings import TransportRecipe

SECTIONS: dict[str, dict[str, Any]] = {
    "data": {"set": "digits", "degradation": "noise:50", "limit": 240},
    "model": {"network": "dense", "width": 4, "hidden": 16, "critic_width": 4, "classifier_width": 4, "components": 6},
    "quantiser": {"latents": 3, "levels": 4},
    "training": {
        "steps": 6,
        "warmup_steps": 2,
        "batch": 8,
        "threads": 1,
        "log_every": 1,
        "checkpoint_minutes": 0.0,
    },
    "judges": {"steps": 3, "batch": 8, "width": 4},
    "package": {"name": "tiny"},
}
EMBEDDING = {
    "model": {"network": "embedding"},
    "quantiser": {"kind": "vector", "codebooks": [5, 3]},
}
DITHERED = {"quantiser": {"levels": 6, "dither": 4}}
PERCEPTION = {"name": "perception", "steps": 4, "noise": 2, "lambda_perception": 0.1, "lambda_classification": 0.05}
TASK = {"name": "task", "steps": 3, "supervised": True, "lambda_classification": 0.5}


def tiny_sections(*changes: dict[str, Any]) -> dict[str, Any]:
    """The tiny recipe's sections with changes laid over them, section by section."""
    sections: dict[str, Any] = {"kind": "transport"} | {name: dict(values) for name, values in SECTIONS.items()}
    for change in changes:
        for name, values in change.items():
            sections[name] = sections.get(name, {}) | values if isinstance(values, dict) else values
    return sections


def tiny_recipe(*changes: dict[str, Any]) -> TransportRecipe:
    """The tiny recipe with changes."""
    return recipe_from_sections(TransportRecipe, tiny_sections(*changes))


def tiny_data(recipe: TransportRecipe | None = None) -> TrainingData:
    """The pictures that the tiny recipe trains on."""
    return training_data(load_data((recipe or tiny_recipe()).data, "train", None))


def write_tiny(folder: Path, *changes: dict[str, Any]) -> Path:
    """The tiny recipe with changes as a TOML file."""
    path = folder / "tiny.toml"
    lines = []
    for name, values in tiny_sections(*changes).items():
        if isinstance(values, str):
            lines.append(f"{name} = {_toml(values)}")
            continue
        for table in values if isinstance(values, list) else [values]:
            lines.append(f"[[{name}]]" if isinstance(values, list) else f"[{name}]")
            lines += [f"{key} = {_toml(value)}" for key, value in table.items()]
    path.write_text("\n".join(lines) + "\n")
    return path


def weights_of(module: torch.nn.Module) -> torch.Tensor:
    """All weights in one row."""
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if not isinstance(value, str) else f'"{value}"'
