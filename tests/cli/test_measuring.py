"""evaluate, as users run it."""

import json

import numpy as np
import pytest
from PIL import Image
from qualitypackage import quality_package_bytes

from crosscodec.cli.main import app
from crosscodec.evaluate.scores import read_scores
from crosscodec.measure.distortion import psnr


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path, photo):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    monkeypatch.delenv("CROSSCODEC_DATA", raising=False)
    (tmp_path / "set").mkdir()
    photo.rename(tmp_path / "set" / "one.png")
    monkeypatch.chdir(tmp_path)
    return lambda *words: runner.invoke(app, ["evaluate", "--package", "toy", "--set", "./set", *words])


def test_the_printed_table_is_that_of_the_file(invoke, tmp_path):
    result = invoke("--out", "run", "--peers", "jpeg2000")
    assert result.exit_code == 0, result.output
    rows = read_scores(tmp_path / "run" / "scores.tsv")
    assert [row.method for row in rows] == ["degraded", "toy", "jpeg2000"] * 2
    for row in rows:
        assert any(
            row.method in line and row.picture in line and f"{row.psnr:.2f}" in line
            for line in result.stdout.splitlines()
        )
    assert "run/scores.tsv" in result.stdout


def test_json_rows(invoke):
    rows = [
        json.loads(line) for line in invoke("--out", "run", "--json", "--degradation", "blur:2").stdout.splitlines()
    ]
    assert [row["picture"] for row in rows] == ["one.png", "one.png", "mean", "mean"]
    assert rows[1]["file_bpp"] > rows[1]["payload_bpp"] > 0


def test_what_exists_is_kept_unless_told(invoke, tmp_path):
    invoke("--out", "run")
    assert invoke("--out", "run").exit_code == 73
    assert "skipped" in invoke("--out", "run", "--on-exist", "skip").stdout
    before = (tmp_path / "run" / "scores.tsv").read_text()
    assert invoke("--out", "run", "--on-exist", "overwrite", "--seed", "9").exit_code == 0
    assert (tmp_path / "run" / "scores.tsv").read_text() != before


def test_one_run_gives_a_curve(invoke, tmp_path):
    (tmp_path / "steps.xcm").write_bytes(quality_package_bytes())
    words = ("--package", "steps.xcm", "--quality", "80", "--quality", "20")
    (tmp_path / "other.bin").write_bytes(b"no package")
    result = invoke("--out", "run", *words)
    assert result.exit_code == 0, result.output
    rows = {row.method: row for row in read_scores(tmp_path / "run" / "scores.tsv") if row.picture == "mean"}
    assert list(rows) == ["degraded", "steps q80", "steps q20"]
    assert rows["steps q20"].file_bpp < rows["steps q80"].file_bpp
    assert "steps q80" in result.stdout


def test_a_further_encoder_is_measured_and_named(invoke, tmp_path):
    (tmp_path / "two.xcm").write_bytes(quality_package_bytes(best=True))
    sizes = []
    for words in ((), ("--encoder", "default"), ("--encoder", "best")):
        out = tmp_path / "-".join(("run", *words))
        result = invoke("--out", str(out), "--package", "two.xcm", "--quality", "40", *words)
        assert result.exit_code == 0, result.output
        assert json.loads((out / "settings.json").read_text())["encoder"] == (words or ("", "auto"))[1]
        sizes.append([row.file_bytes for row in read_scores(out / "scores.tsv") if row.method == "steps q40"])
    assert sizes[0] == sizes[1] != sizes[2]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--set", "kodak"), 66, "--data"),
        (("--set", "nowhere"), 2, "kodak"),
        (("--degradation", "fog:3"), 2, "fog"),
        (("--peers", "gif"), 2, "jpeg2000"),
        (("--peers", "bm3d-avif", "--degradation", "blur:1"), 2, ""),
        (("--package", "nobody"), 69, "nobody"),
        (("--package", "other.bin"), 65, "other.bin is not a codec package"),
        (("--quality", "50"), 2, "package toy has one quality only"),
        (("--quality", "101"), 2, "'--quality'"),
        (("--quality", "50", "--set", "digits:test"), 2, "--quality is for photos"),
        (("--encoder", "best"), 2, "package toy has no encoder 'best'; it has: default"),
        (("--encoder", "best", "--set", "digits:test"), 2, "--encoder is for photos"),
    ],
)
def test_mistakes_leave_no_folder(invoke, tmp_path, words, code, said):
    (tmp_path / "other.bin").write_bytes(b"no package")
    result = invoke("--out", "run", *words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert not (tmp_path / "run").exists()


def test_pairs_that_were_taken_are_measured(runner, invoke, tmp_path):
    """Noise of a real camera: nothing is simulated, and the encoder sees what lies in the folder."""
    clean = Image.open(tmp_path / "set" / "one.png").convert("RGB")
    noisy = tmp_path / "noisy"
    noisy.mkdir()
    clean.point(lambda value: value // 2).save(noisy / "one.webp", lossless=True)
    words = ["evaluate", "--package", "toy", "--degraded", "noisy", "--clean", "set", "--out", "run"]
    result = runner.invoke(app, [*words, "--peers", "jpeg2000"])
    assert result.exit_code == 0, result.output
    degraded, restored = read_scores(tmp_path / "run" / "scores.tsv")[:2]
    halved = np.asarray(Image.open(noisy / "one.webp").convert("RGB"))
    assert degraded.psnr == pytest.approx(psnr(np.asarray(clean), halved), abs=1e-3)
    assert restored.psnr_to_degraded > restored.psnr
    facts = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert (facts["set"], facts["degradation"]) == ("set", "as recorded in noisy")
    told = runner.invoke(app, [*words, "--out", "other", "--peers", "nlm-avif"])
    assert told.exit_code == 2
    assert "is told the sigma of Gaussian noise (noise:25); here: as recorded in noisy" in " ".join(told.stderr.split())
