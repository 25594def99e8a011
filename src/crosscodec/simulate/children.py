"""Two processes for a simulation: one has the source and writes the file, the other has the file and nothing else."""

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crosscodec import errors
from crosscodec.errors import CrosscodecError, OutputExists
from crosscodec.files import read_bytes, write_atomically
from crosscodec.simulate.codes import Samples, array_bytes, payload_bits

CODE, SOURCE, CODED, OUTPUT = "code.xcs", "source.npy", "coded.xcs", "output.npy"


@dataclass(frozen=True, eq=False)
class Exchange:
    """What passed between the processes, what came out, and how long each took from samples to samples."""

    data: bytes
    output: Samples
    encode_seconds: float
    decode_seconds: float

    @property
    def payload_bits(self) -> int:
        """Bits that the range coder wrote."""
        return payload_bits(self.data)


def exchange(code: bytes, source: Samples, folder: Path) -> Exchange:
    """Encode the source (n,) in one process and decode it in another; all files stay in `folder`.

    Raises OutputExists where one of them is there already, and whatever error the processes end with.
    """
    taken = [name for name in (CODE, SOURCE, CODED, OUTPUT) if (folder / name).exists()]
    if taken:
        raise OutputExists(f"{folder / taken[0]} exists already; name another folder")
    write_atomically(folder / CODE, code)
    write_atomically(folder / SOURCE, array_bytes(source))
    encode_seconds = _run("encode", folder / CODE, folder / SOURCE, folder / CODED)
    decode_seconds = _run("decode", folder / CODED, folder / OUTPUT)
    output = np.load(io.BytesIO(read_bytes(folder / OUTPUT)), allow_pickle=False)
    return Exchange(read_bytes(folder / CODED), output, encode_seconds, decode_seconds)


def _run(*arguments: object) -> float:
    """The seconds that the worker says it took; its error, of the same class, when it fails."""
    command = [sys.executable, "-m", "crosscodec.simulate.worker", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    said = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
    if done.returncode == 0:
        return float(said["seconds"])
    message = said.get("error", f"{arguments[0]} process ended with code {done.returncode}")
    raise getattr(errors, said.get("kind", ""), CrosscodecError)(message)
