"""`--cluster` as users type it: a folder through worker processes gives the files that it gives without."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

pytest.importorskip("distributed")


@pytest.fixture
def crosscodec(toy_package, smooth_picture, tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.png", "deep/c.png")):
        Image.fromarray(smooth_picture(20 + number, 30)).save(tmp_path / "in" / name)
    (tmp_path / "in" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno picture")

    def run(*words: str) -> tuple[int, list[dict[str, object]], str]:
        environment = os.environ | {"CROSSCODEC_PACKAGES": str(toy_package.parent)}
        start = [sys.executable, "-m", "crosscodec.cli.main", *words]
        done = subprocess.run(start, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def test_a_folder_through_worker_processes(crosscodec, tmp_path):
    code, lines, said = crosscodec("encode", "in", "far", "-r", "-p", "toy", "--json", "--cluster", "local:2")
    assert code == 1, said
    assert [line["status"] for line in lines] == ["written", "written", "failed", "written"]
    assert crosscodec("encode", "in", "near", "-r", "-p", "toy", "--json")[0] == 1
    assert contents(tmp_path / "far") == contents(tmp_path / "near")
    assert len(contents(tmp_path / "far")) == 3
    code, lines, said = crosscodec("decode", "far/**", "out", "--json", "--cluster", "local:1")
    assert code == 0, said
    assert sorted(contents(tmp_path / "out")) == ["a.png", "b.png", "deep/c.png"]


def test_mistakes_are_named(crosscodec):
    for words, code, text in (
        (("encode", "in", "out", "-p", "toy", "--cluster", "nowhere"), 2, "a cluster is 'local'"),
        (("encode", "in", "out.xcd", "-p", "toy", "--pack", "--cluster", "local"), 2, "a pack is one file"),
        (("encode", "-", "o.xcd", "-p", "toy", "--cluster", "local"), 2, "stdin is only here"),
    ):
        found, _, said = crosscodec(*words)
        assert (found, text in said) == (code, True), said
