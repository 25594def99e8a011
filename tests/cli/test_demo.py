"""demo: the table, the page, and that both come from files."""

import json
from pathlib import Path

import pytest
from PIL import Image

from crosscodec.cli.main import app


@pytest.fixture
def invoke(runner, toy_package, monkeypatch, tmp_path):
    monkeypatch.setenv("CROSSCODEC_PACKAGES", str(toy_package.parent))
    monkeypatch.chdir(tmp_path)
    return lambda *words: runner.invoke(app, ["demo", "--package", "toy", "--photos", "1", *words])


def test_demo(invoke, tmp_path):
    result = invoke()
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["photo", "bytes", "bpp", "noisy", "dB", "restored", "dB", "JPEG", "2000", "dB"]
    assert [line.split()[0] for line in lines[2:4]] == ["astronaut", "mean"]
    size = (tmp_path / "demo-output/coded/0000-astronaut.xcd").stat().st_size
    assert f"{size:,}" in lines[2]
    assert "20.1" in lines[2]  # of sigma 25: 20 log10(255 / 25) = 20.17
    page = Path(lines[-1].split(": ", 1)[1])
    assert page == tmp_path / "demo-output/index.html"
    assert page.read_text().count("data:image/webp") == 4
    assert Image.open(page.parent / "strip.png").size[0] > 800


def test_demo_again(invoke, tmp_path):
    assert invoke().exit_code == 0
    assert invoke().exit_code == 73
    assert "skipped" in invoke("--on-exist", "skip").stdout
    assert invoke("--on-exist", "overwrite").exit_code == 0


def test_demo_as_json(invoke, tmp_path):
    first, mean = map(json.loads, invoke("--json", "--out", "look").stdout.splitlines())
    assert first["photo"] == "astronaut"
    assert first["jpeg2000_bytes"] <= first["file_bytes"] == (tmp_path / "look/coded/0000-astronaut.xcd").stat().st_size
    assert first["restored_psnr"] > first["noisy_psnr"]
    assert mean["restored_psnr"] == first["restored_psnr"]
