"""The page that people read of a card."""

import re
from dataclasses import replace

import pytest
from qualitypackage import quality_package_bytes

from crosscodec.cli.cardpage import card_page, finished_text, measured_text, summary_lines
from crosscodec.codec.package import load_package, pack, parse_package

PHOTO = {"set": "held out", "pictures": 8, "sigma": 25.0, "quality": 50, "noisy_psnr": 20.1, "restored_psnr": 29.38}


@pytest.fixture
def package(tmp_path):
    path = tmp_path / "steps.xcm"
    path.write_bytes(quality_package_bytes(best=True))
    return load_package(path)


def told(package, **changes):
    """The package with another card."""
    return parse_package(pack(replace(package.card, **changes), package.parts), package.path)


def test_rows_become_a_table_for_each_set():
    rows = [
        PHOTO | {"encoder": "default", "decoder": "fidelity", "lpips": None},
        PHOTO | {"encoder": "best", "decoder": "fidelity", "lpips": None, "restored_psnr": 29.4412},
        {"set": "mnist:test", "pictures": 1, "decoder": "task", "accuracy_on_reconstructions": 0.931},
    ]
    first, second = measured_text(rows).split("\n\n")
    assert first.splitlines() == [
        "Measured: held out, 8 pictures",
        "encoder  PSNR before  PSNR after",
        "-------  -----------  ----------",
        "default         20.1     29.3800",
        "best            20.1     29.4412",
    ]
    assert second.splitlines()[0] == "Measured: mnist:test, 1 picture"
    assert second.splitlines()[-1].split() == ["task", "0.931"]


def test_numbers_that_a_later_release_writes_are_shown_by_their_name():
    line = measured_text([{"set": "x", "pictures": 2, "new_number": 1.5}]).splitlines()
    assert line[1].split() == ["new", "number"]
    assert line[-1].split() == ["1.5"]


def test_the_page_says_what_to_know_what_was_measured_and_how_it_was_made(package):
    made = {
        "command": "crosscodec train mine",
        "steps": 26335,
        "hours": 0.38,
        "recipe": {"data": {"crop": 128}},
        "before": {"command": "never shown"},
        "decoders": {"perception": {"command": "crosscodec train photo-perception", "steps": 8, "recipe": {}}},
        "integers": {"parts": ["encoder.onnx"]},
        "contexts": {"command": "crosscodec train photo-contexts"},
    }
    shown = told(package, notes=("Never seen: snow. " + "word " * 40,), measured=(PHOTO,), training=made)
    page, summary = card_page(shown), list(summary_lines(shown))
    lines = page.splitlines()
    assert lines[: len(summary)] == summary
    assert "  * Never seen: snow. word" in page
    assert max(len(line) for line in lines if str(package.path) not in line) <= 120
    assert lines[lines.index("How it was made") + 1 : -2] == [
        "  crosscodec train mine (26,335 steps, 0.38 hours)",
        "  decoder perception: crosscodec train photo-perception (8 steps)",
        "  integers in place of floats: encoder.onnx",
        "  contexts: crosscodec train photo-contexts",
    ]
    assert "never shown" not in page
    assert "crop" not in page


def test_an_empty_card_is_short(package):
    page = card_page(told(package, notes=(), measured=(), training={}))
    assert not re.search("To know|Measured|How it was made", page)


def test_many_rows_are_pointed_at(package):
    few, many = (told(package, measured=(PHOTO,) * count) for count in (3, 28))
    assert finished_text(few).startswith("Measured: held out, 8 pictures")
    assert finished_text(many) == f"28 rows of measured numbers: crosscodec models {package.path}"
    assert finished_text(told(package, measured=())) == ""
    newest = PHOTO | {"set": "held out of the recorded pairs", "sigma": None, "pictures": 2}
    both = finished_text(told(package, measured=(PHOTO,) * 28 + (newest,) * 2))
    assert both.startswith("Measured: held out of the recorded pairs, 2 pictures")
    assert both.endswith(f"\n\n30 rows of measured numbers: crosscodec models {package.path}")
    assert "held out, 8" not in both
