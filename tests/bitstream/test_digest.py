import tracemalloc
import zlib

import numpy as np

from crosscodec.bitstream.digest import symbol_digest


def test_the_digest_is_the_crc_of_little_endian_words() -> None:
    symbols = np.array([[1, -2], [3, 2**24]], np.int32)
    expected = zlib.crc32(bytes.fromhex("01000000 feffffff 03000000 00000001"))
    assert symbol_digest(symbols) == expected
    assert symbol_digest(np.asfortranarray(symbols)) == expected
    assert symbol_digest(symbols.astype(">i4")) == expected
    assert symbol_digest(symbols.T) != expected


def test_no_copy_of_all_symbols_is_made() -> None:
    symbols = np.arange(1_000_000, dtype=np.int32).reshape(100, 10_000)
    tracemalloc.start()
    assert symbol_digest(symbols) == zlib.crc32(symbols.tobytes())
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    symbol_digest(symbols.astype(">i4").view())
    assert tracemalloc.get_traced_memory()[1] - before < 4.2e6  # the argument itself, and one channel of it
    tracemalloc.stop()
