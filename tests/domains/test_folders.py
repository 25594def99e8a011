from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.folders import folder_samples, shared_names
from crosscodec.errors import InputMissing, UsageError


def save(path: Path, value: int, size: tuple[int, int] = (6, 8), gray: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(size if gray else (*size, 3), value, np.uint8)).save(path)


def fill(folder: Path, names: str, first: int = 0, gray: bool = False) -> Path:
    for number, name in enumerate(names.split()):
        save(folder / name, first + number, gray=gray)
    return folder


def levels(pictures: np.ndarray | None) -> list[int]:
    assert pictures is not None
    return np.rint(pictures[:, 0, 0, 0] * 255).astype(int).tolist()


def test_equal_names_and_sizes_are_pairs_whatever_the_extension(tmp_path: Path) -> None:
    # By file name "a-b.png" comes before "a.bmp", by name after it.
    noisy = fill(tmp_path / "noisy", "a.bmp a-b.png sub/c.png", 10)
    good = fill(tmp_path / "good", "a.png a-b.bmp sub/c.bmp", 20)
    samples = folder_samples(noisy, good)
    assert samples.paired
    assert samples.name == "noisy+good"
    assert (levels(samples.degraded), levels(samples.clean)) == ([10, 11, 12], [20, 21, 22])
    assert samples.degraded.shape == (3, 6, 8, 3)
    assert samples.degraded.dtype == np.float32
    assert (samples.labels, samples.classes, samples.degradation) == (None, (), "")


def test_other_names_are_unpaired_and_pairs_can_be_ruled_out(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "a.png b.png")
    good = fill(tmp_path / "good", "a.png c.png d.png", 100)
    samples = folder_samples(noisy, good)
    assert not samples.paired
    assert levels(samples.clean) == [100, 101, 102]
    with pytest.raises(UsageError, match=r"1 pictures have no pair, the first is .*b\.png: no such name in .*good"):
        folder_samples(noisy, good, paired=True)
    (good / "d.png").unlink()
    (good / "c.png").rename(good / "b.png")
    assert folder_samples(noisy, good).paired
    assert not folder_samples(noisy, good, paired=False).paired


def test_a_name_that_occurs_twice_has_no_pair(tmp_path: Path) -> None:
    noisy, good = (fill(tmp_path / name, "a.png a.bmp") for name in ("noisy", "good"))
    assert not folder_samples(noisy, good).paired
    with pytest.raises(UsageError, match=r"a\.bmp and a\.png have one name"):
        folder_samples(noisy, good, paired=True)


def test_pairs_need_two_folders(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "a.png")
    alone = folder_samples(noisy, None)
    assert (alone.clean, alone.paired, alone.name) == (None, False, "noisy")
    with pytest.raises(UsageError, match="pairs need a folder of clean pictures"):
        folder_samples(noisy, None, paired=True)


def test_class_folders_of_the_degraded_pictures_give_labels(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "dog/1.png cat/2.png cat/1.png dog/deep/3.png")
    good = fill(tmp_path / "good", "x.png")
    samples = folder_samples(noisy, good)
    assert samples.classes == ("cat", "dog")
    assert samples.labels is not None
    assert samples.labels.dtype == np.int64
    assert (samples.labels.tolist(), levels(samples.degraded)) == ([0, 0, 1, 1], [2, 1, 0, 3])
    save(noisy / "stray.png", 1)
    with pytest.raises(UsageError, match=r"class folders cat, dog, but 1 pictures lie in none of them.*stray\.png"):
        folder_samples(noisy, good)


def test_one_subfolder_is_no_class(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "day/1.png day/2.png")
    assert folder_samples(noisy, None).labels is None


def test_sizes_that_differ_are_named_inside_a_folder_and_between_two(tmp_path: Path) -> None:
    noisy, good = (fill(tmp_path / name, "a.png b.png") for name in ("noisy", "good"))
    save(noisy / "c.png", 0, (5, 9))
    with pytest.raises(UsageError, match=r"noisy/a\.png \(6 x 8\) and .*noisy/c\.png \(5 x 9\); give one size"):
        folder_samples(noisy, good)
    (noisy / "c.png").unlink()
    for name in ("a.png", "b.png"):
        save(good / name, 0, (12, 16))
    with pytest.raises(UsageError, match=r"noisy/a\.png \(6 x 8\) and .*good/a\.png \(12 x 16\)"):
        folder_samples(noisy, good)


def test_one_size_for_all(tmp_path: Path) -> None:
    noisy, good = (fill(tmp_path / name, "a.png b.png", 30) for name in ("noisy", "good"))
    save(noisy / "b.png", 31, (50, 20))
    samples = folder_samples(noisy, good, size=(4, 3))
    assert samples.degraded.shape == (2, 4, 3, 3)
    assert samples.clean is not None
    assert samples.clean.shape == (2, 4, 3, 3)
    assert levels(samples.degraded) == [30, 31]
    # The crops show different parts: such pictures are pairs only on request.
    assert not samples.paired
    assert folder_samples(noisy, good, (4, 3), paired=True).paired


def test_gray_stays_gray_unless_there_is_colour(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "a.png", 40, gray=True)
    good = fill(tmp_path / "good", "a.png", 50, gray=True)
    assert folder_samples(noisy, good).degraded.shape == (1, 6, 8, 1)
    save(good / "a.png", 50)
    mixed = folder_samples(noisy, good)
    assert mixed.paired
    assert mixed.degraded.shape == (1, 6, 8, 3)
    assert np.ptp(mixed.degraded) == 0


def test_unclipped_floats_are_kept(tmp_path: Path) -> None:
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    np.save(noisy / "a.npy", np.full((6, 8), -0.25, np.float32))
    assert (folder_samples(noisy, fill(tmp_path / "good", "a.png")).degraded == -0.25).all()


def test_missing_or_empty_folders(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "a.png")
    with pytest.raises(InputMissing, match="nowhere is not a folder"):
        folder_samples(noisy, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputMissing, match="no picture"):
        folder_samples(tmp_path / "empty", noisy)


def test_names_that_two_folders_share(tmp_path: Path) -> None:
    noisy = fill(tmp_path / "noisy", "b.png a.bmp sub/c.png d.png")
    good = fill(tmp_path / "good", "a.png x.png sub/c.bmp")
    shared = shared_names(noisy, good)
    assert shared.places == ((0, 0), (3, 1))  # a and sub/c, by the order of names
    assert shared.alone == (noisy / "b.png", noisy / "d.png", good / "x.png")
    assert "2 names stand in both: 3 pictures have no partner, the first is" in shared.why_unpaired()
    assert str(noisy / "b.png") in shared.why_unpaired()
    assert levels(folder_samples(noisy, good).degraded)[0] == 1, "counted as the samples are"


def test_pictures_of_one_name_and_two_sizes_are_told(tmp_path: Path) -> None:
    noisy, good = fill(tmp_path / "noisy", "a.png"), fill(tmp_path / "good", "a.png")
    save(good / "a.png", 1, (12, 16))
    assert not folder_samples(noisy, good, (6, 8)).paired
    assert "the two pictures of a name differ in size" in shared_names(noisy, good).why_unpaired()
