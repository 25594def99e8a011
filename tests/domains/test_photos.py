import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from crosscodec.domains.photos import (
    DATA_VARIABLE,
    SET_NAMES,
    PhotoSet,
    bsds500,
    builtin_photos,
    data_root,
    folder_photos,
    imagenet_sample,
    kodak,
    listing_digest,
    named_photos,
    photo_set,
)
from crosscodec.errors import CorruptData, InputMissing, UsageError

needs_data = pytest.mark.skipif(DATA_VARIABLE not in os.environ, reason=f"{DATA_VARIABLE} is not set")


def save(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 6, 3), value, np.uint8)).save(path)


@pytest.fixture
def tiny_data(tmp_path: Path) -> Path:
    for number in range(1, 25):
        save(tmp_path / f"kodak/kodim{number:02d}.png", number)
    for split in ("train", "test"):
        for number in range(200):
            save(tmp_path / f"bsds500/{split}/{1000 - number}.jpg", number)
    rows = ["file,wnid,class_name"]
    for name in ("n2.jpg", "n1.jpg"):
        save(tmp_path / "imagenet-sample" / name, 7)
        rows.append(f'{name},{name[:-4]},"a, b"')
    (tmp_path / "imagenet-sample/labels.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_builtin_photos_are_colour_and_there() -> None:
    photos = builtin_photos()
    assert len(photos) == len(set(photos.names)) == 5
    assert photos.names[0] == "astronaut"
    for i in range(len(photos)):
        pixels = photos.clean(i)
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert min(pixels.shape[:2]) >= 300
        assert np.ptp(pixels.astype(int), axis=2).mean() > 5, "a colour photograph"


def test_builtin_photos_import_neither_skimage_nor_pooch() -> None:
    code = "import sys; from crosscodec.domains.photos import builtin_photos; builtin_photos().clean(0); "
    code += "print([name for name in ('skimage', 'pooch', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_builtin_photos_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("crosscodec.domains.photos.importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputMissing, match="pip install scikit-image"):
        builtin_photos()


def test_folder_photos_are_ordered_by_name_and_leave_other_files(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", ".hidden.png", "sub/c.tif", "sub/a.bmp"):
        save(tmp_path / name, 9)
    (tmp_path / "notes.txt").write_text("not a picture")
    assert folder_photos(tmp_path).names == ("a.JPG", "b.png")
    deep = folder_photos(tmp_path, recursive=True)
    assert deep.names == ("a.JPG", "b.png", "sub/a.bmp", "sub/c.tif")
    assert deep.name == tmp_path.name
    assert (deep.clean(2) == 9).all()


def test_folder_photos_missing_or_empty(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="is not a folder"):
        folder_photos(tmp_path / "nowhere")
    with pytest.raises(InputMissing, match=r"no picture directly in.*\.png"):
        folder_photos(tmp_path)


def test_deep_pictures_keep_their_precision_as_floats(tmp_path: Path) -> None:
    samples = np.array([[0, 1, 257, 65535]], np.uint16)
    Image.fromarray(samples).save(tmp_path / "deep.png")
    photos = folder_photos(tmp_path)
    assert np.rint(photos.clean_float(0)[..., 0] * 65535).tolist() == samples.tolist()
    assert photos.clean(0).tolist() == [[0, 0, 1, 255]]
    assert (
        "16-bit gray kept as float32; what is decoded has 8 bits, or with --range full as many"
        in photos.picture(0).notices
    )


def test_arrays_as_a_photo_set() -> None:
    gray, one, rgb = np.zeros((3, 4), np.uint8), np.ones((3, 4, 1), np.uint8), np.full((3, 4, 3), 255, np.uint8)
    photos = PhotoSet("set", (gray, one, rgb), ("a", "b", "c"), labels=(4, 5, 6))
    assert [photos.clean(i).shape for i in range(3)] == [(3, 4), (3, 4), (3, 4, 3)]
    assert [photos.clean_float(i).shape for i in range(3)] == [(3, 4, 1), (3, 4, 1), (3, 4, 3)]
    assert photos.clean_float(2).max() == 1.0
    assert photos.label(1) == 5
    with pytest.raises(IndexError, match=r"0 \.\. 2, not 3"):
        photos.clean(3)
    with pytest.raises(UsageError, match="names"):
        PhotoSet("set", (gray,), ("a", "b"))
    with pytest.raises(UsageError, match="labels"):
        PhotoSet("set", (gray,), ("a",), labels=())


def test_data_root_prefers_the_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    with pytest.raises(InputMissing, match=DATA_VARIABLE):
        data_root()
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "nowhere"))
    assert data_root(tmp_path) == tmp_path
    with pytest.raises(InputMissing, match="does not exist"):
        data_root()
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    assert data_root() == tmp_path


def test_loaders_give_the_documented_order(tiny_data: Path) -> None:
    photos = kodak(tiny_data)
    assert (len(photos), photos.names[0], photos.names[23], photos.split) == (24, "kodim01", "kodim24", "test")
    assert [int(photos.clean(i)[0, 0, 0]) for i in (0, 23)] == [1, 24]
    train = bsds500(tiny_data, "train")
    assert len(train) == 200
    assert train.names == tuple(sorted(train.names))
    assert train.split == "train"
    labelled = imagenet_sample(tiny_data)
    assert labelled.names == ("n2", "n1"), "the order of the list, not of the names"
    assert labelled.labels == (0, 1)


@pytest.mark.parametrize(
    ("load", "gone", "answer"),
    [
        (kodak, "kodak/kodim07.png", r"1 of 24 .*kodim07.*r0k\.us.*c973a075cff9"),
        (lambda data: bsds500(data, "test"), "bsds500/test/900.jpg", "199 of 200.*BIDS/BSDS500.*84c330268632"),
        (imagenet_sample, "imagenet-sample/n1.jpg", "1 of 2 .*imagenet-sample-images.*7a111a22711e"),
        (imagenet_sample, "imagenet-sample/labels.csv", "labels.csv.*7a111a22711e"),
    ],
)
def test_missing_files_say_where_to_get_them(
    tiny_data: Path, load: Callable[[Path], PhotoSet], gone: str, answer: str
) -> None:
    (tiny_data / gone).unlink()
    with pytest.raises(InputMissing, match=answer):
        load(tiny_data)


def test_wrong_split_and_damaged_list_are_refused(tiny_data: Path) -> None:
    with pytest.raises(UsageError, match="train, test, not 'val'"):
        bsds500(tiny_data, "val")
    (tiny_data / "imagenet-sample/labels.csv").write_text("picture\nn1.jpg\n")
    with pytest.raises(CorruptData, match="column 'file'"):
        imagenet_sample(tiny_data)


def test_names_reach_every_set(tiny_data: Path) -> None:
    assert [len(named_photos(name, tiny_data)) for name in SET_NAMES] == [5, 24, 200, 200, 2]
    for wrong in ("bsds500", "bsds500:val", "kodak:test", "mnist"):
        with pytest.raises(UsageError, match="choose one of builtin, kodak"):
            named_photos(wrong, tiny_data)


def test_listing_digest_is_that_of_sha256sum(tiny_data: Path) -> None:
    folder = tiny_data / "bsds500/test"
    lines = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  bsds500/test/{path.name}\n"
        for path in sorted(folder.iterdir())
    )
    assert listing_digest(folder) == hashlib.sha256(lines.encode()).hexdigest()
    save(folder / "1000.jpg", 200)
    assert listing_digest(folder) != hashlib.sha256(lines.encode()).hexdigest()


@needs_data
def test_real_sets_are_the_published_ones() -> None:
    root = data_root()
    assert listing_digest(root / "kodak") == "c973a075cff97fe38b25bff391efbe0b97f48e6d9e1ec681fa9b2dc9bf39701b"
    train = "e0b940c0e1f347493eb768db079abd30d9666fafa71ded8bb6f88138f1b32a8a"
    assert listing_digest(root / "bsds500/train") == train
    shapes = [kodak().clean(i).shape for i in range(24)]
    assert shapes.count((512, 768, 3)) == 18
    assert shapes.count((768, 512, 3)) == 6
    assert len(bsds500(split="test")) == 200
    sample = imagenet_sample()
    assert len(sample) == 1000
    assert sample.clean(999).shape == (256, 256, 3)


def test_a_set_by_name_or_a_folder_by_path(tmp_path, monkeypatch) -> None:
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "photo.png")
    assert photo_set("builtin").name == "builtin"
    assert photo_set(str(tmp_path)).names == ("photo.png",)
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    with pytest.raises(InputMissing, match="--data"):
        photo_set("kodak")
    with pytest.raises(UsageError, match="builtin"):
        photo_set("no-such-set")
