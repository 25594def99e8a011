"""The file of a simulated code: whole or refused."""

import zlib

import pytest

from crosscodec.errors import CorruptData, ResourceLimit, UnsupportedData
from crosscodec.simulate.container import DITHER, MAPS, MOST_SYMBOLS, SimulatedFile

FILE = SimulatedFile(MAPS, b"head", 300, 0xDEADBEEF, b"payload")


def sealed(body: bytes) -> bytes:
    return body + zlib.crc32(body).to_bytes(4, "little")


@pytest.mark.parametrize("file", [FILE, SimulatedFile(DITHER, b"", 0, 0, b"")])
def test_a_file_reads_back(file):
    assert SimulatedFile.from_bytes(file.to_bytes()) == file


def test_any_damage_is_refused():
    data = FILE.to_bytes()
    for place in range(len(data)):
        for bit in (0, 7):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            with pytest.raises(CorruptData):
                SimulatedFile.from_bytes(bytes(damaged))
    for length in range(len(data)):
        with pytest.raises(CorruptData):
            SimulatedFile.from_bytes(data[:length])


def test_what_is_behind_the_payload_is_refused():
    with pytest.raises(CorruptData, match="foreign"):
        SimulatedFile.from_bytes(sealed(FILE.to_bytes()[:-4] + b"x"))


@pytest.mark.parametrize(("place", "value"), [(4, 2), (5, 9)])
def test_other_versions_and_kinds_are_not_read(place, value):
    body = bytearray(FILE.to_bytes()[:-4])
    body[place] = value
    with pytest.raises(UnsupportedData, match="this release reads version 1"):
        SimulatedFile.from_bytes(sealed(bytes(body)))


def test_a_claim_of_too_many_symbols_is_refused():
    with pytest.raises(ResourceLimit, match="claims"):
        SimulatedFile.from_bytes(SimulatedFile(MAPS, b"", MOST_SYMBOLS + 1, 0, b"").to_bytes())
