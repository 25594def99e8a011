"""The README runs: its Python block, its shell block line by line, its links, and what it says of files."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from crosscodec.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def command_lines(language: str) -> list[list[str]]:
    """The words of every `crosscodec` line in the blocks of a language."""
    lines = [line for block in blocks(language) for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("crosscodec ")]


@pytest.fixture
def pictures(tmp_path, monkeypatch, smooth_picture):
    """An empty folder with the pictures that the README speaks of."""
    monkeypatch.chdir(tmp_path)
    clean = smooth_picture(64, 96)
    noise = np.random.Philox(1).random_raw(clean.size).reshape(clean.shape) % 101
    Image.fromarray(clean).save("clean.png")
    noisy = Image.fromarray(np.clip(clean.astype(int) + noise.astype(int) - 50, 0, 255).astype(np.uint8))
    noisy.save("noisy.png")
    noisy.save("photo.jpg")
    Image.fromarray(100 + 10 * np.asarray(noisy.convert("L")).astype(np.uint16)).save("cells.tif")
    tifffile.imwrite(
        "stack.tif",
        np.stack([100 + 10 * clean[:48, :48, c].astype(np.uint16) for c in range(3)]),
        photometric="minisblack",
    )


def test_the_python_block_runs(pictures, capsys):
    (block,) = blocks("python")
    assert sum(bool(line.strip()) for line in block.splitlines()) <= 12
    exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "(64, 96, 3) uint8" in said
    assert "bits a pixel" in said


def test_the_shell_blocks_run_in_order(pictures, runner):
    lines = command_lines("sh")
    assert [line[0] for line in lines[:2]] == ["encode", "decode"]
    for words in lines:
        if words[0] == "decode":
            Path(words[2]).unlink(missing_ok=True)
        result = runner.invoke(app, words)
        assert result.exit_code == 0, f"{words}: {result.output}"


def test_the_other_commands_are_understood(runner):
    lines = command_lines("console")
    assert {line[0] for line in lines} == {"evaluate", "quantise", "report", "repro", "sweep", "tradeoff", "train"}
    for words in lines:
        said = runner.invoke(app, [*words, "--help"])
        assert said.exit_code == 0
        for word in words:
            if word.startswith("--"):
                assert word in said.output


def test_links_lead_to_files():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing


def test_make_targets_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)?)`?$|`make ([a-z-]+)`", text, re.MULTILINE):
            name = next(filter(None, target))
            assert re.search(rf"^{name}:", makefile, re.MULTILINE), f"make {name}"
