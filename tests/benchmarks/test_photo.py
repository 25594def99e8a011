"""The photo benchmark from end to end, on two small pictures with a toy package and small networks of measures."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import photo
import pytest
from photo_methods import judges, picture_bench
from photo_plan import Bench, loaded
from photo_rows import append_row, read_rows
from PIL import Image
from qualitypackage import quality_package_bytes

from crosscodec.codec.encoding import encode_pixels, picture_latents
from crosscodec.errors import UsageError
from crosscodec.measure.judges import Judges

METHODS = ("ours", "noisy", "nlm", "jpeg2000", "nlm-avif")
SETTINGS_OF_PEERS = 9 + 10  # jpeg2000 of the noisy picture, avif of a denoised one


@pytest.fixture
def data(tmp_path, smooth_picture) -> Path:
    """Two pictures of two NIQE blocks each, and weights of the files' layout."""
    folder = tmp_path / "data" / "photos"
    folder.mkdir(parents=True)
    for number in (1, 2):
        Image.fromarray(np.roll(smooth_picture(96, 192), 20 * number, 1)).save(folder / f"p{number}.png")
    return tmp_path / "data"


def write_weights(data: Path) -> None:
    folder, generator = data / "metric-weights", np.random.default_rng(0)
    folder.mkdir()
    sizes = {"0": (3, 11), "3": (2, 5), "6": (2, 3), "8": (2, 3), "10": (2, 3)}
    weights = {f"lin{place}": np.ones(2, np.float32) for place in range(5)}
    for name, (into, size) in sizes.items():
        weights[f"features.{name}.weight"] = generator.normal(size=(2, into, size, size)).astype(np.float32)
        weights[f"features.{name}.bias"] = np.ones(2, np.float32)
    np.savez(folder / "lpips_alex_v0.1.npz", **weights)
    np.savez(
        folder / "niqe_pris_params.npz",
        mu_pris_param=np.zeros((1, 36)),
        cov_pris_param=np.eye(36),
        gaussian_window=np.full((7, 7), 1 / 49),
    )


@pytest.fixture
def bench(data, tmp_path) -> Bench:
    package = tmp_path / "steps.xcm"
    package.write_bytes(quality_package_bytes())
    (tmp_path / "out").mkdir()
    return Bench(data, tmp_path / "out", str(package), str(data / "photos"), (10, 60), METHODS)


def run(bench: Bench, index: int = 0) -> int:
    return photo.measure_picture(bench, index, 25.0)


def test_rows_are_measured_once(bench):
    write_weights(bench.data)
    assert run(bench) == 2 * 2 + 2 + SETTINGS_OF_PEERS
    assert run(bench) == 0
    rows = {(row.method, row.setting): row for row in read_rows(bench.rows)}
    assert {row.picture for row in rows.values()} == {"p1.png"}
    assert rows["noisy", ""].psnr == pytest.approx(20.2, abs=0.5)
    assert rows["noisy", ""].file_bytes is None
    assert all(row.lpips is not None and row.niqe is not None for row in rows.values())
    assert rows["nlm", ""].psnr > rows["noisy", ""].psnr + 2
    assert rows["nlm-avif", "50"].denoise_seconds == rows["nlm", ""].denoise_seconds > 0
    assert rows["nlm-avif", "50"].cpu_seconds > rows["nlm", ""].cpu_seconds


def test_ours_are_the_files_of_the_library(bench):
    run(bench)
    package = loaded(bench.package)
    noisy = picture_bench(bench, 0, 25.0).sample.degraded
    size = len(encode_pixels(noisy, package, quality=60).data)
    rows = {(row.method, row.setting): row for row in read_rows(bench.rows)}
    mine, darker = rows["steps", "60"], rows["steps:perception", "60"]
    assert mine.file_bytes == darker.file_bytes == size
    assert mine.bpp == pytest.approx(8 * size / (96 * 192), rel=1e-5)
    assert mine.package == package.sha256[:16]
    assert mine.psnr != darker.psnr
    assert rows["steps", "10"].file_bytes < size
    assert mine.lpips is mine.niqe is None, "there are no weights"


def test_an_encoder_runs_once_for_all_qualities(bench, monkeypatch):
    asked = []

    def counted(*given, **named):
        asked.append(named["encoder"])
        return picture_latents(*given, **named)

    monkeypatch.setattr("photo_methods.picture_latents", counted)
    picture = picture_bench(bench, 0, 25.0)
    first, second = (picture.restored("steps", setting) for setting in ("10", "60"))
    assert asked == ["default"]
    shared = picture._analysed("default").seconds
    assert shared > 0
    assert min(first.encode_seconds, second.encode_seconds) > shared, "whoever writes one file pays for the network"


def test_ours_by_a_further_encoder(bench, monkeypatch, capsys):
    Path(bench.package).write_bytes(quality_package_bytes(best=True))
    two = replace(bench, package=str(Path(bench.package).rename(bench.out / "two.xcm")), methods=("ours", "nlm-avif"))
    for index in (0, 1):
        photo.measure_picture(two, index, 25.0)
    rows = {(row.method, row.setting): row for row in read_rows(two.rows) if row.picture == "p1.png"}
    noisy = picture_bench(two, 0, 25.0).sample.degraded
    for encoder, method in (("default", "steps"), ("best", "steps+best")):
        size = len(encode_pixels(noisy, loaded(two.package), quality=60, encoder=encoder).data)
        assert rows[method, "60"].file_bytes == rows[f"{method}:perception", "60"].file_bytes == size
    words = ["photo.py", "--data", str(two.data), "--out", str(two.out), "--set", two.photos, "--report"]
    words += [
        "--peers",
        str(two.out / "peers.tsv"),
        "--package",
        two.package,
        "--results",
        str(two.out / "results"),
        "--anchor",
        "nlm-avif",
    ]
    monkeypatch.setattr(sys, "argv", words)
    photo.main()
    page = (two.out / "photo.html").read_text()
    assert page.count('<tr class="ours"><td>crosscodec, encoder best, perception decoder</td>') == 1 + 2
    assert page.count('<figure class="ours">') == 4
    # Rows of peers are kept for others, who measure their own package alone.
    assert {row.method for row in read_rows(two.out / "peers.tsv")} == {"nlm-avif"}
    (two.out / "other").mkdir()
    elsewhere = replace(two, out=two.out / "other", peers=two.out / "peers.tsv")
    assert photo.measure_picture(elsewhere, 0, 25.0) == 2 * 4
    assert {row.method.split("+")[0].split(":")[0] for row in read_rows(elsewhere.rows)} == {"steps"}


def test_denoised_pictures_are_made_once(bench, monkeypatch):
    first = picture_bench(bench, 0, 25.0).restored("nlm", "")

    def never(*_):
        raise AssertionError("denoised again")

    monkeypatch.setattr("photo_methods.denoise", never)
    again = picture_bench(bench, 0, 25.0).restored("nlm", "")
    assert np.array_equal(first.pixels, again.pixels)
    assert (first.denoise_seconds, first.cpu_seconds) == (again.denoise_seconds, again.cpu_seconds)


def test_a_package_of_one_quality_is_one_point(bench, toy_package):
    one = Bench(bench.data, bench.out, str(toy_package), bench.photos, methods=("ours",))
    ours = [setting for _, setting, _ in one.points()]
    assert ours == [""]
    picture = picture_bench(one, 0, 25.0)
    assert picture.measure(set(), lambda row: append_row(bench.rows, row)) == 1


def test_what_cannot_run_here_is_left_out_and_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "bm3d", None)
    assert photo.available(["ours", "noisy", "nlm", "bm3d", "bm3d-avif", "avif"], 25.0) == (
        *("ours", "noisy", "nlm", "avif"),
    )
    assert capsys.readouterr().err.count("pip install bm3d") == 2
    with pytest.raises(UsageError, match="unknown"):
        photo.available(["jpeg"], 25.0)


def test_the_report_is_made_of_rows_alone(bench, monkeypatch, capsys):
    write_weights(bench.data)
    for index in (0, 1):
        run(bench, index)
    words = ["photo.py", "--data", str(bench.data), "--out", str(bench.out), "--set", bench.photos]
    words += ["--package", bench.package, "--results", str(bench.out / "results"), "--report"]
    monkeypatch.setattr(sys, "argv", [*words, "--anchor", "nlm-avif", "--methods", *METHODS])
    photo.main()
    said = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert said == ["photo-25.tsv", "photo-25-bdrate.tsv", "photo-25.svg", "photo.html"]
    assert (bench.out / "results" / "photo-25.svg").read_text().startswith("<?xml")
    page = (bench.out / "photo.html").read_text()
    assert page.count("<figure") == 1 + 2 + 2 + 1  # noisy, two of ours, two peers, clean
    assert "<svg" in page
    assert 'src="http' not in page
    assert "url(http" not in page
    before = page
    photo.main()
    assert (bench.out / "photo.html").read_text() == before, "the same rows give the same page"


def test_weights_that_are_missing_are_no_failure(bench, tmp_path):
    assert judges(bench.data) == Judges(None, None)


def test_the_repository_s_rows_of_peers_are_of_kodak_alone():
    table = photo.peers_table(None, "kodak")
    assert table is not None
    assert {row.picture[:5] for row in read_rows(table)} == {"kodim"}
    assert not any(row.package for row in read_rows(table))
    assert photo.peers_table(None, "somewhere/else") is None
    assert photo.peers_table("none", "kodak") is None
    assert photo.peers_table("mine.tsv", "kodak") == Path("mine.tsv")
