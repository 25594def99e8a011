from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.domain import Domain
from crosscodec.domains.recorded import photo_pairs
from crosscodec.errors import InputMissing, UsageError


def save(path: Path, value: int, shape: tuple[int, ...] = (6, 8, 3)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(shape, value, np.uint8)).save(path)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    # By file name "a-b.png" comes before "a.bmp", by name after it.
    for number, (noisy, good) in enumerate((("a.bmp", "a.png"), ("a-b.png", "a-b.bmp"), ("sub/c.png", "sub/c.bmp"))):
        save(tmp_path / "noisy" / noisy, 100 + number)
        save(tmp_path / "good" / good, 10 + number)
    return tmp_path / "noisy", tmp_path / "good"


def test_pictures_of_one_name_are_a_pair(folders: tuple[Path, Path]) -> None:
    clean, recorded = photo_pairs(*folders)
    samples = list(Domain(clean, recorded))
    values = [[round(255 * float(pixels[0, 0, 0])) for pixels in (s.degraded, s.clean)] for s in samples]
    assert values == [[100, 10], [101, 11], [102, 12]]
    assert samples[0].degraded.dtype == np.float32
    assert recorded.describe() == "as recorded in noisy"


def test_a_picture_without_a_pair_is_named(folders: tuple[Path, Path]) -> None:
    noisy, good = folders
    (good / "a.png").unlink()
    with pytest.raises(UsageError, match=r"1 pictures have no pair, the first is .*a\.bmp: no such name in .*good"):
        photo_pairs(noisy, good)
    save(noisy / "a-b.bmp", 0)
    with pytest.raises(UsageError, match=r"a-b\.bmp and a-b\.png have one name"):
        photo_pairs(noisy, good)
    with pytest.raises(InputMissing, match="is not a folder"):
        photo_pairs(noisy, good / "none")


def test_gray_fills_the_colours_and_other_sizes_are_named(folders: tuple[Path, Path]) -> None:
    noisy, good = folders
    save(noisy / "a.bmp", 77, (6, 8))
    domain = Domain(*photo_pairs(noisy, good))
    assert domain.sample(0).degraded.shape == (6, 8, 3)
    save(noisy / "a.bmp", 77, (6, 9, 3))
    with pytest.raises(UsageError, match=r"noisy/a\.bmp is 6 x 9 in colour, the clean picture beside it 6 x 8"):
        domain.sample(0)
    save(noisy / "a.bmp", 77)
    save(good / "a.png", 7, (6, 8))
    with pytest.raises(UsageError, match="in colour, the clean picture beside it 6 x 8 gray"):
        domain.sample(0)
