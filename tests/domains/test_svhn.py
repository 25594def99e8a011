from pathlib import Path
from typing import Any

import numpy as np
import pytest
from domains.setfiles import write_svhn
from scipy.io import savemat

from crosscodec.domains.svhn import svhn
from crosscodec.errors import CorruptData, InputMissing


@pytest.mark.parametrize("compress", [False, True])
def test_pictures_come_first_and_ten_is_zero(tmp_path: Path, compress: bool) -> None:
    write_svhn(tmp_path, 12, compress)
    train = svhn(tmp_path, "train")
    expected = np.random.default_rng(3).integers(0, 256, (32, 32, 3, 12), dtype=np.uint8)
    assert train.full_name == "svhn:train"
    assert train.images.shape == (12, 32, 32, 3)
    assert np.array_equal(train.images[5], expected[..., 5])
    assert train.labels is not None
    assert train.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    assert train.classes[0] == "0"
    assert len(svhn(tmp_path, "test")) == 12


def test_missing_files_say_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match=r"SVHN: .*test_32x32\.mat.*eb5a983be6a3.*ufldl\.stanford"):
        svhn(tmp_path, "test")


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        ({"X": np.zeros((4, 4, 3, 2), np.uint8)}, "needs the variables X and y, it has X"),
        ({"X": np.zeros((4, 4, 3, 2), np.uint8), "y": np.ones((3, 1), np.uint8)}, "with 3"),
        ({"X": np.zeros((4, 4, 3, 2)), "y": np.ones((2, 1), np.uint8)}, "not float64"),
        ({"X": np.zeros((4, 4, 1, 2), np.uint8), "y": np.ones((2, 1), np.uint8)}, r"not uint8 \(4, 4, 1, 2\)"),
        ({"X": np.zeros((4, 4, 3, 2), np.uint8), "y": np.array([[1], [11]], np.uint8)}, r"1 \.\. 11"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, content: dict[str, Any], answer: str) -> None:
    (tmp_path / "svhn").mkdir()
    savemat(tmp_path / "svhn/train_32x32.mat", content)
    with pytest.raises(CorruptData, match=answer):
        svhn(tmp_path, "train")
