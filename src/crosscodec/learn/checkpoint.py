"""Checkpoints without pickle: one safetensors file holds weights, their running average, optimiser moments and the
step.

Batches are functions of (seed, step), so these tensors are the whole state of a run:
continuing from them gives, at one thread, the very weights of an uninterrupted run.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from crosscodec.errors import CorruptData
from crosscodec.files import write_atomically

NAME = "checkpoint.safetensors"


@dataclass(frozen=True)
class Resumed:
    """Where a run stands: steps done, and seconds spent on them so far."""

    step: int
    seconds: float


def save_checkpoint(
    folder: Path, model: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, done: Resumed
) -> Path:
    """Write the state of a run, replacing the previous checkpoint atomically."""
    tensors = {f"weight/{name}": value for name, value in model.named_parameters()}
    tensors |= {f"average/{name}": value for name, value in average.named_parameters()}
    for name, parameter in model.named_parameters():
        for key, value in optimiser.state.get(parameter, {}).items():
            tensors[f"optimiser/{key}/{name}"] = value
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    metadata = {"step": str(done.step), "seconds": f"{done.seconds:.1f}"}
    path = folder / NAME
    write_atomically(path, save(plain, metadata), overwrite=True)
    return path


def load_checkpoint(folder: Path, model: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer) -> Resumed:
    """Put a saved state into model, average and optimiser. Raises CorruptData when the file does not fit the model."""
    path = folder / NAME
    try:
        with safe_open(path, framework="pt") as stored, torch.no_grad():
            metadata = stored.metadata()
            averages = dict(average.named_parameters())
            state: dict[str, dict[str, Tensor]] = {}
            for key in stored.keys():  # noqa: SIM118 - not a dict
                kind, _, rest = key.partition("/")
                if kind == "optimiser":
                    quantity, _, name = rest.partition("/")
                    state.setdefault(name, {})[quantity] = stored.get_tensor(key)
            for name, parameter in model.named_parameters():
                parameter.copy_(stored.get_tensor(f"weight/{name}"))
                averages[name].copy_(stored.get_tensor(f"average/{name}"))
                if name in state:
                    optimiser.state[parameter] = dict(state[name])
    except (SafetensorError, RuntimeError, OSError) as error:
        raise CorruptData(f"{path} is not a checkpoint of this model: {error}") from None
    return Resumed(int(metadata["step"]), float(metadata["seconds"]))
