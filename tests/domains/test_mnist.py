import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import idx, write_mnist

from crosscodec.domains.mnist import mnist
from crosscodec.domains.photos import DATA_VARIABLE
from crosscodec.errors import CorruptData, InputMissing

needs_data = pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")


def test_both_splits_with_packed_and_plain_files(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    train, test = mnist(tmp_path, "train"), mnist(tmp_path, "test")
    assert (train.full_name, train.images.shape, test.images.shape) == ("mnist:train", (12, 28, 28, 1), (7, 28, 28, 1))
    expected = np.random.default_rng(12).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    assert np.array_equal(train.images[..., 0], expected)
    assert train.labels is not None
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert train.classes == tuple("0123456789")


def test_missing_files_say_where_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputMissing, match=r"2 of 2 .*train-images-idx3-ubyte\.gz.*yann\.lecun.*6bbc9ace898e"):
        mnist(tmp_path, "train")
    write_mnist(tmp_path)
    (tmp_path / "mnist/t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(InputMissing, match=r"1 of 2 .*t10k-labels"):
        mnist(tmp_path, "test")
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(InputMissing, match=rf"{DATA_VARIABLE}.*mnist/.*yann\.lecun"):
        mnist(None, "test")


@pytest.mark.parametrize("labels", [np.zeros(6, np.uint8), np.full(7, 10, np.uint8), np.zeros((7, 1), np.uint8)])
def test_labels_that_do_not_fit_are_refused(tmp_path: Path, labels: np.ndarray) -> None:
    write_mnist(tmp_path)
    (tmp_path / "mnist/t10k-labels-idx1-ubyte").write_bytes(idx(labels))
    with pytest.raises(CorruptData, match=r"not MNIST: .*has \(7, 28, 28\)"):
        mnist(tmp_path, "test")


@needs_data
def test_the_real_set_is_the_published_one() -> None:
    train, test = mnist(None, "train"), mnist(None, "test")
    assert train.images.shape == (60000, 28, 28, 1)
    header = b"\x00\x00\x08\x03\x00\x00\x27\x10\x00\x00\x00\x1c\x00\x00\x00\x1c"
    published = "2646ac647ad5339dbf082846283269ea"
    assert hashlib.md5(header + test.images.tobytes(), usedforsecurity=False).hexdigest() == published
    assert test.labels is not None
    assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
