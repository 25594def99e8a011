import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import write_cifar_batches, write_cifar_first

from crosscodec.domains.cifar import cifar10, cifar10_first4000
from crosscodec.domains.photos import DATA_VARIABLE
from crosscodec.errors import CorruptData, InputMissing

needs_data = pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")


@pytest.mark.parametrize("inner", ["cifar10", "cifar10/cifar-10-batches-bin"])
def test_binary_batches_in_their_order(tmp_path: Path, inner: str) -> None:
    pictures = write_cifar_batches(tmp_path / inner)
    train, test = cifar10(tmp_path, "train"), cifar10(tmp_path, "test")
    assert np.array_equal(train.images, pictures)
    assert train.labels is not None
    assert train.labels.tolist() == [i % 10 for i in range(20)]
    assert (train.full_name, test.full_name, len(test)) == ("cifar10:train", "cifar10:test", 4)
    assert train.classes[9] == "truck"


def test_the_first_4000_are_split_by_index_and_keep_their_name(tmp_path: Path) -> None:
    write_cifar_first(tmp_path)
    train, test = cifar10(tmp_path, "train"), cifar10(tmp_path, "test")
    assert (len(train), len(test)) == (3200, 800)
    assert not train.images.any()
    assert (test.images == 9).all()
    # Scores on 800 training pictures may not pass for scores on the official test set.
    assert (train.full_name, test.full_name) == ("cifar10-first4000:train", "cifar10-first4000:test")
    write_cifar_batches(tmp_path / "cifar10")
    assert cifar10(tmp_path, "train").name == "cifar10"
    # The small set's test pictures are among the official training pictures.
    (tmp_path / "cifar10/test_batch.bin").unlink()
    with pytest.raises(InputMissing, match="test_batch"):
        cifar10(tmp_path, "test")
    assert cifar10_first4000(tmp_path, "train").name == "cifar10-first4000"


def test_missing_files_say_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"1 of 1 .*test_batch\.bin.*cifar-10-binary.*c32a1d4ab5d0"):
        cifar10(tmp_path, "test")
    with pytest.raises(InputMissing, match=r"first4000.*f21ba659b327"):
        cifar10_first4000(tmp_path, "train")
    write_cifar_batches(tmp_path / "cifar10")
    (tmp_path / "cifar10/data_batch_3.bin").unlink()
    with pytest.raises(InputMissing, match=r"1 of 5 .*data_batch_3\.bin"):
        cifar10(tmp_path, "train")


@pytest.mark.parametrize("inner", ["cifar10", "cifar10/cifar-10-batches-py"])
def test_pickles_are_not_read_and_the_message_says_so(tmp_path: Path, inner: str) -> None:
    (tmp_path / inner).mkdir(parents=True)
    (tmp_path / inner / "data_batch_1").write_bytes(b"\x80\x02}")
    with pytest.raises(InputMissing, match=r"pickles.*never read.*cifar-10-binary"):
        cifar10(tmp_path, "train")


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: b"", lambda d: b"\x0a" + d[1:]])
def test_damaged_batches_are_refused(tmp_path: Path, damage) -> None:
    write_cifar_batches(tmp_path / "cifar10")
    path = tmp_path / "cifar10/test_batch.bin"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CorruptData, match=r"test_batch.bin.*(whole number|label 10)"):
        cifar10(tmp_path, "test")


def test_another_npz_is_refused_and_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "cifar10/cifar10_train_first4000.npz"
    path.parent.mkdir()
    contents = [
        {"images": np.zeros((4, 32, 32, 3), np.uint8), "labels": np.zeros(4, np.uint8)},
        {"images": np.zeros((4000, 32, 32, 3), np.uint8), "labels": np.full(4000, 10)},
        {"images": np.zeros((4000, 32, 32, 3), np.uint8)},
        {"images": np.array([None]), "labels": np.zeros(4000, np.uint8)},
    ]
    for content in contents:
        np.savez_compressed(path, **content)
        with pytest.raises(CorruptData, match=r"first4000.*f21ba659b327"):
            cifar10_first4000(tmp_path, "train")
    for data in (b"", b"PK\x03\x04", path.read_bytes()[:200], b"\x80\x02}q\x00."):
        path.write_bytes(data)
        with pytest.raises(CorruptData, match="first4000"):
            cifar10_first4000(tmp_path, "train")


@needs_data
def test_the_real_file_is_the_published_one() -> None:
    path = Path(os.environ[DATA_VARIABLE]) / "cifar10/cifar10_train_first4000.npz"
    published = "f21ba659b327871ec330654ccdc95e0da52b1b39c04c467a581440516466148c"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == published
    train, test = (cifar10_first4000(None, split) for split in ("train", "test"))
    assert train.labels is not None
    assert test.labels is not None
    counts = np.bincount(np.concatenate([train.labels, test.labels]))
    assert counts.tolist() == [396, 366, 420, 384, 422, 393, 414, 385, 407, 413]
