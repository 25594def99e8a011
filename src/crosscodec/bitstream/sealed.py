"""The seal of a package's binary parts: magic, version, body, CRC-32.

Tables, qualities and weighted contexts are sealed alike; docs/format.md gives each its layout.
"""

import zlib

from crosscodec.errors import CorruptData, UnsupportedData


def seal(magic: bytes, version: int, *parts: bytes) -> bytes:
    """The bytes of a part whose body are these pieces."""
    body = b"".join([magic, bytes([version]), *parts])
    return body + zlib.crc32(body).to_bytes(4, "little")


def unseal(data: bytes, magic: bytes, version: int, what: str, least: int = 0) -> bytes:
    """The body of a part, of ``least`` bytes or more; ``what`` names it in messages, in the plural.

    Raises CorruptData, or UnsupportedData for an undamaged part of a later version.
    """
    if data[:4] != magic or len(data) < 9 + least:
        raise CorruptData(f"not {what}: their first bytes are '{magic.decode()}'")
    if zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise CorruptData(f"the {what} are damaged: their CRC-32 does not match")
    if data[4] != version:
        raise UnsupportedData(f"{what} of version {data[4]}; this release reads version {version}")
    return data[5:-4]
