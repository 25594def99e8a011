"""Many whole numbers at once: the spelling of varint.py, read by NumPy.

Apart from varint.py because reading a header needs no NumPy, and `crosscodec info` answers sooner without it.
"""

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import CorruptData

LONGEST_OF_MANY = 4  # bytes of each number


def varints(data: bytes, what: str) -> NDArray[np.int64]:
    """All the numbers, below 2^28, that `data` consists of; many times faster than one after the other.

    docs/format.md, "Numbers". `what` names the data in messages. Raises CorruptData.
    """
    coded = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(coded < 128)
    if coded.size and coded[-1] > 127:
        raise CorruptData(f"{what} is cut short: its last number does not end")
    if ends.size == 0:
        return np.empty(0, np.int64)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > LONGEST_OF_MANY:
        raise CorruptData(f"{what}: a number is longer than {LONGEST_OF_MANY} bytes")
    if np.any((lengths > 1) & (coded[ends] == 0)):
        raise CorruptData(f"{what}: a number is not written in its shortest form")
    shifts = 7 * (np.arange(coded.size) - np.repeat(starts, lengths))
    return np.add.reduceat((coded & 127).astype(np.int64) << shifts, starts)
