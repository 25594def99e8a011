import struct
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from crosscodec.domains.matfile import read_mat
from crosscodec.errors import CorruptData, CrosscodecError, InputMissing, ResourceLimit, UnsupportedData

ARRAYS = {
    "X": np.random.default_rng(0).integers(0, 256, (3, 4, 2, 5), dtype=np.uint8),
    "y": np.array([[1.0], [10.0], [0.5]]),
    "small": np.array([[7]], np.int16),
    "none": np.zeros((0, 3), np.uint8),
    "a_name_of_more_than_eight_letters": np.arange(6, dtype=np.int32).reshape(2, 3),
}


@pytest.mark.parametrize("compress", [False, True])
def test_reads_what_scipy_writes_and_leaves_what_is_no_number(tmp_path: Path, compress: bool) -> None:
    path = tmp_path / "a.mat"
    savemat(path, ARRAYS | {"text": "words", "cell": np.array(["a", 1], object)}, do_compression=compress)
    read = read_mat(path)
    assert read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert read[name].shape == array.shape
        assert read[name].dtype == array.dtype
        assert np.array_equal(read[name], array)


def test_the_other_order_of_bytes(tmp_path: Path) -> None:
    def element(kind: int, content: bytes) -> bytes:
        return struct.pack(">II", kind, len(content)) + content + bytes(-len(content) % 8)

    parts = element(6, struct.pack(">II", 11, 0)) + element(5, struct.pack(">ii", 1, 3)) + element(1, b"v")
    matrix = element(14, parts + element(4, struct.pack(">HHH", 1, 2, 300)))
    path = tmp_path / "big.mat"
    path.write_bytes(b"text".ljust(124) + b"\x01\x00MI" + matrix)
    assert read_mat(path)["v"].tolist() == [[1, 2, 300]]


@pytest.mark.parametrize("compress", [False, True])
def test_cuts_and_flips_end_in_our_own_errors(tmp_path: Path, compress: bool) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"X": ARRAYS["X"], "y": ARRAYS["y"]}, do_compression=compress)
    whole = path.read_bytes()
    ends = set()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            assert not {"X", "y"} <= read_mat(path).keys()
        except CrosscodecError as error:
            ends.add(type(error))
    for place in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        path.write_bytes(flipped)
        try:
            read_mat(path)
        except CrosscodecError as error:
            ends.add(type(error))
    assert ends == {CorruptData, UnsupportedData}


@pytest.mark.parametrize(
    ("data", "answer"),
    [(b"", "not a MATLAB file"), (b"\x89HDF\r\n" + bytes(200), "not a MATLAB file of version 5.*HDF"),
     (b"MATLAB 7.3".ljust(124) + b"\x00\x02IM", r"version 0x0200 \(7\.3")],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, data: bytes, answer: str) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(data)
    with pytest.raises(UnsupportedData, match=answer):
        read_mat(path)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"X": np.zeros((100, 1000), np.uint8)}, do_compression=True)
    monkeypatch.setattr("crosscodec.domains.matfile._LIMIT", 10_000)
    with pytest.raises(ResourceLimit, match="10000 bytes"):
        read_mat(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        read_mat(tmp_path / "nowhere.mat")
