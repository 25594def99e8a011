"""Start the encoder and decoder processes of an evaluation and gather what they print."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crosscodec import errors
from crosscodec.codec.package import DEFAULT_ENCODER
from crosscodec.errors import CrosscodecError
from crosscodec.evaluate.worker import Read, Written

Advance = Callable[[], None]


def encode_in_child(
    package: str,
    degraded: Path,
    coded: Path,
    advance: Advance,
    quality: int | None = None,
    encoder: str = DEFAULT_ENCODER,
) -> dict[str, Written]:
    """Encode a folder in a process of its own; records by the stem of the file. `advance` is called for each."""
    asked = "-" if quality is None else str(quality)
    records = _run(["encode", package, str(degraded), str(coded), asked, encoder], advance)
    return {record["stem"]: Written(**record) for record in records}


def decode_in_child(package: str, coded: Path, restored: Path, decoder: str, advance: Advance) -> dict[str, Read]:
    """Decode a folder in a process of its own; records by the stem of the file. `advance` is called for each."""
    records = _run(["decode", package, str(coded), str(restored), decoder], advance)
    return {record["stem"]: Read(**record) for record in records}


def encode_pack_in_child(package: str, degraded: Path, coded: Path, seed: int) -> Written:
    """Encode the pictures of one .npy into one file in a process of its own."""
    (record,) = _run(["encode-pack", package, str(degraded), str(coded), str(seed)], lambda: None)
    return Written(**record)


def decode_pack_in_child(package: str, coded: Path, restored: Path, decoder: str) -> Read:
    """Decode the pictures of one file into one .npy in a process of its own."""
    (record,) = _run(["decode-pack", package, str(coded), str(restored), decoder], lambda: None)
    return Read(**record)


def _run(arguments: list[str], advance: Advance) -> list[dict[str, Any]]:
    """The JSON objects that the worker prints; its error, of the same class, when it fails."""
    records = []
    command = [sys.executable, "-m", "crosscodec.evaluate.worker", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None, "a pipe was asked for"
        try:
            for line in process.stdout:
                records.append(json.loads(line))
                advance()
        except BaseException:
            process.kill()
            raise
    if process.returncode == 0:
        return records
    last = records[-1] if records and "error" in records[-1] else {}
    message = last.get("error", f"{arguments[0]} process ended with code {process.returncode}")
    raise getattr(errors, last.get("kind", ""), CrosscodecError)(message)
