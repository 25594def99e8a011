"""A finished photo evaluation as the tests of the reports need it."""

import json

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
