import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from crosscodec.domains.idx import read_idx
from crosscodec.errors import CorruptData, CrosscodecError, InputMissing, ResourceLimit, UnsupportedData

ARRAY = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def idx(array: np.ndarray, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("array", [ARRAY, ARRAY.ravel(), ARRAY[:0]])
def test_plain_and_packed_files_are_read(tmp_path: Path, array: np.ndarray) -> None:
    for data in (idx(array), gzip.compress(idx(array))):
        read = read_idx(written(tmp_path, data))
        assert read.dtype == np.uint8
        assert read.shape == array.shape
        assert np.array_equal(read, array)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_cut_and_foreign_bytes_are_refused(tmp_path: Path, pack: type[bytes]) -> None:
    whole = pack(idx(ARRAY))
    for length in range(len(whole)):
        with pytest.raises(CrosscodecError):
            read_idx(written(tmp_path, whole[:length]))
    with pytest.raises(CorruptData):
        read_idx(written(tmp_path, whole + b"\x01"))


def test_damage_inside_a_packed_file_is_noticed(tmp_path: Path) -> None:
    whole, noticed = gzip.compress(idx(ARRAY)), set()
    for place in range(10, len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 16
        # A few bits are padding; all others must be noticed.
        try:
            assert np.array_equal(read_idx(written(tmp_path, bytes(flipped))), ARRAY)
        except CrosscodecError:
            noticed.add(place)
    assert len(noticed) > len(whole) - 16


@pytest.mark.parametrize(
    ("data", "error", "answer"),
    [
        (b"PK\x03\x04 something", UnsupportedData, "not an IDX file.*PK"),
        (b"", UnsupportedData, "not an IDX file"),
        (idx(ARRAY, kind=13), UnsupportedData, "type 13"),
        (b"\x00\x00\x08\x00", UnsupportedData, "not an IDX file"),
        (b"\x00\x00\x08\x03\x00\x00", CorruptData, "inside its header"),
        (idx(ARRAY)[:-1], CorruptData, "states 2 x 3 x 4 bytes, but 23 follow"),
        (b"\x00\x00\x08\x04" + b"\xff" * 16, CorruptData, "states 4294967295 x"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes, error: type[Exception], answer: str) -> None:
    with pytest.raises(error, match=answer):
        read_idx(written(tmp_path, data))


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosscodec.domains.idx._LIMIT", 10_000)
    with pytest.raises(ResourceLimit, match="10000 bytes"):
        read_idx(written(tmp_path, gzip.compress(bytes(100_000))))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        read_idx(tmp_path / "nowhere")
