import os
from pathlib import Path

import numpy as np
import pytest
from domains.setfiles import write_imagenet

from crosscodec.domains.imagenet import imagenet64
from crosscodec.domains.photos import DATA_VARIABLE
from crosscodec.errors import InputMissing

needs_data = pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")


def test_every_tenth_is_test_and_a_label_is_the_class_index(tmp_path: Path) -> None:
    write_imagenet(tmp_path, 21)
    train, test = imagenet64(tmp_path, "train"), imagenet64(tmp_path, "test")
    assert test.labels is not None
    assert train.labels is not None
    assert test.labels.tolist() == [9, 19]
    assert sorted(train.labels.tolist() + test.labels.tolist()) == list(range(21))
    assert train.images.shape == (19, 64, 64, 3)
    assert (train.full_name, train.classes[9], len(train.classes)) == ("imagenet-sample:train", "kind 9", 21)
    # Flat pictures stay flat, gray ones of another size too.
    assert np.array_equal(train.images[-1], np.full((64, 64, 3), 100))
    assert np.array_equal(test.images[1], np.full((64, 64, 3), 95))


def test_a_list_without_pictures_for_a_split_gives_an_empty_one(tmp_path: Path) -> None:
    write_imagenet(tmp_path, 3)
    assert imagenet64(tmp_path, "test").images.shape == (0, 64, 64, 3)


def test_missing_files_say_where_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    for data in (tmp_path, None):
        with pytest.raises(InputMissing, match=r"imagenet-sample.*imagenet-sample-images.*7a111a22711e"):
            imagenet64(data, "test")


@needs_data
def test_the_real_set() -> None:
    test = imagenet64(None, "test")
    assert test.images.shape == (100, 64, 64, 3)
    assert test.classes[0] == "tench"
    assert test.labels is not None
    assert test.labels[-1] == 999
    assert test.images.std(axis=(1, 2, 3)).min() > 5
