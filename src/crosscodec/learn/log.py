"""The log of a training run: one JSON object a line, written as it happens."""

import json
from pathlib import Path


class Log:
    """``log.jsonl`` of a run. Going on from a checkpoint drops the rows after it, so that each step appears once."""

    def __init__(self, path: Path, done: int) -> None:
        self._path = path
        if path.exists():
            kept = [line for line in path.read_text().splitlines() if _step(line) <= done]
            path.write_text("".join(f"{line}\n" for line in kept))

    def add(self, step: int, seconds: float, **numbers: float) -> None:
        """Append one row."""
        row = {"step": step, "seconds": round(seconds, 1)} | numbers
        with self._path.open("a") as file:
            file.write(json.dumps(row) + "\n")


def _step(line: str) -> float:
    """The step of a row; a row cut short by a kill counts as never reached."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
