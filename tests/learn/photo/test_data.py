"""Which pictures are read, and which are kept apart."""

import json
from dataclasses import replace

import numpy as np
import pytest
from learn.photo.tiny import DATA
from PIL import Image
from toypackage import toy_package_bytes

from crosscodec.codec.package import load_package, pack
from crosscodec.errors import InputMissing, UsageError
from crosscodec.learn.photo.data import load_training_pictures, run_pictures, scaled_copies
from crosscodec.learn.photo.settings import DataSettings
from crosscodec.learn.settled import HASHES


def test_held_out_pictures_are_apart():
    both = load_training_pictures(DATA, None)
    assert len(both.held_out) == 1
    assert len(both.training.pictures) == 4
    assert both.training.chances.sum() == pytest.approx(1)


def test_of_few_pictures_the_last_is_apart(tmp_path):
    """Fewer than one in fifty: there was nothing to measure a package on, and no word about it."""
    for number in range(3):
        Image.fromarray(np.full((40, 40, 3), 50 * number, np.uint8)).save(tmp_path / f"{number}.png")
    both = load_training_pictures(DataSettings(sets=(str(tmp_path),), crop=32, scales=(1.0,)), None)
    assert [kept.clean.max() for kept in both.held_out] == [100]
    assert [picture.max() for picture in both.training.pictures] == [0, 50]


def test_a_run_knows_its_pictures(tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "run"
    out.mkdir()
    photos.mkdir()
    for number in range(3):
        Image.fromarray(np.full((40, 40, 3), 50 * number, np.uint8)).save(photos / f"{number}.png")
    settings = DataSettings(sets=(str(photos),), crop=32, scales=(1.0,))
    hashes = run_pictures(settings, None, out).hashes
    assert json.loads((out / HASHES).read_text()) == hashes
    assert list(hashes) == [str(photos)]
    (out / "checkpoint.safetensors").write_bytes(b"x")
    assert run_pictures(settings, None, out).hashes == hashes
    Image.fromarray(np.full((40, 40, 3), 7, np.uint8)).save(photos / "0.png")
    with pytest.raises(UsageError, match="a run on other pictures"):
        run_pictures(settings, None, out)


def test_a_run_knows_the_package_that_it_is_for(tmp_path):
    """What was learnt for the symbols of one must not go on with those of another in the same file."""
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(tmp_path / "0.png")
    settings, out = DataSettings(sets=(str(tmp_path),), crop=32, scales=(1.0,)), tmp_path / "run"
    out.mkdir()
    file = tmp_path / "toy.xcm"
    file.write_bytes(toy_package_bytes())
    run_pictures(settings, None, out, load_package(file))
    (out / "checkpoint.safetensors").write_bytes(b"x")
    run_pictures(settings, None, out, load_package(file))
    package = load_package(file)
    file.write_bytes(pack(replace(package.card, notes=("another",)), package.parts))
    with pytest.raises(UsageError, match=r"or another package \(package toy differ\)"):
        run_pictures(settings, None, out, load_package(file))


def test_scaled_copies_hold_a_crop():
    copies = scaled_copies(np.zeros((100, 200, 3), np.uint8), DataSettings(crop=64, scales=(1.0, 0.7, 0.5)))
    assert [c.shape for c in copies] == [(100, 200, 3), (70, 140, 3)]


def test_errors_name_what_is_missing(tmp_path):
    with pytest.raises(UsageError, match=r"as large as data.crop = 4096"):
        load_training_pictures(DataSettings(sets=("builtin",), crop=4096), None)
    with pytest.raises(InputMissing):
        load_training_pictures(DataSettings(sets=("bsds500:train",)), tmp_path)


def test_a_picture_that_is_there_twice_is_on_one_side(tmp_path):
    """Under another name, in another format and in another set."""
    for folder, shades in (("a", (0, 50, 100, 0)), ("b", (150, 100, 200))):
        for number, shade in enumerate(shades):
            file = tmp_path / folder / f"{number}.{'bmp' if number == 3 else 'png'}"
            file.parent.mkdir(exist_ok=True)
            Image.fromarray(np.full((40, 40, 3), shade, np.uint8)).save(file)
    sets = (str(tmp_path / "a"), str(tmp_path / "b"))
    both = load_training_pictures(DataSettings(sets=sets, crop=32, scales=(1.0,), held_out=3), None)
    assert [kept.clean.max() for kept in both.held_out] == [100, 100, 200]
    assert [picture.max() for picture in both.training.pictures] == [0, 50, 0, 150]


def test_a_scene_that_was_taken_twice_is_on_one_side(recorded):
    """Pairs 1 and 3: one is as good as the other."""
    first, every = load_training_pictures(recorded, None), replace(recorded, held_out=2)
    assert [kept.recorded.max() for kept in first.held_out] == [pytest.approx(224 / 255)]
    second = load_training_pictures(every, None)
    assert [round(255 * float(kept.recorded.max())) for kept in second.held_out] == [234, 214]
    assert second.held_out[0].clean.dtype == np.uint8
    assert second.held_out[0].clean.shape == second.held_out[0].recorded.shape == (48, 40, 3)


def test_pairs_of_a_run_are_known_by_their_content(recorded, tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    hashes = run_pictures(recorded, None, out).hashes
    assert hashes.keys() == {"degraded", "clean"}
    (out / "checkpoint.safetensors").write_bytes(b"x")
    Image.fromarray(np.full((48, 40, 3), 7, np.uint8)).save(tmp_path / "noisy" / "0.png")
    with pytest.raises(UsageError, match=r"a run on other pictures or another package \(degraded differ\)"):
        run_pictures(recorded, None, out)


def test_pairs_that_cannot_be_are_refused(recorded, tmp_path):
    with pytest.raises(UsageError, match=r"no pair in .*noisy and .*clean .* is as large as data.crop = 64"):
        load_training_pictures(replace(recorded, crop=64), None)
    with pytest.raises(UsageError, match="give them by --degraded DIR and --clean DIR"):
        load_training_pictures(replace(recorded, degraded_folder="", clean_folder=""), None)
    (tmp_path / "noisy" / "0.png").unlink()
    with pytest.raises(UsageError, match=r"1 pictures have no pair, the first is .*0\.png"):
        load_training_pictures(recorded, None)
