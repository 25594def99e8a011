"""Checkpoints: everything that a run needs to go on exactly where it stood, in one safetensors file.

    modules    {"model": …, "average": …, "critic": …, "classifier": …}   weights and buffers
    optimisers {"model": …, "critic": …}                                  Adam's moments, by the module they belong to
    metadata   step, seconds, the factor that roll-backs have left of the learning rate, and what the weights are for

Batches are a function of (seed, step), so that no sampler state has to be kept. Resuming gives, on the same machine
with one thread, the very weights of an uninterrupted run.
"""

import hashlib
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
    """Where a run stands: steps done, seconds spent on them, and what roll-backs have left of the learning rate.

    ``basis``: what the weights are for, where another stage made it; "" where nothing but the run decides them.
    ``marks``: the steps after which the run, as it began, does something else.
    """

    step: int
    seconds: float
    caution: float = 1.0
    basis: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class RunState:
    """The modules of a run by name, and for those that are trained, their optimiser under the same name."""

    modules: dict[str, nn.Module]
    optimisers: dict[str, torch.optim.Optimizer]


def save_checkpoint(folder: Path, state: RunState, done: Resumed, name: str = NAME) -> Path:
    """Write the state of a run, replacing the previous checkpoint atomically."""
    tensors: dict[str, Tensor] = {}
    for owner, module in state.modules.items():
        tensors |= {f"weight/{owner}/{key}": value for key, value in module.state_dict().items()}
    for owner, optimiser in state.optimisers.items():
        for key, parameter in state.modules[owner].named_parameters():
            for quantity, value in optimiser.state.get(parameter, {}).items():
                tensors[f"optimiser/{owner}/{quantity}/{key}"] = value
    plain = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    metadata = {
        "step": str(done.step),
        "seconds": f"{done.seconds:.1f}",
        "caution": repr(done.caution),
        "basis": done.basis,
        "marks": " ".join(map(str, done.marks)),
    }
    path = folder / name
    write_atomically(path, save(plain, metadata), overwrite=True)
    return path


def load_checkpoint(folder: Path, state: RunState, name: str = NAME) -> Resumed:
    """Put a saved state into modules and optimisers. Raises CorruptData when the file does not fit them."""
    path = folder / name
    try:
        with safe_open(path, framework="pt") as stored, torch.no_grad():
            metadata = stored.metadata()
            keys = list(stored.keys())
            for owner, module in state.modules.items():
                found = _under(keys, f"weight/{owner}/")
                module.load_state_dict({rest: stored.get_tensor(key) for rest, key in found.items()})
            for owner, optimiser in state.optimisers.items():
                # A checkpoint of before the first step has no moments: those of what goes back are not its own.
                optimiser.state.clear()
                parameters = dict(state.modules[owner].named_parameters())
                moments: dict[str, dict[str, Tensor]] = {}
                for rest, key in _under(keys, f"optimiser/{owner}/").items():
                    quantity, _, parameter = rest.partition("/")
                    moments.setdefault(parameter, {})[quantity] = stored.get_tensor(key)
                for parameter, quantities in moments.items():
                    place = parameters[parameter]
                    # Moments live where the weights live; steps are counted on the CPU, unless Adam is fused.
                    stays = () if optimiser.defaults.get("fused") else ("step",)
                    optimiser.state[place] = {k: v if k in stays else v.to(place) for k, v in quantities.items()}
    except (SafetensorError, RuntimeError, OSError, KeyError) as error:
        raise CorruptData(f"{path} is not a checkpoint of this model: {error}") from None
    return Resumed(
        int(metadata["step"]),
        float(metadata["seconds"]),
        float(metadata.get("caution", "1.0")),
        metadata.get("basis", ""),
        _marks(metadata),
    )


def marks_of(path: Path) -> tuple[int, ...]:
    """The marks of the run that left a checkpoint; none without one, and of one that cannot be read."""
    return _marks(_metadata(path) or {})


def is_checkpoint_of(path: Path, basis: str) -> bool:
    """Whether a file is there whose weights are for this basis; of one that cannot be read, loading says why."""
    metadata = _metadata(path)
    return path.exists() and (metadata is None or metadata.get("basis", "") == basis)


def identity_of_weights(module: nn.Module) -> str:
    """First 12 hex digits of the SHA-256 of weights and buffers: the basis of what is learnt from this module."""
    found = hashlib.sha256()
    for key, value in module.state_dict().items():
        found.update(f"{key} {tuple(value.shape)}".encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:12]


def _metadata(path: Path) -> dict[str, str] | None:
    """What a file says beside its tensors; None where there is none that can be read."""
    try:
        with safe_open(path, framework="pt") as stored:
            return stored.metadata() or {}
    except (SafetensorError, OSError):
        return None


def _marks(metadata: dict[str, str]) -> tuple[int, ...]:
    return tuple(map(int, metadata.get("marks", "").split()))


def _under(keys: list[str], prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): key for key in keys if key.startswith(prefix)}
