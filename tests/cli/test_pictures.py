"""degrade: the same picture on every machine."""

import json

import numpy as np
import pytest
from PIL import Image

from crosscodec.cli.main import app
from crosscodec.domains.degradation import GaussianNoise
from crosscodec.domains.domain import Domain
from crosscodec.domains.photos import folder_photos


@pytest.fixture
def invoke(runner):
    return lambda *words: runner.invoke(app, [str(word) for word in words])


def test_noise_is_that_of_the_library(invoke, photo, tmp_path, smooth_picture):
    result = invoke("degrade", photo, tmp_path / "noisy.npy", "--kind", "noise:25", "--seed", "3", "--index", "2")
    assert result.exit_code == 0, result.output
    clean = smooth_picture(48, 64).astype(np.float32) / np.float32(255)
    assert np.array_equal(np.load(tmp_path / "noisy.npy"), GaussianNoise(25).apply(clean, 3, "degrade", 2))


def test_png_is_the_same_noise_with_8_bits(invoke, photo, tmp_path):
    invoke("degrade", photo, tmp_path / "a.npy", "--seed", "3")
    invoke("degrade", photo, tmp_path / "a.png", "--seed", "3")
    expected = np.rint(np.clip(np.load(tmp_path / "a.npy"), 0, 1) * 255)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), expected)


def test_seed_and_index_choose_the_noise(invoke, photo, tmp_path):
    seen = set()
    for seed in (0, 1):
        for index in (0, 1):
            target = tmp_path / f"{seed}{index}.npy"
            invoke("degrade", photo, target, "--seed", seed, "--index", index)
            seen.add(target.read_bytes())
    assert len(seen) == 4


def test_a_folder_can_repeat_what_evaluate_does(invoke, photo, tmp_path):
    (tmp_path / "set").mkdir()
    for name in "ab":
        (tmp_path / "set" / f"{name}.png").write_bytes(photo.read_bytes())
    stream = "degradation/set/"
    result = invoke("degrade", tmp_path / "set", tmp_path / "out", "--format", "npy", "--seed", 5, "--stream", stream)
    assert result.exit_code == 0, result.output
    domain = Domain(folder_photos(tmp_path / "set"), GaussianNoise(25), seed=5)
    for index, name in enumerate("ab"):
        assert np.array_equal(np.load(tmp_path / "out" / f"{name}.npy"), domain.sample(index).degraded)


def test_gray_stays_gray(invoke, tmp_path, smooth_picture):
    Image.fromarray(smooth_picture(9, 7, 1)).save(tmp_path / "g.png")
    invoke("degrade", tmp_path / "g.png", tmp_path / "o.png", "--kind", "blur:1+noise:5")
    assert np.asarray(Image.open(tmp_path / "o.png")).shape == (9, 7)


def test_json_repeats_what_was_asked(invoke, photo, tmp_path):
    facts = json.loads(invoke("degrade", photo, tmp_path / "o.png", "--kind", "noise:25", "--json").stdout)
    assert (facts["kind"], facts["seed"], facts["index"]) == ("noise:25", 0, 0)
    assert facts["psnr"] == pytest.approx(20.17, abs=0.3)


@pytest.mark.parametrize("kind", ["noise", "noise:-1", "nosie:25", "noise:25+", ""])
def test_a_kind_that_is_none_is_a_usage_error(invoke, photo, tmp_path, kind):
    result = invoke("degrade", photo, tmp_path / "o.png", "--kind", kind)
    assert result.exit_code == 2
    assert not (tmp_path / "o.png").exists()
