"""The file of a simulated code: what the decoder must know, and the payload, under one checksum.

    magic 4 │ version 1 │ kind 1 │ head length │ head │ symbols │ digest 4 │ payload length │ payload │ CRC-32 4

Numbers are the variable-length integers of docs/format.md. The head belongs to the kind of code: its tables and its
seed. A file of no symbols is the code itself; that is how an encoder process is told what to do. docs/simulate.md, "The
file".
"""

import zlib
from dataclasses import dataclass

from crosscodec.bitstream.varint import ByteReader, varint
from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData

MAGIC = b"XCDS"
VERSION = 1
MAPS, DITHER, VECTOR = 1, 2, 3  # kinds of code
MOST_SYMBOLS = 2**27
_LONGEST_HEAD = 2**26
_WHAT = "the file of a simulated code"


@dataclass(frozen=True)
class SimulatedFile:
    """A code and what it wrote: ``kind`` of code, its ``head``, how many ``symbols``, their ``digest``, ``payload``."""

    kind: int
    head: bytes
    symbols: int
    digest: int
    payload: bytes

    def to_bytes(self) -> bytes:
        """The file.

        docs/simulate.md, "The file".
        """
        parts = [MAGIC, bytes([VERSION, self.kind]), varint(len(self.head)), self.head, varint(self.symbols)]
        parts += [self.digest.to_bytes(4, "little"), varint(len(self.payload)), self.payload]
        body = b"".join(parts)
        return body + zlib.crc32(body).to_bytes(4, "little")

    @classmethod
    def from_bytes(cls, data: bytes) -> "SimulatedFile":
        """The parts of a file, checked; the inverse of `to_bytes`.

        docs/simulate.md, "The file". Raises CorruptData; UnsupportedData for another version or kind; ResourceLimit for
        more than 2^27 symbols.
        """
        if data[:4] != MAGIC or len(data) < 10:
            raise CorruptData(f"not {_WHAT}: its first bytes are 'XCDS'")
        if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
            raise CorruptData(f"{_WHAT} is damaged: its CRC-32 does not match")
        version, kind = data[4], data[5]
        if version != VERSION or kind not in (MAPS, DITHER, VECTOR):
            raise UnsupportedData(
                f"{_WHAT} has version {version} and kind {kind}; this release reads version {VERSION}"
            )
        return cls(kind, *_body(ByteReader(data[6:-4], _WHAT)))


def _body(reader: ByteReader) -> tuple[bytes, int, int, bytes]:
    """Head, symbols, digest and payload."""
    head = reader.take(reader.varint("head length", _LONGEST_HEAD))
    symbols = reader.varint("number of symbols")
    if symbols > MOST_SYMBOLS:
        raise ResourceLimit(f"{_WHAT} claims {symbols:,} symbols; at most {MOST_SYMBOLS:,} are read")
    digest = reader.uint32()
    payload = reader.take(reader.varint("payload length"))
    if reader.remaining:
        raise CorruptData(f"{_WHAT} has {reader.remaining} foreign bytes behind its payload")
    return head, symbols, digest, payload
