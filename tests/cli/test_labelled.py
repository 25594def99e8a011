"""evaluate on small labelled sets, as users run it; the set is a toy in the place of MNIST."""

import gzip
import json

import numpy as np
import pytest
from PIL import Image
from toydigits import toy_digits, toy_digits_bytes

from crosscodec.cli.main import app
from crosscodec.evaluate.labelled_scores import read_labelled


@pytest.fixture
def invoke(runner, monkeypatch, tmp_path):
    """Run evaluate on an MNIST of 12 toy digits, in IDX files."""
    (tmp_path / "toy-digits.xcm").write_bytes(toy_digits_bytes())
    (tmp_path / "mnist").mkdir()
    images, labels = toy_digits(12)
    for kind, header, values in (
        ("images-idx3", [0x803, 12, 28, 28], images),
        ("labels-idx1", [0x801, 12], labels),
    ):
        content = np.array(header, ">u4").tobytes() + values.astype(np.uint8).tobytes()
        (tmp_path / "mnist" / f"t10k-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(tmp_path))
    monkeypatch.setenv("CROSSCODEC_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    words = ["evaluate", "--set", "mnist:test", "--out", "run"]
    return lambda *more: runner.invoke(app, [*words, *more] if "-p" in more else [*words, "-p", "toy-digits", *more])


def test_the_printed_table_is_that_of_the_file(invoke, tmp_path):
    result = invoke()
    assert result.exit_code == 0, result.output
    rows = read_labelled(tmp_path / "run" / "scores.tsv")
    assert [(row.task, row.decoder, row.images) for row in rows] == [
        ("mnist:test noise:50", "fidelity", 12),  # the degradation is that of the card
        ("mnist:test noise:50", "perception", 12),
    ]
    lines = result.stdout.splitlines()
    assert lines[0] == "toy-digits on 12 pictures of mnist:test noise:50, seed 0"
    for row, line in zip(rows, lines[3:5], strict=True):
        cells = line.split()
        assert cells[:3] == [row.decoder, f"{row.bits_payload:.2f}", f"{row.bits_file:.2f}"]
        assert f"{row.mse_clean:.4f}" in cells
        assert line.endswith(f"{row.sharpness:.3f} of {row.sharpness_clean:.3f}")
    assert lines[-1] == "run/scores.tsv"


def test_seeds_are_gathered_and_averaged(invoke, tmp_path):
    words = ("--decoder", "fidelity", "--degradation", "noise:30", "--limit", "5")
    assert "Means" not in invoke(*words).stdout
    result = invoke(*words, "--seed", "1")
    assert result.exit_code == 0, result.output
    rows = read_labelled(tmp_path / "run" / "scores.tsv")
    assert [(row.seed, row.images, row.task) for row in rows] == [
        (0, 5, "mnist:test noise:30"), (1, 5, "mnist:test noise:30"),
    ]  # fmt: skip
    mean = (rows[0].mse_clean + rows[1].mse_clean) / 2
    assert f"{mean:.4f} ± " in result.stdout.partition("Means over seeds")[2]


def test_json_and_what_exists(invoke):
    words = ("--decoder", "fidelity", "--limit", "3")
    (row,) = map(json.loads, invoke("--json", *words).stdout.splitlines())
    assert (row["method"], row["decoder"], row["images"], row["accuracy_frozen"]) == ("toy-digits", "fidelity", 3, 1.0)
    assert invoke(*words).exit_code == 73
    assert "skipped" in invoke(*words, "--on-exist", "skip").stdout
    assert invoke(*words, "--on-exist", "overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--peers", "jpeg2000"), 2, "photos"),
        (("--decoder", "task"), 2, "fidelity, perception"),
        (("-p", "photo-denoise", "--degradation", "noise:25"), 2, "any size"),
        (("-p", "photo-denoise"), 2, "--degradation"),
        (("--set", "svhn:test"), 66, "svhn"),
    ],
)
def test_mistakes_leave_no_folder(invoke, tmp_path, words, code, said):
    result = invoke(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.fixture
def own(tmp_path):
    """Folders of one's own: six toy digits of 0, 1 and 2 by name of their class, larger than the package's."""
    images, labels = toy_digits(30)
    names = ("0", "1", "2")
    chosen = [index for index, label in enumerate(labels) if str(label) in names][:6]
    for folder in ("noisy", "sharp"):
        for index in chosen:
            place = tmp_path / folder / str(labels[index])
            place.mkdir(parents=True, exist_ok=True)
            pixels = np.kron(images[index][..., 0], np.ones((2, 2), np.uint8))
            Image.fromarray(pixels).save(place / f"{index}.png")
    return tmp_path


def test_folders_of_ones_own_are_measured(own, runner, invoke):
    words = ["evaluate", "-p", "toy-digits", "--degraded", "noisy", "--out", "own"]
    result = runner.invoke(app, [*words, "--clean", "sharp", "--json"])
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(row["task"], row["images"], row["accuracy_frozen"]) for row in rows} == {("noisy+sharp", 6, 1.0)}
    assert rows[0]["mse_clean"] == rows[0]["mse_degraded"]
    # The judges know ten classes, of which the folder has three; and clean pictures are not needed.
    (own / "noisy" / "0").rename(own / "noisy" / "9")
    alone = runner.invoke(app, [*words, "--json", "--decoder", "fidelity", "--limit", "3"])
    (row,) = map(json.loads, alone.stdout.splitlines())
    assert (row["task"], row["images"], row["mse_clean"]) == ("noisy", 3, None)
    assert row["accuracy_frozen"] < 1
    (own / "noisy" / "9").rename(own / "noisy" / "cat")
    strange = runner.invoke(app, [*words, "--out", "strange"])
    assert strange.exit_code == 2
    assert "the judges of package toy-digits know 0, 1, 2, 3, 4, …, and nothing of cat" in " ".join(
        strange.stderr.split()
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--degraded", "noisy", "--set", "mnist:test"), "--set is for pictures that are degraded here"),
        (("--degraded", "noisy", "--degradation", "noise:5"), "--degradation is for pictures that are degraded here"),
        (("--clean", "sharp"), "--clean goes with --degraded"),
        (("--degraded", "noisy", "--quality", "5"), "--quality is for photos; toy-digits is for small pictures"),
        (("--degraded", "noisy", "-p", "photo-denoise"), "give --clean DIR beside --degraded"),
    ],
)
def test_what_contradicts_folders_is_refused(own, runner, invoke, words, said):
    more = () if "-p" in words else ("-p", "toy-digits")
    result = runner.invoke(app, ["evaluate", "--out", "own", *words, *more])
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert not (own / "own").exists()
