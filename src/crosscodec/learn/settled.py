"""Whether a run's folder is that of these settings, pictures and package: a checkpoint of others must not pass for
theirs.

recipe.json of the folder ─┬─ the same, or more steps, or settings that no weight depends on ─► go on
                           └─ anything else ─► UsageError that names what differs
data.json (SHA-256 of what it is trained on) likewise, without exceptions
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crosscodec.errors import UsageError
from crosscodec.files import write_atomically

SETTINGS = "recipe.json"
HASHES = "data.json"
# What may be changed on the way: the weights do not depend on it.
_FREE = ("threads", "log_every", "checkpoint_minutes", "rollbacks")
_RAISED = ("steps", "decay_steps")  # "train on": these may be raised, and the fall of the learning rate with them
_TOLD = 4  # differences that are named


def require_same_run(out: Path, settings: dict[str, Any]) -> None:
    """Raise UsageError when ``out`` holds checkpoints of a run with other settings.

    Steps may be raised, and what no weight depends on (threads, bookkeeping, notes for the card) may be changed.
    """
    kept = _kept_by_run(out, SETTINGS)
    if kept is None:
        return
    before, now = dict(_leaves(kept)), dict(_leaves(json.loads(json.dumps(settings))))
    names = [name for name in sorted({*before, *now}) if _differs(name, before.get(name), now.get(name))]
    if names:
        told = ", ".join(f"{name} was {before.get(name)!r} and is {now.get(name)!r}" for name in names[:_TOLD])
        more = ", …" if len(names) > _TOLD else ""
        raise UsageError(f"{out} holds a run of other settings ({told}{more}); give the same ones, or another folder")


def settle_data(out: Path, hashes: dict[str, str]) -> None:
    """Write into ``out`` what it was trained on, pictures and the package that it is for, SHA-256 by name.

    Raises UsageError when ``out`` holds checkpoints of training on something else.
    """
    before = _kept_by_run(out, HASHES)
    if before is not None and before != hashes:
        names = ", ".join(name for name in sorted({*before, *hashes}) if before.get(name) != hashes.get(name))
        raise UsageError(
            f"{out} holds a run on other pictures or another package ({names} differ); choose another folder"
        )
    write_atomically(out / HASHES, json.dumps(hashes, indent=1).encode(), overwrite=True)


def _kept_by_run(out: Path, name: str) -> Any:
    """What a file of JSON says in a folder that holds checkpoints; None where there is no run, or no such file."""
    kept = out / name
    return json.loads(kept.read_bytes()) if kept.is_file() and any(out.glob("checkpoint*.safetensors")) else None


def _differs(name: str, before: Any, now: Any) -> bool:
    parts = name.split(".")
    last = parts[-1]
    if before == now or last in _FREE or "notes" in parts:
        return False
    numbers = isinstance(before, int) and isinstance(now, int)
    # A judge is trained whole, or not at all: longer, it is another judge, of which an embedding is made.
    return not (last in _RAISED and parts[0] != "judges" and numbers and now > before)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its name with dots; elements of a list by their number."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        yield f"{name}.length", len(value)
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{name}.{number}")
    else:
        yield name, value
