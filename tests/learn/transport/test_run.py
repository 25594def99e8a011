"""From names to a measured package: the built-in set, and folders of one's own."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from learn.transport.conftest import UNLABELLED
from learn.transport.tiny import PERCEPTION, tiny_recipe
from PIL import Image

from crosscodec.cli.main import app
from crosscodec.codec import decode_arrays, encode_arrays
from crosscodec.codec.package import parse_package
from crosscodec.learn.settled import HASHES
from crosscodec.learn.transport import run
from crosscodec.learn.transport.data import load_data
from crosscodec.learn.transport.run import data_hashes, train_transport_run, trial
from crosscodec.learn.transport.train import Finished

pytestmark = pytest.mark.training


def folders(root, names, classes=("",)):
    """Two folders of noisy and clean pictures of 20 x 24 pixels, RGB; returns the data section that names them."""
    draw = np.random.default_rng(0)
    for number, (folder, stems) in enumerate(names.items()):
        for index, stem in enumerate(stems):
            place = root / folder / classes[index % len(classes)]
            place.mkdir(parents=True, exist_ok=True)
            ramp = np.linspace(0, 200 + index, 24)[None, :, None] * np.ones((20, 1, 3))
            noisy = ramp + (40 * draw.standard_normal(ramp.shape) if number == 0 else 0)
            Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(place / f"{stem}.png")
    degraded, clean = (str(root / folder) for folder in names)
    return {"degraded_folder": degraded, "clean_folder": clean, "size": [8, 12]}


def trained(folder, *changes):
    folder.mkdir(exist_ok=True)
    data = train_transport_run(tiny_recipe(*changes), folder, True, None, {"command": "x"})
    path = folder / "tiny.xcm"
    path.write_bytes(data)
    return parse_package(data, path)


def test_folders_without_pairs_and_labels(tmp_path):
    data = folders(tmp_path, {"bad": ["a", "b", "c", "d"], "good": ["x", "y", "z"]})
    package = trained(tmp_path / "run", {"data": data, "decoders": [PERCEPTION | UNLABELLED]})
    assert (package.card.size, package.card.channels, package.card.judges) == ((8, 12), ("rgb",), ())
    assert package.card.training_data == ("bad+good",)
    assert {(row["set"], row["pictures"]) for row in package.card.measured} == {("bad+good (held out)", 1)}
    assert [row["decoder"] for row in package.card.measured] == ["fidelity", "perception"]
    assert all("mse_to_clean" not in row for row in package.card.measured), "there is no clean picture of these"
    pictures = load_data(tiny_recipe({"data": data | {"held_out": 0}}).data, "train", None).degraded
    assert decode_arrays(encode_arrays(pictures, package).data, package, "perception").shape == (4, 8, 12, 3)


def test_folders_with_pairs_and_classes(tmp_path):
    stems = ["a", "b", "c", "d", "e", "f"]
    data = folders(tmp_path, {"bad": stems, "good": stems}, ("cat", "dog"))
    objective = {"supervised": True, "lambda_classification": 0.1}
    package = trained(tmp_path / "run", {"data": data | {"held_out": 3}, "objective": objective})
    assert package.card.classes == ("cat", "dog")
    assert package.card.judges == ("clean", "on-fidelity")
    (row,) = package.card.measured
    assert (row["set"], row["pictures"]) == ("bad+good (held out)", 2)
    assert 0 <= row["accuracy_on_reconstructions"] <= 1
    assert row["mse_to_clean"] != row["mse_to_degraded"]


def test_the_card_holds_what_real_files_measure(universal):
    samples = universal.samples
    rows = trial(universal.package, samples)
    encoded = encode_arrays(samples.degraded, universal.package)
    assert [row["decoder"] for row in rows] == list(universal.package.decoders)
    for row in rows:
        restored = decode_arrays(encoded.data, universal.package, row["decoder"])
        assert row["pictures"] == len(samples)
        assert row["payload_bits_per_picture"] == pytest.approx(8 * encoded.payload_bytes / len(samples), abs=1e-3)
        assert row["mse_to_clean"] == pytest.approx(np.square(restored - samples.clean).mean(), abs=1e-4)
        assert row["mse_to_degraded"] == pytest.approx(np.square(restored - samples.degraded).mean(), abs=1e-4)


def test_hashes_are_those_of_the_arrays(universal):
    samples = universal.samples
    found = data_hashes(samples)
    assert found["set"] == samples.name
    assert found["degraded"] == hashlib.sha256(samples.degraded.tobytes()).hexdigest()
    assert found["clean"] == hashlib.sha256(samples.clean.tobytes()).hexdigest()
    assert "labels" not in found


def test_what_was_trained_on_is_written_down(tmp_path, monkeypatch, universal):
    monkeypatch.setattr(run, "train_transport", lambda *given: Finished(universal.package.path.read_bytes(), 1.0))
    package = trained(tmp_path)
    recipe = tiny_recipe()
    written = json.loads((tmp_path / HASHES).read_text())
    assert written == data_hashes(load_data(recipe.data, "train", None))
    assert [row["pictures"] for row in package.card.measured] == [299] * 3, "measured on the test split"


def test_another_process_decodes_with_the_decoder_it_is_told(tmp_path, universal, runner):
    """encode here; decode --decoder NAME there, from the file and the package alone."""
    pictures = universal.samples.degraded[:3]
    (tmp_path / "all.xcd").write_bytes(encode_arrays(pictures, universal.package).data)
    package = str(universal.package.path)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for name in ("perception", "task"):
        out = tmp_path / name
        words = ["decode", str(tmp_path / "all.xcd"), str(out), "--decoder", name, "--package", package]
        command = [sys.executable, "-m", "crosscodec.cli.main", *words, "--format", "npy"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        files = sorted(out.iterdir())
        assert len(files) == 3
    shown = [np.load(sorted((tmp_path / name).iterdir())[0]) for name in ("perception", "task")]
    assert not np.array_equal(*shown)
    words = ["decode", str(tmp_path / "all.xcd"), str(tmp_path / "x"), "--decoder", "none", "--package", package]
    said = runner.invoke(app, words)
    assert said.exit_code == 2
    assert "fidelity, perception, task" in " ".join(said.stderr.split())
