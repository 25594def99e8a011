from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosscodec.domains.labelledset import LabelledSet, set_folder
from crosscodec.domains.photos import DATA_VARIABLE
from crosscodec.errors import InputMissing, UsageError

IMAGES = np.arange(3 * 2 * 2 * 1, dtype=np.uint8).reshape(3, 2, 2, 1)
LABELS = np.array([1, 0, 1])


def tiny(**other: Any) -> LabelledSet:
    parts = {"name": "tiny", "split": "train", "images": IMAGES, "labels": LABELS, "classes": ("no", "yes")}
    return LabelledSet(**(parts | other))


def test_photos_are_the_same_pictures_with_names_labels_and_split() -> None:
    photos = tiny().photos()
    assert (photos.name, photos.split, photos.labels) == ("tiny", "train", (1, 0, 1))
    assert photos.names == ("00000", "00001", "00002")
    assert all(np.array_equal(photos.clean(i), IMAGES[i, :, :, 0]) for i in range(3))
    assert tiny(labels=None, classes=()).photos().label(0) is None


def test_take_is_a_beginning() -> None:
    assert tiny().full_name == "tiny:train"
    first = tiny().take(2)
    assert len(first) == 2
    assert np.array_equal(first.images, IMAGES[:2])
    assert first.labels is not None
    assert first.labels.tolist() == [1, 0]
    assert first.classes == ("no", "yes")
    assert len(tiny().take(99)) == 3
    assert tiny(labels=None, classes=()).take(1).labels is None
    with pytest.raises(UsageError, match="0 pictures"):
        tiny().take(0)


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ({"images": IMAGES[..., 0]}, r"uint8 \(N, H, W, 1\|3\), not uint8 \(3, 2, 2\)"),
        ({"images": IMAGES.astype(np.float32)}, "not float32"),
        ({"images": IMAGES.reshape(3, 2, 1, 2)}, "not uint8"),
        ({"labels": LABELS[:2]}, r"labels are int64 \(3,\), not int64 \(2,\)"),
        ({"labels": LABELS.astype(np.uint8)}, "not uint8"),
        ({"labels": np.array([0, 1, 2])}, r"labels 0 \.\. 2 outside the 2 classes"),
        ({"labels": np.array([0, -1, 0])}, r"labels -1 \.\. 0 outside"),
        ({"labels": None}, "2 class names, but no labels"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(other: dict[str, Any], answer: str) -> None:
    with pytest.raises(UsageError, match=f"tiny:train: .*{answer}"):
        tiny(**other)


def test_set_folder_says_what_belongs_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    assert set_folder(tmp_path, "mnist", "get it") == tmp_path / "mnist"
    with pytest.raises(InputMissing, match=rf"{DATA_VARIABLE}.* belong into mnist/ there: get it"):
        set_folder(None, "mnist", "get it")
    with pytest.raises(InputMissing, match=r"nowhere does not exist.*get it"):
        set_folder(tmp_path / "nowhere", "mnist", "get it")
