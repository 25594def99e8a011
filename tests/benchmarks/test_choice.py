"""What auto costs: the kinds of pictures, and what the table says of them."""

import dataclasses
import sys

import choice
import numpy as np
import pytest
from choice import KINDS, KODAK, OTHERS, Bench, Found, Kind, degraded, line
from PIL import Image

from crosscodec.domains.camera import through_jpeg
from crosscodec.domains.photos import folder_photos

DRAW = np.random.default_rng(1)
COLOUR, GRAY = (DRAW.integers(0, 256, shape, dtype=np.uint8) for shape in ((40, 48, 3), (40, 48)))


@pytest.fixture
def photos(tmp_path):
    for name, pixels in (("a", COLOUR), ("b", GRAY)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    return folder_photos(tmp_path)


def test_kinds_are_told_apart():
    assert len({kind.title for kind in KINDS}) == len(KINDS)
    assert Kind(KODAK, "none", 85).title == "kodak, JPEG 85"
    assert Kind(KODAK, "noise:10", 90).title == "kodak, noise:10, JPEG 90"
    assert Kind(OTHERS, "none").title == "subjects, clean"


def test_what_befalls_a_picture(photos):
    for index, whole in enumerate((COLOUR, GRAY)):
        pixels, clean = degraded(Kind(KODAK, "none"), photos, index)
        assert pixels.dtype == np.uint8
        assert np.array_equal(pixels, whole)
        np.testing.assert_allclose(clean, whole, atol=1e-4)
        stored, clean = degraded(Kind(KODAK, "none", 85), photos, index)
        assert np.array_equal(stored, through_jpeg(np.atleast_3d(whole), 85).reshape(whole.shape))
        np.testing.assert_allclose(clean, whole, atol=1e-4)
        noisy, clean = degraded(Kind(KODAK, "noise:10"), photos, index)
        assert noisy.dtype == np.float32, "unclipped, as the codec's own benchmark has it"
        assert (255 * noisy - clean).std() == pytest.approx(10, rel=0.1)


def test_a_line_of_the_table():
    found = [Found(0, np.log([1.0, 1.1])), Found(1, np.log([1.0, 1.2])), Found(1, np.log([1.5, 1.0]))]
    title, pictures, *taken, right, auto, default, camera = line(Kind(KODAK, "none"), ("default", "camera"), found)
    assert (title, pictures, taken, right) == ("kodak, clean", 3, [1, 2], 2)
    assert (auto, default, camera) == pytest.approx((20 / 3, 50 / 3, 10))


def test_a_run_measures_both_encoders_of_the_shipped_package(photos, tmp_path, monkeypatch, capsys):
    one = (Kind(OTHERS, "none"),)
    monkeypatch.setattr(choice, "KINDS", one)
    monkeypatch.setattr(choice, "write_pictures", lambda folder: None)
    monkeypatch.setenv("CROSSCODEC_THREADS", "1")  # so that what main() sets does not stay
    folder, out = tmp_path, tmp_path / "out" / "choice.tsv"
    out.parent.mkdir()
    monkeypatch.setattr(
        sys, "argv", ["choice.py", "--data", "x", "--subjects", str(folder), "--jobs", "1", "--out", str(out)]
    )
    choice.main()
    head, row = (text.split("\t") for text in out.read_text().splitlines())
    assert head[:5] == ["kind", "pictures", "default_taken", "camera_taken", "best_taken"]
    assert head[5:] == ["auto_percent", "default_percent", "camera_percent"]
    assert row[:2] == ["subjects, clean", "2"]
    assert int(row[2]) + int(row[3]) == 2
    bench = Bench("photo-denoise", tmp_path, folder)
    each = [bench.found(one[0], index) for index in (0, 1)]
    assert float(row[7]) == pytest.approx(np.mean([found.excess[1] for found in each]), abs=0.006)
    assert "subjects, clean" in capsys.readouterr().out
    assert min(found.costs.min() for found in each) > 0, "some bits and some error"
    assert dataclasses.replace(each[0], taken=1).excess.min() == 0
