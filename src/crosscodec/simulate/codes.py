"""Any simulated code by its file: which code it is, what it writes, and what its files say."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError
from crosscodec.simulate.container import DITHER, MAPS, VECTOR, SimulatedFile
from crosscodec.simulate.dithered import DitherCode
from crosscodec.simulate.maps import SharedSeedCode
from crosscodec.simulate.vectorcode import VectorCode, parts_of

Samples = NDArray[Any]  # integers of a finite alphabet (n,), or float64 (n,) or (n,d)
Code = SharedSeedCode | DitherCode | VectorCode
_KINDS: dict[int, type[SharedSeedCode] | type[DitherCode] | type[VectorCode]] = {
    MAPS: SharedSeedCode,
    DITHER: DitherCode,
    VECTOR: VectorCode,
}


def encode_file(code: bytes, source: Samples) -> bytes:
    """The file of source symbols, by the code that another file (of no symbols, say) was written with.

    Raises CorruptData for a damaged file, and UsageError for symbols that are not of the code's source.
    """
    if source.dtype.kind not in "iuf":
        raise UsageError(f"source symbols are numbers, not {source.dtype}")
    return code_of(SimulatedFile.from_bytes(code)).encode(source)


def decode_file(data: bytes) -> Samples:
    """The output of a file, from its bytes alone: int32 of a finite alphabet, or float64. Raises CorruptData."""
    file = SimulatedFile.from_bytes(data)
    return code_of(file).decode(file)


def code_of(file: SimulatedFile) -> Code:
    """The code that wrote a file. Raises CorruptData."""
    return _KINDS[file.kind].from_file(file)


def empty_file(code: Code) -> bytes:
    """The file of no symbols: the code itself."""
    return code.encode(np.empty(0, np.int64))


def payload_bits(data: bytes) -> int:
    """Bits that the range coder wrote into a file; of vectors, those of all directions."""
    file = SimulatedFile.from_bytes(data)
    parts = parts_of(file) if file.kind == VECTOR else [file]
    return 8 * sum(len(part.payload) for part in parts)


def array_bytes(values: Samples) -> bytes:
    """An array as an .npy file."""
    sink = io.BytesIO()
    np.save(sink, values, allow_pickle=False)
    return sink.getvalue()
