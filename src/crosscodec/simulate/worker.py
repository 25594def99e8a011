"""The two child processes of a simulation: one that only encodes, one that only decodes.

    python -m crosscodec.simulate.worker encode CODE.xcs SOURCE.npy CODED.xcs
    python -m crosscodec.simulate.worker decode CODED.xcs OUTPUT.npy

They share the coded file and nothing else, so that no number passes from encoder to decoder but through the bytes that
are counted. Each prints one JSON object, the seconds it took or its error; the exit code is that of the error.
"""

import io
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from crosscodec.errors import CorruptData, CrosscodecError, UsageError
from crosscodec.files import read_bytes, write_atomically
from crosscodec.simulate.codes import Samples, array_bytes, decode_file, encode_file


def encode(code: Path, source: Path, coded: Path) -> float:
    """Write the coded file of a source; seconds from samples to bytes in memory."""
    rules, samples = read_bytes(code), _samples(source)
    started = time.perf_counter()
    data = encode_file(rules, samples)
    seconds = time.perf_counter() - started
    write_atomically(coded, data)
    return seconds


def decode(coded: Path, output: Path) -> float:
    """Write the output of a coded file; seconds from bytes in memory to samples."""
    data = read_bytes(coded)
    started = time.perf_counter()
    samples = decode_file(data)
    seconds = time.perf_counter() - started
    write_atomically(output, array_bytes(samples))
    return seconds


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; the exit code of the process."""
    try:
        match list(arguments):
            case ["encode", code, source, coded]:
                seconds = encode(Path(code), Path(source), Path(coded))
            case ["decode", coded, output]:
                seconds = decode(Path(coded), Path(output))
            case _:
                raise UsageError("encode CODE SOURCE CODED, or decode CODED OUTPUT")
    except CrosscodecError as error:
        print(json.dumps({"kind": type(error).__name__, "error": str(error)}), flush=True)
        return error.exit_code
    except KeyboardInterrupt:  # Ctrl-C reaches parent and child alike; the parent speaks for both
        return 130
    print(json.dumps({"seconds": seconds}), flush=True)
    return 0


def _samples(path: Path) -> Samples:
    try:
        samples: Samples = np.load(io.BytesIO(read_bytes(path)), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise CorruptData(f"{path} is no .npy file: {error}") from None
    return samples


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
