"""Whole numbers as one to ten bytes, and a reader of bytes that never runs past their end.

The variable-length integer of docs/format.md: seven bits a byte, least significant first, high bit set on all bytes but
the last (LEB128). Only the shortest spelling is read, so that equal contents have equal bytes.
"""

from crosscodec.errors import CorruptData

LARGEST = 2**64 - 1


def varint(value: int) -> bytes:
    """The bytes of a whole number.

    docs/format.md, "Numbers". `value` lies in 0 .. 2^64 - 1 (the caller's promise: writers check what they are given).
    """
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def zigzag(value: int) -> int:
    """A signed number as an unsigned one: 0, -1, 1, -2 … become 0, 1, 2, 3 …

    docs/format.md, "Numbers".
    """
    return 2 * value if value >= 0 else -2 * value - 1


def unzigzag(code: int) -> int:
    """The signed number of an unsigned one; the inverse of `zigzag`.

    docs/format.md, "Numbers".
    """
    return code >> 1 if code % 2 == 0 else -(code >> 1) - 1


class ByteReader:
    """Reads bytes and numbers from the front of `data`; raises CorruptData instead of running past the end.

    docs/format.md, "Numbers". `what` names the data in messages.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._data = data
        self._what = what
        self.position = 0

    @property
    def remaining(self) -> int:
        """Number of bytes not yet read."""
        return len(self._data) - self.position

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > self.remaining:
            raise CorruptData(f"{self._what} is cut short: {count} more bytes expected, {self.remaining} are there")
        start, self.position = self.position, self.position + count
        return self._data[start : self.position]

    def uint32(self) -> int:
        """The next four bytes as an unsigned little-endian number."""
        return int.from_bytes(self.take(4), "little")

    def varint(self, field: str, largest: int = LARGEST) -> int:
        """The next variable-length number, at most `largest`; `field` names it in messages."""
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if value > largest:
                raise CorruptData(f"{self._what}: the {field} is more than {largest}")
            if byte < 128:
                break
            shift += 7
            if shift > 63:
                raise CorruptData(f"{self._what}: the {field} is longer than ten bytes")
        if byte == 0 and shift > 0:
            raise CorruptData(f"{self._what}: the {field} is not written in its shortest form")
        return value
