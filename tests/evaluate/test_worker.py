"""The two child processes: files in, files out, a record for each."""

import json
import subprocess
import sys

import numpy as np
import pytest
from qualitypackage import quality_package_bytes

from crosscodec.bitstream.container import read_coded
from crosscodec.codec.decoding import decode_bytes
from crosscodec.codec.encoding import encode_pixels
from crosscodec.codec.package import load_package
from crosscodec.evaluate.worker import main
from crosscodec.images.reading import read_picture


@pytest.fixture
def folders(tmp_path, smooth_picture):
    for name in ("degraded", "coded", "restored"):
        (tmp_path / name).mkdir()
    for index, channels in enumerate((3, 1)):
        pixels = smooth_picture(30, 41, channels).astype(np.float32) / np.float32(255)
        np.save(tmp_path / "degraded" / f"{index}.npy", pixels)
    return tmp_path


def records(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_encode_then_decode(folders, toy_package, capsys):
    assert main(["encode", str(toy_package), str(folders / "degraded"), str(folders / "coded")]) == 0
    written = records(capsys)
    assert [record["stem"] for record in written] == ["0", "1"]
    for record in written:
        assert record["file_bytes"] == (folders / "coded" / f"{record['stem']}.xcd").stat().st_size
        assert 0 < record["payload_bytes"] < record["file_bytes"]
        assert record["seconds"] > 0
        assert 8 * record["payload_bytes"] <= 1.001 * record["model_bits"] + 64
    assert main(["decode", str(toy_package), str(folders / "coded"), str(folders / "restored"), "fidelity"]) == 0
    assert [record["stem"] for record in records(capsys)] == ["0", "1"]
    for stem, shape in (("0", (30, 41, 3)), ("1", (30, 41))):
        restored = read_picture(folders / "restored" / f"{stem}.png").pixels
        assert restored.shape == shape
        data = (folders / "coded" / f"{stem}.xcd").read_bytes()
        assert np.array_equal(restored, decode_bytes(data, load_package(toy_package)).pixels)


def test_encode_at_a_quality(folders, tmp_path, capsys):
    package = tmp_path / "steps.xcm"
    package.write_bytes(quality_package_bytes())
    words = ["encode", str(package), str(folders / "degraded"), str(folders / "coded")]
    sizes = []
    for quality in ("20", "90"):
        assert main([*words, quality]) == 0
        sizes.append(sum(record["file_bytes"] for record in records(capsys)))
        assert read_coded((folders / "coded" / "0.xcd").read_bytes()).quality == int(quality)
    assert sizes[0] < sizes[1]
    for wrong, said in (("101", "0 to 100"), ("best", "[QUALITY|- [ENCODER]]")):
        assert main([*words, wrong]) == 2
        assert said in records(capsys)[-1]["error"]


def test_encode_with_an_encoder(folders, tmp_path, capsys):
    package = tmp_path / "steps.xcm"
    package.write_bytes(quality_package_bytes(best=True))
    words = ["encode", str(package), str(folders / "degraded"), str(folders / "coded")]
    loaded, pixels = load_package(package), read_picture(folders / "degraded" / "0.npy").pixels
    for asked, quality in (("-", None), ("20", 20)):
        for name in loaded.encoders:
            assert main([*words, asked, name]) == 0
            wanted = encode_pixels(pixels, loaded, quality=quality, encoder=name)
            assert (folders / "coded" / "0.xcd").read_bytes() == wanted.data
            assert records(capsys)[0]["file_bytes"] == len(wanted.data)
    assert main([*words, "-", "fast"]) == 2
    assert "has no encoder 'fast'; it has: default, best" in records(capsys)[-1]["error"]
    assert main([*words, "-", "best", "more"]) == 2


def test_packs(tmp_path, digit_samples, digits_package, capsys):
    paths = [str(tmp_path / name) for name in ("degraded.npy", "coded.xcd", "restored.npy")]
    np.save(paths[0], digit_samples.degraded)
    assert main(["encode-pack", str(digits_package), paths[0], paths[1], "5"]) == 0
    (written,) = records(capsys)
    assert written["stem"] == "coded"
    assert written["file_bytes"] == (tmp_path / "coded.xcd").stat().st_size > written["payload_bytes"] > 0
    assert main(["decode-pack", str(digits_package), paths[1], paths[2], "fidelity"]) == 0
    (read,) = records(capsys)
    assert read["seconds"] > 0
    restored = np.load(paths[2])
    assert (restored.shape, restored.dtype) == ((30, 28, 28, 1), np.float32)
    assert np.abs(restored - digit_samples.clean).mean() < 0.03
    assert main(["encode-pack", str(digits_package), paths[0], paths[1], "five"]) == 2
    assert "encode-pack" in records(capsys)[-1]["error"]
    assert main(["decode-pack", str(digits_package), paths[1], paths[2], "sharp"]) == 2


def test_an_error_is_the_last_record_and_the_exit_code(folders, toy_package, capsys):
    (folders / "coded" / "0.xcd").write_bytes(b"nothing")
    code = main(["decode", str(toy_package), str(folders / "coded"), str(folders / "restored"), "fidelity"])
    assert code == 65
    assert records(capsys)[-1]["kind"] == "UnsupportedData"
    assert main(["encode", "nobody", str(folders / "degraded"), str(folders / "coded")]) == 69
    assert main(["recode"]) == 2


def test_ctrl_c_is_quiet_in_the_child(folders, monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setitem(main.__globals__, "encode_folder", interrupted)
    assert main(["encode", "any", "a", "b"]) == 130
    assert records(capsys) == []


def test_it_is_a_program(folders, toy_package):
    words = ["encode", str(toy_package), str(folders / "degraded"), str(folders / "coded")]
    done = subprocess.run([sys.executable, "-m", "crosscodec.evaluate.worker", *words], capture_output=True, check=True)
    assert len(done.stdout.splitlines()) == 2
