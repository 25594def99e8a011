"""Means and delta rates of the photo benchmark, from rows whose answers are known."""

import pytest
from photo_plan import Bench, loaded
from photo_rows import Row
from photo_tables import Report, report_rows, write_tables

PICTURES = ("one", "two")


@pytest.fixture
def bench(toy_package, tmp_path) -> Bench:
    return Bench(tmp_path, tmp_path, str(toy_package), "none")


def row(method: str, setting: str, bpp: float | None, psnr: float, picture: str, package: str = "") -> Row:
    size = None if bpp is None else round(8192 * bpp)
    numbers = (psnr, psnr / 40, 1 - psnr / 40, 3.0, 1.0, 0.25, 0.125, 1.5)
    return Row(picture, 25.0, 0, method, setting, package, 256, 256, size, bpp, *numbers, "")


def rows_of(bench: Bench) -> list[Row]:
    package = loaded(bench.package)
    found = []
    for step, picture in ((0.0, "one"), (1.0, "two")):
        found.append(row("noisy", "", None, 20 + step, picture))
        for place, bpp in enumerate((0.25, 0.5, 1.0)):
            found.append(row("bm3d-avif", str(place), bpp, 27 + 2 * place + step, picture))
            found.append(row(package.name, str(place), bpp / 2, 27 + 2 * place + step, picture, package.sha256[:16]))
            # The last point costs more and is worse: it is not on the front.
            found.append(row("avif", str(place), 2 * bpp, (27, 29, 28)[place] + step, picture))
    found.append(row("webp", "10", 0.5, 25, "one"))
    found.append(row(package.name, "0", 9.0, 10, "one", "another package"))
    return found


@pytest.fixture
def report(bench) -> Report:
    return report_rows(rows_of(bench), bench, 25.0, PICTURES, "bm3d-avif")


def test_means_are_over_all_pictures_and_of_the_present_package(report, bench):
    assert report.methods == (loaded(bench.package).name, "avif", "bm3d-avif")
    assert report.incomplete == ("webp 10",)
    (noisy,) = report.of("noisy")
    assert (noisy.values["psnr"], noisy.values["bpp"], noisy.pictures) == (20.5, None, 2)
    assert [mean.values["bpp"] for mean in report.of("bm3d-avif")] == [0.25, 0.5, 1.0]
    assert report.of("bm3d-avif")[0].values["psnr"] == 27.5


@pytest.mark.parametrize("measure", ["psnr", "ssim", "lpips"])
def test_half_the_bytes_is_minus_fifty_percent_by_every_measure(report, bench, measure):
    ours, peer = (
        next(delta for delta in report.deltas if (delta.method, delta.measure) == (name, measure))
        for name in (loaded(bench.package).name, "avif")
    )
    assert ours.rate.percent == pytest.approx(-50)
    assert (ours.rate.share, ours.used, ours.points) == (pytest.approx(1), 3, 3)
    assert peer.rate.percent == pytest.approx(100)
    assert (peer.rate.share, peer.used, peer.points) == (pytest.approx(0.5), 2, 3)


def test_a_point_alone_has_no_delta_rate(bench):
    rows = [r for r in rows_of(bench) if r.method != "avif" or r.setting == "0"]
    report = report_rows(rows, bench, 25.0, PICTURES, "bm3d-avif")
    assert {d.rate for d in report.deltas if d.method == "avif"} == {None}
    assert "two points" in next(d.problem for d in report.deltas if d.method == "avif")


def test_ours_stand_first_the_default_encoder_before_others(bench):
    package = loaded(bench.package)
    names = [f"{package.name}{more}" for more in ("+best:perception", ":perception", "+best")]
    more = [row(name, "0", 1.0, 30, picture, package.sha256[:16]) for name in names for picture in PICTURES]
    report = report_rows([*more, *rows_of(bench)], bench, 25.0, PICTURES, "bm3d-avif")
    ours = [f"{package.name}{more}" for more in ("", ":perception", "+best", "+best:perception")]
    assert report.methods == (*ours, "avif", "bm3d-avif")
    assert report.means[-1].method == "bm3d-avif"


def test_another_sigma_has_no_rows(bench):
    report = report_rows(rows_of(bench), bench, 50.0, PICTURES, "bm3d-avif")
    assert (report.means, report.deltas, report.incomplete) == ((), (), ())


def test_tables_say_what_the_report_says(report, tmp_path):
    means, deltas = write_tables(report, tmp_path)
    lines = [line.split("\t") for line in means.read_text().splitlines()]
    assert means.name == "photo-25.tsv"
    assert len(lines) == 1 + len(report.means)
    assert {len(line) for line in lines} == {len(lines[0])}
    lines = [line.split("\t") for line in deltas.read_text().splitlines()]
    lpips = next(line for line in lines if line[0] == "avif" and line[1] == "lpips")
    # Lower is better: the overlap runs from the worse value to the better one.
    assert float(lpips[3]) > float(lpips[4]) > 0


def test_a_picture_that_was_measured_twice_counts_once(report, bench):
    twice = report_rows([*rows_of(bench), *rows_of(bench)[:3]], bench, 25.0, PICTURES, "bm3d-avif")
    assert twice.means == report.means
    assert twice.deltas == report.deltas
