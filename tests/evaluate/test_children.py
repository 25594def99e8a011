"""Children and their errors, which keep their class."""

import subprocess
import sys

import numpy as np
import pytest
from qualitypackage import quality_package_bytes

from crosscodec.bitstream.container import read_coded
from crosscodec.codec import encode_pixels, load_package
from crosscodec.errors import CrosscodecError, PackageUnavailable, UnsupportedData, UsageError
from crosscodec.evaluate import children
from crosscodec.evaluate.children import (
    decode_in_child,
    decode_pack_in_child,
    encode_in_child,
    encode_pack_in_child,
)


@pytest.fixture
def folders(tmp_path, smooth_picture):
    for name in ("degraded", "coded", "restored"):
        (tmp_path / name).mkdir()
    np.save(tmp_path / "degraded" / "p.npy", smooth_picture(16, 16).astype(np.float32) / np.float32(255))
    return tmp_path


def test_both_ways(folders, toy_package):
    steps = []
    written = encode_in_child(str(toy_package), folders / "degraded", folders / "coded", lambda: steps.append("e"))
    read = decode_in_child(
        str(toy_package), folders / "coded", folders / "restored", "fidelity", lambda: steps.append("d")
    )
    assert written["p"].file_bytes == (folders / "coded" / "p.xcd").stat().st_size
    assert read["p"].seconds > 0
    assert (folders / "restored" / "p.png").is_file()
    assert steps == ["e", "d"]


def test_a_quality_reaches_the_child(folders):
    (folders / "steps.xcm").write_bytes(quality_package_bytes())
    encode_in_child(str(folders / "steps.xcm"), folders / "degraded", folders / "coded", lambda: None, 12)
    assert read_coded((folders / "coded" / "p.xcd").read_bytes()).quality == 12


def test_an_encoder_reaches_the_child(folders):
    (folders / "steps.xcm").write_bytes(quality_package_bytes(best=True))
    package, pixels = load_package(folders / "steps.xcm"), np.load(folders / "degraded" / "p.npy")
    for quality in (None, 12):
        encode_in_child(
            str(package.path), folders / "degraded", folders / "coded", lambda: None, quality, encoder="best"
        )
        wanted = encode_pixels(pixels, package, quality=quality, encoder="best")
        assert (folders / "coded" / "p.xcd").read_bytes() == wanted.data


def test_packs(tmp_path, digit_samples, digits_package):
    source, coded, restored = (tmp_path / name for name in ("degraded.npy", "coded.xcd", "restored.npy"))
    np.save(source, digit_samples.degraded)
    written = encode_pack_in_child(str(digits_package), source, coded, 0)
    assert written.file_bytes == coded.stat().st_size
    assert decode_pack_in_child(str(digits_package), coded, restored, "perception").seconds > 0
    assert np.load(restored).shape == (30, 28, 28, 1)
    with pytest.raises(UsageError, match="fidelity, perception"):
        decode_pack_in_child(str(digits_package), coded, restored, "sharp")


def test_an_error_of_the_child_keeps_its_class(folders, toy_package):
    with pytest.raises(PackageUnavailable, match="nobody"):
        encode_in_child("nobody", folders / "degraded", folders / "coded", lambda: None)
    (folders / "coded" / "p.xcd").write_bytes(b"nothing")
    with pytest.raises(UnsupportedData):
        decode_in_child(str(toy_package), folders / "coded", folders / "restored", "fidelity", lambda: None)


def test_a_child_that_dies_is_reported(folders, monkeypatch):
    start = subprocess.Popen
    died = [sys.executable, "-c", "import os; os._exit(9)"]
    monkeypatch.setattr(children.subprocess, "Popen", lambda command, **more: start(died, **more))
    with pytest.raises(CrosscodecError, match="ended with code 9"):
        encode_in_child("any", folders, folders, lambda: None)
