"""The table of what is no photograph: its pictures, and a line from rows whose answers are known."""

import numpy as np
import pytest
from photo_plan import Bench, loaded
from photo_rows import Row
from photo_tables import report_rows
from PIL import Image
from subjects import COLUMNS, LARGEST, SUBJECTS, line, write_pictures


def test_pictures_are_made_once(tmp_path):
    write_pictures(tmp_path)
    names = sorted(name for of_kind in SUBJECTS.values() for name in of_kind)
    assert sorted(path.stem for path in tmp_path.iterdir()) == names
    for path in tmp_path.iterdir():
        with Image.open(path) as image:
            assert max(image.size) <= LARGEST
            assert image.mode in ("L", "RGB")
            assert np.asarray(image).std() > 5, "something is in it"
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    write_pictures(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_line_of_the_table(toy_package, tmp_path):
    bench = Bench(tmp_path, tmp_path, str(toy_package))
    package = loaded(bench.package)
    ours, key = package.name, package.sha256[:16]

    def row(method: str, setting: str, bpp: float | None, psnr: float, of: str = "") -> Row:
        size = None if bpp is None else round(8192 * bpp)
        return Row("page", 25.0, 0, method, setting, of, 256, 256, size, bpp, psnr, 0.5, 0.25, 3.0, 1, 1, 1, 1, "")

    rows = [row("noisy", "", None, 20), row("bm3d", "", None, 33)]
    for place, (setting, bpp) in enumerate((("20", 0.25), ("50", 0.5), ("80", 1.0))):
        rows.append(row("bm3d-avif", str(place), bpp, 27 + 2 * place))
        rows.append(row(ours, setting, bpp / 2, 27 + 2 * place, key))
        rows.append(row(f"{ours}:perception", setting, bpp / 2, 26, key))
    found = dict(
        zip(COLUMNS, line(package, report_rows(rows, bench, 25.0, ["page"], "bm3d-avif"), "scan", "page"), strict=True)
    )
    assert (found["kind"], found["picture"], found["noisy"], found["bm3d_psnr"]) == ("scan", "page", 20, 33)
    # A peer at 0.25 bit has 27 dB; the package's setting 50 there 29.
    assert (found["bpp"], found["psnr"], found["peer_psnr"]) == (0.25, 29, pytest.approx(27))
    assert found["bd_rate"] == pytest.approx(-50)
    assert (found["bd_rate_best"], found["bd_rate_x4"]) == (None, None)
