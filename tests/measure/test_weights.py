import numpy as np
import pytest

from crosscodec.errors import CorruptData, InputMissing
from crosscodec.measure.weights import read_weights, weights_path


def test_weights_lie_in_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_DATA", str(tmp_path))
    assert weights_path("a.npz") == tmp_path / "metric-weights" / "a.npz"
    assert weights_path("a.npz", tmp_path / "other") == tmp_path / "other" / "metric-weights" / "a.npz"
    monkeypatch.delenv("CROSSCODEC_DATA")
    with pytest.raises(InputMissing, match="CROSSCODEC_DATA"):
        weights_path("a.npz")


def test_arrays_come_back_by_name(tmp_path):
    np.savez(tmp_path / "a.npz", one=np.ones(3, np.float32), two=np.zeros((2, 2)))
    found = read_weights(tmp_path / "a.npz", "")
    assert found.keys() == {"one", "two"}
    assert found["two"].shape == (2, 2)


def test_missing_weights_say_where_they_come_from(tmp_path):
    for path in (tmp_path / "a.npz", tmp_path):
        with pytest.raises(InputMissing, match="from the authors"):
            read_weights(path, "get them from the authors")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no archive at all"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(CorruptData, match=r"not an [.]npz"):
        read_weights(tmp_path / "a.npz", "")


@pytest.mark.parametrize("array", [np.array([1, 2]), np.array([np.nan]), np.array([None])])
def test_arrays_of_another_kind_are_refused(tmp_path, array):
    np.savez(tmp_path / "a.npz", one=array)
    with pytest.raises(CorruptData):
        read_weights(tmp_path / "a.npz", "")


def test_a_single_array_is_no_archive(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(3))
    with pytest.raises(CorruptData, match=r"not an [.]npz"):
        read_weights(tmp_path / "a.npy", "")
