"""A finished photo evaluation as the tests of the reports need it."""

import json

import numpy as np
import pytest
from PIL import Image

COLUMNS = (
    "method\tpicture\theight\twidth\tpsnr\tssim\tpsnr_to_degraded\tbound_bpp\tmodel_bpp\tpayload_bpp\tfile_bpp\tfile_bytes"
    "\tencode_seconds\tdecode_seconds"
)
ROWS = [
    "degraded\t<b>cat</b>\t20\t30\t20.17\t0.2\t\t\t\t\t\t\t\t",
    "my-package\t<b>cat</b>\t20\t30\t29.5\t0.9\t20\t\t.5\t.51\t0.5213\t12345\t0.25\t0.5",
    "jpeg2000\t<b>cat</b>\t20\t30\t24\t0.5\t20\t\t\t\t0.519\t12300\t0.1\t0.1",
    "degraded\tmean\t20\t30\t20.17\t0.2\t\t\t\t\t\t\t\t",
    "my-package\tmean\t20\t30\t29.5\t0.9\t20\t\t.5\t.51\t0.5213\t12345\t0.25\t0.5",
    "jpeg2000\tmean\t20\t30\t24\t0.5\t20\t\t\t\t0.519\t12300\t0.1\t0.1",
]
GRAYS = {"degraded": 60, "jpeg2000": 100, "restored": 140, "clean": 180}


@pytest.fixture
def run(tmp_path, smooth_picture):
    """A run folder as an evaluation leaves it, with one picture; each version has a level of gray added to it."""
    (tmp_path / "scores.tsv").write_text("\n".join([COLUMNS, *ROWS]) + "\n")
    settings = {"set": "builtin", "degradation": "noise:25", "package_sha256": "ab" * 32, "seed": 0}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    for folder, level in GRAYS.items():
        (tmp_path / folder).mkdir()
        picture = smooth_picture(20, 30) // 8 + level
        Image.fromarray(picture).save(tmp_path / folder / "0000-_b_cat_b_.png")
    return tmp_path


DIGIT_VERSIONS = {"degraded": 60, "sharp": 120, "clean": 200}
DIGIT_LABELS = ("7", "<b>", "1")


@pytest.fixture
def digit_run(tmp_path):
    """A folder of three labelled pictures of 4 x 5; a version's pictures have a level of gray, plus their index.

    The frozen judge takes the middle one for an 8 but where it is clean; the head of "sharp" knows all but the last.
    """
    settings = {"package": "my-digits", "package_sha256": "cd" * 32, "set": "mnist:test", "degradation": "down:4"}
    settings |= {"seed": 3, "images": 3, "height": 4, "width": 5, "channels": 1}
    settings |= {"file_bytes": 1234, "bits_model": 11.5, "bits_payload": 12.0, "bits_file": 13.25}
    scores = ["version\timages\tmse_degraded\tmse_clean\tright_frozen\tright_head"]
    verdicts = ["version\tindex\tlabel\tfrozen\thead"]
    (tmp_path / "pictures").mkdir()
    for version, level in DIGIT_VERSIONS.items():
        right = 3 if version == "clean" else 2
        scores.append(f"{version}\t3\t0.0123\t0.04567\t{right}\t{2 if version == 'sharp' else ''}")
        for index, label in enumerate(DIGIT_LABELS):
            frozen = "8" if index == 1 and version != "clean" else label
            head = "" if version != "sharp" else "0" if index == 2 else label
            verdicts.append(f"{version}\t{index}\t{label}\t{frozen}\t{head}")
        row = np.repeat(level + np.arange(3), 5).astype(np.uint8)[None].repeat(4, axis=0)
        Image.fromarray(row).save(tmp_path / "pictures" / f"{version}.png")
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    (tmp_path / "scores.tsv").write_text("\n".join(scores) + "\n")
    (tmp_path / "verdicts.tsv").write_text("\n".join(verdicts) + "\n")
    return tmp_path


CURVE_ROWS = [
    "degraded\t{}\t20\t30\t20.17\t0.2\t\t\t\t\t\t\t\t",
    "my-package q20\t{}\t20\t30\t27.5\t0.8\t20\t\t.2\t.21\t0.2213\t5345\t0.25\t0.5",
    "jpeg2000 q20\t{}\t20\t30\t23\t0.4\t20\t\t\t\t0.22\t5300\t0.1\t0.1",
    "my-package q80\t{}\t20\t30\t31.25\t0.95\t20\t\t.8\t.81\t0.8213\t19345\t0.25\t0.5",
    "jpeg2000 q80\t{}\t20\t30\t25\t0.6\t20\t\t\t\t0.82\t19300\t0.1\t0.1",
]
CURVE_GRAYS = {"degraded": 60, "jpeg2000/q20": 90, "restored/q20": 120, "jpeg2000/q80": 110, "restored/q80": 150}


@pytest.fixture
def curve_run(tmp_path, smooth_picture):
    """A run folder as `evaluate --quality 20 --quality 80 --peers jpeg2000` leaves it, with one picture."""
    rows = [row.format(picture) for picture in ("cat", "mean") for row in CURVE_ROWS]
    (tmp_path / "scores.tsv").write_text("\n".join([COLUMNS, *rows]) + "\n")
    settings = {"set": "builtin", "degradation": "noise:25", "package_sha256": "ab" * 32, "seed": 0}
    (tmp_path / "settings.json").write_text(json.dumps(settings | {"qualities": [20, 80]}))
    for folder, level in (CURVE_GRAYS | {"clean": 180}).items():
        (tmp_path / folder).mkdir(parents=True)
        Image.fromarray(smooth_picture(20, 30) // 8 + level).save(tmp_path / folder / "0000-cat.png")
    return tmp_path
